package alarm

import (
	"encoding/json"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// config has a contact that sleeps and one that does not.
func config() Config {
	return Config{
		Contacts: []Contact{
			{Name: "ann", Channel: Mail, Language: "en", Zone: time.UTC, Quiet: &Quiet{13 * 60, 14 * 60}},
			{Name: "bob", Channel: Chat, Language: "pt", Zone: time.UTC},
		},
		Routes: []Route{{Name: "all", Steps: []Step{{0, []string{"ann"}}, {5 * time.Minute, []string{"bob"}}}, Repeat: Repeat{time.Minute, 2}, Ended: true}},
	}
}

// draw makes an event; numbers are those that were given so far, and one more.
func draw(t *rapid.T, k *Kernel, now time.Time) Event {
	c := Condition{Point: Point{
		Site: rapid.SampledFrom([]string{"houston", "odessa"}).Draw(t, "site"), Place: rapid.SampledFrom([]string{"", "f1"}).Draw(t, "place"),
		Code: rapid.SampledFrom([]string{"kernel_invariant", "connection_over", "place_silent", "silent", "site_away", "no_turn", "not_settled", "redirected", "replaced", "new"}).Draw(t, "code"),
	}, Count: rapid.IntRange(0, 50).Draw(t, "count")}
	n := rapid.Int64Range(1, k.m.Last+1).Draw(t, "number")
	switch rapid.IntRange(0, 13).Draw(t, "event") {
	case 0, 1, 2:
		return Raised{c}
	case 3, 4:
		return Returned{c.Point}
	case 5:
		return Noticed{c}
	case 6:
		return Holds{Site: c.Site, Source: "site", Conditions: []Condition{c, {Point: Point{Code: "silent"}}}}
	case 7, 8:
		return Acknowledge{n, "ann", "seen"}
	case 9:
		return Shelve{n, "ann", "known", now.Add(time.Duration(rapid.IntRange(-1, 800).Draw(t, "minutes")) * time.Minute)}
	case 10:
		return Unshelve{n, "ann"}
	case 11:
		return TakeOut{c.Point, "ann", "rebuilt"}
	case 12:
		return PutBack{c.Point, "ann"}
	}
	return Suppress{c.Point, rapid.SampledFrom([]string{"", "rebuilt"}).Draw(t, "why")}
}

// watch is what must hold whatever happens.
type watch struct {
	waiting map[int64]bool         // rang, and nobody acknowledged it
	told    map[string]int         // messages of an alarm to a contact since it last rang anew
	silent  map[int64]bool         // of priority 1, put aside, and somebody heard so
	at      func() map[int64]Alarm // as it stands
}

func newWatch(k *Kernel) *watch {
	w := &watch{waiting: map[int64]bool{}, told: map[string]int{}, silent: map[int64]bool{}}
	w.at = func() map[int64]Alarm {
		out := map[int64]Alarm{}
		for _, a := range k.m.Alarms {
			out[a.Number] = a
		}
		return out
	}
	return w
}

// changed follows who has to acknowledge what.
func (w *watch) changed(x Changed) {
	n := x.Entry.Number
	if x.Entry.What == WasAcked {
		delete(w.waiting, n)
	}
	if x.Entry.What != WasRaised && x.Entry.What != WasAgain {
		return
	}
	w.waiting[n] = true
	if x.Alarm.Told == nil {
		delete(w.told, fmt.Sprint(n, "ann"))
		delete(w.told, fmt.Sprint(n, "bob"))
	}
}

// saw takes the effects of a step and says what they break.
func (w *watch) saw(out []Effect, repeats int) string {
	for _, x := range out {
		switch x := x.(type) {
		case Changed:
			w.changed(x)
		case Tell:
			for _, a := range x.Alarms {
				key := fmt.Sprint(a.Number, x.Contact)
				if x.Kind == TellSilenced {
					w.silent[a.Number] = true
				} else if w.told[key]++; w.told[key] > 2+repeats {
					return fmt.Sprintf("%s was told %d times of %d", x.Contact, w.told[key], a.Number)
				}
			}
		}
	}
	now := w.at()
	for n := range w.waiting {
		if a, ok := now[n]; !ok || a.Seen != nil {
			return fmt.Sprintf("alarm %d is lost before anybody acknowledged it", n)
		}
	}
	for n, a := range now {
		if s := a.State(); a.Priority == Critical && a.Active && (s == Hidden || (s == Shelved || s == OutOfService) && !w.silent[n]) {
			return fmt.Sprintf("alarm %d of priority 1 is %s, and nobody was told", n, s)
		}
	}
	return ""
}

// lives plays a life and says what it broke, and whether a restart changed anything.
func lives(t *rapid.T, plant sabotage) string {
	k := must(New(config(), Memory{}))
	k.sabotage = plant
	w := newWatch(k)
	now := noon
	for range rapid.IntRange(1, 40).Draw(t, "steps") {
		now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 20, 61, 400, 4000, -90}).Draw(t, "seconds")) * time.Second)
		e := draw(t, k, now)
		text := must(json.Marshal(k.Memory()))
		other := must(New(config(), must(ParseMemory(text))))
		other.sabotage = plant
		out := k.Step(now, e)
		if d := cmp.Diff(out, other.Step(now, e), cmpopts.EquateEmpty()); d != "" {
			return "a restart changed what is done: " + d
		}
		if d := cmp.Diff(k.Memory(), other.Memory(), cmpopts.EquateEmpty()); d != "" {
			return "a restart changed what is kept: " + d
		}
		if s := w.saw(out, 2); s != "" {
			return s
		}
	}
	return ""
}

