package notify

import (
	"cmp"
	"hash/fnv"
	"slices"
	"time"
)

// How long and how often is tried.
const (
	life      = 24 * time.Hour
	mostTries = 200
)

// Standing says how a parcel stands.
type Standing string

// The standings.
const (
	UnderWay Standing = "under_way"
	Arrived  Standing = "arrived"
	GivenUp  Standing = "given_up" // refused, or a day has passed; somebody has to hear of it
)

// Parcel is a message under way to one contact. It is a value: each step returns the next.
type Parcel struct {
	Contact  string    `json:"contact"`
	Message  Message   `json:"message"`
	Standing Standing  `json:"standing"`
	Made     time.Time `json:"made"`
	Tries    int       `json:"tries"`
	Next     time.Time `json:"next"` // of the next try, while it is under way
	Why      string    `json:"why,omitempty"`
}

// NewParcel is a message that goes out at once.
func NewParcel(contact string, m Message, now time.Time) Parcel {
	return Parcel{Contact: contact, Message: m, Standing: UnderWay, Made: now, Next: now}
}

// waits are the times between tries; the last one goes on.
func waits() []time.Duration {
	return []time.Duration{10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute}
}

// Tried is the parcel after a try that ended so at now.
func (p Parcel) Tried(o Outcome, now time.Time) Parcel {
	if p.Standing != UnderWay {
		return p
	}
	p.Tries, p.Why = p.Tries+1, o.Why
	switch {
	case o.Result == Sent:
		p.Standing = Arrived
	case o.Result != TryAgain || p.Tries >= mostTries:
		p.Standing = GivenUp
	default:
		all := waits()
		p.Next = now.Add(max(p.jittered(all[min(p.Tries, len(all))-1]), waiting(o.After)))
		if p.Next.Sub(p.Made) > life {
			p.Standing = GivenUp
		}
	}
	return p
}

// jittered is a wait that is up to a fifth shorter or longer, by the id, so that what
// failed together is not tried together again.
func (p Parcel) jittered(d time.Duration) time.Duration {
	h := fnv.New64a()
	_, _ = h.Write([]byte(p.Message.ID + "\x00" + p.Contact + "\x00" + string(rune('0'+p.Tries))))
	thousandths := int64(h.Sum64()%401) - 200 //nolint:gosec // at most 400
	return d + time.Duration(d.Milliseconds()*thousandths)*time.Microsecond
}

// Due are the parcels whose time has come, urgent ones first, then those that were made
// first; at most most of them, and one of each contact, so that an address that is slow
// holds up nobody else.
func Due(all []Parcel, now time.Time, most int) []Parcel {
	ready := slices.DeleteFunc(slices.Clone(all), func(p Parcel) bool { return p.Standing != UnderWay || p.Next.After(now) })
	rank := func(p Parcel) int {
		if p.Message.Urgent {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(ready, func(a, b Parcel) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), a.Made.Compare(b.Made), cmp.Compare(a.Message.ID, b.Message.ID))
	})
	seen := map[string]bool{}
	ready = slices.DeleteFunc(ready, func(p Parcel) bool {
		again := seen[p.Contact]
		seen[p.Contact] = true
		return again
	})
	return ready[:min(len(ready), max(most, 0))]
}
