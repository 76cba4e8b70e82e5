// An assembly file, so that functions may be declared without a body.
