package tracepage

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// browser finds a Chromium, or skips the test.
func browser(t *testing.T) string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium on PATH: apt-get install chromium")
	return ""
}

// probe is what the page in the browser tells after some keys: it stands in an element that the test reads.
const probe = `<script>
{
  const told = [];
  const tell = key => {
    if (key) document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    const now = document.querySelector("#lanes tr.now"), saw = document.querySelector("#lanes tr.saw");
    told.push([key, now && now.id, [...document.querySelectorAll("#lanes tbody tr")].filter(r => !r.hidden).length,
      saw ? saw.id : "", document.querySelector("#arrow path").hasAttribute("d"),
      document.querySelector("#source li.now .no").textContent,
      [...document.querySelectorAll("#state tr")].map(r => r.cells[1].textContent).join(),
      getComputedStyle(document.body).backgroundColor].join("|"));
  };
  for (const key of ["", "ArrowRight", "j", "k", "f", "Home", "w", "a", "End", "ArrowLeft", "ArrowLeft"]) tell(key);
  const p = document.createElement("pre");
  p.id = "told";
  p.textContent = told.join("\n") + "\n" + document.getElementById("detail").textContent;
  document.body.append(p);
}
</script>`

// inBrowser returns what the probe tells.
func inBrowser(t *testing.T, dark bool) string {
	path := browser(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "page.html")
	text := strings.Replace(written(t), "</body>", probe+"</body>", 1)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	scheme := 1 // of blink: light
	if dark {
		scheme = 0
	}
	cmd := exec.CommandContext(ctx, path, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+filepath.Join(dir, "profile"),
		fmt.Sprintf("--blink-settings=preferredColorScheme=%d", scheme), "--dump-dom", "file://"+file)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", cmd, err)
	}
	m := regexp.MustCompile(`(?s)<pre id="told">(.*?)</pre>`).FindSubmatch(out)
	if m == nil {
		t.Fatalf("the page's script did not run to its end:\n%s", out)
	}
	return string(m[1])
}

// TestKeys steps through the page in a browser: row, rows shown, store that the read saw, arrow, line of the source, memory.
func TestKeys(t *testing.T) {
	const want = `|step1|4||false|4|1|
ArrowRight|step3|4||false|5|1|
j|step4|4|step1|true|5|1|
k|step3|4||false|5|1|
f|step5|4||false|5|1|
Home|step1|4||false|4|1|
w|step3|4||false|5|1|
a|step3|5||false|5|1|
End|step5|5||false|5|1|
ArrowLeft|step4|5|step1|true|5|1|
ArrowLeft|step3|5||false|5|1|
Step 3, reader: READ_ONCE(flag) = 0Weak read. Sees the initial value.not step 1, WRITE_ONCE(flag, 1) by writer: permitted too, in another execution`
	got := regexp.MustCompile(`rgb\(.*\)`).ReplaceAllString(inBrowser(t, false), "")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestLightAndDark(t *testing.T) {
	if got := inBrowser(t, false); !strings.Contains(got, "rgb(255, 255, 255)") {
		t.Errorf("light:\n%s", got)
	}
	if got := inBrowser(t, true); !strings.Contains(got, "rgb(20, 24, 29)") {
		t.Errorf("dark:\n%s", got)
	}
}
