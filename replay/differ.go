package replay

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"sluice/loop/cycle"
	"sluice/replay/report"
	"sluice/series"
	"sluice/unit"
)

// momentsShown is how many intervals a report names for each policy that Sluice is held
// against.
const momentsShown = 10

// days is what each policy earned on each local day, charges by month left out.
func (r *run) days() []report.Day {
	var out []report.Day
	sheets := r.sheets()
	var end time.Time
	for i := range r.m.grid.Len() {
		at := r.m.grid.Start(i)
		if len(out) == 0 || !at.Before(end) {
			end = series.DayOf(at, r.s.Site.Zone).End()
			out = append(out, report.Day{Start: at, Net: make([]unit.Amount, len(sheets))})
		}
		for p, s := range sheets {
			out[len(out)-1].Net[p] += s.t.net(i)
		}
	}
	return out
}

// moments are the intervals in which Sluice differed most from each other policy, in
// their order of time.
func (r *run) moments() []report.Moment {
	sheets := r.sheets()
	mine := slices.IndexFunc(sheets, func(s sheet) bool { return s.id == report.Sluice })
	found := map[int]bool{}
	for p := range sheets {
		if p != mine {
			for _, i := range furthest(r.m.grid.Len(), func(i int) unit.Amount { return sheets[mine].t.net(i) - sheets[p].t.net(i) }) {
				found[i] = true
			}
		}
	}
	var out []report.Moment
	for i := range r.m.grid.Len() {
		if !found[i] {
			continue
		}
		x := report.Moment{Start: r.m.grid.Start(i)}
		x.Price, _ = r.m.price(i)
		for _, s := range sheets {
			x.Net, x.Power = append(x.Net, s.t.net(i)), append(x.Power, s.t.load[i])
		}
		out = append(out, x)
	}
	return out
}

// furthest are the intervals with the largest differences to either side; those without
// any are left out.
func furthest(n int, by func(int) unit.Amount) []int {
	all := make([]int, 0, n)
	for i := range n {
		if by(i) != 0 {
			all = append(all, i)
		}
	}
	size := func(i int) unit.Amount { return max(by(i), -by(i)) }
	slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(size(b), size(a)) })
	return all[:min(momentsShown, len(all))]
}

// Why reads the reasons of the turns that begin at the given instants out of the papers
// of a run. An instant of which no turn is kept has none. Papers that were changed after
// they were sealed are refused.
func Why(dir string, at []time.Time) (map[int64][]cycle.Reason, error) {
	seals, err := filepath.Glob(filepath.Join(dir, "papers-*.seal.json"))
	if err != nil || len(seals) == 0 {
		return nil, fmt.Errorf("%s holds no finished papers (%w): name the folder that a replay printed", dir, ErrNoTurn)
	}
	wanted := map[int64]bool{}
	for _, t := range at {
		wanted[t.Unix()] = true
	}
	out := map[int64][]cycle.Reason{}
	for _, path := range seals {
		if !slices.ContainsFunc(at, func(t time.Time) bool { return unlikely(path, 0, t) == 0 }) {
			continue
		}
		if err := whyIn(dir, path, wanted, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// whyIn looks through the papers of one month.
func whyIn(dir, path string, wanted map[int64]bool, out map[int64][]cycle.Reason) error {
	raw, err := os.ReadFile(path) //nolint:gosec // the caller named the folder
	if err != nil {
		return err
	}
	var s seal
	if err := json.Unmarshal(raw, &s); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return book{dir}.read(s, func(line []byte) error {
		var head struct{ Delivery struct{ At time.Time } }
		if err := json.Unmarshal(tail(line), &head); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if !wanted[head.Delivery.At.Unix()] {
			return nil
		}
		var t struct {
			Plan struct{ Reasons []cycle.Reason }
		}
		if err := json.Unmarshal(line, &t); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		out[head.Delivery.At.Unix()] = t.Plan.Reasons
		return nil
	})
}
