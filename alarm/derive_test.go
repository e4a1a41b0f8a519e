package alarm

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"sluice/unit"
)

// TestConditions: what the room sees of a site, and what that means.
func TestConditions(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		turn func(*Site)
		want string
	}{
		"all is well":                    {func(*Site) {}, ""},
		"it answered half a minute ago":  {func(s *Site) { s.Heard = noon.Add(-30 * time.Second) }, "site_away"},
		"it never answered":              {func(s *Site) { s.Heard = time.Time{} }, "site_away"},
		"away, the rest is not known":    {func(s *Site) { s.Heard, s.Stopped = time.Time{}, true }, "site_away"},
		"it is stopped, and only lowers": {func(s *Site) { s.Stopped, s.ShedOnly = true, true }, "stopped"},
		"it only lowers":                 {func(s *Site) { s.ShedOnly = true }, "shed_only"},
		"a turn is late":                 {func(s *Site) { s.Turn = noon.Add(-10 * time.Minute) }, ""},
		"two turns are missing":          {func(s *Site) { s.Turn = noon.Add(-11 * time.Minute) }, "no_turn"},
		"over the connection":            {func(s *Site) { s.Groups[0].Draw = 11 * unit.Megawatt }, "connection_over"},
		"over a feeder":                  {func(s *Site) { s.Groups[1].Draw = 6 * unit.Megawatt }, "feeder-1/feeder_over"},
		"a meter that nobody heard":      {func(s *Site) { s.Groups[0].Draw, s.Groups[0].Known = 11*unit.Megawatt, false }, ""},
		"it could be over":               {func(s *Site) { s.Groups[0].Reserved = 11 * unit.Megawatt }, "limit_margin"},
		"a silent meter":                 {func(s *Site) { s.Groups[1].Stale = true }, "feeder-1/meter_stale"},
		"machines, by place and code": {
			func(s *Site) {
				s.Machines = []Machine{{"b", "feeder-1", "liar"}, {"a", "feeder-1", "liar"}, {"c", "", "liar"}}
			}, "liar*1 feeder-1/liar*2",
		},
		"half of a feeder":      {func(s *Site) { s.Machines = silent(10) }, "feeder-1/silent*10"},
		"more than half of one": {func(s *Site) { s.Machines = silent(11) }, "feeder-1/place_silent*11 feeder-1/silent*11"},
		"a hall names its own":  {func(s *Site) { s.Ills = []Ill{{"hall-1", "meter_silent", "rack 3", ""}} }, "hall-1/meter_silent/rack 3"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			s := Site{
				Name: "houston", Heard: noon, Turn: noon, Period: 5 * time.Minute,
				Groups: []Group{{Limit: 10 * unit.Megawatt, Draw: 9 * unit.Megawatt, Known: true}, {Name: "feeder-1", Limit: 5 * unit.Megawatt, Known: true, Machines: 20}},
			}
			c.turn(&s)
			all, _ := s.Conditions(noon)
			var got []string
			for _, x := range all {
				w := strings.TrimPrefix(spot(x.Point), "houston/")
				if x.Count > 0 {
					w += fmt.Sprintf("*%d", x.Count)
				}
				got = append(got, w)
			}
			if g := strings.Join(got, " "); g != c.want {
				t.Errorf("got %q, want %q", g, c.want)
			}
		})
	}
}

func silent(n int) []Machine {
	out := make([]Machine, n)
	for i := range out {
		out[i] = Machine{strconv.Itoa(i), "feeder-1", "silent"}
	}
	return out
}

// TestNothingEndsWhileASiteIsAway: what is not known has not ended.
func TestNothingEndsWhileASiteIsAway(t *testing.T) {
	t.Parallel()
	k := must(New(Config{}, Memory{}))
	s := Site{Name: "houston", Heard: noon, Groups: []Group{{Stale: true}}}
	see := func(now time.Time) {
		for _, e := range s.Observe(now) {
			k.Step(now, e)
		}
	}
	see(noon)
	s.Groups = nil
	see(noon.Add(40 * time.Second))
	if got := stands(k); got != "meter_stale:unacknowledged site_away:unacknowledged" {
		t.Error("away:", got)
	}
	s.Heard = noon.Add(50 * time.Second)
	see(noon.Add(50 * time.Second))
	if got := stands(k); got != "meter_stale:returned_unacknowledged site_away:returned_unacknowledged" {
		t.Error("back:", got)
	}
}

// stands is every alarm in a word.
func stands(k *Kernel) string {
	var out []string
	for _, a := range k.Alarms() {
		out = append(out, a.Code+":"+string(a.State()))
	}
	return strings.Join(out, " ")
}
