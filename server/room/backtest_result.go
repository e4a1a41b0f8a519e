package room

import (
	"path"
	"slices"
	"time"

	"sluice/replay/report"
	"sluice/unit"
)

// BacktestResult is what each policy would have earned.
type BacktestResult struct {
	Currency string           `json:"currency"`
	Zone     string           `json:"zone"`
	Minutes  int              `json:"interval_minutes"`
	Made     string           `json:"made" doc:"Program and version."`
	Papers   string           `json:"papers_sha256" doc:"Of the papers of all turns."`
	Policies []BacktestPolicy `json:"policies"`
	Days     []BacktestDay    `json:"days" doc:"In the site's zone. Charges that are billed by month are in no day."`
	Moments  []BacktestMoment `json:"moments" doc:"Intervals in which policies differed most, oldest first."`
	Sources  []BacktestSource `json:"sources"`
	Notes    []string         `json:"notes" doc:"What a reader must know, in English."`
}

// BacktestPolicy is one policy and what came of it.
type BacktestPolicy struct {
	Policy     string `json:"policy" enum:"always,breakeven,lagged,sluice,hindsight"`
	Net        Micro  `json:"net_micro"`
	PerMWh     *Micro `json:"net_micro_per_mwh,omitempty" doc:"Net for each MWh that it drew; absent: it drew none."`
	Regret     *Micro `json:"regret_micro,omitempty" doc:"What perfect foresight would have earned beyond it."`
	Gain       Micro  `json:"gain_micro" doc:"Beyond always on."`
	Capture    *int64 `json:"capture_millionths,omitempty" doc:"Share of what foresight gains over always on; absent: there was next to nothing to gain."`
	Energy     Joules `json:"energy_j"`
	Mined      int64  `json:"mined_sat"`
	Off        int64  `json:"off_seconds" doc:"With no machine mining."`
	Starts     int    `json:"starts"`
	Violations int    `json:"violations" doc:"Intervals in which a limit or a contract was broken."`
	Executable bool   `json:"executable" doc:"False: it needed to know the future."`
}

// BacktestDay is what each policy earned on one day.
type BacktestDay struct {
	Start time.Time `json:"start"`
	Net   []Micro   `json:"net_micro" doc:"In the order of the policies."`
}

// BacktestMoment is one interval.
type BacktestMoment struct {
	Start   time.Time    `json:"start"`
	Spot    Micro        `json:"spot_micro_per_mwh"`
	Net     []Micro      `json:"net_micro" doc:"In the order of the policies."`
	Power   []int64      `json:"power_w" doc:"Mean import, in the same order."`
	Reasons []ReasonView `json:"reasons" doc:"Why Sluice decided as it did, use by use."`
}

// BacktestSource is one input.
type BacktestSource struct {
	Name     string `json:"name" doc:"Of its file."`
	What     string `json:"what"`
	Standing string `json:"standing"`
	SHA256   string `json:"sha256,omitempty"`
	Filled   int    `json:"filled" doc:"Intervals that had no value and were filled."`
}

// resultOf is a report as pages show it.
func resultOf(x Replayed) *BacktestResult {
	r := x.Report
	out := &BacktestResult{
		Currency: string(r.Period.Currency), Zone: r.Site.Zone, Minutes: r.Period.Minutes, Made: r.Made, Papers: r.Papers.SHA256,
		Policies: []BacktestPolicy{}, Days: []BacktestDay{}, Moments: []BacktestMoment{}, Sources: []BacktestSource{}, Notes: filled(slices.Clone(r.Notes)),
	}
	for _, p := range r.Policies {
		out.Policies = append(out.Policies, policyOf(r, p))
	}
	for _, d := range r.Days {
		out.Days = append(out.Days, BacktestDay{d.Start.UTC(), nets(d.Net)})
	}
	for _, m := range r.Moments {
		out.Moments = append(out.Moments, BacktestMoment{m.Start.UTC(), Micro(m.Price), nets(m.Net), watts(m.Power), reasonViews(x.Why[m.Start.Unix()])})
	}
	for _, s := range r.Sources {
		out.Sources = append(out.Sources, BacktestSource{path.Base(s.Name), s.What, string(s.Standing), s.SHA256, s.Filled})
	}
	return out
}

func nets(all []unit.Amount) []Micro {
	out := make([]Micro, len(all))
	for i, a := range all {
		out[i] = Micro(a)
	}
	return out
}

func policyOf(r report.Report, p report.Policy) BacktestPolicy {
	out := BacktestPolicy{
		Policy: p.ID, Net: Micro(p.Net), Gain: Micro(r.Gain(p.ID)), Energy: Joules(p.Energy), Mined: int64(p.Bitcoin),
		Off: int64(p.Off / time.Second), Starts: p.Starts, Violations: p.Violations, Executable: p.Executable,
	}
	if p.Energy > 0 {
		out.PerMWh = new(Micro(unit.MulDiv(int64(p.Net), int64(unit.MegawattHour), int64(p.Energy))))
	}
	best, known := r.Policy(report.Hindsight)
	if !known {
		return out
	}
	out.Regret = new(Micro(best.Net - p.Net))
	if most := r.Gain(report.Hindsight); r.Capture.Defined && most > 0 {
		out.Capture = new(unit.MulDiv(int64(r.Gain(p.ID)), int64(unit.One), int64(most)))
	}
	return out
}
