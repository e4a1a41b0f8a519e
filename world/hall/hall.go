package hall

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"sluice/gpu"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/world/jobs"
)

// moment is a time in seconds since 1970, and never the one that does not come.
type moment int64

const never moment = 1 << 60

func at(t time.Time) moment { return moment(t.Unix()) }

func (m moment) time() time.Time { return time.Unix(int64(m), 0).UTC() }

func (m moment) duration() time.Duration { return time.Duration(m) * time.Second }

// in is the moment d later, the end of a second that d does not fill.
func (m moment) in(d time.Duration) moment { return m + moment((d+time.Second-1)/time.Second) }

// fixed is what never changes once a hall was made. Clones share it.
type fixed struct {
	c       Config
	groups  []group
	tenants []contract
	order   []int // of tenants in which they are served
	perGPU  []unit.Power
	budget  unit.Power
	pools   int
}

// group is one group of servers and where they lie in the hall.
type group struct {
	hosting.Group
	pool  int
	node  int        // first server
	gpu   int        // first GPU
	rack  int        // first rack
	room  int        // busy GPUs in a rack at most
	boot  moment     // that a start takes
	share unit.Power // of the empty server, for each of its GPUs
	rest  unit.Power // that the server draws for each busy GPU beside the GPU
	saves bool       // the engine switches its empty servers off
}

// contract is one contract and what follows from it.
type contract struct {
	hosting.Contract
	pool  int
	curve gpu.Curve
	load  *jobs.Profile
	ramps []moment // when its share changes
}

// Hall is one virtual hall. One goroutine owns it; clones are independent.
type Hall struct {
	set     *fixed
	now     moment
	rest    time.Duration // below a second
	nodes   []node
	gpus    []chip
	racks   []int // busy GPUs
	pools   []pool
	tenants []tenant
	running []*work
	due     []moment // of running, at the same index
	next    moment   // earliest of due
	moves   moment   // earliest change of a server
	phase   moment   // earliest change of anything that comes from outside
	saving  moment   // earliest work of the power saving
	tires   moment   // earliest end of the patience of a job that lets others pass
	pue     unit.Ratio
	draw    unit.Power // IT
	booked  unit.Power // planning watts admitted
	owing   unit.Power // of those, wanted by work that preemptible work may not keep waiting
	wanting bool       // some work waits for servers
	peak    unit.Power // at the meter, in the last Advance
	it      unit.Energy
	idle    unit.Energy // at the meter: what no contract owns
	seq     int64       // of the next job
	version int64       // of what can be seen
	grants  []grant     // watts withheld, by event
	windows []window
	silent  bool
	records records
}

// pool is the servers of one GPU model.
type pool struct {
	free     []int // servers that take jobs, by free GPUs
	gpus     int   // free on them
	claim    int   // of those, wanted by work that preemptible work may not keep waiting
	usual    int   // GPUs on servers that are neither broken nor switched off by a command
	ready    int   // servers up and empty
	starting int   // GPUs on servers on their way to up
	asleep   int   // GPUs on servers that power saving switched off
}

// New builds a hall at its start: all servers up and empty, save those that are
// broken by the seed, and nothing running.
func New(c Config) (*Hall, error) {
	c.SaveTime = cmp.Or(c.SaveTime, defaultSave)
	c.Records = cmp.Or(c.Records, defaultRecords)
	if c.Hall.Cooling.PUE0 == 0 {
		c.Hall.Cooling.PUE0 = unit.One
	}
	if err := c.validate(); err != nil {
		return nil, err
	}
	s := &fixed{c: c, pools: len(pools(c.Hall))}
	h := &Hall{set: s, now: at(c.Start), pools: make([]pool, s.pools), next: never, records: newRecords()}
	for i := range h.pools {
		h.pools[i].free = make([]int, 1)
	}
	for _, g := range c.Hall.Groups {
		h.addGroup(g)
	}
	s.budget = cmp.Or(c.Budget, h.planned())
	for _, k := range c.Contracts {
		h.addContract(k)
	}
	for i := range h.nodes {
		h.fate(i)
	}
	slices.SortStableFunc(s.order, func(a, b int) int { return rank(s.tenants[a].Kind) - rank(s.tenants[b].Kind) })
	h.outside()
	h.settle()
	return h, nil
}

