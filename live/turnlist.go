package live

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"sluice/books"
	"sluice/driver/door"
	"sluice/loop/cycle"
	"sluice/loop/settle"
	"sluice/store/sqlite"
	"sluice/unit"
)

// TurnList is a page of intervals, oldest first. Those of which no paper is kept are
// left out.
type TurnList struct {
	Currency unit.Currency `json:"currency"`
	From     time.Time     `json:"from"`
	To       time.Time     `json:"to"` // up to which this page looked
	Turns    []TurnRow     `json:"turns"`
	Next     time.Time     `json:"next,omitzero"` // ?from= of the next page; missing: this was the last
}

// TurnRow is one interval in a line. Money is in millionths, energy in joules.
type TurnRow struct {
	Start   time.Time `json:"start"`
	Seconds int64     `json:"seconds"`
	Turn    int64     `json:"turn"`

	Planned  bool       `json:"planned"`                 // a plan is kept
	Shadow   bool       `json:"shadow,omitempty"`        // and it is the shadow's: nothing was entrusted
	Price    unit.Price `json:"site_price,string"`       // per MWh at the meter, of the plan's first interval
	Worth    unit.Price `json:"break_even,string"`       // see Money.BreakEven
	Status   string     `json:"solver,omitempty"`        // how the plan was found
	Fallback string     `json:"fallback,omitempty"`      // why merit order stood in
	Flags    int        `json:"flags,omitempty"`         // commitments of the plan that could not be kept
	Uses     []TurnUse  `json:"uses"`                    //
	Metered  bool       `json:"metered"`                 // a delivery is kept
	Import   int64      `json:"import_j,string"`         // what the meter saw
	Export   int64      `json:"export_j,string"`         //
	Own      int64      `json:"own_j,string"`            // supplied behind the meter
	Expected int64      `json:"planned_import_j,string"` //
	Peak     unit.Power `json:"peak_w"`                  //
	Over     unit.Power `json:"over_limit_w,omitempty"`  //
	Source   string     `json:"metered_by,omitempty"`    //
	Settled  bool       `json:"settled"`                 // an entry is kept
	Spot     unit.Price `json:"spot,string"`             // at which it was billed
	Priced   bool       `json:"spot_known"`              //
	Bitcoin  int64      `json:"bitcoin_price,string"`    // at which its coins are booked
	Mined    int64      `json:"mined_sat"`               // net of pool fees
	Energy   int64      `json:"energy_cost,string"`      // negative: power earned
	Income   int64      `json:"mined_value,string"`      // net of pool fees
	Running  int64      `json:"running_cost,string"`     // of machines, wear of starts included
	Other    int64      `json:"other_margin,string"`     // everything else, such as what tenants pay
	Margin   int64      `json:"margin,string"`           // income less the cost of power and of running
}

// TurnUse is one use in an interval.
type TurnUse struct {
	Use     string           `json:"use"`
	Planned *unit.Power      `json:"planned_w,omitempty"` // IT
	Meter   *unit.Power      `json:"planned_meter_w,omitempty"`
	Reason  cycle.ReasonCode `json:"reason,omitempty"`
	IT      int64            `json:"it_j,string"` // where it is metered
	Energy  int64            `json:"meter_j,string"`
	Cause   cycle.Cause      `json:"cause,omitempty"` // why it differs from its plan
}

// The bounds of a page of turns.
const (
	turnsMost   = 2976 // a month of quarters
	turnsUsual  = 288
	turnsChunk  = 48  // read at once
	turnsPapers = 200 // of one kind, read at once: more than one for each where the program was started again
)

// turnsAsked is what a person wants to see.
type turnsAsked struct {
	from, to time.Time
	step     time.Duration
	limit    int
}

