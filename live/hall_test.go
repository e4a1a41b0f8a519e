package live

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/loop/actuate"
	"sluice/store/sqlite"
	"sluice/unit"
	"sluice/use/mining"
	virtual "sluice/world/machine"
)

// hall is a virtual site around a Core: machines, meters, a disk and a network
// that loses, doubles and delays, all by a seeded queue of what happens when.
// There is no socket, no goroutine and no clock in it: the same seed gives the
// same run.
type hall struct {
	core    *Core
	config  Config
	units   []*dummy
	pue     float64
	rest    unit.Power // draws behind the meter and is no machine
	wire    network
	rng     *rand.Rand
	now     time.Time
	queue   agenda
	order   int64
	meters  []gaugeMeter
	journal *drawer
	plant   planted
	run     int // of the core: what is posted for an earlier run never arrives

	sent   []Order // everything that went out since forget
	alarms []Alarm
	reads  int
	quits  []string
	pulse  int                         // seconds between two readings of the meters
	judge  func(r sqlite.Record) error // another journal; nil: the drawer
	watch  func(h *hall, d Deed)       // sees every deed
}

// errGarbage stands for an answer that cannot be read.
var errGarbage = wire.ErrNotJSON

// network is what goes wrong on the way.
type network struct {
	lostOrder, lostAnswer, doubled, late, lostRead float64
	lateMost                                       time.Duration
	slow                                           time.Duration // every order takes so much longer
	restarts                                       float64       // of one machine in a day
	fast                                           float64       // share of them that are back within five seconds
}

// calm is a network on which everything arrives.
func calm() network { return network{} }

// wild is that of reference simulations: orders lost, doubled and late.
func wild() network {
	return network{lostOrder: 0.05, lostAnswer: 0.05, doubled: 0.02, late: 0.02, lostRead: 0.02, lateMost: time.Minute, restarts: 1, fast: 0.1}
}

// planted is what a shell or a core does wrong, so that a test can show that it
// would notice.
type planted struct {
	answersProve bool // a yes is told to the core as if the machine had been read
	staleReads   bool // what was read last stands for what cannot be read
}

// dummy is one machine and what stands between it and whoever asks.
type dummy struct {
	*virtual.Machine
	shape
	host  netip.Addr
	id    device.Identity
	cut   bool          // nobody reaches it
	ack   *device.Ack   // what it says instead of obeying; nil: it obeys
	fails error         // every question ends so
	pools []device.Pool // where it says that it mines
	last  *Heard
	claim *device.Reading // what it is thought to say, see planted
	dark  time.Time       // until then it does not answer after a restart
}

// due is something that happens at a time.
type due struct {
	at    time.Time
	order int64
	do    func()
}

type agenda []due

func (q agenda) Len() int { return len(q) }
func (q agenda) Less(i, j int) bool {
	if c := q[i].at.Compare(q[j].at); c != 0 {
		return c < 0
	}
	return q[i].order < q[j].order
}
func (q agenda) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *agenda) Push(x any)   { *q = append(*q, x.(due)) }
func (q *agenda) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}

// gaugeMeter is one meter of the site: it shows what was true a little while ago.
type gaugeMeter struct {
	of     func(i int) bool // machines behind it
	rest   bool             // the house load is behind it too
	scale  float64          // 1; -1 for a current transformer the wrong way round
	stuck  bool
	silent bool
	shown  unit.Power
}

// at lets something happen at a time.
func (h *hall) at(t time.Time, do func()) {
	h.order++
	heap.Push(&h.queue, due{t, h.order, do})
}

func (h *hall) in(d time.Duration, do func()) { h.at(h.now.Add(d), do) }

// post hands an event to the core of this run at a time.
func (h *hall) post(d time.Duration, e Event) {
	run := h.run
	h.in(d, func() {
		if h.run == run {
			h.tell(e)
		}
	})
}

// tell hands an event to the core now and carries its deeds out.
func (h *hall) tell(e Event) {
	for _, d := range slices.Clone(h.core.Handle(h.now, e)) {
		if h.watch != nil {
			h.watch(h, d)
		}
		h.carry(d)
	}
}

// pass lets time pass.
func (h *hall) pass(d time.Duration) { h.passUntil(h.now.Add(d)) }

func (h *hall) passUntil(end time.Time) {
	for len(h.queue) > 0 && !h.queue[0].at.After(end) {
		x := heap.Pop(&h.queue).(due)
		h.now = x.at
		x.do()
	}
	h.now = end
}

// beat ticks the core every second and reads the meters now and then, for ever.
func (h *hall) beat() {
	run := h.run
	var tick func()
	n := 0
	tick = func() {
		if h.run != run {
			return
		}
		h.tell(Tick{})
		if n%h.pulse == 2 {
			h.readMeters()
		}
		n++
		h.in(time.Second, tick)
	}
	h.in(time.Second, tick)
}

