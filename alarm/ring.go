package alarm

import (
	"slices"
	"time"
)

// How alarms are counted.
const (
	floodWindow   = 10 * time.Minute
	floodBegins   = 10 // rings of a window and operator; more is a flood, where nothing else is said
	chatterWindow = time.Minute
	chatterRings  = 3
	restless      = 10 * time.Minute // how long an alarm counts as chattering after it did
	heals         = 5 * time.Minute  // what a cause explained is given this time after it
	rateWindow    = time.Hour
	targetHour    = 6 // rings of an hour and operator, in steady state
)

// ring tells people of alarms that are due.
func (k *Kernel) ring(which func(*Alarm) bool) {
	for i := range k.m.Alarms {
		a := &k.m.Alarms[i]
		if !a.Active || !a.Due && !a.Brief || !which(a) {
			continue
		}
		held := a.Brief || k.now.Sub(a.Since) >= k.book.meaning(a.Code).After
		if quiet := a.Out != nil || a.Shelf != nil || a.Design != "" || a.Cause != 0; a.Due && held && !quiet {
			k.rung(a)
		}
		if a.Brief {
			k.end(a)
		}
	}
}

// rung enters that an alarm came up.
func (k *Kernel) rung(a *Alarm) {
	what := WasAgain
	if a.Rang.IsZero() {
		what = WasRaised
		a.First = k.first(a)
	}
	if a.Rang.IsZero() || a.Seen != nil { // one that nobody has seen keeps its time, so that it is passed on
		a.Rang, a.Seen, a.Told = k.now, nil, nil
	}
	a.Due, a.Times = false, a.Times+1
	k.m.Rings = keepLast(append(k.m.Rings, Ring{k.now, a.Point}), mostRings)
	k.note(a, Entry{What: what})
	k.chatter(a)
}

// first reports whether no other alarm of its family holds at its site.
func (k *Kernel) first(a *Alarm) bool {
	f := k.book.meaning(a.Code).Family
	for i := range k.m.Alarms {
		if b := &k.m.Alarms[i]; b.Number != a.Number && b.Site == a.Site && b.Active && !b.Rang.IsZero() && k.book.meaning(b.Code).Family == f {
			return false
		}
	}
	return true
}

// chatter proposes to shelve what comes and goes.
func (k *Kernel) chatter(a *Alarm) {
	n := 0
	for _, r := range k.m.Rings {
		if r.Point == a.Point && k.now.Sub(r.At) < chatterWindow {
			n++
		}
	}
	if n < chatterRings {
		return
	}
	a.Restless = k.now.Add(restless)
	if !a.Proposed {
		a.Proposed = true
		k.note(a, Entry{What: WasChattering})
		k.out = append(k.out, Proposed{a.copied()})
	}
}

// expire ends what had an end.
func (k *Kernel) expire() {
	for i := range k.m.Alarms {
		a := &k.m.Alarms[i]
		if a.Shelf != nil && !k.now.Before(a.Shelf.Until) {
			a.Shelf = nil
			k.back(a, Entry{What: WasExpired})
		}
		if !a.Restless.IsZero() && !k.now.Before(a.Restless) {
			a.Restless, a.Proposed = time.Time{}, false
		}
	}
}

// back shows an alarm again that a person had put aside. If it holds, it rings anew.
func (k *Kernel) back(a *Alarm, e Entry) {
	a.Muted = false
	if a.Active && a.Shelf == nil && a.Out == nil {
		a.Due, a.Told = true, nil
		if !a.Rang.IsZero() {
			a.Rang = k.now // contacts are told from the first step on
		}
	}
	k.note(a, e)
}

// holding are the alarms that hide what they explain, by site.
type holding map[string][]int

// explain hides what another alarm is the root of, and shows it again some time after
// that one has ended. An alarm of the highest priority is never hidden.
func (k *Kernel) explain() {
	now := holding{}
	for i := range k.m.Alarms {
		if a := &k.m.Alarms[i]; k.isRoot(a) {
			now[a.Site] = append(now[a.Site], i)
		}
	}
	for i := range k.m.Alarms {
		a := &k.m.Alarms[i]
		if a.Cause == 0 && !a.Active || a.Priority == Critical && !k.hideAll {
			continue
		}
		c := k.cause(a, now[a.Site])
		switch {
		case c != nil && a.Active:
			fresh := a.Cause == 0
			a.Cause, a.Linger = c.Number, k.now.Add(heals)
			if fresh {
				k.note(a, Entry{What: WasHidden, Reason: c.Code})
			}
		case a.Cause != 0 && (!a.Active || !k.now.Before(a.Linger)):
			a.Cause, a.Linger = 0, time.Time{}
			if a.Active {
				k.note(a, Entry{What: WasShown})
			}
		}
	}
}

// isRoot reports whether an alarm hides others: people see it, or it is explained itself.
func (k *Kernel) isRoot(a *Alarm) bool {
	known := !a.Rang.IsZero() || a.Cause != 0
	return a.Active && known && a.Shelf == nil && a.Out == nil && a.Design == "" && len(k.book.meaning(a.Code).Explains) > 0
}

// cause is the alarm that explains another one; nil where there is none.
func (k *Kernel) cause(a *Alarm, among []int) *Alarm {
	for _, i := range among {
		if c := &k.m.Alarms[i]; (c.Place == "" || c.Place == a.Place) && (k.book.meaning(c.Code).explains(a.Code) || k.hideAll) {
			return c
		}
	}
	return nil
}

// begins is how many alarms of a window and operator are no flood yet; half as many end
// one.
func (c Config) begins() int {
	if c.Flood == 0 {
		return floodBegins
	}
	return c.Flood
}

// flood notes when more comes up than the operators can answer, and when that is over.
func (k *Kernel) flood() {
	k.m.Rings = slices.DeleteFunc(k.m.Rings, func(r Ring) bool { return k.now.Sub(r.At) >= rateWindow })
	n := k.rings(floodWindow)
	switch {
	case !k.m.Flood && n > k.cfg.begins()*k.m.Operators:
		k.m.Flood = true
	case k.m.Flood && n < max(1, k.cfg.begins()/2)*k.m.Operators:
		k.m.Flood = false
	default:
		return
	}
	k.out = append(k.out, Flooded{k.m.Flood, n})
}

// rings is how many alarms came up within a time.
func (k *Kernel) rings(within time.Duration) int {
	n := 0
	for _, r := range k.m.Rings {
		if k.now.Sub(r.At) < within {
			n++
		}
	}
	return n
}
