package litmus

// A Test is a parsed litmus test. It is immutable and may be run by several goroutines at once.
type Test struct {
	Name   string
	File   string
	Expect string // what the Result: header of the test promises, if it has one; corpora are not reliable about it

	src        string
	locations  []string
	locationOf map[string]int
	init       []int64
	threads    []*thread

	quantifier quantifier
	cond       *cond
	condText   string
	filter     *cond
	observed   []observable
}

type quantifier uint8

const (
	exists quantifier = iota
	notExists
	forAll
)

func (q quantifier) String() string { return [...]string{"exists", "~exists", "forall"}[q] }

// kind is herd's word for the quantifier in the first line of its output.
func (q quantifier) kind() string { return [...]string{"Allowed", "Forbidden", "Required"}[q] }

// thread is the code of one process. Registers are numbered; a parameter that no local variable hides is the address of
// the location of that name.
type thread struct {
	regs  []string
	regOf map[string]int
	init  []int64
	param map[string]bool
	body  []stmt
}

func (t *thread) reg(name string) int {
	if r, ok := t.regOf[name]; ok {
		return r
	}
	r := len(t.regs)
	t.regs = append(t.regs, name)
	t.regOf[name] = r
	t.init = append(t.init, 0)
	return r
}

type op uint8

const (
	opNumber op = iota
	opReg
	opLoad // plain load of args[0]
	opNot  // bitwise
	opBinary
	opCall
)

type expr struct {
	op   op
	bin  string
	n    int64 // number, or register
	prim *primitive
	args []*expr
	off  int
}

type stmtKind uint8

const (
	stmtExpr   stmtKind = iota
	stmtAssign          // reg = e
	stmtStore           // *addr = e
	stmtIf
	stmtLoop // while (e) { then; els }: els is what a for loop does after each round
)

type stmt struct {
	kind      stmtKind
	reg       int
	addr, e   *expr
	then, els []stmt
	postTest  bool // do-while
}

// observable is a register of a thread or, for thread -1, a location.
type observable struct{ thread, index int }

type condOp uint8

const (
	condTrue condOp = iota
	condFalse
	condAnd
	condOr
	condNot
	condEqual    // left = value
	condEqualReg // left = right
)

type cond struct {
	op          condOp
	a, b        *cond
	left, right observable
	value       int64
}
