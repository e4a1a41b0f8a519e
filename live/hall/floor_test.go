package hall

import (
	"testing"
	"time"

	"sluice/engine"
)

// TestFloor: racks come with what their meters and sensors show and with who sits there;
// limits of a curtailment are seen at the servers of the jobs that are slowed.
func TestFloor(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bench) {
		f, err := b.h.Floor(b.tb.Context())
		if err != nil || !f.Fresh || len(f.Racks) < 2 {
			b.tb.Fatalf("%+v, %v", f, err)
		}
		jobs, servers, seated := map[string]bool{}, 0, 0
		for _, r := range f.Racks {
			if r.Name == "" || r.Power == nil || r.Draw == nil || *r.Power < *r.Draw || len(r.Servers) == 0 {
				b.tb.Errorf("rack %q shows %v, its sensors %v, %d servers", r.Name, r.Power, r.Draw, len(r.Servers))
			}
			if want := b.shows(RackMeter, r.Name); r.Power != nil && *r.Power != want {
				b.tb.Errorf("rack %s shows %s, its meter %s", r.Name, *r.Power, want)
			}
			for _, s := range r.Servers {
				servers++
				if s.Busy > 0 != (len(s.Seats) > 0) || s.Draw == nil || s.Capped > 0 {
					b.tb.Errorf("server %+v", s)
				}
				for _, x := range s.Seats {
					seated++
					jobs[x.Job] = true
					if x.Contract == "" || x.Tenant == "" || x.GPUs == 0 {
						b.tb.Errorf("%s: who sits there: %+v", s.Name, x)
					}
				}
			}
		}
		v, err := b.h.View(b.tb.Context())
		if err != nil || servers != len(v.Nodes) {
			b.tb.Errorf("%d of %d servers, %v", servers, len(v.Nodes), err)
		}
		for _, j := range v.Jobs {
			if j.State == engine.Running && !jobs[j.ID] {
				b.tb.Errorf("job %s runs and sits nowhere", j.ID)
			}
		}
		b.curtail(30_000, 10*time.Minute, 20*time.Minute)
		b.pass(10 * time.Minute)
		capped := 0
		if f, err = b.h.Floor(b.tb.Context()); err != nil {
			b.tb.Fatal(err)
		}
		for _, r := range f.Racks {
			for _, s := range r.Servers {
				capped += s.Capped
				if (s.Capped > 0) != (s.Limit != nil) || s.Capped > s.GPUs {
					b.tb.Errorf("%s: %d of %d GPUs are held at %v", s.Name, s.Capped, s.GPUs, s.Limit)
				}
			}
		}
		if want := len(b.limits()); (capped > 0) != (want > 0) {
			b.tb.Errorf("%d GPUs are capped, and the floor shows none", want)
		}
	})
}
