package snmp

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/gosnmp/gosnmp"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
)

// ErrSilent says that a strip did not answer in time: absent, wrong community,
// or a lost datagram. It says nothing about the load.
var ErrSilent = errors.New("the strip did not answer in time")

// Why a value is not known.
var (
	errMissing = errors.New("the strip has no such object")
	errNumber  = errors.New("not a number")
	errBounds  = errors.New("beyond the bounds of the template")
)

// outletsMax bounds how many outlets one Read asks for, chunk how many objects
// travel in one datagram.
const (
	outletsMax = 128
	chunk      = 24
)

// Security is what SNMP 3 asks for. The zero value selects SNMP 2c.
type Security struct {
	User       string
	AuthBy     string // SHA, SHA224, SHA256, SHA384, SHA512 or MD5; empty: no authentication
	AuthSecret device.Secret
	PrivBy     string // AES, AES192, AES256 or DES; empty: no privacy
	PrivSecret device.Secret
}

// Options says where a strip is reached.
type Options struct {
	Host      string // IP address in a declared network
	Port      int    // zero: 161
	Community device.Secret
	Security  Security
	Outlets   []int         // numbers of the outlets to read
	Timeout   time.Duration // of a whole Read; zero: five seconds
	Now       func() time.Time
}

// Reading is what a strip stated in answer to one Read.
type Reading struct {
	Asked   time.Time
	Power   device.Value[unit.Power]
	Energy  device.Value[unit.Energy] // cumulative, resettable on many strips
	Raw     uint64                    // the energy counter as it came, before scale and unit
	Serial  string
	Outlets []Outlet // in the order of the options
	Faults  []Fault
}

// Outlet is one outlet.
type Outlet struct {
	Number int
	Power  device.Value[unit.Power]
}

// Fault says why something that the template maps is not known.
type Fault struct {
	What  string // quantity, and number of the outlet
	Cause error
}

// String is the fault for people.
func (f Fault) String() string { return fmt.Sprintf("%s: %v", f.What, f.Cause) }

// Strip is one power strip behind its template. It keeps no state.
type Strip struct {
	network  *wire.Network
	template Template
	options  Options
}

// New makes a strip. It refuses an address outside the declared networks.
func New(n *wire.Network, t Template, o Options) (*Strip, error) {
	var errs []error
	if !n.Holds(o.Host) {
		errs = append(errs, fmt.Errorf("host %q: %w: declare its network or correct the address", o.Host, wire.ErrOutside))
	}
	if len(t.Objects) == 0 {
		errs = append(errs, errors.New("the template maps nothing: read it with Parse or Shipped"))
	}
	if o.Community == "" && o.Security.User == "" {
		errs = append(errs, errors.New("state a community for SNMP 2c or a user for SNMP 3"))
	}
	if _, ok := t.Object(OutletPower); !ok && len(o.Outlets) > 0 {
		errs = append(errs, fmt.Errorf("template %s maps no outlets: leave them out", t.Name))
	}
	if len(o.Outlets) > outletsMax {
		errs = append(errs, fmt.Errorf("%d outlets, %d at most: declare the strips apart", len(o.Outlets), outletsMax))
	}
	errs = append(errs, o.Security.validate())
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("open strip %s: %w", o.Host, err)
	}
	if o.Port == 0 {
		o.Port = 161
	}
	if o.Timeout <= 0 {
		o.Timeout = 5 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Strip{network: n, template: t, options: o}, nil
}

func authProtocols() map[string]gosnmp.SnmpV3AuthProtocol {
	return map[string]gosnmp.SnmpV3AuthProtocol{
		"": gosnmp.NoAuth, "MD5": gosnmp.MD5, "SHA": gosnmp.SHA, "SHA224": gosnmp.SHA224, "SHA256": gosnmp.SHA256, "SHA384": gosnmp.SHA384, "SHA512": gosnmp.SHA512,
	}
}

func privProtocols() map[string]gosnmp.SnmpV3PrivProtocol {
	return map[string]gosnmp.SnmpV3PrivProtocol{"": gosnmp.NoPriv, "DES": gosnmp.DES, "AES": gosnmp.AES, "AES192": gosnmp.AES192, "AES256": gosnmp.AES256}
}

