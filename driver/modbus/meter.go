package modbus

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"net"
	"time"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
)

// ErrSilent says that a meter did not answer in time.
var ErrSilent = errors.New("the meter did not answer in time")

// Transformer is the ratio of an instrument transformer, such as 2000 to 5.
type Transformer struct {
	Primary   int64
	Secondary int64
}

func (t Transformer) rat() *big.Rat {
	if t == (Transformer{}) {
		return big.NewRat(1, 1)
	}
	return big.NewRat(t.Primary, t.Secondary)
}

// Options says where a meter is reached and how it is wired.
type Options struct {
	Host    string      // IP address in a declared network
	Port    int         // zero: the template's
	Unit    uint8       // zero: the template's
	Current Transformer // required exactly when the template reads behind the transformers
	Voltage Transformer // likewise; zero there means measured directly
	Rating  unit.Power  // of the connection; zero: any power is believed
	Timeout time.Duration
	Now     func() time.Time // nil: the wall clock
}

// Meter is one meter behind its template. It keeps no state and no connection,
// so it may be used from several goroutines, though few meters bear that.
type Meter struct {
	network  *wire.Network
	template Template
	options  Options
}

// New makes a meter. It refuses an address outside the declared networks and
// ratios that do not fit the template.
func New(n *wire.Network, t Template, o Options) (*Meter, error) {
	var errs []error
	if !n.Holds(o.Host) {
		errs = append(errs, fmt.Errorf("host %q: %w: declare its network or correct the address", o.Host, wire.ErrOutside))
	}
	for name, ratio := range map[string]Transformer{"current": o.Current, "voltage": o.Voltage} {
		if ratio != (Transformer{}) && (ratio.Primary <= 0 || ratio.Secondary <= 0) {
			errs = append(errs, fmt.Errorf("%s transformer %d to %d: state both sides above zero", name, ratio.Primary, ratio.Secondary))
		}
	}
	stated := o.Current != Transformer{} || o.Voltage != Transformer{}
	if t.Secondary && o.Current == (Transformer{}) {
		errs = append(errs, fmt.Errorf("template %s states values behind the transformers: state the ratio of the current transformers, 1 to 1 for none", t.Name))
	}
	if !t.Secondary && stated {
		errs = append(errs, fmt.Errorf("template %s states values before the transformers, the meter knows their ratio: leave the ratios out", t.Name))
	}
	if len(t.Registers) == 0 {
		errs = append(errs, errors.New("the template maps nothing: read it with Parse or Shipped"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("open meter %s: %w", o.Host, err)
	}
	return &Meter{network: n, template: t, options: o.withDefaults(t)}, nil
}

func (o Options) withDefaults(t Template) Options {
	if o.Port == 0 {
		o.Port = t.Port
	}
	if o.Unit == 0 {
		o.Unit = t.Unit
	}
	if o.Timeout <= 0 {
		o.Timeout = 5 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// Template is what the meter is read by.
func (m *Meter) Template() Template { return m.template }

// ratio is what a stated value is multiplied by, for the transformers.
func (m *Meter) ratio(q Quantity) *big.Rat {
	switch q {
	case ActivePower, EnergyImport, EnergyExport:
		return new(big.Rat).Mul(m.options.Current.rat(), m.options.Voltage.rat())
	case VoltageL1, VoltageL2, VoltageL3:
		return m.options.Voltage.rat()
	case Frequency, PowerFactor, Serial:
	}
	return big.NewRat(1, 1)
}

// Read reads everything that the template maps, but the serial number, in one
// connection. An exception of the meter to one request leaves its quantities
// unknown and goes on; silence, garbled bytes, or exceptions to all are errors.
func (m *Meter) Read(ctx context.Context) (Reading, error) {
	var wanted []Register
	for _, r := range m.template.Registers {
		if r.Quantity != Serial {
			wanted = append(wanted, r)
		}
	}
	return m.read(ctx, wanted)
}

// Identify reads who the meter is. Without a mapped serial number the identity
// is weak.
func (m *Meter) Identify(ctx context.Context) (device.Identity, error) {
	id := device.Identity{Maker: m.template.Maker, Model: m.template.Name, Weak: true}
	r, ok := m.template.Register(Serial)
	if !ok {
		return id, nil
	}
	got, err := m.read(ctx, []Register{r})
	if err != nil {
		return device.Identity{}, err
	}
	id.Serial, id.Weak = got.Serial, got.Serial == ""
	return id, nil
}

// read asks for the registers wanted, in one connection.
func (m *Meter) read(ctx context.Context, wanted []Register) (Reading, error) {
	ctx, cancel := context.WithTimeout(ctx, m.options.Timeout)
	defer cancel()
	out := Reading{Asked: m.options.Now()}
	conn, err := m.network.Dial(ctx, m.options.Host, m.options.Port)
	if err != nil {
		return Reading{}, m.failed(ctx, err)
	}
	defer conn.Close() //nolint:errcheck // nothing is written that its end could lose
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	requests := spans(wanted, m.template.Largest, m.template.Gap)
	refused := 0
	for i, s := range requests {
		words, err := m.ask(conn, uint16(i+1), s) //nolint:gosec // as many as quantities at most
		if no, is := errors.AsType[Exception](err); is {
			refused++
			for _, r := range s.members {
				out.miss(r.Quantity, no)
			}
			continue
		}
		if err != nil {
			return Reading{}, m.failed(ctx, err)
		}
		for _, r := range s.members {
			m.take(&out, r, s.words(words, r))
		}
	}
	if refused == len(requests) {
		return Reading{}, m.failed(ctx, out.Faults[0].Cause)
	}
	return out, nil
}

// ask is one request and its answer.
func (m *Meter) ask(conn net.Conn, transaction uint16, s span) ([]uint16, error) {
	if _, err := conn.Write(framed(m.template.RTU, transaction, question(m.options.Unit, s))); err != nil {
		return nil, err
	}
	return answer(conn, m.template.RTU, transaction, m.options.Unit, s)
}

// failed says what failed on which meter and what to do.
func (m *Meter) failed(ctx context.Context, err error) error {
	where := fmt.Sprintf("read meter %s:%d unit %d by %s", m.options.Host, m.options.Port, m.options.Unit, m.template.Name)
	if cause := context.Cause(ctx); cause != nil {
		return fmt.Errorf("%s: %w (%w): is it powered and is the unit number right?", where, ErrSilent, cause)
	}
	return fmt.Errorf("%s: %w", where, err)
}
