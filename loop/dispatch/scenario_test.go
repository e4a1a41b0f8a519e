package dispatch

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"sluice/loop/cycle"
	"sluice/power"
	"sluice/series"
	"sluice/solve"
	"sluice/unit"
	"sluice/use"
)

// TestScenarios plays the plain-text scenarios of testdata. Each states a site
// and its market in a few words and the plan that must come of it:
//
//	plan    by the solver
//	merit   by merit order
//	both    by the solver, and merit order must come to the same megawatts and flags
//
// testdata/README.md explains the words of a site.
func TestScenarios(t *testing.T) {
	m := newTestMarket(t)
	datadriven.Walk(t, "testdata/scenarios", func(t *testing.T, path string) {
		t.Helper()
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			t.Helper()
			return play(t, m, d)
		})
	})
}

// play clears one scenario and tells its plan.
func play(t *testing.T, m *Market, d *datadriven.TestData) string {
	t.Helper()
	in, err := readSite(d.Input)
	if err != nil {
		d.Fatalf(t, "%v", err)
	}
	m.Forget()
	plain := clearing(t, New(nil, solve.Options{}), in)
	if d.Cmd == "merit" {
		return told(plain)
	}
	p := clearing(t, m, in)
	if p.Solver.Fallback != "" {
		t.Errorf("%s: the solver gave no plan: %s", d.Pos, p.Solver.Fallback)
	}
	switch a, b := megawatts(p)+flags(p), megawatts(plain)+flags(plain); {
	case d.Cmd == "both" && a != b:
		t.Errorf("%s: merit order differs:\n%s", d.Pos, b)
	case d.Cmd != "both" && d.Cmd != "plan":
		d.Fatalf(t, "directive %q: say plan, merit or both", d.Cmd)
	}
	return told(p)
}

// told is a plan as a table: megawatts of each use and source and the site's
// price per interval, then the reasons of the first interval and the flags.
func told(p cycle.Plan) string { return megawatts(p) + prose(p) + flags(p) }

func megawatts(p cycle.Plan) string {
	var b strings.Builder
	fmt.Fprint(&b, "time ")
	for _, u := range p.Uses {
		fmt.Fprintf(&b, "%9s", u.Use)
	}
	for _, s := range p.Supply {
		fmt.Fprintf(&b, "%9s", s.Source)
	}
	fmt.Fprintln(&b)
	for t, i := range p.Mesh.Intervals() {
		at := i.Start.Sub(p.Mesh.Start)
		fmt.Fprintf(&b, "%d:%02d", at/time.Hour, at%time.Hour/time.Minute)
		for _, u := range p.Uses {
			fmt.Fprintf(&b, " %8s", short(u.Draw[t]))
		}
		for _, s := range p.Supply {
			fmt.Fprintf(&b, " %8s", short(s.Power[t]))
		}
		fmt.Fprintln(&b)
	}
	return aligned(b.String())
}

// short is megawatts to the kilowatt, without needless digits.
func short(p unit.Power) string {
	return strconv.FormatFloat(float64((int64(p)+500)/1000)/1000, 'f', -1, 64)
}

