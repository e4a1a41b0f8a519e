package live

import (
	"strings"
	"testing"
	"time"

	"sluice/device"
	"sluice/loop/actuate"
	"sluice/loop/verify"
	"sluice/store/sqlite"
	"sluice/unit"
	virtual "sluice/world/machine"
)

// ill is something that is wrong with one machine, and what it is called.
type ill struct {
	sentence string
	spoil    func(h *hall, u *dummy)
	want     Trouble
	within   time.Duration
	before   func(c *Config, victim int) // what is known before the start
}

// patient is the machine that something is wrong with.
const patient = 5

func refusing(why device.RefusedReason) func(*hall, *dummy) {
	return func(_ *hall, u *dummy) { u.ack = &device.Ack{Class: device.Refused, Reason: why} }
}

func failing(err error) func(*hall, *dummy) { return func(_ *hall, u *dummy) { u.fails = err } }

// meddle lets somebody else set a machine to another level every two minutes.
func meddle(h *hall, u *dummy) {
	h.in(2*time.Minute, func() {
		if s := u.State(h.now); s.Intent == device.Running {
			u.SetLevel(h.now, u.at(u.points[0].Power), false)
		}
		meddle(h, u)
	})
}

func ills() []ill {
	m := time.Minute
	return []ill{
		{"it refuses the password", refusing(device.BadAuth), WrongPassword, 10 * m, nil},
		{"it refuses the password already when it is read", failing(device.ErrAuth), WrongPassword, 2 * m, nil},
		{"its write interface is locked", refusing(device.Locked), WritesLocked, 10 * m, nil},
		{"somebody else holds its session", refusing(device.Busy), HeldByOther, 10 * m, nil},
		{"its clock is wrong", refusing(device.BadClock), ClockSkew, 10 * m, nil},
		{"it cannot do that", refusing(device.Unsupported), Unsupported, 10 * m, nil},
		{"it answers orders with what cannot be read", func(_ *hall, u *dummy) { u.ack = &device.Ack{Class: device.Garbled} }, Garbled, 10 * m, nil},
		{"it answers questions with what cannot be read", failing(errGarbage), Garbled, 2 * m, nil},
		{"it does not answer", func(_ *hall, u *dummy) { u.cut = true }, SilentMachine, 2 * m, nil},
		{"it says yes and does nothing", func(_ *hall, u *dummy) { u.ack = &device.Ack{Class: device.Accepted} }, NoObedience, 20 * m, nil},
		{"it says that it runs and stays asleep", func(_ *hall, u *dummy) { u.Break(virtual.Faults{Lies: 1}) }, NoWork, 40 * m, nil},
		{"another machine stands there", func(_ *hall, u *dummy) { u.id.MAC = "02:ff:00:00:00:01" }, Replaced, 11 * m, nil},
		{"somebody else put it to sleep", func(h *hall, u *dummy) { u.Wake(h.now, false); h.in(5*m, func() { u.Sleep(h.now) }) }, SleptByOther, 10 * m, nil},
		{"another controller changes its settings", meddle, Contended, 30 * m, nil},
		{"it mines for somebody else", func(_ *hall, u *dummy) {
			u.pools = []device.Pool{{URL: "stratum+tcp://thief.example:3333", Worker: "x"}}
		}, OtherPool, m, nil},
		{"it answers at another address too", nil, Duplicate, m, func(c *Config, i int) { c.Machines[i].Twin = "10.9.9.9" }},
	}
}

// TestIlls: whatever is wrong with a machine has a name and a remedy, is kept, and
// ends its raises; the others run on.
func TestIlls(t *testing.T) {
	t.Parallel()
	for _, c := range ills() {
		t.Run(c.sentence, func(t *testing.T) {
			t.Parallel()
			p := few(20)
			p.change = func(k *Config) {
				a, err := verify.Allow("stratum+tcp://pool.example:3333", "site.*")
				if err != nil {
					t.Fatal(err)
				}
				k.Pools = []verify.Allowed{a}
				if c.before != nil {
					c.before(k, patient)
				}
			}
			h := p.build(t)
			for _, u := range h.units {
				u.pools = []device.Pool{{URL: "stratum+tcp://pool.example:3333", Worker: "site.1"}}
			}
			target := 30 * unit.Kilowatt // most sleep
			h.steer(func() unit.Power { return target }, 5*time.Minute)
			h.pass(40 * time.Minute)
			target = h.config.Site.Connection.Import
			c.suffer(t, h)
		})
	}
}

// suffer lets it happen and looks what comes of it.
func (c ill) suffer(t *testing.T, h *hall) {
	t.Helper()
	u, name := h.units[patient], h.config.Machines[patient].Name()
	if c.want != Duplicate && c.want != SleptByOther && c.want != Contended && !h.asleep(patient) {
		t.Fatal("it is not asleep, so nobody would raise it")
	}
	if c.spoil != nil {
		c.spoil(h, u)
	}
	began := h.now
	for h.core.machines[patient].trouble != c.want && h.now.Sub(began) < c.within {
		h.pass(time.Second)
	}
	if got := h.core.machines[patient].trouble; got != c.want {
		t.Fatalf("after %v its state is %q, want %q", c.within, got, c.want)
	}
	took := h.now.Sub(began)
	highest := highestEpoch(h.ordersTo(patient))
	h.sent = nil
	h.pass(time.Duration(length(40, 120)) * time.Minute)
	retries := 0
	for _, o := range h.ordersTo(patient) {
		switch {
		case c.want == Duplicate:
			t.Errorf("a machine at two addresses was ordered %+v", o)
		case !o.Raise:
		case o.Epoch.Compare(highest) > 0:
			t.Errorf("it was raised again: %+v", o)
		default:
			retries++
		}
	}
	if retries > 15 {
		t.Errorf("one raise was repeated %d times in two hours", retries)
	}
	c.kept(t, h, name)
	healthy := 0
	for i := range h.units {
		if i != patient && !h.asleep(i) {
			healthy++
		}
	}
	if healthy < len(h.units)*2/3 {
		t.Errorf("only %d of the others run", healthy)
	}
	t.Logf("named %s after %v; the raise was repeated %d times; %s", c.want, took.Truncate(time.Second), retries, c.want.Remedy())
}