func (s Security) validate() error {
	if s == (Security{}) {
		return nil
	}
	var errs []error
	if s.User == "" {
		errs = append(errs, errors.New("SNMP 3 needs a user"))
	}
	if _, ok := authProtocols()[s.AuthBy]; !ok || s.AuthBy == "" && s.PrivBy != "" {
		errs = append(errs, fmt.Errorf("authentication %q: write SHA, SHA224, SHA256, SHA384, SHA512 or MD5", s.AuthBy))
	}
	if _, ok := privProtocols()[s.PrivBy]; !ok {
		errs = append(errs, fmt.Errorf("privacy %q: write AES, AES192, AES256 or DES", s.PrivBy))
	}
	if s.AuthBy != "" && len(s.AuthSecret) < 8 || s.PrivBy != "" && len(s.PrivSecret) < 8 {
		errs = append(errs, errors.New("secrets of SNMP 3 have at least 8 characters"))
	}
	return errors.Join(errs...)
}

// session is a gosnmp session for one Read.
func (s *Strip) session(ctx context.Context) *gosnmp.GoSNMP {
	g := &gosnmp.GoSNMP{
		Target: s.options.Host, Port: uint16(s.options.Port), Transport: "udp", Version: gosnmp.Version2c, //nolint:gosec // a port
		Community: string(s.options.Community), Context: ctx, Timeout: s.options.Timeout, Retries: 0, MaxOids: chunk,
	}
	v := s.options.Security
	if v.User == "" {
		return g
	}
	g.Version, g.SecurityModel, g.MsgFlags = gosnmp.Version3, gosnmp.UserSecurityModel, gosnmp.NoAuthNoPriv
	if v.AuthBy != "" {
		g.MsgFlags = gosnmp.AuthNoPriv
	}
	if v.PrivBy != "" {
		g.MsgFlags = gosnmp.AuthPriv
	}
	g.SecurityParameters = &gosnmp.UsmSecurityParameters{
		UserName: v.User, AuthenticationProtocol: authProtocols()[v.AuthBy], AuthenticationPassphrase: string(v.AuthSecret),
		PrivacyProtocol: privProtocols()[v.PrivBy], PrivacyPassphrase: string(v.PrivSecret),
	}
	return g
}

// wanted is one object to ask for.
type wanted struct {
	object Object
	outlet int // place in Outlets, or -1
	oid    string
	name   string
}

func (s *Strip) wanted() []wanted {
	var out []wanted
	for _, o := range s.template.Objects {
		if o.Quantity != OutletPower {
			out = append(out, wanted{o, -1, o.OID, string(o.Quantity)})
			continue
		}
		for i, n := range s.options.Outlets {
			out = append(out, wanted{o, i, strings.ReplaceAll(o.OID, "{outlet}", strconv.Itoa(n)), fmt.Sprintf("%s %d", o.Quantity, n)})
		}
	}
	return out
}

// Read asks for everything that the template maps.
func (s *Strip) Read(ctx context.Context) (Reading, error) {
	ctx, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	out := Reading{Asked: s.options.Now(), Outlets: make([]Outlet, len(s.options.Outlets))}
	for i, n := range s.options.Outlets {
		out.Outlets[i].Number = n
	}
	// The guard is asked again here: New may be long ago, the template may not matter.
	if !s.network.Holds(s.options.Host) {
		return Reading{}, fmt.Errorf("read strip %s: %w", s.options.Host, wire.ErrOutside)
	}
	g := s.session(ctx)
	if err := g.Connect(); err != nil {
		return Reading{}, s.failed(ctx, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = g.Conn.Close() })
	defer func() {
		if stop() {
			_ = g.Conn.Close()
		}
	}()
	all := s.wanted()
	for from := 0; from < len(all); from += chunk {
		if err := s.ask(g, all[from:min(from+chunk, len(all))], &out); err != nil {
			return Reading{}, s.failed(ctx, err)
		}
	}
	return out, nil
}