func (h *Hall) addGroup(g hosting.Group) {
	s, m := h.set, g.Model
	one := group{
		Group: g, pool: pools(s.c.Hall)[model(m.Name)], node: len(h.nodes), gpu: len(h.gpus), rack: len(h.racks), room: rackRoom(g),
		boot: moment(0).in(cmp.Or(g.Boot, defaultBoot)), share: m.Empty / unit.Power(m.PerNode), saves: g.Boot > 0,
	}
	rest := m.Node - m.Empty - unit.Power(m.PerNode)*(m.TDP-m.Idle)
	one.rest = max(0, rest) / unit.Power(m.PerNode)
	p := &h.pools[one.pool]
	for len(p.free) <= m.PerNode {
		p.free = append(p.free, 0)
	}
	index := len(s.groups)
	s.groups = append(s.groups, one)
	s.perGPU = append(s.perGPU, (m.Node+unit.Power(m.PerNode)-1)/unit.Power(m.PerNode))
	for i := range g.Nodes {
		h.addNode(index, i)
	}
	rack := max(1, g.Rack)
	h.racks = append(h.racks, make([]int, (g.Nodes+rack-1)/rack)...)
}

func (h *Hall) addContract(k hosting.Contract) {
	s := h.set
	one := contract{Contract: k, curve: s.c.Curves.For(k.Model, k.Class), load: s.c.Profiles[k.Name]}
	one.pool = pools(s.c.Hall)[model(k.Model)]
	for i := range k.Ramp {
		one.ramps = append(one.ramps, at(k.Start.AddDate(0, i+1, 0)))
	}
	t := tenant{stream: s.c.Streams[k.Name], soonest: never}
	if t.stream != nil {
		t.stream = t.stream.From(s.c.Start)
	}
	s.order = append(s.order, len(s.tenants))
	s.tenants = append(s.tenants, one)
	h.tenants = append(h.tenants, t)
}

// planned is the planning watts of all GPUs.
func (h *Hall) planned() unit.Power {
	var sum unit.Power
	for i, g := range h.set.groups {
		sum += h.set.perGPU[i] * unit.Power(g.GPUs())
	}
	return sum
}

// Clone copies the hall for another line of time.
func (h *Hall) Clone() *Hall {
	c := *h
	c.nodes, c.gpus, c.racks = slices.Clone(h.nodes), slices.Clone(h.gpus), slices.Clone(h.racks)
	c.pools, c.due = slices.Clone(h.pools), slices.Clone(h.due)
	for i := range c.pools {
		c.pools[i].free = slices.Clone(h.pools[i].free)
	}
	c.grants, c.windows = slices.Clone(h.grants), slices.Clone(h.windows)
	c.records = h.records.clone()
	c.tenants = slices.Clone(h.tenants)
	c.running = copied(h.running)
	for i := range c.tenants {
		t := &c.tenants[i]
		t.queue, t.holds, t.drains = copied(t.queue), slices.Clone(t.holds), slices.Clone(t.drains)
		if t.stream != nil {
			t.stream = t.stream.Clone()
		}
	}
	return &c
}

// copied copies work in one block: a clone has a thousand of them.
func copied(list []*work) []*work {
	block, out := make([]work, len(list)), make([]*work, len(list))
	for i, w := range list {
		block[i] = *w
		out[i] = &block[i]
	}
	return out
}

// Now is the virtual time.
func (h *Hall) Now() time.Time { return h.now.time().Add(h.rest) }

// Draw is the IT power that the hall draws now.
func (h *Hall) Draw() unit.Power { return h.draw }

// nodeName is the name of a server, such as "h100-a-0042".
func (s *fixed) nodeName(g *group, i int) string {
	return fmt.Sprintf("%s-%0*d", g.Name, max(4, len(strconv.Itoa(g.Nodes-1))), i-g.node)
}
