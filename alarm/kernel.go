package alarm

import (
	"slices"
	"strings"
	"time"
)

// Config is what a kernel is given at each start.
type Config struct {
	Contacts []Contact
	Routes   []Route
	Flood    int // alarms of ten minutes and operator; more is a flood. 0: 10
}

// Kernel holds the alarms of all sites. The same events at the same times give the same
// effects. It is called from one goroutine.
type Kernel struct {
	cfg  Config
	book Book
	m    Memory
	now  time.Time
	at   map[Point]int // in m.Alarms
	out  []Effect
	sabotage
}

// sabotage plants faults, so that tests can show that they are noticed.
type sabotage struct {
	loseEnded   bool // what has ended is gone before anybody saw it
	hideAll     bool // alarms of priority 1 are hidden by their causes
	repeatOn    bool // repetitions have no end
	forgetQuiet bool // nobody sleeps
}

// New is a kernel that goes on where m ends; the zero Memory is a first start.
func New(c Config, m Memory) (*Kernel, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	k := &Kernel{cfg: c, book: NewBook(), m: m, now: m.At, at: map[Point]int{}}
	k.m = k.Memory() // of its own
	k.m.Operators = max(k.m.Operators, 1)
	k.m.Mailboxes = slices.DeleteFunc(k.m.Mailboxes, func(b Mailbox) bool {
		return !slices.ContainsFunc(c.Contacts, func(x Contact) bool { return x.Name == b.Contact })
	})
	k.reindex()
	return k, nil
}

// Step takes one event and returns what to do about it, in order. now is the wall clock;
// where it went back, what was kept of later is taken for now. The effects are valid until
// the next call.
func (k *Kernel) Step(now time.Time, e Event) []Effect {
	k.out = k.out[:0]
	k.arrive(now.Round(0).UTC())
	if !k.plant(e) && !k.person(e) {
		k.refuse(BadEvent, 0)
	}
	k.expire()
	k.full()
	k.roots()
	k.explain()
	k.ring(func(*Alarm) bool { return true })
	k.flood()
	k.notify()
	k.sweep()
	k.m.At = k.now
	return k.out
}

// plant takes what sites say; false if it was something else.
func (k *Kernel) plant(e Event) bool {
	switch e := e.(type) {
	case Raised:
		k.raise(e.Condition, "")
	case Returned:
		if a := k.find(k.point(e.Point)); a != nil {
			k.end(a)
		}
	case Holds:
		k.holds(e)
	case Noticed:
		k.noticed(e.Condition)
	case Suppress:
		k.suppress(e)
	case Staffed:
		k.m.Operators = max(e.Operators, 1)
	case Tick:
	default:
		return false
	}
	return true
}

// person takes what people do; false if it was something else.
func (k *Kernel) person(e Event) bool {
	switch e := e.(type) {
	case Acknowledge:
		k.acknowledge(e)
	case Shelve:
		k.shelve(e)
	case Unshelve:
		k.unshelve(e)
	case TakeOut:
		k.takeOut(e)
	case PutBack:
		k.putBack(e)
	default:
		return false
	}
	return true
}

// arrive moves the kernel's time on.
func (k *Kernel) arrive(now time.Time) {
	if now.Before(k.now) {
		k.rewind(now)
	}
	k.now = now
}

// rewind takes what was kept of a later time for now, since a clock that was wrong would
// hold everything up until it is reached again.
func (k *Kernel) rewind(now time.Time) {
	back := k.now.Sub(now)
	clamp := func(t *time.Time) {
		if t.After(now) {
			*t = now
		}
	}
	shift := func(t *time.Time) {
		if !t.IsZero() {
			*t = t.Add(-back)
		}
	}
	for i := range k.m.Alarms {
		a := &k.m.Alarms[i]
		clamp(&a.Since)
		clamp(&a.Rang)
		clamp(&a.Ended)
		for j := range a.Told {
			clamp(&a.Told[j].Last)
		}
		if a.Shelf != nil {
			clamp(&a.Shelf.At)
			shift(&a.Shelf.Until) // it lasts as long as it was meant to
		}
		shift(&a.Linger)
		shift(&a.Restless)
	}
	for i := range k.m.Rings {
		clamp(&k.m.Rings[i].At)
	}
	for i := range k.m.Mailboxes {
		clamp(&k.m.Mailboxes[i].Digest)
		for j := range k.m.Mailboxes[i].Sent {
			clamp(&k.m.Mailboxes[i].Sent[j])
		}
	}
}

// point is a point by the code of its definition.
func (k *Kernel) point(p Point) Point {
	p = Condition{Point: p}.cleaned().Point
	d := k.book.meaning(p.Code)
	if d.Code == Unlisted && p.Code != Unlisted {
		p.Subject = strings.TrimSpace(p.Code + " " + p.Subject)
	}
	p.Code = d.Code
	if d.Grouped {
		p.Subject = ""
	}
	return p
}

func (k *Kernel) find(p Point) *Alarm {
	i, ok := k.at[p]
	if !ok {
		return nil
	}
	return &k.m.Alarms[i]
}

func (k *Kernel) numbered(n int64) *Alarm {
	for i := range k.m.Alarms {
		if k.m.Alarms[i].Number == n {
			return &k.m.Alarms[i]
		}
	}
	return nil
}

// open is the alarm of a point, made where there is none; nil where there is no room.
func (k *Kernel) open(p Point) *Alarm {
	if a := k.find(p); a != nil {
		return a
	}
	if len(k.m.Alarms) >= mostAlarms && p.Code != Overflow {
		k.m.Lost = true
		return nil
	}
	k.m.Last++
	k.m.Alarms = append(k.m.Alarms, Alarm{Condition: Condition{Point: p}, Number: k.m.Last, Priority: k.book.meaning(p.Code).Priority})
	k.at[p] = len(k.m.Alarms) - 1
	return &k.m.Alarms[len(k.m.Alarms)-1]
}

func (k *Kernel) reindex() {
	clear(k.at)
	for i := range k.m.Alarms {
		k.at[k.m.Alarms[i].Point] = i
	}
}

// note keeps a line of the history and tells of it.
func (k *Kernel) note(a *Alarm, e Entry) {
	e.At, e.Number, e.Point, e.Priority, e.Params = k.now, a.Number, a.Point, a.Priority, a.Params
	k.m.History = keepLast(append(k.m.History, e), mostHistory)
	k.out = append(k.out, Changed{Entry: e, Alarm: a.copied()})
}

func (k *Kernel) refuse(c Code, number int64) {
	k.out = append(k.out, Refusal{Code: c, Number: number})
}

// sweep forgets what is over.
func (k *Kernel) sweep() {
	gone := false
	for i := range k.m.Alarms {
		if a := &k.m.Alarms[i]; k.gone(a) {
			gone = true
			if !a.Rang.IsZero() {
				k.note(a, Entry{What: WasForgotten})
			}
		}
	}
	if gone {
		k.m.Alarms = slices.DeleteFunc(k.m.Alarms, func(a Alarm) bool { return k.gone(&a) })
		k.reindex()
	}
}

func (k *Kernel) gone(a *Alarm) bool {
	return a.over() && a.Design == "" || k.loseEnded && !a.Active && a.Shelf == nil && a.Out == nil
}
