package modbus

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"sluice/loop/cycle"
	"sluice/unit"
)

// The ways in which a counter cannot be carried on. Each needs a person: look
// at the meter, then Accept.
var (
	ErrUnknown  = errors.New("the energy counter is not known")
	ErrJump     = errors.New("the energy counter rose by more than the connection can carry")
	ErrRescaled = errors.New("the energy counter is counted in other steps than before")
)

// Source is a meter as a site sees it.
type Source interface {
	Read(ctx context.Context) (Reading, error)
}

// Plant is the meter of one generation behind the site's meter.
type Plant struct {
	Name  string // as in the papers, such as "hydro/river"
	Meter Source
	Drawn bool // the meter is wired so that generation counts as import
}

// SiteConfig says which meters make up a site.
type SiteConfig struct {
	Name       string // names the source in every paper
	Revenue    Source
	ImportOnly bool       // the site never feeds in, so the export counter may be missing
	Rating     unit.Power // of the connection, and the most that any plant gives
	Plants     []Plant
	Resume     *Position // where another run of the program left off; nil: begin with what the meters show
}

// Mark is where one counter stands.
type Mark struct {
	Raw        uint64      // counts shown last
	Counts     uint64      // counts added since Base
	Base       unit.Energy // register when counting began
	Moved      time.Time   // when the counter last rose
	Width      Width
	Joules     int64 // joules of PerCounts counts
	PerCounts  int64
	Registered unit.Energy // Base and everything counted since
}

// Position is where all counters of a site stand. Kept durably, it lets the
// registers go on over a restart of the program.
type Position struct {
	At    time.Time
	Marks map[string]Mark // by "import", "export" or "own/" and the plant
}

// Site joins meters into the registers of a site and implements observe.Meter.
// Registers only rise: a counter that begins again is carried on, one that was
// reset or cannot be read is an error and changes nothing. One goroutine owns it.
type Site struct {
	config   SiteConfig
	position Position
	peak     unit.Power
	accept   bool
}

// NewSite makes a site of its meters.
func NewSite(c SiteConfig) (*Site, error) {
	var errs []error
	if c.Name == "" {
		errs = append(errs, errors.New("state a name"))
	}
	if c.Revenue == nil {
		errs = append(errs, errors.New("state the revenue meter"))
	}
	if c.Rating <= 0 {
		errs = append(errs, errors.New("state the rating of the connection: without it a reset cannot be told from energy"))
	}
	seen := map[string]bool{}
	for _, p := range c.Plants {
		if p.Name == "" || p.Meter == nil || seen[p.Name] {
			errs = append(errs, fmt.Errorf("plant %q: state a name of its own and a meter", p.Name))
		}
		seen[p.Name] = true
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("join the meters of site %q: %w", c.Name, err)
	}
	s := &Site{config: c, position: Position{Marks: map[string]Mark{}}}
	if c.Resume != nil {
		s.position = c.Resume.clone()
	}
	return s, nil
}

func (p Position) clone() Position {
	out := Position{At: p.At, Marks: make(map[string]Mark, len(p.Marks))}
	maps.Copy(out.Marks, p.Marks)
	return out
}

// Position is where the counters stand after the last Read that succeeded.
func (s *Site) Position() Position { return s.position.clone() }

// Accept lets the next Read take what the meters show as a new beginning where
// a counter cannot be carried on. Registers keep their values; the energy in
// between is not known and is not invented.
func (s *Site) Accept() { s.accept = true }

// Sample reads the revenue meter between two Reads, so that a peak is seen. An
// unknown power changes nothing.
func (s *Site) Sample(ctx context.Context) error {
	r, err := s.config.Revenue.Read(ctx)
	if err != nil {
		return fmt.Errorf("sample site %s: %w", s.config.Name, err)
	}
	s.note(r)
	return nil
}

func (s *Site) note(r Reading) {
	if r.Power.Known {
		s.peak = max(s.peak, r.Power.Value)
	}
}