// kept looks for the record, the alarm, the status and the remedy.
func (c ill) kept(t *testing.T, h *hall, name string) {
	t.Helper()
	if r := h.journal.of(sqlite.Trouble, name); len(r) == 0 || !strings.Contains(r[len(r)-1], string(c.want)) || !strings.Contains(r[len(r)-1], "remedy") {
		t.Errorf("kept is %v", r)
	}
	told := false
	for _, a := range h.alarms {
		told = told || a.Machine == patient && a.Code == string(c.want) && strings.Contains(a.Text, c.want.Remedy())
	}
	if !told {
		t.Errorf("nobody was told: %+v", h.alarms)
	}
	shown := false
	for _, x := range h.core.Status(h.now).Troubles {
		shown = shown || x.Machine == name && x.Code == c.want && x.Remedy != ""
	}
	if !shown || c.want.Remedy() == Trouble("?").Remedy() {
		t.Errorf("the status does not show it, or has no remedy for it")
	}
}

func highestEpoch(all []Order) actuate.Epoch {
	var e actuate.Epoch
	for _, o := range all {
		if o.Epoch.Compare(e) > 0 {
			e = o.Epoch
		}
	}
	return e
}

// TestSickMeters: a meter that shows what is not there is named, kept, and nothing
// rises behind it.
func TestSickMeters(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		spoil func(m *gaugeMeter)
		want  verify.Code
	}{
		"its current transformers are turned round": {func(m *gaugeMeter) { m.scale = -1 }, verify.MeterSwapped},
		"it shows one number for ever":              {func(m *gaugeMeter) { m.stuck = true }, verify.MeterStuck},
		"it is wrong by ten":                        {func(m *gaugeMeter) { m.scale = 0.1 }, verify.MeterScaled},
		"it is silent":                              {func(m *gaugeMeter) { m.silent = true }, verify.MeterStale},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			h := few(21).build(t)
			h.hold(t)
			target := 40 * unit.Kilowatt
			h.steer(func() unit.Power { return target }, 5*time.Minute)
			h.pass(40 * time.Minute)
			c.spoil(&h.meters[0])
			target = 25 * unit.Kilowatt // the load must move for a meter to be seen to stand still
			h.pass(20 * time.Minute)
			if !h.core.found[0][c.want] {
				t.Fatalf("found is %v", h.core.found[0])
			}
			if r := h.journal.of(sqlite.Trouble, "behind virtual"); len(r) == 0 || !strings.Contains(strings.Join(r, ""), string(c.want)) || !strings.Contains(r[0], "remedy") {
				t.Errorf("kept is %v", r)
			}
			h.sent = nil
			target = h.config.Site.Connection.Import
			h.pass(time.Hour)
			for _, o := range h.sent {
				if o.Raise {
					t.Fatalf("behind a sick meter %+v was sent", o)
				}
			}
			h.meters[0] = gaugeMeter{of: func(int) bool { return true }, rest: true, scale: 1}
			h.pass(time.Hour)
			if got := h.running(); got < len(h.units)*3/4 {
				t.Errorf("the meter is well again, and %d machines run", got)
			}
		})
	}
}

// hold lets the witnesses judge every ten seconds, as the shell does.
func (h *hall) hold(t *testing.T) {
	t.Helper()
	court, err := newCourt(h.core)
	if err != nil {
		t.Fatal(err)
	}
	var sit func()
	sit = func() {
		court.hear(h.core, h.now)
		for len(court.in) > 0 {
			x := <-court.in
			if r, err := x.seat.witness.Round(x.round); err == nil {
				h.tell(witnessed{group: x.seat.group, meters: x.seat.meters, report: r})
			}
		}
		h.in(hearingPace, sit)
	}
	sit()
}

// TestTwins: one machine adopted at several addresses is known at all of them.
func TestTwins(t *testing.T) {
	t.Parallel()
	h := few(1).build(t)
	all := h.config.Machines
	all[3].Identity = all[7].Identity
	all[9].Identity.MAC, all[9].Identity.Serial = "", "S1"
	all[11].Identity.MAC, all[11].Identity.Serial = "", "S1"
	all[12].Identity.MAC, all[13].Identity.MAC = "", "" // nobody knows
	twin(all)
	for i, m := range all {
		want := map[int]string{3: all[7].Name(), 7: all[3].Name(), 9: all[11].Name(), 11: all[9].Name()}[i]
		if m.Twin != want {
			t.Errorf("machine %d has the twin %q, want %q", i, m.Twin, want)
		}
	}
}
