package modbus

import (
	"context"
	"errors"
	"math/big"
	"net"
	"time"
)

// Seen is one register as the meter stated it, for who sets a meter up.
type Seen struct {
	Register Register
	Words    []uint16 // as they came; nil where the meter gave none
	Scaled   string   // raw number times scale, in the unit of the template, before transformers and sign; a text for a serial number
	Err      error    // why its value is not known
}

// Look reads everything that the template maps, the serial number too, and shows
// beside the reading what stood in each register. Errors are those of Read.
func (m *Meter) Look(ctx context.Context) (Reading, []Seen, error) {
	ctx, cancel := context.WithTimeout(ctx, m.options.Timeout)
	defer cancel()
	out := Reading{Asked: m.options.Now()}
	conn, err := m.network.Dial(ctx, m.options.Host, m.options.Port)
	if err != nil {
		return Reading{}, nil, m.failed(ctx, err)
	}
	defer conn.Close() //nolint:errcheck // nothing is written that its end could lose
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	all, err := m.see(conn, &out)
	if err != nil {
		return Reading{}, nil, m.failed(ctx, err)
	}
	return out, all, nil
}

// see asks for all registers. Exceptions to all requests are an error.
func (m *Meter) see(conn net.Conn, out *Reading) ([]Seen, error) {
	var all []Seen
	requests := spans(m.template.Registers, m.template.Largest, m.template.Gap)
	var refusals []error
	for i, s := range requests {
		words, err := m.ask(conn, uint16(i+1), s) //nolint:gosec // as many as quantities at most
		no, is := errors.AsType[Exception](err)
		if err != nil && !is {
			return nil, err
		}
		if is {
			refusals = append(refusals, no)
		}
		for _, r := range s.members {
			if is {
				out.miss(r.Quantity, no)
				all = append(all, Seen{Register: r, Err: no})
				continue
			}
			all = append(all, m.seen(out, r, s.words(words, r)))
		}
	}
	if len(refusals) == len(requests) {
		return nil, refusals[0]
	}
	return all, nil
}

// seen is one register, and enters its value.
func (m *Meter) seen(out *Reading, r Register, words []uint16) Seen {
	s, faults := Seen{Register: r, Words: words}, len(out.Faults)
	m.take(out, r, words)
	if len(out.Faults) > faults {
		s.Err = out.Faults[faults].Cause
	}
	if r.Quantity == Serial {
		s.Scaled = out.Serial
		return s
	}
	if v, err := r.raw(words, m.template.Extremes); err == nil {
		s.Scaled = places(v.Mul(v, r.Scale.rat()), max(0, r.Scale.Places))
	}
	return s
}

// places writes a number with so many decimal places; a float has three.
func places(v *big.Rat, n int) string {
	if !v.IsInt() && n == 0 {
		n = 3
	}
	return v.FloatString(n)
}
