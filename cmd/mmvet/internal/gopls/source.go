package gopls

import (
	"context"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"os/exec"
	"runtime/debug"
	"strings"
)

// Source returns the directory of mmvet's own source: that of the version which is running, if it is a released one, and
// otherwise that which the module in the working directory is or uses.
func Source(ctx context.Context) (string, error) {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Path == mine && strings.HasPrefix(info.Main.Version, "v") {
		out, err := goCommand(ctx, "", "mod", "download", "-json", mine+"@"+info.Main.Version)
		var d downloaded
		if err == nil && json.Unmarshal([]byte(out), &d) == nil && d.Dir != "" {
			return d.Dir, nil
		}
	}
	dir, err := goCommand(ctx, "", "list", "-m", "-f", "{{.Dir}}", mine)
	if dir = strings.TrimSpace(dir); err != nil || dir == "" {
		return "", errors.New("this mmvet is no released version, so name its source: -source DIR, a clone of " + mine)
	}
	return dir, nil
}

// Installed returns the version of the gopls in PATH, or "" if there is none or it does not tell.
func Installed() string {
	path, err := exec.LookPath("gopls")
	if err != nil {
		return ""
	}
	info, err := buildinfo.ReadFile(path)
	if err != nil || info.Main.Path != module || strings.Contains(info.Main.Version, "(") {
		return ""
	}
	return info.Main.Version
}

// Choose returns the version to build: that of the gopls in PATH if the installed Go can build it, or else the newest that it
// can.
func Choose(ctx context.Context) (string, error) {
	if v := Installed(); v != "" {
		if _, err := download(ctx, v); err == nil {
			return v, nil
		}
	}
	newest, err := Newest(ctx, 1)
	if err != nil {
		return "", err
	}
	return newest[0], nil
}
