package story

import "testing"

func mutating[P any](t *testing.T, fixed P, scenarios []Scenario[P]) bool { return false }
