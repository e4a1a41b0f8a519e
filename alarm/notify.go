package alarm

import (
	"cmp"
	"slices"
	"time"
)

// The bounds of what one contact gets.
const (
	sentWindow  = 10 * time.Minute
	sentMost    = 10              // single messages of a window; the two highest priorities may have more
	atOnceMost  = 3               // more at the same moment make a digest
	digestEvery = 5 * time.Minute // at most one digest
)

// notify tells contacts what they have to hear now.
func (k *Kernel) notify() {
	due := map[string][]*Alarm{}
	for i := range k.m.Alarms {
		a := &k.m.Alarms[i]
		if a.waits() {
			k.reach(a, due)
		}
		k.silenced(a)
	}
	for _, c := range k.cfg.Contacts {
		box := k.mailbox(c.Name)
		box.Sent = slices.DeleteFunc(box.Sent, func(t time.Time) bool { return k.now.Sub(t) >= sentWindow })
		k.deliver(c, box, append(due[c.Name], k.repeats(c)...))
		k.ended(c, box)
	}
}

// reach finds who has to hear of an alarm that waits.
func (k *Kernel) reach(a *Alarm, due map[string][]*Alarm) {
	somebody := false
	for _, r := range k.cfg.Routes {
		if !r.takes(a) {
			continue
		}
		somebody = true
		for _, name := range k.reached(r, a) {
			if a.heard(name) == nil && !k.contact(name).sleeps(k, a.Priority) && !slices.Contains(due[name], a) {
				due[name] = append(due[name], a)
			}
		}
	}
	if !somebody && a.Priority <= High && !a.Untold {
		a.Untold = true
		k.out = append(k.out, Untold{a.copied()})
	}
}

// reached are the contacts of the steps that an alarm has come to. What has ended goes
// no further, and a step whose contacts all sleep is passed over.
func (k *Kernel) reached(r Route, a *Alarm) []string {
	waited := k.now.Sub(a.Rang)
	if !a.Active {
		waited = a.Ended.Sub(a.Rang)
	}
	var out []string
	skip := false
	for _, s := range r.Steps {
		if waited < s.After && !skip {
			break
		}
		skip = true
		for _, name := range s.Contacts {
			skip = skip && a.heard(name) == nil && k.contact(name).sleeps(k, a.Priority)
		}
		out = append(out, s.Contacts...)
	}
	return out
}

// single is how many single messages of a window a contact gets before those of a
// priority come in digests: lower ones leave room for higher ones.
func single(p Priority) int { return sentMost * max(1, int(Medium)+1-int(p)) }

// deliver tells a contact of what it has to hear: single messages, or one digest.
func (k *Kernel) deliver(c Contact, box *Mailbox, due []*Alarm) {
	slices.SortStableFunc(due, func(a, b *Alarm) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.Number, b.Number))
	})
	many := len(due) > atOnceMost
	var rest []*Alarm
	for _, a := range due {
		calm := !many && (!k.m.Flood || a.Priority <= High)
		if len(box.Sent) >= single(a.Priority) || !calm && a.Priority != Critical {
			rest = append(rest, a)
			continue
		}
		kind := TellRepeated
		if a.heard(c.Name) == nil {
			kind = TellRaised
		}
		k.tell(c, box, a, kind)
	}
	if len(rest) > 0 && (box.Digest.IsZero() || k.now.Sub(box.Digest) >= digestEvery) {
		k.digest(c, box, rest)
	}
}

// digest tells of many alarms in one message.
func (k *Kernel) digest(c Contact, box *Mailbox, all []*Alarm) {
	k.m.Tells++
	t := Tell{Number: k.m.Tells, Contact: c.Name, Kind: TellDigest, All: len(all)}
	for i, a := range all {
		x := a.hears(c.Name)
		x.Times, x.Last = x.Times+1, k.now
		if i < mostDigest {
			t.Alarms = append(t.Alarms, a.copied())
		}
	}
	box.Digest = k.now
	k.out = append(k.out, t)
}

