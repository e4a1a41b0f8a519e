package replay

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"sluice/loop/cycle"
	"sluice/unit"
)

// ErrNoTurn marks a turn that a run's papers do not hold.
var ErrNoTurn = errors.New("no such turn")

// errFound stops reading once the turn is found.
var errFound = errors.New("found")

// Find reads one turn from the papers of a run. The turn is its number or an
// instant inside its interval. Nothing but the papers is read.
func Find(dir, turn string) (*cycle.Turn, error) {
	number, at, err := parseTurn(turn)
	if err != nil {
		return nil, err
	}
	seals, err := filepath.Glob(filepath.Join(dir, "papers-*.seal.json"))
	if err != nil || len(seals) == 0 {
		return nil, fmt.Errorf("%s holds no finished papers (%w): name the folder that a replay printed", dir, ErrNoTurn)
	}
	var span []time.Time
	for _, path := range seals {
		t, err := findIn(dir, path, number, at, &span)
		if t != nil || err != nil {
			return t, err
		}
	}
	if len(span) == 0 {
		return nil, fmt.Errorf("turn %s: %w in %s", turn, ErrNoTurn, dir)
	}
	return nil, fmt.Errorf("turn %s: %w: the papers in %s reach from %s to %s", turn, ErrNoTurn, dir, day(span[0]), day(span[len(span)-1]))
}

func parseTurn(turn string) (int64, time.Time, error) {
	if n, err := strconv.ParseInt(turn, 10, 64); err == nil {
		return n, time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z", "2006-01-02T15:04", "2006-01-02 15:04"} {
		if t, err := time.Parse(layout, turn); err == nil {
			return 0, t.UTC(), nil
		}
	}
	return 0, time.Time{}, fmt.Errorf("turn %q: give its number or an instant in UTC such as 2025-08-20T22:15Z", turn)
}

// findIn looks through the papers of one month.
func findIn(dir, path string, number int64, at time.Time, span *[]time.Time) (*cycle.Turn, error) {
	raw, err := os.ReadFile(path) //nolint:gosec // the caller named the folder
	if err != nil {
		return nil, err
	}
	var s seal
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var found *cycle.Turn
	err = book{dir}.read(s, func(line []byte) error {
		var head struct {
			Delivery struct {
				Turn   int64
				At     time.Time
				Length time.Duration
			}
		}
		if err := json.Unmarshal(tail(line), &head); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		d := head.Delivery
		*span = append(*span, d.At)
		if d.Turn != number && (at.IsZero() || at.Before(d.At) || !at.Before(d.At.Add(d.Length))) {
			return nil
		}
		found = &cycle.Turn{}
		if err := json.Unmarshal(line, found); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return errFound
	})
	if errors.Is(err, errFound) {
		return found, nil
	}
	return nil, err
}

// tail is the end of a line of papers as an object of its own, from Delivery
// on, so that the long plan need not be read to know which turn it is.
func tail(line []byte) []byte {
	i := strings.LastIndex(string(line), `,"Delivery":`)
	if i < 0 {
		return line
	}
	return append([]byte("{"), line[i+1:]...)
}

// Explain says in words and money why each megawatt of the turn went where it
// went, from its papers alone.
func Explain(w io.Writer, t *cycle.Turn, zone *time.Location) error {
	e := &teller{w: w, t: t, zone: zone, money: string(t.Entry.Currency)}
	e.head()
	e.market()
	for _, r := range t.Plan.Reasons {
		e.use(r)
	}
	e.supply()
	e.flags()
	e.outcome()
	return e.err
}

// teller writes sentences and keeps the first error.
type teller struct {
	w     io.Writer
	t     *cycle.Turn
	zone  *time.Location
	money string
	err   error
}

func (e *teller) say(format string, args ...any) {
	if e.err == nil {
		_, e.err = fmt.Fprintf(e.w, format+"\n", args...)
	}
}

func (e *teller) price(p unit.Price) string { return fmt.Sprintf("%.2f %s/MWh", p.Float(), e.money) }

func (e *teller) amount(a unit.Amount) string { return fmt.Sprintf("%.2f %s", a.Float(), e.money) }

func (e *teller) head() {
	p := e.t.Plan
	e.say("Turn %d of %s: %s for %v (%s)", p.Turn, p.Site, day(p.At), p.Mesh.Lengths[0], p.At.In(e.zone).Format("Mon 2 Jan 2006 15:04 MST"))
}

// market says what was known and expected.
func (e *teller) market() {
	s, o, p := e.t.Snapshot, e.t.Outlook, e.t.Plan
	e.say("")
	if s.Spot.Known {
		e.say("Known:    spot was %s in the interval that began %s.", e.price(s.Spot.Value), day(s.Spot.At))
	}
	if s.Hashprice.Known {
		e.say("          hashprice is %.2f %s per PH/s and day (%s).", s.Hashprice.Value.Float(), e.money, s.Hashprice.Source)
	}
	if s.Air.Known {
		e.say("          the air outside has %.1f C.", float64(s.Air.Value)/1000)
	}
	e.say("Expected: spot %s by the forecast %q%s.", e.price(o.Spot[0]), o.Model, e.band())
	if o.Degraded != "" {
		e.say("          The forecast is degraded: %s.", o.Degraded)
	}
	e.say("Price:    a MWh is worth %s at the site now.", e.price(p.Price[0]))
	if p.Solver.Fallback != "" {
		e.say("          Merit order decided, not the solver: %s.", p.Solver.Fallback)
	}
	e.say("")
}

