package room

import (
	"net/http"
	"testing"

	"sluice/live/hall"
	"sluice/people"
)

// TestRacks: what is answered is the floor of the hall, racks with their meters and who
// sits there; who may not look at the site is not told that there is a hall.
func TestRacks(t *testing.T) {
	t.Parallel()
	inLiveHall(t, func(w *world, h *hall.Hall) {
		want, err := h.Floor(w.Context())
		w.must(err)
		var got HallRacks
		w.as(people.Operator, "a").ok(http.StatusOK, http.MethodGet, "/v1/halls/gpu/racks", nil).read(w, &got)
		if !got.Known || !got.Floor.Fresh || len(got.Floor.Racks) != len(want.Racks) || len(want.Racks) == 0 {
			t.Fatalf("%+v", got)
		}
		for i, r := range got.Floor.Racks {
			if r.Name != want.Racks[i].Name || r.Power == nil || *r.Power != *want.Racks[i].Power || len(r.Servers) != len(want.Racks[i].Servers) {
				t.Errorf("%+v, want %+v", r, want.Racks[i])
			}
			for _, s := range r.Servers {
				if s.Busy > 0 && (len(s.Seats) == 0 || s.Seats[0].Contract == "") {
					t.Errorf("nobody sits at %+v", s)
				}
			}
		}
		if a := w.as(people.Operator, "b").do(http.MethodGet, "/v1/halls/gpu/racks", nil); a.status != http.StatusNotFound {
			t.Errorf("somebody of another site: %d %s", a.status, a.body)
		}
	})
}
