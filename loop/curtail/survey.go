package curtail

import (
	"sluice/engine"
	"sluice/gpu"
	"sluice/unit"
	"sluice/use/hosting"
)

// seat is a node as it was seen.
type seat struct {
	node  *engine.Node
	group *hosting.Group
	draw  unit.Power // of its GPUs
	known int        // GPUs that stated a draw
	named int        // of them with the job that holds them
	limit unit.Power // highest limit in force of its GPUs
	low   unit.Power // lowest one
	noLim bool       // one of them does not state its limit
	jobs  int
}

// sight is a job as it was seen.
type sight struct {
	*engine.Job
	tenancy int        // -1: of nobody in this hall
	draw    unit.Power // of all of its GPUs
	known   bool
	shared  bool // its GPUs cannot be told from others on its node
}

// survey is the hall at one instant. Its memory is used again.
type survey struct {
	view     engine.View
	readings []gpu.Reading
	seen     bool
	places   map[string]int // of nodes in seats
	seats    []seat
	byName   map[string]unit.Power // drawn by jobs that readings name
	counted  map[string]int
	jobs     []sight
	where    map[string]int // of running and stopping jobs in jobs, waiting ones too
	draws    []unit.Power   // by tenancy, IT watts
	waits    []int          // GPUs of waiting jobs by tenancy
	free     int            // GPUs on nodes that are up
}

// look takes a view and readings in, and sums them up.
func (c *core) look(v engine.View, r []gpu.Reading) {
	s := &c.sv
	s.view, s.readings, s.seen = v, r, true
	c.seats()
	c.read()
	c.sights()
}

// seats lists the nodes of the view.
func (c *core) seats() {
	s := &c.sv
	same := len(s.seats) == len(s.view.Nodes)
	for i := range s.view.Nodes {
		if !same {
			break
		}
		n := &s.view.Nodes[i]
		at, ok := s.places[n.Name]
		same = ok && at == i
	}
	if !same {
		s.places = make(map[string]int, len(s.view.Nodes))
		s.seats = make([]seat, len(s.view.Nodes))
	}
	s.free = 0
	for i := range s.view.Nodes {
		n := &s.view.Nodes[i]
		g := s.seats[i].group
		if !same {
			s.places[n.Name] = i
			g = c.cfg.group(n.Model)
		}
		s.seats[i] = seat{node: n, group: g}
		if n.State == engine.NodeUp {
			s.free += n.GPUs - n.Busy
		}
	}
}

// read sums the readings that are fresh. What is old or not stated is not known.
func (c *core) read() {
	s := &c.sv
	clear(s.byName)
	clear(s.counted)
	last, at := "", -1
	for i := range s.readings {
		r := &s.readings[i]
		if r.Node != last || at < 0 {
			p, ok := s.places[r.Node]
			if !ok {
				continue
			}
			last, at = r.Node, p
		}
		if c.now.Sub(r.At) > c.cfg.Timing.Fresh {
			continue
		}
		n := &s.seats[at]
		if r.Has.Limit {
			if n.low == 0 || r.Limit < n.low {
				n.low = r.Limit
			}
			n.limit = max(n.limit, r.Limit)
		} else {
			n.noLim = true
		}
		if !r.Has.Draw {
			continue
		}
		n.draw += r.Draw
		n.known++
		if r.Job != "" && !r.Shared {
			n.named++
			s.byName[r.Job] += r.Draw
			s.counted[r.Job]++
		}
	}
}

// sights lists the jobs with what each draws, and sums them by contract.
func (c *core) sights() {
	s := &c.sv
	s.jobs = s.jobs[:0]
	clear(s.where)
	clear(s.draws)
	clear(s.waits)
	for i := range s.view.Jobs {
		j := &s.view.Jobs[i]
		g := sight{Job: j, tenancy: c.owner(j)}
		if running(j) {
			for _, n := range j.Nodes {
				if p, ok := s.places[n]; ok {
					s.seats[p].jobs++
				}
			}
		} else if j.State == engine.Waiting && g.tenancy >= 0 {
			s.waits[g.tenancy] += j.GPUs
		}
		s.where[j.ID] = len(s.jobs)
		s.jobs = append(s.jobs, g)
	}
	for i := range s.jobs {
		g := &s.jobs[i]
		if !running(g.Job) {
			continue
		}
		g.draw, g.known, g.shared = s.drawn(g.Job)
		if g.tenancy >= 0 {
			s.draws[g.tenancy] += c.counts(g)
		}
	}
	if c.cfg.Draw == nil {
		return
	}
	for i := range c.cfg.Tenancies {
		if p, ok := c.cfg.Draw(c.cfg.Tenancies[i].Contract.Name); ok {
			s.draws[i] = p
		}
	}
}

