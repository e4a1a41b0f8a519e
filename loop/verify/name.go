package verify

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"sluice/unit"
)

const (
	surely     = 999_000 // chance from which a unit is named, twice in a row
	still      = 900_000 // and below which it is no longer
	hardly     = 2_000   // chance below which a unit is cleared of doubt
	doubted    = 20_000  // chance from which it is worth a probe
	wrongFrom  = 200_000 // part of its changes that must be misstated to be named
	liarFrom   = 500_000 // part from which it is a liar
	listed     = 16      // units listed with a finding
	weighApart = 32      // a verdict is renewed with each 32nd part of the steps
	probeMost  = 8       // units of one probe
	movesAlike = 300_000 // correlation of stated changes from which two units cannot be told apart well
)

// naming is one unit that is suspected or named.
type naming struct {
	code   Code
	since  time.Time
	counts int // verdicts in a row that said so
}

// judge weighs all steps, if enough are new, and names or unnames.
func (w *Witness) judge(at time.Time) {
	n := len(w.scales.steps)
	if n < stepsFirst || w.said != nil && n >= w.said.steps && n-w.said.steps < max(1, n/weighApart) {
		return
	}
	w.said = w.scales.weigh(w.said)
	for i := range w.cfg.Units {
		w.name(i, at)
	}
}

// name judges one unit by the new verdict.
func (w *Witness) name(i int, at time.Time) {
	code, chance := w.verdictOn(i)
	was, known := w.named[i]
	switch {
	case code != "" && chance >= surely:
		if !known || was.counts < 2 {
			was = naming{code, at, was.counts + 1}
		}
		was.code = code
		w.named[i] = was
	case known && (was.counts < 2 || code == "" || chance < still):
		delete(w.named, i)
	}
}

// verdictOn is what the scales hold against unit i, and how surely.
func (w *Witness) verdictOn(i int) (Code, unit.Ratio) {
	lacks := w.said.lacks(i)
	switch liar := w.said.chance(i); {
	case lacks >= liarFrom:
		return Liar, max(liar, w.said.misstates(i))
	case max(lacks, -lacks) >= wrongFrom:
		return Drifting, w.said.misstates(i)
	}
	return "", 0
}

// explain names units: liars, doubtful sleepers, what is silent, and what load
// nobody explains.
func (w *Witness) explain(r Round, rep Report) []Finding {
	var found []Finding
	explained := unit.Power(0)
	for _, i := range slices.Sorted(maps.Keys(w.named)) {
		f, hidden := w.accuse(i, r)
		if w.named[i].counts >= 2 {
			found = append(found, f)
			explained += hidden.Scale(r.Overhead)
		}
	}
	if f, is := w.silent(r, rep); is {
		found = append(found, f)
	}
	hidden := rep.Unexplained - rep.Silent - explained
	since, stands := w.watch.stands(HiddenLoad, !w.watch.sick && hidden > max(rep.Measured, rep.Expected).Scale(w.cfg.Least), r.At, w.cfg.Hidden)
	if !stands {
		return found
	}
	e := Evidence{Stated: rep.Expected, Measured: rep.Measured, Share: rep.Share}
	found = append(found, Finding{Code: HiddenLoad, Unit: Group, Power: hidden, Since: since, Evidence: e})
	if e.Units = w.sleepers(r.At); len(e.Units) > 0 {
		e.Count, e.Units = len(e.Units), e.Units[:min(listed, len(e.Units))]
		found = append(found, Finding{Code: AsleepDoubt, Unit: Group, Power: hidden, Since: since, Evidence: e})
	}
	return found
}

