package litmus

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"testing"
	"time"
)

func TestCorpusDev(t *testing.T) {
	list := os.Getenv("LIST")
	if list == "" {
		t.Skip()
	}
	lim, _ := time.ParseDuration(os.Getenv("LIM"))
	f, _ := os.Open(list)
	out, _ := os.Create(os.Getenv("OUT"))
	w := bufio.NewWriter(out)
	defer w.Flush()
	sc := bufio.NewScanner(f)
	fmt.Fprintln(w, "test\tverdict\tstates\tpos\tneg\trace\tms\tcombos\tcands\tfull\tnote")
	for sc.Scan() {
		path := "/tmp/corpus/" + sc.Text()
		b, _ := os.ReadFile(path)
		t0 := time.Now()
		tt, err := Parse(path, string(b))
		if err != nil {
			fmt.Fprintf(w, "%s\t\t\t\t\t\t\t\t\t\tPARSE %v\n", sc.Text(), err)
			continue
		}
		r, err := tt.Run(context.Background(), Options{Timeout: lim, Fast: os.Getenv("FAST") != "", Race: os.Getenv("RACE") != ""})
		if err != nil {
			fmt.Fprintf(w, "%s\t\t\t\t\t\t\t\t\t\tERR %v\n", sc.Text(), err)
			continue
		}
		note := ""
		if r.TimedOut {
			note = "TIMEOUT"
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%v\t%.3f\t%d\t%d\t%d\t%s\n", sc.Text(), r.Verdict, len(r.States), r.Positive, r.Negative, r.Race, float64(time.Since(t0).Nanoseconds())/1e6, r.Combinations, r.Candidates, 0, note)
	}
}
