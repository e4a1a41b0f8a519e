package room

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"sluice/books"
	"sluice/books/cost"
	"sluice/books/statement"
	"sluice/live/accountant"
	"sluice/loop/settle"
	"sluice/unit"
)

// CostPart is one account of a level.
type CostPart struct {
	AccountAmount
	PerBTC   *Micro         `json:"per_btc,omitempty" doc:"Of one bitcoin; absent: none was earned."`
	Standing []StandingPart `json:"standing" doc:"How its figures came to be, by what they were booked from."`
}

// StandingPart says how a part of a figure came to be.
type StandingPart struct {
	Standing string `json:"standing" enum:"metered,published,stated,assumed,declared" doc:"metered: counted by meters and pools; published: a price that a market published; stated: a document of somebody else; assumed: the company's own file; declared: booked without a paper, as that file or a person says."`
	Paper    string `json:"paper,omitempty" doc:"Kind of the papers."`
	Amount   Micro  `json:"amount" doc:"As booked, before what several uses share is divided."`
}

// CostLevel is one level of the cost of a bitcoin. Each holds the ones before it.
type CostLevel struct {
	Level     int        `json:"level" minimum:"1" maximum:"4"`
	Key       string     `json:"key" enum:"energy,direct,cash,full"`
	Gross     Micro      `json:"gross"`
	Net       Micro      `json:"net" doc:"Less what power that was given back earned."`
	PerBTC    *Micro     `json:"per_btc,omitempty" doc:"Gross, of one bitcoin; absent: none was earned."`
	NetPerBTC *Micro     `json:"net_per_btc,omitempty"`
	Hashcost  *Micro     `json:"per_ph_day,omitempty" doc:"Gross, of one PH/s for a day; absent: the work is not known."`
	Adds      []CostPart `json:"adds" doc:"What this level adds to the one before."`
}

// UseMargin is what a use of power earned over what it cost.
type UseMargin struct {
	Use    string  `json:"use"`
	Net    Micro   `json:"net"`
	Drawn  *Joules `json:"drawn_j,omitempty" doc:"At the site's meter; absent: not known."`
	PerMWh *Micro  `json:"per_mwh,omitempty"`
}

// Costs is what a bitcoin cost in a period.
type Costs struct {
	Period
	Earned    int64           `json:"earned_sat" doc:"Net of pool fees. 0: there is no cost of a bitcoin, and the levels are absent."`
	Levels    []CostLevel     `json:"levels"`
	Sold      Micro           `json:"power_sold" doc:"Earned by power that was given back, attributed to mining."`
	Keys      []string        `json:"keys" doc:"By which shared costs were divided."`
	Left      []AccountAmount `json:"left" doc:"What no key divides: it is in no level."`
	Margins   []UseMargin     `json:"margins"`
	Assumed   []string        `json:"assumed" doc:"What of the company is made up, in its own words."`
	Days      int             `json:"days" doc:"Of which something is booked."`
	Unmetered int             `json:"days_without_paper" doc:"Those of them of which no measurement is filed."`
}

func (r *Room) costs(ctx context.Context, v Visit, in *PeriodIn) (Costs, error) {
	s, err := r.shelf(ctx, v, *in)
	if err != nil {
		return Costs{}, err
	}
	out, err := s.costs(ctx)
	return out, s.ofBooks(err)
}

// papers hands out the bodies of what is filed of one kind.
func (s *shelf) papers(ctx context.Context, kind string, each func([]byte) error) error {
	for p, err := range s.Ledger.Papers(ctx, s.Entity, kind) {
		if err == nil {
			err = each(p.Body)
		}
		if err != nil {
			return fmt.Errorf("paper of kind %q, %q: %w", kind, p.Name, err)
		}
	}
	return nil
}

