package live

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"sluice/device"
	"sluice/driver/crew"
	"sluice/driver/modbus"
	"sluice/loop/actuate"
	"sluice/loop/cycle"
	"sluice/loop/trust"
	"sluice/store/sqlite"
	"sluice/store/telemetry"
)

// Meter is one meter of the site; driver/modbus has it.
type Meter interface {
	Read(ctx context.Context) (modbus.Reading, error)
}

// Registers are the site's registers, which only rise.
type Registers interface {
	Read(ctx context.Context) (cycle.Registers, error)
	Position() modbus.Position
	Accept() // the next Read takes what the meters show as a new beginning
}

// Plant is everything of the outside that a site is run with.
type Plant struct {
	Clock     Clock
	Journal   Journal
	Papers    Papers // where turns are found again; nil: nobody is told of them
	Drivers   map[device.Family]device.Driver
	Opened    map[netip.Addr]device.Device               // machines that are open already
	Key       func(m Machine) (device.Credential, error) // never asked for a machine that was exchanged
	Meters    []Meter                                    // in the order of Site.Meters
	Halls     []Hall                                     // in the order of Config.Halls
	Registers Registers                                  // nil: what machines state stands in, and papers say so
	Crew      crew.Config
	Timeout   time.Duration // of one answer of a machine
	Trust     *trust.Kernel // nil: the core's own entrusting holds
	Telemetry *telemetry.DB // nil: what machines say is not kept
	Metrics   *telemetry.Metrics
	Version   string       // of the program, for people; empty: not told
	Data      string       // directory in which witnesses keep what they learned; empty: they do not
	Note      func(Notice) // told of everything that a person may want to see, one at a time; nil: nobody
}

// Notice is one line for a person.
type Notice struct {
	At   time.Time
	Code string
	Text string
}

// Site runs one site. Run owns the core and everything that reaches outside.
type Site struct {
	core    *Core
	plant   Plant
	events  chan Event
	urgent  chan request
	hands   []hand
	crew    *crew.Crew
	keeper  *keeper
	fence   *fence
	turns   *turns
	gauge   *gauge
	court   *court
	trustee *trustee      // nil: every machine is entrusted as the core says
	wall    time.Duration // of a tick
	over    chan struct{} // closed when the core takes nothing more
	anew    chan struct{} // somebody wants the site to begin anew
	recount atomic.Bool   // the meters begin anew at the next reading
	beats   atomic.Int64  // seconds that were lived through

	proven, missed int64 // as the program's figures last said

	asked   sync.WaitGroup // halls
	telling sync.Mutex     // guards notices
	notices []Notice       // the last ones, oldest first
}

// request is something that a person wants of the core, in its goroutine.
type request struct {
	do   func(now time.Time)
	done chan struct{}
}

// queue bounds what waits for the core. Who finds it full waits: machines are
// read later, and nothing is lost.
const queue = 4096

// Start makes a site of a core and its plant. t turns the wheel; nil: nothing is
// planned, and people alone move machines.
func Start(c *Core, p Plant, t *Turning) (*Site, error) {
	if p.Journal == nil || p.Key == nil || len(p.Meters) != len(c.cfg.Site.Meters) || len(p.Halls) != len(c.cfg.Halls) {
		return nil, errors.New("start a site: a journal, a key, and a meter and a hall for each that the site declares are needed")
	}
	s := &Site{
		core: c, plant: p, events: make(chan Event, queue), urgent: make(chan request, 64),
		hands: make([]hand, len(c.machines)), crew: crew.New(p.Crew), wall: p.Clock.Wall(time.Second), over: make(chan struct{}), anew: make(chan struct{}, 1),
	}
	s.keeper, s.fence = newKeeper(p.Journal), newFence(len(c.machines))
	s.gauge = newGauge(p.Telemetry, c.cfg)
	var err error
	if s.court, err = newCourt(c); err != nil {
		return nil, fmt.Errorf("start a site: %w", err)
	}
	s.court.recall(archive{dir: p.Data, note: func(code, text string) { s.note(Notice{At: p.Clock.Now(), Code: code, Text: text}) }}, p.Clock.Now())
	if p.Trust != nil {
		s.trustee = &trustee{kernel: p.Trust}
	}
	s.keeper.took = p.Metrics.Appended
	s.keeper.failed = s.unkept
	s.keeper.refused = s.overruled
	for i, m := range c.cfg.Machines {
		s.hands[i].dev = p.Opened[m.Host]
	}
	if t != nil {
		s.turns = newTurns(*t)
	}
	return s, nil
}

