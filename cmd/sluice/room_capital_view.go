package main

import (
	"encoding/json"
	"io"
	"strconv"

	"sluice/capital"
	"sluice/driver/planfile"
	"sluice/server/room"
)

// view writes a plan that was worked out as the pages show it.
func (t planTask) view(s *planReport, out io.Writer) error {
	w, err := s.roomView()
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(w)
}

func (s *planReport) roomView() (room.CapitalWork, error) {
	p := s.plan
	w := room.CapitalWork{
		Plan: p.Name, Version: p.Version, Currency: p.Currency, Begin: p.Begin.String(), Years: p.Years, Discount: p.Discount, Without: s.left,
		Figures: []room.CapitalFigure{}, Histories: []room.CapitalHistory{}, Projects: []room.CapitalProject{}, Statements: []room.CapitalStatement{},
		Covenants: []room.CapitalKept{}, Published: []room.CapitalClaim{}, Answer: s.roomAnswer(),
	}
	w.Figures = s.roomFigures()
	w.Answer.Figures = len(w.Figures)
	for _, f := range w.Figures {
		if f.Standing == string(capital.Assumed) {
			w.Answer.Assumed++
		}
	}
	for _, t := range s.told {
		w.Histories = append(w.Histories, room.CapitalHistory{Name: t.name, File: t.file, SHA256: t.source.SHA256, Weeks: t.weeks.Hours.Weeks(), Mean: t.weeks.Hours.Mean(), Filled: t.source.Filled, Synthetic: t.synthetic})
	}
	late, err := s.drawDelays()
	if err != nil {
		return w, err
	}
	w.Spend = late.spend
	for i := range s.projects {
		w.Projects = append(w.Projects, s.roomProject(i, late.phases[i]))
	}
	s.roomTables(&w)
	return w, nil
}

func (s *planReport) roomAnswer() room.CapitalAnswer {
	a := s.answer
	out := room.CapitalAnswer{
		CapitalWorths: roomWorths(a.worth), Peak: a.peak, PeakAt: roomMonth(a.peakAt), Broke: roomMonth(a.broke),
		Unfunded: a.unfunded, Least: a.lowest, LeastAt: roomMonth(a.lowestAt), Liquidated: a.liquidated,
	}
	if a.pays {
		years := a.payback / 12
		out.Payback = &years
	}
	return out
}

// roomMonth is a month, and nothing where there is none.
func roomMonth(m capital.Month) string {
	if m == 0 {
		return ""
	}
	return m.String()
}

func roomWorth(w worth) room.CapitalWorth {
	out := room.CapitalWorth{Left: w.left, NPV: w.npv, Several: w.several}
	if w.why == "" {
		out.IRR = &w.irr
	}
	return out
}

func roomWorths(t planWorths) room.CapitalWorths {
	return room.CapitalWorths{Bare: roomWorth(t.bare), Residual: roomWorth(t.residual), Multiple: roomWorth(t.multiple)}
}

// roomFigures are the figures of the plan as somebody wrote them: in their own currencies.
func (s *planReport) roomFigures() []room.CapitalFigure {
	out := []room.CapitalFigure{}
	written := s.file.Plan
	for _, f := range written.Figures() {
		c, _ := planfile.Unit(f.Place, written.Currency)
		for _, p := range written.Projects {
			if f.Place == "projects."+p.Name+".contract.rate" {
				c.Unit = planfile.RentUnit(p.Contract, roomCurrency(p.Contract.Currency, p.Currency, written.Currency))
			}
		}
		x := room.CapitalFigure{Place: f.Place, Value: f.Value, Text: strconv.FormatFloat(f.Value, 'f', -1, 64), Unit: c.Unit, Month: c.Month, Share: c.Share, Standing: string(f.Source.Standing), From: f.Source.From, Base: f.Source.Base}
		if c.Month {
			x.Text, x.Unit = capital.Month(f.Value).String(), ""
		}
		out = append(out, x)
	}
	return out
}

// roomCurrency is the first currency that is stated.
func roomCurrency(all ...string) string {
	for _, c := range all {
		if c != "" {
			return c
		}
	}
	return ""
}

func (s *planReport) roomProject(i int, phases []room.CapitalPhase) room.CapitalProject {
	x := &s.projects[i]
	p := x.project
	facility, equipment := planCapex(p)
	out := room.CapitalProject{
		Name: p.Name, Site: p.Site, Displaces: p.Displaces, Gross: p.Gross, Critical: p.Gross / p.PUE, Ready: x.ready, First: roomMonth(x.first),
		Facility: facility, Equipment: equipment, PerGross: facility / p.Gross, PerIT: facility / p.Gross * p.PUE, Rent: x.rent, EBITDA: x.earns,
		Alone: roomWorths(x.alone), Against: roomWorths(x.against), Unit: x.cost.unit, Cost: x.cost.cost, Whole: x.cost.whole, Brings: x.cost.rent,
		Delays: []room.CapitalDelay{}, Phases: phases,
	}
	for _, d := range x.delays {
		out.Delays = append(out.Delays, room.CapitalDelay{Months: d.months, Rent: d.rent, Opex: d.opex, Mining: d.mining, Interest: d.interest, NPV: d.npv})
	}
	s.roomActuals(p, &out)
	return out
}

// roomTables adds statements, coverage, covenants and what was published.
func (s *planReport) roomTables(w *room.CapitalWork) {
	for _, x := range s.spans() {
		w.Periods = append(w.Periods, x.name)
		var cover *float64
		if v, ok := s.cover(x); ok {
			cover = finite(v)
		}
		w.Coverage = append(w.Coverage, cover)
	}
	for _, t := range s.statements() {
		table := room.CapitalStatement{Name: t.name, Lines: []room.CapitalLine{}}
		for _, r := range t.rows {
			table.Lines = append(table.Lines, room.CapitalLine{Name: r.name, Sum: r.sum, Values: r.values})
		}
		w.Statements = append(w.Statements, table)
	}
	for _, k := range s.kept {
		c := k.covenant
		x := room.CapitalKept{Name: c.Name, Kind: c.Kind, Limit: c.Limit, At: roomMonth(k.at), Breach: roomMonth(k.breach)}
		if k.at != 0 {
			x.Worst = finite(k.worst)
		}
		w.Covenants = append(w.Covenants, x)
	}
	for _, c := range s.claims {
		x := room.CapitalClaim{What: c.what, Low: c.low, High: c.high, Unit: c.unit, From: c.from, Ours: c.ours, Contrary: c.contrary(), Findings: []room.CapitalFinding{}}
		for _, f := range c.findings {
			x.Findings = append(x.Findings, room.CapitalFinding{Says: f.says, Contrary: f.contrary})
		}
		w.Published = append(w.Published, x)
	}
}