func (s *shelf) costs(ctx context.Context) (Costs, error) {
	at := s.at()
	x, err := at.Stand(ctx)
	if err != nil {
		return Costs{}, err
	}
	company, err := at.Company(ctx)
	if err != nil {
		return Costs{}, err
	}
	if company == nil {
		company = &settle.Company{}
	}
	days, err := at.Days(ctx)
	if err != nil {
		return Costs{}, err
	}
	kinds, err := s.Ledger.Kinds(ctx, s.Entity)
	if err != nil {
		return Costs{}, err
	}
	measured, err := accountant.Measure(s.zone, x.Within, days)
	out := Costs{
		Period: s.period(len(x.Within)), Levels: []CostLevel{}, Keys: []string{}, Left: []AccountAmount{}, Margins: []UseMargin{}, Assumed: filled(company.Assumed),
		Days: measured.Days, Unmetered: measured.Missing,
	}
	if err != nil {
		return out, err
	}
	in := at.CostInput(x, measured, company.Keys)
	if err := out.margins(in, measured.Drawn); err != nil || in.Earned <= 0 {
		return out, err
	}
	return out, out.levels(in, standings(x.Within, kinds))
}

func (c *Costs) margins(in cost.Input, drawn map[string]unit.Energy) error {
	all, err := cost.MarginByUse(in, drawn)
	for _, m := range all.Uses {
		x := UseMargin{Use: m.Use, Net: Micro(m.Net)}
		if m.Known {
			x.Drawn, x.PerMWh = new(Joules(m.Drawn)), new(Micro(m.PerMWh))
		}
		c.Margins = append(c.Margins, x)
	}
	return err
}

// levelKeys are the names of the levels for the page, the first one first.
func levelKeys() []string { return []string{"energy", "direct", "cash", "full"} }

// levels states the levels, and what each account adds to its own.
func (c *Costs) levels(in cost.Input, standing map[string][]StandingPart) error {
	whole, err := cost.PerBitcoin(in)
	if err != nil {
		return err
	}
	c.Earned, c.Sold, c.Keys = int64(whole.Earned), Micro(whole.Credits), filled(whole.Keys)
	for _, l := range whole.Left {
		c.Left = append(c.Left, AccountAmount{Account: l.Account, Amount: Micro(l.Amount)})
	}
	for i, l := range whole.Levels {
		x := CostLevel{Level: int(l.Level), Key: levelKeys()[i], Gross: Micro(l.Gross), Net: Micro(l.Net), PerBTC: new(Micro(l.PerBTC)), NetPerBTC: new(Micro(l.NetPerBTC)), Adds: []CostPart{}}
		if l.Hashcost != 0 {
			x.Hashcost = new(Micro(l.Hashcost))
		}
		c.Levels = append(c.Levels, x)
	}
	return c.parts(in, standing)
}

// parts states each account by itself, in the way of the whole.
func (c *Costs) parts(in cost.Input, standing map[string][]StandingPart) error {
	by := map[string][]books.Balance{}
	for _, b := range in.Balances {
		by[b.Account] = append(by[b.Account], b)
	}
	for _, name := range slices.Sorted(maps.Keys(by)) {
		a, _ := in.Chart.Find(name)
		if a.Level == books.NoCost {
			continue
		}
		one := in
		one.Balances, one.Work = by[name], 0
		alone, err := cost.PerBitcoin(one)
		if err != nil {
			return err
		}
		full := alone.Levels[len(alone.Levels)-1]
		if full.Gross == 0 {
			continue
		}
		x := &c.Levels[int(a.Level)-1]
		x.Adds = append(x.Adds, CostPart{AccountAmount{a.Code, name, Micro(full.Gross)}, new(Micro(full.PerBTC)), filled(standing[name])})
	}
	return nil
}

// standingOf is how figures came to be that were booked from a kind of paper.
func standingOf(kind string) string {
	switch kind {
	case "":
		return "declared"
	case accountant.PaperDay, "usage", "outage":
		return "metered"
	case accountant.PaperPrice:
		return "published"
	case accountant.PaperCompany:
		return "assumed"
	}
	return "stated"
}

// standings are what stands behind each account, by kind of paper.
func standings(all []books.Transaction, kinds map[books.Hash]string) map[string][]StandingPart {
	sums := map[string]map[string]Micro{}
	for _, t := range all {
		if t.Standing != books.Posted || statement.Closing(t) {
			continue
		}
		for _, l := range t.Lines {
			if sums[l.Account] == nil {
				sums[l.Account] = map[string]Micro{}
			}
			sums[l.Account][kinds[t.Evidence]] += Micro(l.Amount)
		}
	}
	out := map[string][]StandingPart{}
	for account, by := range sums {
		for _, kind := range slices.Sorted(maps.Keys(by)) {
			out[account] = append(out[account], StandingPart{standingOf(kind), kind, by[kind]})
		}
	}
	return out
}