func (e *teller) band() string {
	q := e.t.Outlook.Quantile
	if len(q.Q05) == 0 || len(q.Q95) == 0 || q.Q05[0] == q.Q95[0] {
		return ""
	}
	return fmt.Sprintf(", between %.2f and %.2f in nine cases of ten", q.Q05[0].Float(), q.Q95[0].Float())
}

// use says why one use draws what it draws.
func (e *teller) use(r cycle.Reason) {
	e.say("%s: %s of %s (%s)", r.Use, r.Draw, r.Max, r.Code)
	e.say("    %s", e.because(r))
}

// because is the sentence of a reason.
func (e *teller) because(r cycle.Reason) string {
	worth, cost, flip := e.price(r.Worth), e.price(r.Cost), e.price(r.Flip)
	switch r.Code {
	case cycle.Worthwhile:
		return fmt.Sprintf("It earns %s at the meter and power costs %s: %s better than standing still. It would stop above a spot price of %s.", worth, cost, e.amount(r.Gain), flip)
	case cycle.TooDear:
		return fmt.Sprintf("Power costs %s and it earns only %s at the meter: standing still saves %s. It would run below a spot price of %s.", cost, worth, e.amount(r.Gain), flip)
	case cycle.Partly:
		return fmt.Sprintf("The next step would earn %s at the meter and power costs %s. It would rise below a spot price of %s.", worth, cost, flip)
	case cycle.RideThrough:
		return fmt.Sprintf("Power costs %s and it earns %s, a loss of %s; but prices are expected to fall before a stop and a restart would pay.", cost, worth, e.amount(-r.Gain))
	case cycle.NotYetWorth:
		return fmt.Sprintf("It would earn %s against a cost of %s, but not for long enough to pay for the start.", worth, cost)
	case cycle.MinimumOn:
		return fmt.Sprintf("It earns %s against a cost of %s, but was started too recently to be stopped.", worth, cost)
	case cycle.MinimumOff:
		return fmt.Sprintf("It would earn %s against a cost of %s, but was stopped too recently to be started.", worth, cost)
	case cycle.ConnectionLimit:
		return fmt.Sprintf("It would earn %s, but the connection is full; what runs instead is worth at least %s.", worth, cost)
	case cycle.BranchLimit:
		return fmt.Sprintf("It would earn %s, but its hall or feeder is full.", worth)
	case cycle.GridInstruction:
		return fmt.Sprintf("It would earn %s, but the grid has ordered less.", worth)
	case cycle.SoldBack:
		return fmt.Sprintf("Its power earns %s when sold back, more than the %s it would earn here.", cost, worth)
	case cycle.PeakCharge:
		return fmt.Sprintf("It would earn %s, but would raise the billed peak and cost more than that.", worth)
	case cycle.Unavailable:
		return "Nothing of it can run: broken, or too hot."
	case cycle.RampLimit:
		return fmt.Sprintf("It earns %s against a cost of %s and is on its way up as fast as it may.", worth, cost)
	case cycle.Promised:
		return "It serves what was promised."
	case cycle.MeritOrder:
		return fmt.Sprintf("It is worth %s at the meter against a cost of %s, by merit order.", worth, cost)
	}
	return string(r.Code)
}

// supply says where the power comes from.
func (e *teller) supply() {
	e.say("")
	for o, s := range e.t.Plan.Supply {
		line := fmt.Sprintf("From %s: %s", s.Source, s.Power[0])
		if p := e.t.Plan.Offers[o].Marginal(0); len(s.Sold) == 0 {
			line += " at " + e.price(p)
		} else {
			line += fmt.Sprintf(", %s sold back", s.Sold[0])
		}
		e.say("%s", line)
	}
}

func (e *teller) flags() {
	for _, f := range e.t.Plan.Flags {
		e.say("Not kept: %s by %s in interval %d (%s)", f.Code, f.Power, f.Interval, f.Subject)
	}
}

// outcome says what the meters saw and what was booked.
func (e *teller) outcome() {
	d, n := e.t.Delivery, e.t.Entry
	e.say("")
	e.say("Metered:  %.3f MWh imported (planned %.3f), peak %s, source %s.", d.Import.MWh(), d.Planned.MWh(), d.Peak, d.Source)
	for _, u := range d.Uses {
		if u.Cause != cycle.AsPlanned {
			e.say("          %s drew %.3f MWh against %.3f planned: %s.", u.Use, u.IT.MWh(), u.Planned.MWh(), u.Cause)
		}
	}
	e.say("Booked:   %.8f BTC mined;", n.Mined.BTC())
	for _, p := range n.Postings {
		e.say("          %-22s %14.2f %s", p.Account, p.Amount.Float(), e.money)
	}
}