func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		if s := lives(t, sabotage{}); s != "" {
			t.Fatal(s)
		}
	})
}

// TestTheWatchSeesFaults plants a fault at a time in lives that are drawn at random.
func TestTheWatchSeesFaults(t *testing.T) {
	t.Parallel()
	for sentence, plant := range map[string]sabotage{
		"what ended is lost":     {loseEnded: true},
		"priority 1 is hidden":   {hideAll: true},
		"repetitions do not end": {repeatOn: true},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			for seed := range 300 {
				if s := rapid.Custom(func(t *rapid.T) string { return lives(t, plant) }).Example(seed); s != "" {
					return
				}
			}
			t.Error("nobody noticed in 300 lives")
		})
	}
}

// TestQuietIsKept: nobody who sleeps is told, but of priority 1.
func TestQuietIsKept(t *testing.T) {
	t.Parallel()
	for _, broken := range []bool{false, true} {
		k := must(New(config(), Memory{}))
		k.forgetQuiet = broken
		k.Step(noon.Add(61*time.Minute), Raised{Condition{Point: Point{Site: "a", Code: "redirected"}}})
		woken := len(k.Memory().Alarms[0].Told) > 0 && k.Memory().Alarms[0].Told[0].Contact == "ann"
		if woken != broken {
			t.Errorf("with the fault %v she is woken: %v", broken, woken)
		}
	}
}

// TestBounds: whatever comes, what is kept has an end, and the last alarm says so.
func TestBounds(t *testing.T) {
	t.Parallel()
	k := must(New(Config{}, Memory{}))
	all := make([]Condition, mostAlarms+500)
	for i := range all {
		all[i] = Condition{Point: Point{Code: "redirected", Subject: strconv.Itoa(i)}}
	}
	for i := range 3 {
		k.Step(noon.Add(time.Duration(i)*time.Second), Holds{Site: "houston", Source: "site", Conditions: all})
	}
	m := k.Memory()
	if len(m.Alarms) != mostAlarms+1 || len(m.Rings) > mostRings || len(m.History) > mostHistory {
		t.Errorf("%d alarms, %d rings, %d of history", len(m.Alarms), len(m.Rings), len(m.History))
	}
	if a := k.find(Point{Code: Overflow}); a == nil || a.State() != Unacknowledged {
		t.Errorf("nobody says that alarms do not fit: %+v", a)
	}
	text := must(json.Marshal(m))
	t.Logf("%d bytes of memory", len(text))
	k.Step(noon.Add(time.Minute), Holds{Site: "houston", Source: "site"})
	for _, a := range m.Alarms {
		k.Step(noon.Add(time.Minute), Acknowledge{a.Number, "ann", "seen"})
	}
	if n := len(k.Memory().Alarms); n != 0 {
		t.Errorf("%d alarms are left", n)
	}
}

// TestTheClockGoesBack: nothing waits for an hour that was there already.
func TestTheClockGoesBack(t *testing.T) {
	t.Parallel()
	k := must(New(config(), Memory{}))
	k.Step(noon.Add(1000*time.Hour), Raised{Condition{Point: Point{Site: "a", Code: "redirected"}}})
	k.Step(noon.Add(1000*time.Hour), Shelve{1, "ann", "known", noon.Add(1001 * time.Hour)})
	k.Step(noon, Tick{})
	if got := stands(k); got != "redirected:shelved" {
		t.Error("set back:", got)
	}
	k.Step(noon.Add(61*time.Minute), Tick{})
	if got := stands(k); got != "redirected:unacknowledged" {
		t.Error("an hour later:", got)
	}
}

// TestBadMemory: what cannot be right is not taken over.
func TestBadMemory(t *testing.T) {
	t.Parallel()
	for sentence, text := range map[string]string{
		"half of it":         `{"version":1,`,
		"of another version": `{"version":2}`,
		"an alarm twice":     `{"version":1,"last":2,"alarms":[{"number":1,"code":"disk"},{"number":1,"code":"clock"}]}`,
		"a point twice":      `{"version":1,"last":2,"alarms":[{"number":1,"code":"disk"},{"number":2,"code":"disk"}]}`,
		"a number to come":   `{"version":1,"last":1,"alarms":[{"number":2,"code":"disk"}]}`,
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if _, err := ParseMemory([]byte(text)); err == nil {
				t.Error("it passed")
			}
		})
	}
}

// FuzzParseMemory: whatever stands there, a memory that passes can be run.
func FuzzParseMemory(f *testing.F) {
	f.Add([]byte(`{"version":1,"last":1,"alarms":[{"number":1,"code":"disk","active":true,"due":true}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := ParseMemory(text)
		if err != nil {
			return
		}
		k, err := New(config(), m)
		if err != nil {
			t.Fatal(err)
		}
		k.Step(noon, Raised{Condition{Point: Point{Code: string(text)}}})
	})
}
