package live

import (
	"cmp"
	"slices"
	"time"

	"sluice/driver/pool"
	"sluice/loop/verify"
	"sluice/unit"
)

// creditKept is for how long what machines did is kept, and how old a window of a
// pool may be that is still compared.
const creditKept = 48 * time.Hour

// The bounds beyond which a way proves nothing.
const (
	unheardMost  = 30_000  // of the hash rate, by machines that were not heard
	startingMost = 10_000  // of the hash rate, by machines that had just started
	meteredLeast = 980_000 // of the time in which the meter was read
)

// account is what the machines of one group did in a stretch of time.
type account struct {
	stated   unit.Work   // that they said
	due      unit.Work   // that their curve gives at the draw that they said
	unheard  unit.Work   // that those could have done at most which said nothing; a little below zero where readings overlap
	starting unit.Work   // that those could do which had just started: a draw without hashes
	drawn    unit.Energy // that they said
	metered  unit.Energy // by the meter, in watts of machines
	measured bool        // the meter was there, and sees them all and nobody else
}

func (a account) plus(b account) account {
	return account{
		a.stated + b.stated, a.due + b.due, a.unheard + b.unheard, a.starting + b.starting,
		a.drawn + b.drawn, a.metered + b.metered, a.measured && b.measured,
	}
}

// stretch is one settlement interval.
type stretch struct {
	from, to time.Time
	sums     map[string]account // by mining group; under the empty name the whole site
}

// credits holds what machines did against what a pool credited.
type credits struct {
	stretches []stretch // in order, without overlap
	windows   []pool.Credit
	written   time.Time // when the file was: what ended later may lack shares
	judged    map[windowKey]pool.Credit
	last      map[string]ThreeWays   // by group
	found     map[string]verify.Code // by group: what was told last
}

// windowKey names a window.
type windowKey struct {
	group  string
	start  int64
	length time.Duration
}

func windowOf(w pool.Credit) windowKey { return windowKey{w.Group, w.Start.Unix(), w.Length} }

// ThreeWays is the hash rate of one group over one window, known three ways.
type ThreeWays struct {
	Group    string         `json:"group,omitempty"` // empty: the whole site
	Start    time.Time      `json:"start"`
	Minutes  int64          `json:"minutes"`
	Device   *unit.Hashrate `json:"device_ghs,omitempty"` // nil: too many machines were not heard
	Pool     unit.Hashrate  `json:"pool_ghs"`
	Energy   *unit.Hashrate `json:"energy_ghs,omitempty"` // nil: too many machines had just started, or nothing was drawn
	Metered  bool           `json:"metered"`              // energy is the meter's, and not what machines state
	Shares   int64          `json:"shares"`
	Gaps     []Gap          `json:"gaps"`
	Finding  verify.Code    `json:"finding,omitempty"`
	Share    unit.Ratio     `json:"share_millionths,omitempty"` // the difference that the finding means
	credited pool.Credit
}

// Gap is how far two ways differ, as a part of the greater.
type Gap struct {
	Pair   string     `json:"pair"`
	Share  unit.Ratio `json:"share_millionths"` // positive when the first is greater
	Limit  unit.Ratio `json:"limit_millionths"`
	Differ bool       `json:"differ,omitempty"`
}

// add keeps one stretch, and forgets those that are too old.
func (c *credits) add(s stretch) {
	c.stretches = append(c.stretches, s)
	old := slices.IndexFunc(c.stretches, func(x stretch) bool { return s.to.Sub(x.from) <= creditKept })
	if old > 0 {
		c.stretches = slices.Delete(c.stretches, 0, old)
	}
}

// take takes the windows of a file that was written at an instant. It returns how
// many begin or end within a stretch, so that nothing can be compared.
func (c *credits) take(windows []pool.Credit, written, now time.Time, step time.Duration) (odd int) {
	c.windows, c.written = c.windows[:0], written
	judged := map[windowKey]pool.Credit{}
	for _, w := range windows {
		if now.Sub(w.End()) > creditKept {
			continue
		}
		if !w.Start.Truncate(step).Equal(w.Start) || !w.End().Truncate(step).Equal(w.End()) {
			odd++
			continue
		}
		c.windows = append(c.windows, w)
		if before, is := c.judged[windowOf(w)]; is {
			judged[windowOf(w)] = before
		}
	}
	c.judged = judged
	slices.SortStableFunc(c.windows, func(a, b pool.Credit) int {
		return cmp.Or(a.End().Compare(b.End()), a.Start.Compare(b.Start), cmp.Compare(a.Group, b.Group))
	})
	return odd
}

