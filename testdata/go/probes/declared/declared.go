// Package declared has probes of what directives declare about locks: their order, and which of them are one.
//
//mmvet:order Server.mu < Client.mu < table, log
package declared

import "sync"

type Server struct{ mu sync.Mutex }

type Client struct{ mu sync.Mutex }

var table struct {
	sync.Mutex
	n int
}

var log sync.Mutex

//probe:declared-order
func ServerUnderClient(s *Server, c *Client) {
	c.mu.Lock()
	s.mu.Lock() // want "lockcycle: s.mu is taken while c.mu is held: the order is github.com/mmvet/mmvet/testdata/go/probes/declared.Server.mu before github.com/mmvet/mmvet/testdata/go/probes/declared.Client.mu"
	s.mu.Unlock()
	c.mu.Unlock()
}

//probe:declared-order-kept
func ClientUnderServer(s *Server, c *Client) {
	s.mu.Lock()
	c.mu.Lock()
	table.Lock()
	table.n++
	table.Unlock()
	c.mu.Unlock()
	s.mu.Unlock()
}

//probe:declared-order-follows
func ServerUnderLog(s *Server) {
	log.Lock()
	s.mu.Lock() // want "lockcycle: s.mu is taken while log is held: the order is github.com/mmvet/mmvet/testdata/go/probes/declared.Server.mu before github.com/mmvet/mmvet/testdata/go/probes/declared.log"
	s.mu.Unlock()
	log.Unlock()
}

func (c *Client) rename() {
	c.mu.Lock()
	defer c.mu.Unlock()
}

func (c *Client) renamed() { c.rename() }

//probe:declared-order-through-callee
func ClientUnderTable(c *Client) {
	table.Lock()
	c.renamed() // want "lockcycle: renamed takes declared.Client.mu while declared.table.Mutex is held: the order is declared.Client.mu before declared.table.Mutex"
	table.Unlock()
}

//probe:declared-order-after-unlock
func ClientAfterTable(c *Client) {
	table.Lock()
	table.Unlock()
	c.renamed()
}

//probe:declared-order-trylock
func TryServer(s *Server, c *Client) {
	c.mu.Lock()
	if s.mu.TryLock() {
		s.mu.Unlock()
	}
	c.mu.Unlock()
}

type session struct{ mu sync.Mutex }

//probe:declared-order-in-cycle
func SessionUnderLog(x *session) {
	log.Lock()
	x.mu.Lock() // want "lockcycle: .*declared.Client.mu -> declared.log -> declared.session.mu -> declared.Client.mu"
	x.mu.Unlock()
	log.Unlock()
}

func ClientUnderSession(x *session, c *Client) {
	x.mu.Lock()
	c.mu.Lock()
	c.mu.Unlock()
	x.mu.Unlock()
}

type volume struct{ mu sync.Mutex }

type dir struct {
	vol      *volume //mmvet:same
	children map[string]*dir
	list     []*dir
	size     int
}

//mmvet:must_hold d.vol.mu
func (d *dir) grow() { d.size++ }

//probe:same-owner
func GrowAll(d *dir) {
	d.vol.mu.Lock()
	defer d.vol.mu.Unlock()
	for _, c := range d.children {
		c.grow()
	}
	for _, c := range d.list {
		c.grow()
	}
	if c := d.children["a"]; c != nil {
		c.list[0].grow()
	}
}

//probe:same-owner-of-another
func GrowOther(d, other *dir) {
	d.vol.mu.Lock()
	defer d.vol.mu.Unlock()
	other.grow() // want "lockheld: grow needs other.vol.mu held for writing"
}

type node struct {
	vol      *volume
	children map[string]*node
	size     int
}

//mmvet:must_hold n.vol.mu
func (n *node) grow() { n.size++ }

//probe:same-owner-undeclared
func GrowNodes(n *node) {
	n.vol.mu.Lock()
	defer n.vol.mu.Unlock()
	for _, c := range n.children {
		c.grow() // want "lockheld: grow needs ….vol.mu held for writing"
	}
}

//
//probe:same-paths
//mmvet:same child.vol == parent.vol
func Attach(parent, child *node) {
	parent.vol.mu.Lock()
	child.grow()
	parent.vol.mu.Unlock()
}

//probe:same-paths-undeclared
func AttachAnywhere(parent, child *node) {
	parent.vol.mu.Lock()
	child.grow() // want "lockheld: grow needs child.vol.mu held for writing"
	parent.vol.mu.Unlock()
}