// askTurns reads the query. Without from these are the last ones before to, and
// without to they end now.
func askTurns(q url.Values, now time.Time, step time.Duration) (turnsAsked, error) {
	a := turnsAsked{to: now, step: step, limit: turnsUsual}
	var err error
	if text := q.Get("limit"); text != "" {
		if a.limit, err = strconv.Atoi(text); err != nil || a.limit < 1 || a.limit > turnsMost {
			return a, fmt.Errorf("limit %q: give a number of intervals from 1 to %d", text, turnsMost)
		}
	}
	for _, x := range []struct {
		name string
		to   *time.Time
	}{{"to", &a.to}, {"from", &a.from}} {
		if text := q.Get(x.name); text != "" {
			if *x.to, err = time.Parse(time.RFC3339, text); err != nil || x.to.Year() < 1970 || x.to.Year() > 9998 {
				return a, fmt.Errorf("%s %q: give an instant such as 2025-08-01T12:05:00Z", x.name, text)
			}
		}
	}
	if a.from.IsZero() {
		a.from = a.to.Add(-time.Duration(a.limit) * step)
	}
	if a.from = a.from.Truncate(step); !a.from.Before(a.to) {
		return a, fmt.Errorf("from %s is not before to %s", a.from.Format(time.RFC3339), a.to.Format(time.RFC3339))
	}
	return a, nil
}

// listTurns reads a page of turns out of the papers, a few at a time.
func listTurns(ctx context.Context, p Papers, site string, a turnsAsked) (TurnList, error) {
	end := a.to
	if most := a.from.Add(time.Duration(a.limit) * a.step); end.After(most) {
		end = most
	}
	out := TurnList{From: a.from.UTC(), To: end.UTC(), Turns: []TurnRow{}}
	if end.Before(a.to) {
		out.Next = end.UTC()
	}
	seconds := int64(a.step / time.Second)
	last := (end.Unix() - 1) / seconds
	for first := a.from.Unix() / seconds; first <= last; first += turnsChunk {
		rows, err := readTurns(ctx, p, sqlite.Range{Site: site, FirstTurn: first, LastTurn: min(last, first+turnsChunk-1)}, a.step)
		if err != nil {
			return out, fmt.Errorf("read turns from %s: %w", time.Unix(first*seconds, 0).UTC().Format(time.RFC3339), err)
		}
		out.Turns = append(out.Turns, rows...)
	}
	return out, nil
}

// readTurns reads a few turns. Where several runs of the program wrote papers of one
// interval, the last ones count.
func readTurns(ctx context.Context, p Papers, r sqlite.Range, step time.Duration) ([]TurnRow, error) {
	rows := make([]TurnRow, r.LastTurn-r.FirstTurn+1)
	for _, kind := range []sqlite.Kind{sqlite.Plan, sqlite.Delivery, sqlite.Entry} {
		r.Kind, r.After, r.Limit = kind, 0, turnsPapers
		for more := true; more; {
			page, err := p.Read(ctx, r)
			if err != nil {
				return nil, err
			}
			for _, x := range page {
				if err := rows[x.Turn-r.FirstTurn].take(x, step); err != nil {
					return nil, fmt.Errorf("%s: %w", x.Key, err)
				}
				r.After = x.Seq
			}
			more = len(page) == r.Limit
		}
	}
	return compact(rows), nil
}

// compact leaves out the turns of which nothing is kept.
func compact(rows []TurnRow) []TurnRow {
	out := rows[:0]
	for _, x := range rows {
		if !x.Start.IsZero() {
			out = append(out, x)
		}
	}
	return out
}

// take fits a paper into its row. A turn of another length of interval has the same
// number as another instant: it is left out.
func (t *TurnRow) take(r sqlite.Stored, step time.Duration) error {
	if !t.Start.IsZero() && r.Kind == sqlite.Plan && r.Subject == shadowed && !t.Shadow {
		return nil // the site's own plan tells more
	}
	switch r.Kind {
	case sqlite.Plan:
		return readPaper(r, func(p slimPlan) { t.plan(p, r.Subject == shadowed, step) })
	case sqlite.Delivery:
		return readPaper(r, func(d cycle.Delivery) { t.delivery(d, step) })
	case sqlite.Entry:
		return readPaper(r, func(e cycle.Entry) { t.entry(e, step) })
	case sqlite.Snapshot, sqlite.Outlook, sqlite.Order, sqlite.Receipt, sqlite.LockOut, sqlite.Mode, sqlite.EpochMark, sqlite.Machine, sqlite.Trouble, sqlite.Person, sqlite.Standing, sqlite.Credit:
	}
	return nil
}

