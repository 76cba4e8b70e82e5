(with-eval-after-load 'lsp-mode
  (lsp-register-client
   (make-lsp-client :new-connection (lsp-stdio-connection '("mmvet" "lsp"))
                    :activation-fn (lsp-activate-on "go")
                    :add-on? t
                    :server-id 'mmvet)))