// load is what the GPUs of all nodes draw, IT watts. One that does not say counts at
// its default limit, and where its node is not up, as idle.
func (c *core) load() unit.Power {
	var sum unit.Power
	for i := range c.sv.seats {
		p := &c.sv.seats[i]
		sum += p.draw
		if p.group == nil {
			continue
		}
		each := p.group.Model.Idle
		if p.node.State == engine.NodeUp || p.node.State == engine.NodeDraining {
			each = p.group.Model.TDP
		}
		sum += each * unit.Power(max(0, p.node.GPUs-p.known))
	}
	return c.cfg.perWatt(sum)
}

// running reports whether a job draws power.
func running(j *engine.Job) bool { return j.State == engine.Running || j.State == engine.Stopping }

// counts is what a job counts at against a budget: what its GPUs draw, or where
// nobody knows that the most they can, and its share of the servers.
func (c *core) counts(g *sight) unit.Power {
	group := c.cfg.group(c.cfg.Tenancies[g.tenancy].Contract.Model)
	rest := (aside(group) + c.restOf(g.tenancy)) * unit.Power(g.GPUs)
	if !g.known {
		return c.cfg.each(g.tenancy) * unit.Power(g.GPUs)
	}
	return c.cfg.perWatt(g.draw) + rest
}

// drawn is the power of a job's GPUs: by their names, or of whole nodes, or its part
// of one node that it shares. Where one GPU of it does not state its power, it is not known.
func (s *survey) drawn(j *engine.Job) (draw unit.Power, known, shared bool) {
	if s.counted[j.ID] == j.GPUs && j.GPUs > 0 {
		return s.byName[j.ID], true, s.sharesNode(j)
	}
	for _, n := range j.Nodes {
		at, ok := s.places[n]
		if !ok {
			return 0, false, true
		}
		p := &s.seats[at]
		switch {
		case p.known < p.node.GPUs || p.node.GPUs == 0:
			return 0, false, p.jobs > 1
		case p.jobs == 1:
			draw += p.draw
		case len(j.Nodes) == 1 && p.node.Busy > 0:
			var idle unit.Power
			if p.group != nil {
				idle = p.group.Model.Idle
			}
			busy := p.draw - idle*unit.Power(p.node.GPUs-p.node.Busy)
			return max(0, unit.Power(unit.MulDiv(int64(busy), int64(j.GPUs), int64(p.node.Busy)))), true, true
		default:
			return 0, false, true
		}
	}
	return draw, len(j.Nodes) > 0, false
}

// sharesNode reports whether other jobs run on a node of a job.
func (s *survey) sharesNode(j *engine.Job) bool {
	for _, n := range j.Nodes {
		if at, ok := s.places[n]; !ok || s.seats[at].jobs > 1 {
			return true
		}
	}
	return false
}

// owner is the tenancy of a job: the contract that it declares, or that of its queue.
func (c *core) owner(j *engine.Job) int {
	if j.Contract != "" {
		if i, ok := c.byContract[j.Contract]; ok {
			return i
		}
		return -1
	}
	if i, ok := c.byQueue[j.Queue]; ok {
		return i
	}
	return -1
}

// uuids are the GPUs of a job on a node that it shares, as readings name them.
func (s *survey) uuids(j *engine.Job) []string {
	var out []string
	for i := range s.readings {
		if r := &s.readings[i]; r.Job == j.ID && !r.Shared && r.UUID != "" {
			out = append(out, r.UUID)
		}
	}
	if len(out) != j.GPUs {
		return nil
	}
	return out
}
