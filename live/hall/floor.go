package hall

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"sluice/engine"
	"sluice/unit"
)

// Floor is the servers of a hall by the racks in which they stand.
type Floor struct {
	At    time.Time `json:"at"` // of the engine's last view
	Fresh bool      `json:"fresh"`
	Racks []Rack    `json:"racks"` // by name; what stands in none comes last
}

// Rack is servers behind one meter, as far as there is one.
type Rack struct {
	Name    string      `json:"name,omitempty"`    // empty: of those that stand in none that is declared
	Power   *unit.Power `json:"power_w,omitempty"` // at its meter; nil: it has none, or it is not heard
	Draw    *unit.Power `json:"draw_w,omitempty"`  // of its GPUs by their sensors; nil: not all of them say
	Servers []Server    `json:"servers"`
}

// Server is one server and who sits there.
type Server struct {
	Name   string           `json:"name"`
	State  engine.NodeState `json:"state"`
	Model  string           `json:"model,omitempty"`
	GPUs   int              `json:"gpus"`
	Busy   int              `json:"gpus_busy"`
	Draw   *unit.Power      `json:"draw_w,omitempty"`  // of its GPUs by their sensors; nil: not all of them say
	Limit  *unit.Power      `json:"limit_w,omitempty"` // lowest in force at one of its GPUs, below what that could take; nil: none
	Capped int              `json:"gpus_capped"`       // GPUs under such a limit
	Why    string           `json:"why,omitempty"`     // it takes no jobs, in the engine's word
	Event  string           `json:"event,omitempty"`   // of ours that switched it off
	Seats  []Seat           `json:"seats"`
}

// Seat is a job that runs on a server.
type Seat struct {
	Job      string `json:"job"`
	Tenant   string `json:"tenant"`
	Contract string `json:"contract,omitempty"` // empty: of none of this hall
	GPUs     int    `json:"gpus"`               // of the job, on all of its servers
	Servers  int    `json:"servers"`            // on which it runs
}

// Floor is the racks with their servers, as the engine showed them last.
func (h *Hall) Floor(ctx context.Context) (Floor, error) {
	var out Floor
	err := h.Do(ctx, func(context.Context) { out = h.floor() })
	return out, err
}

func (h *Hall) floor() Floor {
	out := Floor{At: h.view.At, Fresh: h.fresh(h.view.At), Racks: []Rack{}}
	at := map[string]int{}
	seats := h.seats()
	for i := range h.view.Nodes {
		n := &h.view.Nodes[i]
		name := h.cfg.Racks[n.Name]
		r, known := at[name]
		if !known {
			r = len(out.Racks)
			at[name] = r
			out.Racks = append(out.Racks, Rack{Name: name, Servers: []Server{}})
		}
		s := Server{Name: n.Name, State: n.State, Model: n.Model, GPUs: n.GPUs, Busy: n.Busy, Why: n.Reason, Event: n.Event, Seats: append([]Seat{}, seats[n.Name]...)}
		h.sense(&s)
		out.Racks[r].Servers = append(out.Racks[r].Servers, s)
	}
	for i := range out.Racks {
		h.weighRack(&out.Racks[i])
	}
	slices.SortStableFunc(out.Racks, func(a, b Rack) int {
		if (a.Name == "") != (b.Name == "") {
			return strings.Compare(b.Name, a.Name)
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out
}

// seats are the running jobs by the servers on which they run.
func (h *Hall) seats() map[string][]Seat {
	out := map[string][]Seat{}
	for i := range h.view.Jobs {
		j := &h.view.Jobs[i]
		if j.State != engine.Running && j.State != engine.Stopping {
			continue
		}
		s := Seat{Job: j.ID, Tenant: j.Tenant, GPUs: j.GPUs, Servers: len(j.Nodes)}
		if t := h.ownerOf(j); t != nil {
			s.Tenant, s.Contract = t.Contract().Tenant, t.Contract().Name
		}
		for _, n := range j.Nodes {
			out[n] = append(out[n], s)
		}
	}
	return out
}

// sense fills in what the sensors of a server's GPUs say.
func (h *Hall) sense(s *Server) {
	var draw unit.Power
	told := 0
	for _, of := range h.readings {
		for i := range of {
			r := &of[i]
			if r.Node != s.Name || !h.fresh(r.At) {
				continue
			}
			if r.Has.Draw {
				draw += r.Draw
				told++
			}
			if r.Has.Limit && r.Has.Default && r.Limit < r.Default {
				s.Capped++
				if s.Limit == nil || r.Limit < *s.Limit {
					s.Limit = new(r.Limit)
				}
			}
		}
	}
	if told >= s.GPUs && told > 0 {
		s.Draw = &draw
	}
}

// weighRack fills in what a rack draws, at its meter and by its sensors.
func (h *Hall) weighRack(r *Rack) {
	if p, known := h.power(RackMeter, r.Name); known && r.Name != "" {
		r.Power = &p.Power
	}
	var sum unit.Power
	for _, s := range r.Servers {
		if s.Draw == nil {
			return
		}
		sum += *s.Draw
	}
	r.Draw = &sum
}

// Floor is the racks with their servers.
func (c Client) Floor(ctx context.Context) (Floor, error) {
	return got[Floor](ctx, c, http.MethodGet, "floor", nil)
}