// Read implements observe.Meter. The peak is the highest of the powers sampled
// since the reading before and the mean of that stretch: a polled meter cannot
// show more.
func (s *Site) Read(ctx context.Context) (cycle.Registers, error) {
	main, err := s.config.Revenue.Read(ctx)
	if err != nil {
		return cycle.Registers{}, fmt.Errorf("read site %s: %w", s.config.Name, err)
	}
	next := Position{At: main.Asked, Marks: map[string]Mark{}}
	var errs []error
	carry := func(name string, c Counter) {
		m, err := s.carried(name, c, main.Asked)
		errs = append(errs, err)
		next.Marks[name] = m
	}
	carry("import", main.Import)
	if main.Export.Known || !s.config.ImportOnly {
		carry("export", main.Export)
	}
	for _, p := range s.config.Plants {
		r, err := p.Meter.Read(ctx)
		if err != nil {
			return cycle.Registers{}, fmt.Errorf("read site %s, plant %s: %w", s.config.Name, p.Name, err)
		}
		c := r.Export
		if p.Drawn {
			c = r.Import
		}
		carry("own/"+p.Name, c)
	}
	if err := errors.Join(errs...); err != nil {
		return cycle.Registers{}, fmt.Errorf("read site %s: %w", s.config.Name, err)
	}
	s.note(main)
	return s.commit(next), nil
}

// commit makes next the position and writes the registers.
func (s *Site) commit(next Position) cycle.Registers {
	before := s.position
	s.position, s.accept = next, false
	out := cycle.Registers{At: next.At, Source: s.config.Name, Import: next.Marks["import"].Registered, Export: next.Marks["export"].Registered}
	for _, p := range s.config.Plants {
		out.Own = append(out.Own, cycle.OwnRegister{Source: p.Name, Generated: next.Marks["own/"+p.Name].Registered})
	}
	if length := next.At.Sub(before.At); !before.At.IsZero() && length > 0 {
		s.peak = max(s.peak, (out.Import - before.Marks["import"].Registered).Mean(length))
	}
	out.Peak = max(0, s.peak)
	if !before.At.Equal(next.At) {
		s.peak = 0
	}
	return out
}

// carried is the mark of a counter after c was read at the time at.
func (s *Site) carried(name string, c Counter, at time.Time) (Mark, error) {
	was, known := s.position.Marks[name]
	if !c.Known {
		return was, fmt.Errorf("%s: %w: look at the meter and its template", name, ErrUnknown)
	}
	fresh := Mark{Raw: c.Raw, Base: c.Energy, Registered: c.Energy, Moved: at, Width: c.Width, Joules: c.num, PerCounts: c.den}
	if !known {
		return fresh, nil
	}
	next, err := was.advanced(c, at, s.config.Rating)
	if err != nil && s.accept {
		fresh.Base, fresh.Registered = was.Registered, was.Registered
		return fresh, nil
	}
	if err != nil {
		return was, fmt.Errorf("%s: %w: look at the meter, then accept its new beginning", name, err)
	}
	return next, nil
}

// grace is how long a meter may take to bring its counter up to date.
const grace = 2 * time.Minute

// advanced carries a mark on to what c shows.
func (m Mark) advanced(c Counter, at time.Time, rating unit.Power) (Mark, error) {
	if m.Joules != c.num || m.PerCounts != c.den || m.Width != c.Width {
		return m, fmt.Errorf("%w: %d joules per %d counts, then %d per %d", ErrRescaled, m.Joules, m.PerCounts, c.num, c.den)
	}
	counts, err := Unwrap(m.Raw, c.Raw, c.Width)
	if err != nil {
		return m, err
	}
	added, err := c.energyOf(counts)
	most := 2*c.Step + (rating + rating/4).Over(max(0, at.Sub(m.Moved))+grace)
	switch {
	case (err != nil || added > most) && c.Raw < m.Raw:
		return m, fmt.Errorf("%w: from %d to %d, which is no beginning again within %s", ErrReset, m.Raw, c.Raw, at.Sub(m.Moved))
	case err != nil || added > most:
		return m, fmt.Errorf("%w: %d J in %s at %s", ErrJump, added, at.Sub(m.Moved), rating)
	}
	if counts > 0 {
		m.Moved = at
	}
	m.Raw, m.Counts = c.Raw, m.Counts+counts
	total, err := c.energyOf(m.Counts)
	if err != nil || m.Base+total < m.Registered {
		return m, errOverflow
	}
	m.Registered = m.Base + total
	return m, nil
}