// tell sends one message about one alarm.
func (k *Kernel) tell(c Contact, box *Mailbox, a *Alarm, kind Kind) {
	t := a.hears(c.Name)
	switch kind {
	case TellRaised, TellRepeated:
		t.Times, t.Last = t.Times+1, k.now
	case TellEnded:
		t.Ended = true
	case TellSilenced, TellDigest:
	}
	box.Sent = append(box.Sent, k.now)
	k.m.Tells++
	k.out = append(k.out, Tell{Number: k.m.Tells, Contact: c.Name, Kind: kind, Alarms: []Alarm{a.copied()}, All: 1})
}

// repeats are what a contact has to hear again because nobody acknowledges it. A flood
// repeats only what is of the highest priority.
func (k *Kernel) repeats(c Contact) []*Alarm {
	var out []*Alarm
	for i := range k.m.Alarms {
		a := &k.m.Alarms[i]
		t, r := a.heard(c.Name), k.route(a, c.Name)
		if t == nil || t.Times == 0 || r == nil || a.State() != Unacknowledged || k.m.Flood && a.Priority != Critical {
			continue
		}
		more := t.Times <= r.Repeat.Most || k.repeatOn && r.Repeat.Most > 0
		if more && k.now.Sub(t.Last) >= r.Repeat.Every && !c.sleeps(k, a.Priority) {
			out = append(out, a)
		}
	}
	return out
}

// ended tells a contact the end of what it was told, once, if it is awake and not busy.
func (k *Kernel) ended(c Contact, box *Mailbox) {
	for i := range k.m.Alarms {
		a := &k.m.Alarms[i]
		t := a.heard(c.Name)
		if t == nil || t.Times == 0 || t.Ended || a.Active || a.Brief || a.Shelf != nil || a.Out != nil {
			continue
		}
		t.Ended = true
		r := k.route(a, c.Name)
		if r != nil && r.Ended && !k.m.Flood && len(box.Sent) < sentMost && !c.sleeps(k, a.Priority) {
			k.tell(c, box, a, TellEnded)
		}
	}
}

// silenced tells of an alarm of the highest priority that a person put aside.
func (k *Kernel) silenced(a *Alarm) {
	if a.Priority != Critical || a.Muted || !a.Active || a.Shelf == nil && a.Out == nil {
		return
	}
	a.Muted = true
	for _, c := range k.cfg.Contacts {
		if r := k.route(a, c.Name); r != nil && (a.heard(c.Name) != nil || slices.Contains(r.Steps[0].Contacts, c.Name)) {
			k.tell(c, k.mailbox(c.Name), a, TellSilenced)
		}
	}
}

// heard is what a contact was told of an alarm; nil: nothing.
func (a *Alarm) heard(contact string) *Told {
	i := slices.IndexFunc(a.Told, func(t Told) bool { return t.Contact == contact })
	if i < 0 {
		return nil
	}
	return &a.Told[i]
}

// hears is heard, with an entry made where there is none.
func (a *Alarm) hears(contact string) *Told {
	if t := a.heard(contact); t != nil {
		return t
	}
	a.Told = append(a.Told, Told{Contact: contact})
	return &a.Told[len(a.Told)-1]
}

// route is the first way by which an alarm reaches a contact.
func (k *Kernel) route(a *Alarm, contact string) *Route {
	for i := range k.cfg.Routes {
		if r := &k.cfg.Routes[i]; r.takes(a) && r.names(contact) {
			return r
		}
	}
	return nil
}

// contact is one by its name; of one that is there no more only that.
func (k *Kernel) contact(name string) Contact {
	if i := slices.IndexFunc(k.cfg.Contacts, func(c Contact) bool { return c.Name == name }); i >= 0 {
		return k.cfg.Contacts[i]
	}
	return Contact{Name: name, Zone: time.UTC}
}

func (c Contact) sleeps(k *Kernel, p Priority) bool { return !k.forgetQuiet && c.Sleeps(k.now, p) }

func (k *Kernel) mailbox(contact string) *Mailbox {
	i := slices.IndexFunc(k.m.Mailboxes, func(b Mailbox) bool { return b.Contact == contact })
	if i < 0 {
		k.m.Mailboxes = append(k.m.Mailboxes, Mailbox{Contact: contact})
		i = len(k.m.Mailboxes) - 1
	}
	return &k.m.Mailboxes[i]
}