// judge compares every window that is wholly covered and was not compared yet, or
// had another content then.
func (c *credits) judge() []ThreeWays {
	var out []ThreeWays
	for _, w := range c.windows {
		if before, is := c.judged[windowOf(w)]; is && before == w || c.written.Before(w.End()) {
			continue
		}
		sum, covered := c.covered(w)
		if !covered {
			continue
		}
		c.judged[windowOf(w)] = w
		t, err := reconcile(w, sum)
		if err != nil {
			continue // beyond all miners of the world: the reader of the file bounds it
		}
		if c.last == nil {
			c.last = map[string]ThreeWays{}
		}
		if was, is := c.last[w.Group]; !is || !w.End().Before(was.credited.End()) {
			c.last[w.Group] = t
		}
		out = append(out, t)
	}
	return out
}

// covered sums what the machines of a window did, if nothing of it is missing.
func (c *credits) covered(w pool.Credit) (account, bool) {
	sum, at := account{measured: true}, w.Start
	for _, s := range c.stretches {
		if s.from.Before(w.Start) || !s.from.Before(w.End()) {
			continue
		}
		a, known := s.sums[w.Group]
		if !s.from.Equal(at) || !known {
			return account{}, false
		}
		sum, at = sum.plus(a), s.to
	}
	return sum, at.Equal(w.End())
}

// news is whether the finding of a group is another than the one told last.
func (c *credits) news(t ThreeWays) bool {
	if c.found == nil {
		c.found = map[string]verify.Code{}
	}
	was := c.found[t.Group]
	c.found[t.Group] = t.Finding
	return t.Finding != "" && t.Finding != was
}

// reconcile compares one window three ways.
//
// Source: docs/formula/verify.md.
func reconcile(w pool.Credit, a account) (ThreeWays, error) {
	hash, err := verify.Credited(w.Difficulty, w.Length)
	if err != nil {
		return ThreeWays{}, err
	}
	x := verify.Ways{
		Window: w.Length, Shares: w.Shares, Pool: verify.Way{Hash: hash, Known: true},
		Energy: a.energy(w.Length),
	}
	x.Device = a.device(w.Length, x.Energy, hash)
	m, err := verify.Reconcile(x)
	if err != nil {
		return ThreeWays{}, err
	}
	t := ThreeWays{
		Group: w.Group, Start: w.Start, Minutes: int64(w.Length / time.Minute), Pool: hash, Shares: w.Shares,
		Device: rateOf(x.Device), Energy: rateOf(x.Energy), Metered: a.measured, Gaps: []Gap{}, credited: w,
	}
	for _, p := range m.Pairs {
		if p.Known {
			t.Gaps = append(t.Gaps, Gap{p.Name, p.Gap, p.Limit, p.Differ})
		}
	}
	for _, f := range m.Findings {
		t.Finding, t.Share = f.Code, f.Evidence.Share
	}
	return t, nil
}

func rateOf(w verify.Way) *unit.Hashrate {
	if !w.Known {
		return nil
	}
	return &w.Hash
}

// energy is the hash rate that the energy is worth at the efficiency which the
// curves give for the draw that machines state. Where they just started it is not known.
func (a account) energy(window time.Duration) verify.Way {
	if a.due <= 0 || a.drawn <= 0 || part(a.starting, a.due) > startingMost {
		return verify.Way{}
	}
	drawn := a.drawn
	if a.measured {
		drawn = max(0, a.metered)
	}
	due := mean(a.due, window)
	if due == 0 {
		return verify.Way{}
	}
	h, err := verify.FromEnergy(drawn.Mean(window), unit.EfficiencyOf(a.drawn.Mean(window), due))
	return verify.Way{Hash: h, Known: err == nil}
}

// device is what machines state. Those that were not heard may have done nothing
// or all: the doubt is decided for the other ways, as long as it is small.
func (a account) device(window time.Duration, energy verify.Way, credited unit.Hashrate) verify.Way {
	low, more := mean(a.stated, window), mean(max(0, a.unheard), window)
	if more > 0 && part(unit.Work(more), unit.Work(low+more)) > unheardMost {
		return verify.Way{}
	}
	near := credited
	if energy.Known {
		near = energy.Hash
	}
	return verify.Way{Hash: min(max(near, low), low+more), Known: true}
}

func mean(w unit.Work, d time.Duration) unit.Hashrate {
	return unit.Hashrate(unit.MulDiv(int64(w), int64(time.Second), int64(d)))
}

// part is a of b, b above zero.
func part(a, b unit.Work) unit.Ratio {
	return unit.Ratio(unit.MulDiv(int64(a), int64(unit.One), int64(b)))
}
