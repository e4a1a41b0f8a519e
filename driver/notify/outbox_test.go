package notify

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestParcel: sent, refused, and tried for a day.
func TestParcel(t *testing.T) {
	t.Parallel()
	p := NewParcel("ann", told(), noon)
	if x := p.Tried(sent(), noon); x.Standing != Arrived || x.Tried(refused("x"), noon).Standing != Arrived {
		t.Errorf("sent: %+v", x)
	}
	if x := p.Tried(refused("x"), noon); x.Standing != GivenUp || x.Why != "x" || x.Tries != 1 {
		t.Errorf("refused: %+v", x)
	}
	if x := p.Tried(Outcome{Result: TryAgain, After: 10 * time.Hour}, noon); x.Next.Sub(noon) != time.Hour {
		t.Errorf("a server may ask for an hour: %s", x.Next.Sub(noon))
	}
	now, waited := noon, []time.Duration{}
	for p.Standing == UnderWay {
		p = p.Tried(tryAgain("away"), now)
		if p.Standing == UnderWay {
			waited = append(waited, p.Next.Sub(now))
		}
		now = p.Next
	}
	t.Logf("%d tries in %s, first %s", p.Tries, now.Sub(noon), waited[:8])
	if p.Tries < 80 || now.Sub(noon) < 23*time.Hour || now.Sub(noon) > 25*time.Hour || waited[0] > 12*time.Second || waited[0] < 8*time.Second {
		t.Errorf("%d tries in %s, first after %s", p.Tries, now.Sub(noon), waited[0])
	}
}

// TestDue: urgent first, one of each contact, none before its time.
func TestDue(t *testing.T) {
	t.Parallel()
	at := func(contact, id string, urgent bool, minutes int) Parcel {
		p := NewParcel(contact, Message{ID: id, Urgent: urgent}, noon.Add(time.Duration(minutes)*time.Minute))
		return p
	}
	all := []Parcel{at("ann", "1", false, 0), at("ann", "2", true, 1), at("bob", "3", false, -1), at("eve", "4", true, 2), at("eve", "5", true, 99), at("joe", "6", false, 0).Tried(sent(), noon)}
	var got []string
	for _, p := range Due(all, noon.Add(2*time.Minute), 9) {
		got = append(got, p.Message.ID)
	}
	if d := cmp.Diff([]string{"2", "4", "3"}, got); d != "" {
		t.Error(d)
	}
	if n := len(Due(all, noon.Add(2*time.Minute), 1)); n != 1 {
		t.Errorf("%d at once", n)
	}
}

// TestParcelEnds: whatever comes of tries, a parcel ends, its waits are near the schedule,
// and the same tries give the same parcel.
func TestParcelEnds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := NewParcel("ann", Message{ID: strconv.Itoa(rapid.Int().Draw(t, "id"))}, noon)
		now := noon
		for range 2 * mostTries {
			if p.Standing != UnderWay {
				return
			}
			o := Outcome{Result: TryAgain, After: time.Duration(rapid.IntRange(-10, 7200).Draw(t, "after")) * time.Second}
			next := p.Tried(o, now)
			if d := cmp.Diff(next, p.Tried(o, now)); d != "" {
				t.Fatal(d)
			}
			if w := next.Next.Sub(now); next.Standing == UnderWay && (w < 8*time.Second || w > time.Hour) {
				t.Fatalf("it waits %s", w)
			}
			p, now = next, next.Next
		}
		t.Fatal("it never ends")
	})
}