// ask is one datagram each way.
func (s *Strip) ask(g *gosnmp.GoSNMP, part []wanted, out *Reading) error {
	oids := make([]string, len(part))
	for i, w := range part {
		oids[i] = w.oid
	}
	answer, err := g.Get(oids)
	if err != nil {
		return err
	}
	if answer.Error != gosnmp.NoError {
		return fmt.Errorf("the strip answers %s for object %d", answer.Error, answer.ErrorIndex)
	}
	stated := map[string]gosnmp.SnmpPDU{}
	for _, v := range answer.Variables {
		stated[strings.TrimPrefix(v.Name, ".")] = v
	}
	for _, w := range part {
		v, ok := stated[w.oid]
		if !ok {
			v.Type = gosnmp.NoSuchObject
		}
		if err := out.take(w, v); err != nil {
			out.Faults = append(out.Faults, Fault{What: w.name, Cause: err})
		}
	}
	return nil
}

// take enters one object into the reading.
func (r *Reading) take(w wanted, v gosnmp.SnmpPDU) error {
	if w.object.Quantity == Serial {
		r.Serial = text(v)
		if r.Serial == "" {
			return errMissing
		}
		return nil
	}
	n, err := number(v)
	if err != nil {
		return err
	}
	got, err := w.object.value(n)
	if err != nil {
		return err
	}
	switch w.object.Quantity {
	case Power:
		r.Power = stated(unit.Power(got))
	case OutletPower:
		r.Outlets[w.outlet].Power = stated(unit.Power(got))
	case Energy:
		if n.Sign() < 0 {
			return errBounds
		}
		r.Energy, r.Raw = stated(unit.Energy(got)), n.Uint64()
	case Serial:
	}
	return nil
}

func stated[T any](v T) device.Value[T] {
	return device.Value[T]{Value: v, Known: true, Source: device.FromPDU}
}

// value is a number in watts or joules, rounded half to even once.
func (o Object) value(n *big.Int) (int64, error) {
	if o.Least != nil && n.Cmp(big.NewInt(*o.Least)) < 0 {
		return 0, errBounds
	}
	times := new(big.Int).Mul(big.NewInt(o.Digits), big.NewInt(units(o.Quantity)[o.Unit]))
	if !times.IsInt64() || !n.IsInt64() || new(big.Int).Abs(new(big.Int).Mul(n, times)).Cmp(big.NewInt(math.MaxInt64)) > 0 {
		return 0, errBounds
	}
	below := int64(1)
	for range o.Places {
		below *= 10
	}
	return unit.MulDiv(n.Int64(), times.Int64(), below), nil
}

// number is the value of an object that counts something; some strips state
// numbers as text.
func number(v gosnmp.SnmpPDU) (*big.Int, error) {
	switch v.Type { //nolint:exhaustive // every other type of the protocol is no number
	case gosnmp.Integer, gosnmp.Gauge32, gosnmp.Counter32, gosnmp.Counter64, gosnmp.Uinteger32, gosnmp.TimeTicks:
		return gosnmp.ToBigInt(v.Value), nil
	case gosnmp.OctetString:
		if n, ok := new(big.Int).SetString(text(v), 10); ok && len(text(v)) <= 19 {
			return n, nil
		}
		return nil, errNumber
	case gosnmp.NoSuchObject, gosnmp.NoSuchInstance, gosnmp.EndOfMibView, gosnmp.Null:
		return nil, errMissing
	}
	return nil, errNumber
}

// text is the printable part of a text object, at most 64 characters.
func text(v gosnmp.SnmpPDU) string {
	b, ok := v.Value.([]byte)
	if !ok {
		if n, err := number(v); err == nil && v.Type != gosnmp.OctetString {
			return n.String()
		}
		return ""
	}
	b = b[:min(len(b), 64)]
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return -1
		}
		return c
	}, string(b)))
}

// failed says what failed on which strip and what to do.
func (s *Strip) failed(ctx context.Context, err error) error {
	where := fmt.Sprintf("read strip %s:%d by %s", s.options.Host, s.options.Port, s.template.Name)
	if cause := context.Cause(ctx); cause != nil || errors.Is(err, gosnmp.ErrMaxRetriesExceeded) || errors.Is(err, context.DeadlineExceeded) {
		if cause == nil {
			cause = context.DeadlineExceeded
		}
		return fmt.Errorf("%s: %w (%w): is it powered, and are community and version right?", where, ErrSilent, cause)
	}
	return fmt.Errorf("%s: %w", where, err)
}
