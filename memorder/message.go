package memorder

import "slices"

// Publishes and Receives judge one side of message passing with an ideal partner on the other. A payload is passed on by a
// flag: the writer accesses the payload, then stores the flag; the reader loads the flag, then accesses the payload. They are
// for witnesses that see code and no executions. Locations of the events given are ignored.

// The locations of message passing, and one for accesses that stand between and only order.
const (
	payloadLoc = iota
	flagLoc
	otherLoc
	messageLocs
)

// A Dependency is how an access depends on an earlier load of its thread.
type Dependency uint8

// The dependencies.
const (
	NoDependency      Dependency = iota
	AddressDependency            // the address was computed from what was loaded
	ControlDependency            // a branch on what was loaded leads here
)

// Publishes reports whether the payload access of a writer takes effect before its store to the flag, as seen by whoever
// loads the flag by an acquire. flag is what a primitive does to the flag, its last write being the store; between are the
// events that stand between payload and flag on every path.
func Publishes(payload Event, between, flag []Event) bool {
	writer := append([]Event{at(payload, payloadLoc)}, located(otherLoc, between)...)
	writer = append(writer, located(flagLoc, flag)...)
	return !unseen(writer, []Event{{Kind: Read, Tag: Acquire, Loc: flagLoc}, answer(payload)})
}

// Receives reports whether a reader's load of the flag comes before its payload access if the flag was stored by a release.
// flag is what a primitive does to the flag, its first read being the load.
func Receives(flag, between []Event, payload Event, how Dependency) bool {
	payload = at(payload, payloadLoc)
	switch how { // access 0 is the load
	case AddressDependency:
		payload.Addr = 1
	case ControlDependency:
		payload.Ctrl = 1
	}
	reader := append(located(flagLoc, flag), located(otherLoc, between)...)
	return !unseen([]Event{answer(payload), {Kind: Write, Tag: Release, Loc: flagLoc}}, append(reader, payload))
}

// answer is what the partner does to the payload: it reads what is written and writes what is read.
func answer(payload Event) Event {
	if payload.Kind == Write {
		return Event{Kind: Read, Tag: Once, Loc: payloadLoc}
	}
	return Event{Kind: Write, Tag: Once, Loc: payloadLoc}
}

// Keeps reports whether a thread's access to one word takes effect before its later access to another word, for whoever accesses the
// two in the opposite order with a full fence between. first and then are what primitives do to the two words; between are the events
// that stand between them. If a thread would be longer than it can be, nothing is known against it.
func Keeps(first, between, then []Event) bool {
	const one, two = payloadLoc, flagLoc
	x := NewExecution(2, messageLocs)
	var written [messageLocs]AccessID // the last write of either thread
	partner := []Event{against(two, then), {Kind: Fence, Tag: Mb}, against(one, first)}
	var reads []AccessID
	for thread, events := range [][]Event{slices.Concat(located(one, first), located(otherLoc, between), located(two, then)), partner} {
		for _, e := range events {
			id, err := x.Append(thread, e)
			switch {
			case err != nil:
				return true
			case e.Kind == Read:
				reads = append(reads, id)
			case e.Kind == Write:
				x.Place(id, len(x.Order(e.Loc)))
				written[e.Loc] = id
			}
		}
	}
	for _, r := range reads {
		source := Initial
		// The partner's access to the second word comes after the thread's, and that to the first one before.
		if loc := x.Event(r).Loc; loc == two && r.Thread() == 1 || loc == one && r.Thread() == 0 && !writes(first) {
			source = written[loc]
		}
		x.SetSource(r, source)
	}
	return x.Check() != Allowed
}

func writes(events []Event) bool {
	return slices.ContainsFunc(events, func(e Event) bool { return e.Kind == Write })
}

// against is an access to the word that conflicts with what the events do to it.
func against(loc int, events []Event) Event {
	if writes(events) {
		return Event{Kind: Read, Tag: Once, Loc: loc}
	}
	return Event{Kind: Write, Tag: Once, Loc: loc}
}

func at(e Event, loc int) Event {
	e.Loc = loc
	return e
}

func located(loc int, events []Event) []Event {
	out := make([]Event, len(events))
	for i, e := range events {
		out[i] = at(e, loc)
	}
	return out
}

// unseen reports whether the model allows the one execution that message passing must not have: the reader sees the flag,
// and the payload of one side is not seen by the other.
func unseen(writer, reader []Event) bool {
	x := NewExecution(2, messageLocs)
	var flag AccessID = Initial
	var payload AccessID = Initial // a write to it by the reader
	var reads []AccessID
	for thread, events := range [][]Event{writer, reader} {
		for _, e := range events {
			id, err := x.Append(thread, e)
			switch {
			case err != nil:
				return true // longer than a thread can be: nothing is known
			case e.Kind == Read:
				reads = append(reads, id)
			case e.Kind == Write:
				x.Place(id, len(x.Order(e.Loc)))
				if e.Loc == flagLoc && thread == 0 {
					flag = id
				}
				if e.Loc == payloadLoc && thread == 1 {
					payload = id
				}
			}
		}
	}
	for _, r := range reads {
		source := Initial
		switch loc := x.Event(r).Loc; {
		case loc == flagLoc && r.Thread() == 1:
			source = flag
		case loc == payloadLoc && r.Thread() == 0:
			source = payload
		}
		x.SetSource(r, source)
	}
	return x.Check() == Allowed
}
