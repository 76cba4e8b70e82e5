package gopls

import (
	"strconv"
	"strings"
)

// Settings returns what to write where for editors to start the gopls in a file, for people to read.
func Settings(binary string) string {
	return strings.NewReplacer(`"GOPLS"`, strconv.Quote(binary)).Replace(settings)
}

const settings = `VS Code, settings.json:

	"go.alternateTools": {"gopls": "GOPLS"}

Neovim, init.lua:

	vim.lsp.config("gopls", { cmd = { "GOPLS" } })

Helix, languages.toml:

	[language-server.gopls]
	command = "GOPLS"

Emacs, eglot:

	(add-to-list 'eglot-server-programs '((go-mode go-ts-mode) . ("GOPLS")))
`
