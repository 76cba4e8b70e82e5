package seqretry_test

import (
	"os"
	"strings"
	"testing"

	"github.com/mmvet/mmvet/passes/internal/weaken"
	"github.com/mmvet/mmvet/passes/seqretry"
)

// TestRightCodeIsNeeded spoils the code that is right, in one way each, and sees that each is found.
func TestRightCodeIsNeeded(t *testing.T) {
	for file, changes := range map[string]map[string]string{
		"kernel/kernel.go": {
			"\t\tif !ReadSeqcountRetry(&c.Seq, seq) {\n\t\t\treturn sum\n": "\t\tif seq != 0 {\n\t\t\treturn sum\n",
			"\tif seq&1 != 0 {\n":                                                                                "\tif seq == 0 {\n",
			"c.LockSeq.Get() == RawReadSeqcount(&c.Seq)":                                                         "c.Seq.Sequence.Get() == RawReadSeqcount(&c.Seq)",
			"\tSpinLock(&c.Lock)\n\tRawWriteSeqcountBegin(&c.Seq)\n":                                             "\tRawWriteSeqcountBegin(&c.Seq)\n",
			"\tRawWriteSeqcountEnd(&c.Seq)\n\tSpinUnlock(&c.Lock)\n":                                             "\tRawWriteSeqcountEnd(&c.Seq)\n",
			"func FollowedUnderRCU(c *Clock) int {\n\tRcuReadLock()\n\tdefer RcuReadUnlock()\n":                  "func FollowedUnderRCU(c *Clock) int {\n",
			"\tflags := ReadOnce(&mm.Flags)\n\tif MmapLockSpeculateRetry(mm, seq) {\n\t\treturn 0, false\n\t}\n": "\tflags := ReadOnce(&mm.Flags) + MmFlagsT(seq)\n",
		},
		"ordinary/ordinary.go": {
			"\t\tif c.seq.ReadOk(epoch) {\n\t\t\treturn a + b\n": "\t\tif epoch > 0 {\n\t\t\treturn a + b\n",
			"\tdefer c.seq.EndWrite()\n":                         "",
			"\tif !c.seq.ReadOk(epoch) {\n":                      "\tif epoch > 0 {\n",
		},
	} {
		t.Run(file, func(t *testing.T) {
			text, err := os.ReadFile("testdata/" + file)
			if err != nil {
				t.Fatal(err)
			}
			spoilt, mistakes := string(text), 0
			for right, wrong := range changes {
				if strings.Count(spoilt, right) != 1 {
					t.Fatalf("%q does not stand once", right)
				}
				spoilt = strings.Replace(spoilt, right, wrong, 1)
				mistakes++
			}
			if strings.Contains(file, "kernel") {
				mistakes-- // the lock and its unlock are one
			}
			pkg, _, _ := strings.Cut(file, "/")
			patterns := []string{data + pkg}
			whole, got := weaken.Findings(t, seqretry.Analyzer, patterns), weaken.Spoilt(t, seqretry.Analyzer, patterns, "testdata/"+file, spoilt)
			if len(got)-len(whole) != mistakes {
				t.Errorf("%d mistakes; right:\n%s\nspoilt:\n%s", mistakes, weaken.In(whole, ""), weaken.In(got, ""))
			}
		})
	}
}
