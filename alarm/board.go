package alarm

import (
	"cmp"
	"slices"
	"time"
)

// Board is what the alarm band of a page shows.
type Board struct {
	At         time.Time        `json:"at"`
	Flood      bool             `json:"flood"`
	Operators  int              `json:"operators"`
	TenMinutes int              `json:"rings_10_min"`     // a flood begins above TargetTen
	Hour       int              `json:"rings_hour"`       // at most 2,000 are counted
	TargetHour int              `json:"target_hour"`      // of all operators
	TargetTen  int              `json:"target_10_min"`    //
	Waiting    map[Priority]int `json:"waiting"`          // to be acknowledged
	Standing   map[Priority]int `json:"standing"`         // acknowledged, and hold on
	States     map[State]int    `json:"states"`           // of all that are kept
	Collapsed  int              `json:"collapsed"`        // of priority 3 and 4 in a flood: one line for all of them
	Chattering []int64          `json:"chattering_alarm"` // numbers
}

// Board is how the alarms stand at the last step.
func (k *Kernel) Board() Board {
	b := Board{
		At: k.now, Flood: k.m.Flood, Operators: k.m.Operators, TenMinutes: k.rings(floodWindow), Hour: k.rings(rateWindow),
		TargetHour: targetHour * k.m.Operators, TargetTen: k.cfg.begins() * k.m.Operators,
		Waiting: map[Priority]int{}, Standing: map[Priority]int{}, States: map[State]int{}, Chattering: []int64{},
	}
	for i := range k.m.Alarms {
		a := &k.m.Alarms[i]
		b.States[a.State()]++
		switch {
		case a.waits():
			b.Waiting[a.Priority]++
			if k.Collapsed(a) {
				b.Collapsed++
			}
		case a.State() == Acknowledged:
			b.Standing[a.Priority]++
		}
		if !a.Restless.IsZero() {
			b.Chattering = append(b.Chattering, a.Number)
		}
	}
	return b
}

// Collapsed reports whether a flood folds an alarm into one line with others. It is kept,
// counted and still has to be acknowledged.
func (k *Kernel) Collapsed(a *Alarm) bool { return k.m.Flood && a.Priority >= Medium && a.waits() }

// Alarms are all that are kept, those that wait first, then by priority, the first of
// their family and time. They share nothing with the kernel.
func (k *Kernel) Alarms() []Alarm {
	out := make([]Alarm, 0, len(k.m.Alarms))
	for i := range k.m.Alarms {
		if k.m.Alarms[i].State() != Pending {
			out = append(out, k.m.Alarms[i].copied())
		}
	}
	first := func(b bool) int {
		if b {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(out, func(a, b Alarm) int {
		return cmp.Or(
			first(a.waits())-first(b.waits()), cmp.Compare(a.Priority, b.Priority), first(a.First)-first(b.First), a.Rang.Compare(b.Rang), cmp.Compare(a.Number, b.Number),
		)
	})
	return out
}

// History are the last events, the newest last.
func (k *Kernel) History() []Entry { return k.Memory().History }

// Definition is what the list says of a code.
func (k *Kernel) Definition(code string) (Definition, bool) { return k.book.Definition(code) }
