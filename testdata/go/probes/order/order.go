// Package order has probes of locks that are taken in orders which contradict each other.
package order

import "sync"

type A struct {
	mu sync.Mutex
	b  *B
}

type B struct {
	mu sync.Mutex
	a  *A
}

//probe:ab-ba
func AB(a *A, b *B) {
	a.mu.Lock()
	b.mu.Lock() // want "lockcycle: .*order.A.mu -> .*order.B.mu -> .*order.A.mu"
	b.mu.Unlock()
	a.mu.Unlock()
}

func BA(a *A, b *B) {
	b.mu.Lock()
	a.mu.Lock()
	a.mu.Unlock()
	b.mu.Unlock()
}

type C struct {
	mu sync.Mutex
	d  *D
}

type D struct {
	mu sync.Mutex
	c  *C
}

//probe:ab-ba-through-four-calls
func (c *C) Forward() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.one() // want "lockcycle: .*order.C.mu -> .*order.D.mu -> .*order.C.mu"
}

func (c *C) one()   { c.two() }
func (c *C) two()   { c.three() }
func (c *C) three() { c.d.four() }
func (d *D) four()  { d.mu.Lock(); defer d.mu.Unlock() }

func (d *D) Backward() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.c.mu.Lock()
	defer d.c.mu.Unlock()
}

type E struct{ mu sync.Mutex }

type F struct{ mu sync.Mutex }

//probe:ab-ba-bound-method
func Bound(e *E, f *F) {
	e.mu.Lock()
	lock := f.mu.Lock
	lock() // want "lockcycle: .*order.E.mu -> .*order.F.mu -> .*order.E.mu"
	f.mu.Unlock()
	e.mu.Unlock()
}

func Dnuob(e *E, f *F) {
	f.mu.Lock()
	e.mu.Lock()
	e.mu.Unlock()
	f.mu.Unlock()
}

type G struct {
	mu  sync.Mutex
	out sink
}

type sink interface{ put() }

type H struct {
	mu sync.Mutex
	g  *G
}

func (h *H) put() {
	h.mu.Lock()
	h.mu.Unlock()
}

//probe:ab-ba-through-interface
func (g *G) Emit() {
	g.mu.Lock()
	g.out.put() // want "lockcycle: .*order.G.mu -> .*order.H.mu -> .*order.G.mu"
	g.mu.Unlock()
}

func (h *H) Flush() {
	h.mu.Lock()
	h.g.mu.Lock()
	h.g.mu.Unlock()
	h.mu.Unlock()
}

type table struct {
	mu   sync.Mutex
	rows map[string]*row
}

type row struct {
	mu sync.Mutex
	t  *table
}

//probe:ab-ba-lock-in-map
func (t *table) Touch(k string) {
	t.mu.Lock()
	t.rows[k].mu.Lock() // want "lockcycle: .*order.row.mu -> .*order.table.mu -> .*order.row.mu"
	t.rows[k].mu.Unlock()
	t.mu.Unlock()
}

func (r *row) Drop() {
	r.mu.Lock()
	r.t.mu.Lock()
	r.t.mu.Unlock()
	r.mu.Unlock()
}

type anon struct {
	in struct{ sync.Mutex }
	ex struct {
		mu sync.RWMutex
		n  int
	}
}

//probe:ab-ba-anonymous-structs
func (x *anon) InEx() {
	x.in.Lock()
	x.ex.mu.RLock() // want "lockcycle: .*order.anon.ex.mu -> .*order.anon.in.Mutex -> .*order.anon.ex.mu"
	x.ex.mu.RUnlock()
	x.in.Unlock()
}

func (x *anon) ExIn() {
	x.ex.mu.RLock()
	x.in.Lock()
	x.in.Unlock()
	x.ex.mu.RUnlock()
}

type account struct {
	mu    sync.Mutex
	id    int
	funds int //mmvet:guarded_by mu
}

//probe:same-class
func Move(from, to *account, n int) {
	from.mu.Lock()
	to.mu.Lock() // want "lockcycle: two locks of .*order.account.mu are taken"
	from.funds -= n
	to.funds += n
	to.mu.Unlock()
	from.mu.Unlock()
}

//probe:same-class-ordered
func MoveOrdered(from, to *account, n int) {
	first, second := from, to
	if from.id > to.id {
		first, second = to, from
	}
	first.mu.Lock()
	second.mu.Lock()
	from.funds -= n
	to.funds += n
	second.mu.Unlock()
	first.mu.Unlock()
}

type I struct{ mu sync.Mutex }

type J struct{ mu sync.Mutex }

//probe:one-order
func IJ(i *I, j *J) {
	i.mu.Lock()
	j.mu.Lock()
	j.mu.Unlock()
	i.mu.Unlock()
}

func IJAgain(i *I, j *J) {
	i.mu.Lock()
	defer i.mu.Unlock()
	j.mu.Lock()
	defer j.mu.Unlock()
}

//probe:trylock-has-no-order
func JTryI(i *I, j *J) {
	j.mu.Lock()
	if i.mu.TryLock() {
		i.mu.Unlock()
	}
	j.mu.Unlock()
}

type K struct{ mu sync.RWMutex }

type L struct{ mu sync.Mutex }

//probe:ab-ba-with-readers
func KL(k *K, l *L) {
	k.mu.RLock()
	l.mu.Lock() // want "lockcycle: .*order.K.mu -> .*order.L.mu -> .*order.K.mu"
	l.mu.Unlock()
	k.mu.RUnlock()
}

func LK(k *K, l *L) {
	l.mu.Lock()
	k.mu.RLock() // a writer that waits for k stops this reader
	k.mu.RUnlock()
	l.mu.Unlock()
}
