vim.lsp.config("mmvet", {
  cmd = { "mmvet", "lsp" },
  filetypes = { "go" },
  root_markers = { "go.work", "go.mod", ".git" },
})
vim.lsp.enable("mmvet")
