package explore

import "math/rand/v2"

// The estimate for those who watch: its cost, and how long an exploration is before anybody asks for it, are some tenths of a second.
const (
	probes       = 2000      // ways into the tree, each at random: enough for the order of magnitude
	curiousAfter = 1_000_000 // steps
)

// wholeTree estimates how many executions there are: the mean over random ways from the root to a leaf of the product of the
// numbers of alternatives on the way, which is right on average whatever the tree is like (Knuth, "Estimating the efficiency of
// backtrack programs", 1975). 0 if it cannot tell.
func (v *revisit) wholeTree() float64 {
	f, err := v.f.again()
	if err != nil {
		return 0
	}
	f.adoptWhole(v.f.wholes())
	w := &revisit{}
	limits := defaultLimits()
	limits.Steps, limits.want = v.limits.Steps, "none: go on after every failure"
	w.begin(v.ctx, f, limits, &outcome{})
	w.probing = true
	rng := rand.New(rand.NewPCG(1, 1))
	sum := 0.0
	for range probes {
		sum += w.probe(rng)
		if w.err != nil || w.halt {
			return 0
		}
	}
	return sum / probes
}

// probe takes one way: from the root again for each choice, since only then is it known what there is to choose from.
func (v *revisit) probe(rng *rand.Rand) float64 {
	var path []uint16
	for weight := 1.0; ; {
		v.options = v.options[:0]
		before := v.out.complete
		v.subtree(path)
		switch n := len(v.options); {
		case v.halt || n == 0 && v.out.complete == before:
			return 0
		case n == 0:
			return weight
		default:
			path = append(path, v.options[rng.IntN(n)])
			weight *= float64(n)
		}
	}
}