// Run runs the site until ctx ends, and closes every session then.
func (s *Site) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	parts := 0
	ended := make(chan error, 8)
	begin := func(part func(context.Context) error) {
		parts++
		go func() { ended <- part(ctx) }()
	}
	begin(s.crew.Run)
	begin(s.keeper.run)
	begin(s.pollMeters)
	begin(func(ctx context.Context) error { return s.court.run(ctx, s.post) })
	begin(func(ctx context.Context) error {
		return s.gauge.run(ctx, func(err error) { s.note(Notice{At: s.plant.Clock.Now(), Code: "telemetry", Text: err.Error()}) })
	})
	begin(s.loop)
	var first error
	for range parts {
		if err := <-ended; err != nil && first == nil && !errors.Is(err, context.Canceled) {
			first = err
		}
		cancel(first)
	}
	s.asked.Wait()
	s.release(context.WithoutCancel(ctx))
	return first
}

// loop owns the core.
func (s *Site) loop(ctx context.Context) error {
	defer close(s.over)
	ticker := time.NewTicker(max(10*time.Millisecond, s.wall))
	defer ticker.Stop()
	last := s.plant.Clock.Now()
	if err := s.trust(ctx, trust.Versions{Agree: true, Says: "one program runs everything"}); err != nil {
		s.note(Notice{At: last, Code: "mode", Text: err.Error()})
	}
	for {
		select { // what a person wants goes first
		case r := <-s.urgent:
			r.serve(s.plant.Clock.Now())
			continue
		default:
		}
		select {
		case r := <-s.urgent:
			r.serve(s.plant.Clock.Now())
		case e := <-s.events:
			s.handle(ctx, e)
		case <-ticker.C:
			last = s.beat(ctx, last)
		case <-s.anew:
			return ErrAnew
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// ErrAnew says that the site shall begin anew from what it kept, because its list
// of machines has changed.
var ErrAnew = errors.New("the site begins anew")

// beat lets every second pass that has passed on the site's clock.
func (s *Site) beat(ctx context.Context, last time.Time) time.Time {
	now := s.plant.Clock.Now()
	for ; !last.Add(time.Second).After(now); last = last.Add(time.Second) {
		s.handle(ctx, Tick{})
	}
	s.watchTrust(ctx)
	s.gauge.tick(s.core, now)
	s.court.hear(s.core, now)
	s.measure(now.Sub(last))
	s.turn(ctx, now)
	s.beats.Add(1) // last of all: a beat that did not end is none
	return last
}

// Beats counts how often the site has lived through its seconds. Who watches it
// and sees no more of them must end the program: it comes up again and knows.
func (s *Site) Beats() int64 { return s.beats.Load() }

// unkept lets the kernel only lower from here on: what cannot be kept is not raised.
func (s *Site) unkept(err error) {
	s.note(Notice{At: s.plant.Clock.Now(), Code: "cannot_keep", Text: err.Error()})
	s.post(Said{By: "disk", What: actuate.Failed{Why: err.Error()}})
}

// overruled tells of a record that the journal refused. Where another controller
// is in charge, nothing is raised here any more.
func (s *Site) overruled(err error) {
	if errors.Is(err, sqlite.ErrEpochBack) {
		s.unkept(err)
		return
	}
	s.note(Notice{At: s.plant.Clock.Now(), Code: "record_refused", Text: err.Error()})
}

func (r request) serve(now time.Time) {
	r.do(now)
	close(r.done)
}

// Do lets f see and change the core, in its goroutine. It waits until that is done.
func (s *Site) Do(ctx context.Context, f func(c *Core, now time.Time)) error {
	r := request{done: make(chan struct{}), do: func(now time.Time) { f(s.core, now) }}
	select {
	case s.urgent <- r:
	case <-ctx.Done():
		return fmt.Errorf("ask the site: %w", context.Cause(ctx))
	}
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("ask the site: %w", context.Cause(ctx))
	}
}

// Say hands what a person did to the core, and carries out what follows.
func (s *Site) Say(ctx context.Context, e Said) error {
	return s.Do(ctx, func(*Core, time.Time) { s.handle(ctx, e) })
}

// handle lets the core take an event, and carries its deeds out.
func (s *Site) handle(ctx context.Context, e Event) {
	now, began := s.plant.Clock.Now(), time.Now()
	if h, is := e.(Heard); is {
		s.gauge.heard(h)
	}
	s.count(e)
	s.court.forgive(e)
	deeds := slices.Clone(s.core.Handle(now, e)) // what follows may handle again
	s.plant.Metrics.Step(time.Since(began))
	for _, d := range deeds {
		s.counted(d)
		s.carry(ctx, d)
	}
}

// carry carries one deed out.
func (s *Site) carry(ctx context.Context, d Deed) {
	switch d := d.(type) {
	case Read:
		if !s.crew.Read(d.Machine, s.host(d.Machine), func(ctx context.Context) { s.read(ctx, d) }) {
			s.core.machines[d.Machine].asking = false
		}
	case Order:
		s.order(d)
	case Attend:
		s.asked.Go(func() { s.attend(ctx, d.Hall) })
	case Steer:
		s.keeper.keep(item{record: d.Record, then: func() { go s.steer(ctx, d) }, lowers: !d.Raise})
	case Keep:
		s.keeper.keep(item{record: d.Record, then: s.already(d.Record)})
	case Alarm:
		s.note(Notice{At: s.plant.Clock.Now(), Code: d.Code, Text: d.Text})
	case Quit:
		s.note(Notice{At: s.plant.Clock.Now(), Code: "shed_only", Text: d.Why + ": nothing is raised until the program was started again"})
	}
}

func (s *Site) host(i int) netip.Addr { return s.core.cfg.Machines[i].Host }

// order hands an order to the crew: a raise when its record is kept, a lowering
// then or when the disk refuses, a stop at once. What a newer order overtook is
// not sent any more.
func (s *Site) order(d Order) {
	if !s.fence.give(d) {
		return
	}
	send := func() { // by the keeper, or by the core itself, which must not wait for itself
		if !s.fence.newest(d) {
			select {
			case s.events <- Answered{Machine: d.Machine, Epoch: d.Epoch, Ack: device.Ack{Class: device.NotSent, Text: "a newer order took its place"}}:
			default: // without the answer it counts as one that may still act
			}
			return
		}
		err := s.crew.Command(d.Machine, s.host(d.Machine), d.Weight, func(ctx context.Context) { s.command(ctx, d) })
		if err != nil {
			s.note(Notice{At: s.plant.Clock.Now(), Code: "not_sent", Text: fmt.Sprintf("%s: %v", s.host(d.Machine), err)})
		}
	}
	kept := func() { s.fence.kept(d.Machine, d.Epoch) }
	switch {
	case d.AtOnce:
		send()
		s.keeper.keep(item{record: d.Record, then: kept})
	case d.Record.Key == "":
		send()
	case d.Raise:
		s.keeper.keep(item{record: d.Record, then: func() { kept(); send() }})
	default:
		s.keeper.keep(item{record: d.Record, then: send, lowers: true})
	}
}

// noticesMost bounds the notices that are kept for whoever asks.
const noticesMost = 500

// note tells a person and remembers it for a while.
func (s *Site) note(n Notice) {
	s.telling.Lock()
	defer s.telling.Unlock()
	s.notices = append(s.notices, n)
	if len(s.notices) > noticesMost {
		s.notices = slices.Delete(s.notices, 0, len(s.notices)-noticesMost)
	}
	if s.plant.Note != nil {
		s.plant.Note(n)
	}
}

// Notices are the last ones, oldest first.
func (s *Site) Notices() []Notice {
	s.telling.Lock()
	defer s.telling.Unlock()
	return append([]Notice{}, s.notices...)
}

// post hands an event to the core. When the queue is full it waits: whoever reads
// machines and meters then does so more slowly, and nothing is lost.
func (s *Site) post(e Event) {
	select {
	case s.events <- e:
	case <-s.over: // nobody listens any more
	}
}