// accuse is the finding against unit i, and what it is thought to draw now
// beyond what it states.
func (w *Witness) accuse(i int, r Round) (Finding, unit.Power) {
	n, s := w.named[i], &r.Units[i]
	lacks := w.said.lacks(i)
	p := w.full(i).Scale(lacks)
	hidden := unit.Power(0)
	if s.Known && n.code == Liar && s.Power < w.full(i) {
		hidden = (w.full(i) - s.Power).Scale(lacks)
	}
	_, chance := w.verdictOn(i)
	e := Evidence{Share: lacks, Chance: chance, Steps: w.said.steps}
	if s.Known {
		e.Stated = s.Power
	}
	return Finding{Code: n.code, Unit: i, Power: max(p, -p), Since: n.since, Evidence: e}, hidden
}

// silent is the finding of all units that were not heard: one for all, because
// a switch takes hundreds with it.
func (w *Witness) silent(r Round, rep Report) (Finding, bool) {
	e := Evidence{}
	for i := range r.Units {
		if !r.Units[i].Known {
			if e.Count++; e.Count <= listed {
				e.Units = append(e.Units, i)
			}
		}
	}
	since, is := w.watch.stands(Stale, e.Count > 0, r.At, 0)
	return Finding{Code: Stale, Unit: Group, Power: rep.Silent, Since: since, Evidence: e}, is
}

// sleepers is who says asleep for long and is not cleared, the most doubtful
// first, then the longest asleep.
func (w *Witness) sleepers(at time.Time) []int {
	var out []int
	for i, since := range w.asleep {
		if !since.IsZero() && at.Sub(since) >= w.cfg.Asleep && w.chance(i) >= hardly && w.named[i].counts < 2 {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(a, b int) int {
		return cmp.Or(cmp.Compare(w.chance(b), w.chance(a)), w.asleep[a].Compare(w.asleep[b]))
	})
	return out
}

// chance is the highest chance of unit i not to be honest, as far as is known.
func (w *Witness) chance(i int) unit.Ratio {
	if w.said == nil {
		return doubted
	}
	return w.said.doubts(i)
}

// Factor is what unit i draws for each watt that it states to have changed by,
// and the standard deviation of that. The second result says whether anything is
// known yet.
func (w *Witness) Factor(i int) (factor, spread unit.Ratio, known bool) {
	if w.said == nil {
		return unit.One, 0, false
	}
	factor, spread = w.scales.factor(w.said, i)
	return factor, spread, true
}

// Suspects proposes up to n small sets of units. To lower or wake a set by
// itself, when an order of that kind is due anyway, tells most about those in
// it. Units that always moved together are in different sets. Without doubt there
// are none.
func (w *Witness) Suspects(n int) [][]int {
	pool := w.doubtful()
	var sets [][]int
	for len(pool) > 0 && len(sets) < n {
		set, left := []int{pool[0]}, pool[:0:0]
		for _, i := range pool[1:] {
			if len(set) < probeMost && w.apart(set, i) {
				set = append(set, i)
			} else {
				left = append(left, i)
			}
		}
		sets, pool = append(sets, set), left
	}
	return sets
}

// doubtful is who is neither named nor cleared, the nearest to even odds first.
func (w *Witness) doubtful() []int {
	if w.said == nil {
		return w.sleepers(w.at)
	}
	var out []int
	for i := range w.cfg.Units {
		if c := w.said.doubts(i); c > doubted && w.said.misstates(i) < surely {
			out = append(out, i)
		}
	}
	far := func(i int) unit.Ratio { d := w.said.doubts(i) - unit.One/2; return max(d, -d) }
	slices.SortStableFunc(out, func(a, b int) int { return cmp.Compare(far(a), far(b)) })
	return out
}

// apart reports whether the steps so far let unit i be told from all of set.
func (w *Witness) apart(set []int, i int) bool {
	return !slices.ContainsFunc(set, func(j int) bool { return w.scales.alike(i, j) > movesAlike })
}

// Clear forgets what unit i said and did, because it was repaired or replaced.
func (w *Witness) Clear(i int) {
	if w.said != nil {
		w.scales.forget(i, w.said.part[i])
		w.said = nil
	}
	delete(w.named, i)
	w.asleep[i], w.awake[i] = time.Time{}, 0
	w.judge(w.at)
}