// readMeters asks every meter; each shows the mean over the last moments.
func (h *hall) readMeters() {
	for i := range h.meters {
		m := &h.meters[i]
		if m.silent {
			continue
		}
		if !m.stuck {
			m.shown = unit.Power(math.Round(m.scale * float64(h.behind(m))))
		}
		h.post(300*time.Millisecond, Metered{Meter: i, Asked: h.now, Power: device.Stated(m.shown)})
	}
}

// behind is what is truly drawn behind a meter, cooling included.
func (h *hall) behind(m *gaugeMeter) unit.Power {
	sum := 0.0
	for i, u := range h.units {
		if m.of(i) {
			sum += float64(u.State(h.now).Power) * h.pue
		}
	}
	if m.rest {
		sum += float64(h.rest)
	}
	return unit.Power(math.Round(sum))
}

// site is what is truly drawn at the connection.
func (h *hall) site() unit.Power {
	return h.behind(&gaugeMeter{of: func(int) bool { return true }, rest: true})
}

// carry carries one deed out, as the shell does: a raise waits for the disk, a
// stop does not.
func (h *hall) carry(d Deed) {
	switch d := d.(type) {
	case Read:
		h.read(d)
	case Order:
		if err := h.keep(d.Record); d.AtOnce || err == nil || !d.Raise && !errors.Is(err, sqlite.ErrEpochBack) {
			h.sent = append(h.sent, d)
			h.send(d)
		} else if errors.Is(err, sqlite.ErrEpochBack) {
			h.post(0, Said{By: "disk", What: actuate.Failed{Why: err.Error()}})
		}
	case Keep:
		_ = h.keep(d.Record)
	case Alarm:
		h.alarms = append(h.alarms, d)
	case Quit:
		h.quits = append(h.quits, d.Why)
	}
}

// keep keeps a record. A retry has none: its order is kept already.
func (h *hall) keep(r sqlite.Record) error {
	switch {
	case r.Key == "":
		return nil
	case h.judge != nil:
		return h.judge(r)
	}
	return h.journal.keep(r)
}

// chance reports true so often.
func (h *hall) chance(p float64) bool { return p > 0 && h.rng.Float64() < p }

// some is a delay that is mostly short.
func (h *hall) some(mean time.Duration) time.Duration {
	return time.Duration(h.rng.ExpFloat64() * float64(mean))
}

// send takes an order to its machine, and the answer back. What is lost on the
// way is silence after ten seconds.
func (h *hall) send(d Order) {
	const patience = 10 * time.Second
	way := 50*time.Millisecond + h.some(400*time.Millisecond) + h.wire.slow
	if h.chance(h.wire.late) {
		way += time.Duration(h.rng.Int64N(int64(h.wire.lateMost)))
	}
	u := h.units[d.Machine]
	if h.chance(h.wire.lostOrder) || u.cut {
		h.post(patience, Answered{Machine: d.Machine, Epoch: d.Epoch, Ack: device.Ack{Class: device.NoReply}})
		return
	}
	h.in(way, func() {
		a := u.apply(h.now, d.Command)
		back := h.some(300 * time.Millisecond)
		if h.chance(h.wire.lostAnswer) || way+back > patience {
			a, back = device.Ack{Class: device.NoReply}, max(0, patience-way)
		}
		h.post(back, Answered{Machine: d.Machine, Epoch: d.Epoch, Ack: a})
		if h.plant.answersProve && a.Class == device.Accepted {
			h.believe(d)
		}
	})
	if h.chance(h.wire.doubled) {
		h.in(way+time.Duration(h.rng.Int64N(int64(time.Minute))), func() { u.apply(h.now, d.Command) })
	}
}

// believe is a planted fault: the yes of a machine is told as if it had been read,
// for as long as nothing else is ordered.
func (h *hall) believe(d Order) {
	u := h.units[d.Machine]
	r := u.look(h.now)
	want := device.Running
	if d.Command.Verb == device.Sleep {
		want = device.Asleep
		r.Power, r.Hash = device.Stated(u.Spec.Standby), device.Stated(unit.Hashrate(0))
	}
	r.Intent, r.Activity, r.Uptime = device.Stated(want), device.Stated(want), device.Value[time.Duration]{}
	if d.Command.Verb == device.SetPower || d.Command.Verb == device.SetMode {
		p := u.at(d.Command.Power)
		if d.Command.Verb == device.SetMode {
			p = u.presets()[slices.IndexFunc(u.points, func(x mining.Point) bool { return x.Label == d.Command.Mode })]
		}
		r.Power, r.Limit, r.Mode = device.Stated(p.Power), device.Stated(p.Power), device.Stated(p.Name)
	}
	u.claim = &r
}

