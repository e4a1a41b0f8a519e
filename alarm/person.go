package alarm

import "time"

// How long an alarm can be shelved; longer is out of service.
const (
	shelfCritical = time.Hour
	shelfOther    = 12 * time.Hour
)

// signed says what is missing of who does something and why.
func signed(by, reason string) Code {
	switch {
	case clean(by, mostName) == "":
		return NoName
	case clean(reason, mostReason) == "":
		return NoReason
	}
	return ""
}

func (k *Kernel) acknowledge(e Acknowledge) {
	a := k.numbered(e.Number)
	switch c := signed(e.By, e.Reason); {
	case a == nil || a.Rang.IsZero():
		k.refuse(NotThere, e.Number)
	case c != "":
		k.refuse(c, e.Number)
	case a.Seen != nil:
		k.refuse(IsDone, e.Number)
	default:
		a.Seen = &Seen{clean(e.By, mostName), clean(e.Reason, mostReason), k.now, a.Count}
		k.note(a, Entry{What: WasAcked, By: a.Seen.By, Reason: a.Seen.Reason})
	}
}

func (k *Kernel) shelve(e Shelve) {
	a, c := k.numbered(e.Number), signed(e.By, e.Reason)
	if a == nil || a.State() == Pending {
		c = NotThere
	}
	if c == "" {
		c = k.shelfTime(a, e.Until)
	}
	if c != "" {
		k.refuse(c, e.Number)
		return
	}
	a.Shelf = &Shelf{clean(e.By, mostName), clean(e.Reason, mostReason), k.now, e.Until.Round(0).UTC()}
	k.note(a, Entry{What: WasShelved, By: a.Shelf.By, Reason: a.Shelf.Reason})
}

func (k *Kernel) shelfTime(a *Alarm, until time.Time) Code {
	most := shelfOther
	if a.Priority == Critical {
		most = shelfCritical
	}
	switch {
	case !until.After(k.now):
		return BadTime
	case until.Sub(k.now) > most:
		return TooLong
	case a.Out != nil:
		return IsDone
	}
	return ""
}

func (k *Kernel) unshelve(e Unshelve) {
	a := k.numbered(e.Number)
	switch {
	case a == nil:
		k.refuse(NotThere, e.Number)
	case clean(e.By, mostName) == "":
		k.refuse(NoName, e.Number)
	case a.Shelf == nil:
		k.refuse(IsDone, e.Number)
	default:
		a.Shelf = nil
		k.back(a, Entry{What: WasUnshelved, By: clean(e.By, mostName)})
	}
}

func (k *Kernel) takeOut(e TakeOut) {
	if _, ok := k.book.Definition(e.Code); !ok {
		k.refuse(UnknownOne, 0)
		return
	}
	if c := signed(e.By, e.Reason); c != "" {
		k.refuse(c, 0)
		return
	}
	a := k.find(k.point(e.Point))
	switch {
	case a != nil && a.Out != nil:
		k.refuse(IsDone, a.Number)
		return
	case a == nil:
		if a = k.open(k.point(e.Point)); a == nil {
			k.refuse(IsFull, 0)
			return
		}
	}
	a.Out = &Shelf{By: clean(e.By, mostName), Reason: clean(e.Reason, mostReason), At: k.now}
	k.note(a, Entry{What: WasTakenOut, By: a.Out.By, Reason: a.Out.Reason})
}

func (k *Kernel) putBack(e PutBack) {
	a := k.find(k.point(e.Point))
	switch {
	case a == nil || a.Out == nil:
		k.refuse(NotThere, 0)
	case clean(e.By, mostName) == "":
		k.refuse(NoName, a.Number)
	default:
		a.Out = nil
		k.back(a, Entry{What: WasPutBack, By: clean(e.By, mostName)})
	}
}
