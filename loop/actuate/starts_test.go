package actuate

import (
	"testing"
	"time"

	"sluice/unit"
)

// flap lets a plan jitter between off and full for a while, and counts the starts.
// A limit of nothing takes the place of the plan where cut is set.
func flap(t *testing.T, most int, cut bool, long time.Duration) (starts int, codes map[Code]int, r *rig) {
	t.Helper()
	c := vectorConfig(1)
	c.Units[0].Starts = most
	r = newRig(t, c)
	r.read(0, 3000, 3000)
	r.order(0, 3000, true)
	codes = map[Code]int{}
	number, at := int64(0), unit.Power(3000)
	for begin := r.now; r.now-begin < long; {
		number++
		want := 3000 * unit.Power(number%2)
		if cut {
			limit := r.k.cfg.Groups[0].Limit
			if want == 0 {
				limit = 0
			}
			r.step(Instruction{Group: 0, From: r.now, Limit: limit})
			want = 3000
		}
		r.step(wish(number, want))
		for range 60 {
			for _, e := range r.step(Tick{}) {
				switch x := e.(type) {
				case Send:
					if x.Target > 0 && at == 0 {
						starts++
					}
					at = x.Target
					r.step(Answered{Unit: 0, Epoch: x.Epoch, Class: "accepted"})
				case Refusal:
					codes[x.Code]++
				}
			}
			r.now += 4 * time.Second
			r.read(0, at, at)
		}
	}
	return starts, codes, r
}

// TestStartsLimit: a plan that jitters starts a unit only so often in a day, and
// again when the day is over; starts after a limit are not counted.
func TestStartsLimit(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		most     int
		cut      bool
		long     time.Duration
		from, to int
	}{
		"six in a day":                          {6, false, 20 * time.Hour, 6, 6},
		"twelve in a little less than two days": {6, false, 44 * time.Hour, 12, 12},
		"without a bound":                       {0, false, 20 * time.Hour, 50, 1000},
		"a limit is no plan":                    {6, true, 20 * time.Hour, 50, 1000},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			starts, codes, r := flap(t, c.most, c.cut, c.long)
			if starts < c.from || starts > c.to {
				t.Errorf("%d starts, want %d to %d; refused %v", starts, c.from, c.to, codes)
			}
			if refused := codes[StartsLimit] > 0; refused != (c.most > 0 && !c.cut) {
				t.Errorf("refused %v", codes)
			}
			if c.most == 0 || c.cut {
				return
			}
			again, err := New(r.k.cfg, r.k.Memory())
			if err != nil {
				t.Fatal(err)
			}
			if got := again.Unit(0); !got.Idled || len(got.Starts) != c.most {
				t.Errorf("after a restart %+v is remembered", got)
			}
		})
	}
}