// read asks a machine how it stands.
func (h *hall) read(d Read) {
	h.reads++
	u, asked := h.units[d.Machine], h.now
	e := Heard{Machine: d.Machine, Asked: asked}
	said, heard := u.hear(asked)
	if h.chance(h.wire.lostRead) || !heard {
		e.Err = fmt.Errorf("%s: %w", u.host, context.DeadlineExceeded)
		if h.plant.staleReads && u.last != nil {
			e, e.Asked = *u.last, asked
		}
		h.post(2*time.Second, e)
		return
	}
	if d.Probe {
		id := u.id
		e.Other = &id
	}
	if u.fails != nil {
		e.Err = fmt.Errorf("read %s: %w", u.host, u.fails)
	} else {
		e.Reading = said
		if u.claim != nil {
			e.Reading = *u.claim
		}
	}
	u.last = &e
	h.post(80*time.Millisecond, e)
}

// restart lets machines restart by themselves, each about as often as declared.
func (h *hall) restart() {
	if h.wire.restarts <= 0 {
		return
	}
	for i := range h.units {
		h.nextRestart(i)
	}
}

func (h *hall) nextRestart(i int) {
	wait := h.some(time.Duration(float64(24*time.Hour) / h.wire.restarts))
	h.in(wait, func() {
		u := h.units[i]
		for u.State(h.now).Booted.Add(10 * time.Minute).After(h.now) { // one at a time
			h.nextRestart(i)
			return
		}
		gone := time.Duration(20+h.rng.IntN(280)) * time.Second
		if h.chance(h.wire.fast) {
			gone = 5 * time.Second
		}
		u.reboot(h.now, gone)
		h.nextRestart(i)
	})
}

// drawer is a journal in memory with the fence of the real one.
type drawer struct {
	records []sqlite.Stored
	current map[sqlite.Kind]map[string]int
	epochs  map[string]sqlite.Epoch
	keys    map[string]bool
	broken  error // nothing is kept
}

func newDrawer() *drawer {
	return &drawer{keys: map[string]bool{}, current: map[sqlite.Kind]map[string]int{}, epochs: map[string]sqlite.Epoch{}}
}

func (j *drawer) keep(r sqlite.Record) error {
	switch {
	case j.broken != nil:
		return j.broken
	case r.Key == "" || j.keys[r.Key]:
		return nil
	case r.Kind == sqlite.Order || r.Kind == sqlite.EpochMark:
		if c := r.Epoch.Compare(j.epochs[r.Subject]); c < 0 || c == 0 && r.Kind == sqlite.Order {
			return sqlite.ErrEpochBack
		}
		j.epochs[r.Subject] = r.Epoch
	}
	if j.current[r.Kind] == nil {
		j.current[r.Kind] = map[string]int{}
	}
	j.current[r.Kind][r.Subject], j.keys[r.Key] = len(j.records), true
	j.records = append(j.records, sqlite.Stored{Record: r, Seq: int64(len(j.records))})
	return nil
}

// Append is the journal's.
func (j *drawer) Append(_ context.Context, records ...sqlite.Record) error {
	for _, r := range records {
		if err := j.keep(r); err != nil {
			return err
		}
	}
	return nil
}

// Current is the journal's.
func (j *drawer) Current(_ context.Context, _ string, k sqlite.Kind) ([]sqlite.Stored, error) {
	var out []sqlite.Stored
	for _, n := range j.current[k] {
		out = append(out, j.records[n])
	}
	slices.SortFunc(out, func(a, b sqlite.Stored) int { return int(a.Seq - b.Seq) })
	return out, nil
}

// LastEpoch is the journal's.
func (j *drawer) LastEpoch(_ context.Context, _, subject string) (sqlite.Epoch, error) {
	return j.epochs[subject], nil
}

// of lists the bodies of the records of a subject, oldest first.
func (j *drawer) of(k sqlite.Kind, subject string) []string {
	var out []string
	for _, r := range j.records {
		if r.Kind == k && r.Subject == subject {
			out = append(out, string(r.Body))
		}
	}
	return out
}

// reborn is the site after its program died: a core of the next term that knows
// what the journal kept, and nothing else. change may spoil what it remembers.
func (h *hall) reborn(t *testing.T, change func(*Memory)) {
	t.Helper()
	m, err := Recall(t.Context(), h.journal, h.config.Site.Name)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&m)
	}
	term, err := Begin(t.Context(), h.journal, sqlite.Record{Site: h.config.Site.Name, At: h.now})
	if err != nil {
		t.Fatal(err)
	}
	h.config.Remember, h.config.Term, h.config.Begin = m, term, h.now
	if h.core, err = New(h.config); err != nil {
		t.Fatal(err)
	}
	h.run++
	h.beat()
}
