package lockorder

func resolve(c *Contract, errs *errorList, lost bool) {}

type resolver struct{}

func newResolver(c *Contract, errs *errorList, lost bool) *resolver { return &resolver{} }
func (r *resolver) clause(c *Clause, b bool)                        {}

type scope struct {
	what            string
	params, results []string
}

func (s scope) clause(c *Clause, errs *errorList) {}