// aligned pads the first column.
func aligned(s string) string {
	lines := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	for i, l := range lines {
		first, rest, _ := strings.Cut(l, " ")
		lines[i] = strings.TrimRight(fmt.Sprintf("%-8s %s", first, rest), " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

func prose(p cycle.Plan) string {
	var b strings.Builder
	fmt.Fprint(&b, "price   ")
	for _, x := range p.Price {
		fmt.Fprintf(&b, " %.2f", x.Float())
	}
	fmt.Fprintln(&b)
	for _, r := range p.Reasons {
		fmt.Fprintf(&b, "%s: %s, worth %.2f, cost %.2f, turns at %.2f\n", r.Use, r.Code, r.Worth.Float(), r.Cost.Float(), r.Flip.Float())
	}
	return b.String()
}

func flags(p cycle.Plan) string {
	var b strings.Builder
	for _, f := range p.Flags {
		fmt.Fprintf(&b, "%s %s MW in interval %d: %s\n", f.Code, short(f.Power), f.Interval, f.Subject)
	}
	return b.String()
}

// script reads a site line by line.
type script struct {
	in   Input
	word []string
	err  error
}

func readSite(text string) (Input, error) {
	s := &script{in: input(1, 1000*mw, nil)}
	for line := range strings.SplitSeq(text, "\n") {
		if s.word = strings.Fields(line); len(s.word) > 0 && !strings.HasPrefix(s.word[0], "#") {
			s.line()
		}
		if s.err != nil {
			return s.in, fmt.Errorf("%q: %w", line, s.err)
		}
	}
	return s.in, s.in.Validate()
}

// next takes the next word.
func (s *script) next() string {
	if len(s.word) == 0 {
		s.err = errors.New("a word is missing")
		return ""
	}
	w := s.word[0]
	s.word = s.word[1:]
	return w
}

// has takes the next word if it is w.
func (s *script) has(w string) bool {
	if len(s.word) > 0 && s.word[0] == w {
		s.word = s.word[1:]
		return true
	}
	return false
}

// number takes a number; without one it is an error.
func (s *script) number() float64 {
	f, err := strconv.ParseFloat(s.next(), 64)
	if err != nil {
		s.err = err
	}
	return f
}

// numbers takes all numbers that follow.
func (s *script) numbers() []float64 {
	out := []float64{s.number()}
	for len(s.word) > 0 {
		f, err := strconv.ParseFloat(s.word[0], 64)
		if err != nil {
			return out
		}
		out, s.word = append(out, f), s.word[1:]
	}
	return out
}

func (s *script) mw() unit.Power { return unit.Power(unit.FromFloat(s.number())) }

func (s *script) duration() time.Duration {
	d, err := time.ParseDuration(s.next())
	if err != nil {
		s.err = err
	}
	return d
}

func profile[T ~int64](fs []float64) series.Profile[T] {
	var out series.Profile[T]
	for _, f := range fs {
		out = append(out, T(unit.FromFloat(f)))
	}
	return out
}

// line reads one line: what it is about, and then its words in any order.
func (s *script) line() {
	switch kind := s.next(); kind {
	case "intervals":
		s.in.Mesh.Lengths = nil
		for len(s.word) > 0 {
			count, length := int(s.number()), s.duration()
			for range count {
				s.in.Mesh.Lengths = append(s.in.Mesh.Lengths, length)
			}
		}
	case "house":
		s.in.MustRun = s.mw()
	case "connection":
		s.connection()
	case "hall":
		s.in.Limit.Branches = append(s.in.Limit.Branches, power.Branch{Name: "hall/" + s.next(), Max: s.mw(), Uses: s.word})
	case "spot", "tariff", "block", "wind", "hydro":
		s.source(kind)
	case "use", "feed":
		s.use(kind)
	case "step", "and":
		s.bid()
	case "demand":
		s.demand()
	case "charges":
		s.charges()
	default:
		s.err = fmt.Errorf("%q is not a word of a site", kind)
	}
	if len(s.word) > 0 && s.err == nil && s.in.Limit.Branches == nil {
		s.err = fmt.Errorf("%q is not understood", s.word[0])
	}
}

func (s *script) connection() {
	s.in.Limit.Import = profile[unit.Power](s.numbers())
	if s.has("rated") {
		s.in.Limit.Rating = s.mw()
	}
	s.in.Limit.Ordered = s.has("ordered")
}

func (s *script) source(kind string) {
	o := power.Offer{Source: kind, Kind: power.KindSpot, Max: profile[unit.Power](s.numbers()), Price: prices(0), Curtailable: true}
	switch kind {
	case "block":
		o.Kind, o.Sunk = power.KindBlock, true
	case "tariff":
		o.Kind = power.KindTariff
	case "wind", "hydro":
		o.Kind, o.BehindMeter = power.KindGeneration, true
	}
	if s.has("at") {
		o.Price = profile[unit.Price](s.numbers())
	}
	if s.has("sells") {
		o.SellBack = profile[unit.Price](s.numbers())
	}
	if s.has("emits") {
		o.Carbon = int64(s.number())
	}
	o.Curtailable = !s.has("always")
	s.in.Offers = append(s.in.Offers, o)
}

func (s *script) use(kind string) {
	name := s.next()
	b := use.Bid{Use: name, PUE: series.Flat(unit.One), Available: series.Flat(unit.One), Feed: kind == "feed"}
	s.in.Bids = append(s.in.Bids, b)
	s.step()
	s.bid()
	if b.Feed {
		s.in.Charges.ExportMax = 1000 * mw
	}
}

// step reads a power and its worth.
func (s *script) step() {
	b := &s.in.Bids[len(s.in.Bids)-1]
	p := s.mw()
	if !s.has("worth") {
		s.err = errors.New("a step is a power and its worth")
		return
	}
	b.Steps = append(b.Steps, use.Step{Power: p, Worth: profile[unit.Price](s.numbers())})
}

// bid reads the words that may follow a use.
func (s *script) bid() {
	if len(s.in.Bids) == 0 {
		s.err = errors.New("no use to add to")
		return
	}
	b := &s.in.Bids[len(s.in.Bids)-1]
	for len(s.word) > 0 && s.err == nil {
		switch w := s.next(); w {
		case "pue":
			b.PUE = profile[unit.Ratio](s.numbers())
		case "available":
			b.Available = profile[unit.Ratio](s.numbers())
		case "promised":
			b.Floor = profile[unit.Power](s.numbers())
		case "penalty":
			b.Penalty = unit.Price(unit.FromFloat(s.number()))
		case "ramp":
			b.Ramp = s.mw()
		case "minimum":
			b.MinOn, b.MinOff = s.duration(), s.duration()
		case "restart":
			b.Restart = s.duration()
		case "wear":
			b.Wear = unit.Amount(unit.FromFloat(s.number()))
		case "whole":
			b.Whole = true
		case "was":
			b.Now.On = s.mw()
			b.Now.Draw = b.Now.On
		case "drew":
			b.Now.Draw = s.mw()
		case "since":
			b.Now.Since = at.Add(-s.duration())
		case "held":
			b.Now.Held = s.mw()
		case "resting":
			b.Now.Rest = s.mw()
		case "due":
			b.Due = append(b.Due, use.Due{
				ID: s.next(), Energy: s.mw().Over(time.Hour), From: int(s.number()), Before: int(s.number()),
				Penalty: unit.Price(unit.FromFloat(s.number())),
			})
		case "step", "more":
			s.step()
		default:
			if p, err := strconv.ParseFloat(w, 64); err == nil && len(b.Steps) > 0 {
				s.word = append([]string{fmt.Sprint(p)}, s.word...)
				s.step()
				continue
			}
			s.err = fmt.Errorf("%q is not a word of a use", w)
		}
	}
}

// demand reads a demand charge measured in every interval, or over the stated window.
func (s *script) demand() {
	p := power.Peak{Rule: "demand", Rate: unit.DemandRate(unit.FromFloat(s.number()))}
	var realised unit.Energy
	length, from := time.Duration(0), 0
	for len(s.word) > 0 && s.err == nil {
		switch w := s.next(); w {
		case "incurred":
			p.Incurred = s.mw()
		case "planned":
			p.Planned = s.mw()
		case "ratchet":
			p.Ratchet = s.mw()
		case "open": // so much was imported in the open measurement interval of that length
			realised, length = s.mw().Over(time.Hour), s.duration()
		case "from":
			from = int(s.number())
		default:
			s.err = fmt.Errorf("%q is not a word of a demand charge", w)
		}
	}
	m := power.Measure{Start: at, Length: length, Realised: realised}
	for k, i := range s.in.Mesh.Intervals() {
		if k < from {
			continue
		}
		if length == 0 {
			p.Measures = append(p.Measures, power.Measure{Start: i.Start, Length: i.Length, Parts: []power.Part{{Interval: k, Length: i.Length}}})
			continue
		}
		m.Parts = append(m.Parts, power.Part{Interval: k, Length: i.Length})
	}
	if length > 0 {
		p.Measures = []power.Measure{m}
	}
	p.Rule = fmt.Sprint(p.Rule, len(s.in.Charges.Peaks))
	s.in.Charges.Peaks = append(s.in.Charges.Peaks, p)
}

func (s *script) charges() {
	c := &s.in.Charges
	for len(s.word) > 0 && s.err == nil {
		switch w := s.next(); w {
		case "import":
			c.Import = profile[unit.Price](s.numbers())
		case "coincident":
			c.Coincident = append(c.Coincident, power.Coincident{Rule: "4cp", Cost: profile[unit.DemandRate](s.numbers())})
		case "carbon":
			c.Carbon.PerTonne = unit.Amount(unit.FromFloat(s.number()))
		case "cap":
			c.Carbon.Cap = int64(s.number() * 1e6)
		case "export":
			c.ExportMax = s.mw()
		default:
			s.err = fmt.Errorf("%q is not a word of charges", w)
		}
	}
}

// TestScenariosTellAll shows that the scenarios hold every reason and every flag
// that dispatch can give.
func TestScenariosTellAll(t *testing.T) {
	files, err := os.ReadDir("testdata/scenarios")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range files {
		text, err := os.ReadFile("testdata/scenarios/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	for _, code := range []cycle.ReasonCode{
		cycle.Worthwhile, cycle.TooDear, cycle.Partly, cycle.RideThrough, cycle.NotYetWorth, cycle.MinimumOn, cycle.MinimumOff,
		cycle.ConnectionLimit, cycle.BranchLimit, cycle.GridInstruction, cycle.SoldBack, cycle.PeakCharge, cycle.Unavailable,
		cycle.RampLimit, cycle.Promised, cycle.MeritOrder,
	} {
		if !strings.Contains(all.String(), ": "+string(code)+",") {
			t.Errorf("no scenario has the reason %s", code)
		}
	}
	for _, code := range []cycle.FlagCode{
		cycle.NodeShort, cycle.NodeSpill, cycle.ImportOver, cycle.OrderMiss, cycle.MinRunBreak, cycle.RampOver,
		cycle.CarbonOver, cycle.ContractShort, cycle.JobMiss,
	} {
		if !strings.Contains(all.String(), "\n"+string(code)+" ") {
			t.Errorf("no scenario has the flag %s", code)
		}
	}
}