func readPaper[T any](r sqlite.Stored, take func(T)) error {
	var x T
	if err := json.Unmarshal(r.Body, &x); err != nil {
		return err
	}
	take(x)
	return nil
}

// slimPlan is what a line tells of a plan.
type slimPlan struct {
	cycle.Head
	Uses    []cycle.UsePlan
	Price   []unit.Price
	Reasons []cycle.Reason
	Flags   []cycle.Flag
	Solver  cycle.Solver
}

// begins reports whether a paper is of this row, and gives the row its beginning.
func (t *TurnRow) begins(h cycle.Head, step time.Duration) bool {
	if h.At.IsZero() || h.Turn != h.At.Unix()/int64(step/time.Second) {
		return false
	}
	t.Start, t.Turn, t.Seconds = h.At.UTC(), h.Turn, int64(step/time.Second)
	return true
}

func (t *TurnRow) plan(p slimPlan, shadow bool, step time.Duration) {
	if !t.begins(p.Head, step) || len(p.Price) == 0 {
		return
	}
	t.Planned, t.Shadow, t.Price, t.Flags = true, shadow, p.Price[0], len(p.Flags)
	t.Status, t.Fallback, t.Uses = p.Solver.Status, p.Solver.Fallback, nil
	t.Worth, _ = breakEven(p.Reasons)
	for _, u := range p.Uses {
		x := TurnUse{Use: u.Use}
		if len(u.Draw) > 0 && len(u.Meter) > 0 {
			x.Planned, x.Meter = &u.Draw[0], &u.Meter[0]
		}
		for _, r := range p.Reasons {
			if r.Use == u.Use {
				x.Reason = r.Code
			}
		}
		t.Uses = append(t.Uses, x)
	}
}

func (t *TurnRow) delivery(d cycle.Delivery, step time.Duration) {
	if !t.begins(d.Head, step) {
		return
	}
	t.Metered, t.Seconds, t.Source = true, int64(d.Length/time.Second), d.Source
	t.Import, t.Export, t.Own, t.Expected, t.Peak, t.Over = int64(d.Import), int64(d.Export), int64(d.Own), int64(d.Planned), d.Peak, d.Over
	for _, u := range d.Uses {
		x := t.use(u.Use)
		x.IT, x.Energy, x.Cause = int64(u.IT), int64(u.Meter), u.Cause
	}
}

// use is the part of a use, made where it is missing.
func (t *TurnRow) use(name string) *TurnUse {
	for i := range t.Uses {
		if t.Uses[i].Use == name {
			return &t.Uses[i]
		}
	}
	t.Uses = append(t.Uses, TurnUse{Use: name})
	return &t.Uses[len(t.Uses)-1]
}

func (t *TurnRow) entry(e cycle.Entry, step time.Duration) {
	if !t.begins(e.Head, step) {
		return
	}
	t.Settled, t.Spot, t.Priced, t.Bitcoin, t.Mined = true, e.Spot, e.Priced, int64(e.Bitcoin), int64(settle.Mined(e))
	t.Energy = int64(settle.Sum(e, books.PowerEnergy))
	t.Income = -int64(settle.Sum(e, books.MiningSubsidy) + settle.Sum(e, books.PoolFee))
	t.Running = int64(settle.Sum(e, books.SitesOwn))
	t.Margin = int64(settle.Margin(e))
	t.Other = t.Margin - (t.Income - t.Energy - t.Running)
}

// turnList answers a page of turns.
func (s *Site) turnList(w http.ResponseWriter, r *http.Request) {
	a, err := askTurns(r.URL.Query(), s.plant.Clock.Now(), s.core.cfg.settleStep())
	if err != nil {
		door.Write(w, http.StatusBadRequest, Answer{No: err.Error()})
		return
	}
	if s.plant.Papers == nil {
		door.Write(w, http.StatusNotFound, Answer{No: "this site keeps no papers"})
		return
	}
	out, err := listTurns(r.Context(), s.plant.Papers, s.core.cfg.Site.Name, a)
	if err != nil {
		door.Write(w, http.StatusServiceUnavailable, Answer{No: err.Error()})
		return
	}
	out.Currency = s.core.cfg.Site.Currency
	writeDense(w, out)
}
