package path

import (
	"fmt"
	"math"
	"slices"
	"time"

	"sluice/capital"
)

// Bootstrap draws futures from the weeks of a history. It does not change, and may be
// used from many goroutines.
type Bootstrap struct {
	config   Config
	blocks   blocks
	steps    []step // by week of the window
	history  History
	last     Week      // of the history
	subsidy  []float64 // by week of the horizon, BTC
	log      []float64 // their logarithms
	kappa    float64
	level    float64 // logarithm
	distance float64 // of the logarithm of b from its level at the start, without subsidy and fees
	power    *PowerTable
	seasons  []int32 // row of the power table, by week of the horizon
	facts    Facts
}

// step is what a week of the history does to the week that it is drawn for.
type step struct {
	price, difficulty float64 // factors, with the wanted drift
	fees              float64 // multiplier itself
	// On a path that returns difficulty has no growth of its own: its factor then, what the
	// week does to the logarithm of b without fees, and the logarithm of the fees.
	still, returning, lnFees float64
}

// Facts is what futures rest on.
type Facts struct {
	From, To time.Time // of the window
	Weeks    int       // in it
	// Rise is what the price's logarithm gained in the window, a year; it was taken out.
	Rise float64
	// Growth is what the difficulty's logarithm gained in the window, a year. Used is
	// what it gains on paths of the plain walk: the same, or what was asked for.
	Growth, Used float64
	Level        float64 // to which returning paths return, USD/MWh
	Now          float64 // the efficiency-normalised hashprice at the start, USD/MWh
	NoFees       int     // weeks of the window whose fees are not known
	// Warning says on what thin ground the futures stand; empty: none.
	Warning string
}

// New prepares futures. A history that is too short, has gaps or holds no numbers is an
// ErrHistory, a bad config an ErrConfig.
//
// Formula: stationary bootstrap of Politis and Romano (1994) of joint weekly
// increments. Source: docs/formula/path.md.
func New(c Config, h History) (*Bootstrap, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if need := max(c.Window+1, historyLeast); len(h) < need {
		return nil, fmt.Errorf("%d weeks are there and %d are needed (the window of %d and the week before it, at least %d): give more history or a shorter window: %w",
			len(h), need, c.Window, historyLeast, ErrHistory)
	}
	if err := h.Validate(); err != nil {
		return nil, err
	}
	first := len(h) - c.Window
	b := &Bootstrap{
		config: c, blocks: newBlocks(first, c.Window, c.Block), history: slices.Clone(h), last: h[len(h)-1],
		kappa: c.Response.kappa(),
	}
	b.schedule()
	b.measure(h)
	if err := b.settle(h); err != nil {
		return nil, err
	}
	return b, b.match(h)
}

// schedule lays the subsidy on the weeks of the horizon.
func (b *Bootstrap) schedule() {
	b.subsidy, b.log = make([]float64, b.config.Weeks), make([]float64, b.config.Weeks)
	for t := range b.subsidy {
		b.subsidy[t] = b.config.Start.Subsidy(t)
		b.log[t] = math.Log(b.subsidy[t])
	}
}

// measure turns the window into steps.
func (b *Bootstrap) measure(h History) {
	first, n := b.blocks.first, float64(b.blocks.window)
	var rise, growth float64
	f := Facts{From: h[first].Begin, To: b.last.Begin.Add(week), Weeks: b.blocks.window}
	for i := first; i < len(h); i++ {
		p, d := h.change(i)
		rise, growth = rise+p/n, growth+d/n
		if h[i].NoFees {
			f.NoFees++
		}
	}
	f.Rise, f.Growth, f.Used = rise*yearWeeks, growth*yearWeeks, growth*yearWeeks
	if b.config.Growth != nil {
		f.Used = *b.config.Growth
	}
	drift, fall := b.config.Drift/yearWeeks, b.config.Response.falls()
	for i := first; i < len(h); i++ {
		p, d := h.change(i)
		p, d = p-rise, d-growth
		b.steps = append(b.steps, step{
			price: math.Exp(p + drift), difficulty: math.Exp(d + f.Used/yearWeeks), fees: h[i].Fees,
			// Difficulty follows the price's drift and the fall of J/TH, which keeps b where it is.
			still: math.Exp(d + drift + fall), returning: p - d, lnFees: math.Log(h[i].Fees),
		})
	}
	b.facts = f
}

// settle finds the level to which paths return, and how far the start is from it.
func (b *Bootstrap) settle(h History) error {
	r, s := b.config.Response, b.config.Start
	level := r.Level
	if level == 0 {
		var sum float64
		for _, w := range h[b.blocks.first:] {
			subsidy, err := w.subsidy()
			if err != nil {
				return err
			}
			years := s.At.Sub(w.Begin.Add(week)).Hours() / 24 / 365.2425
			fleet := r.Efficiency * math.Pow(1-r.Trend, -years)
			sum += math.Log(capital.Efficient(w.Price*capital.HashpriceBTC(w.Difficulty, subsidy*w.Fees), fleet))
		}
		level = math.Exp(sum / float64(b.blocks.window))
	}
	b.level = math.Log(level)
	bare := capital.Efficient(s.Price*capital.HashpriceBTC(s.Difficulty, 1), r.Efficiency)
	b.distance = math.Log(bare) - b.level
	b.facts.Level, b.facts.Now = level, bare*b.before()
	b.facts.Warning = b.warning()
	return nil
}

// before is the reward of a block, BTC, just before the first week.
func (b *Bootstrap) before() float64 { return capital.SubsidyAt(b.config.Start.Height) * b.last.Fees }

// subsidy is the mean subsidy of a week of the history.
func (w Week) subsidy() (float64, error) {
	if w.Subsidy > 0 {
		return w.Subsidy, nil
	}
	btc, _, ok := subsidyBetween(w.Begin, w.Begin.Add(week))
	if !ok {
		return 0, fmt.Errorf("week of %s: the date no longer says the subsidy: give it with the week, or give the level to which paths return: %w", date(w.Begin), ErrHistory)
	}
	return btc, nil
}

// warning says on what thin ground the futures stand.
func (b *Bootstrap) warning() string {
	var text string
	add := func(format string, a ...any) {
		if text != "" {
			text += " "
		}
		text += fmt.Sprintf(format, a...)
	}
	c := b.config
	if years := float64(c.Window) / 52; years < yearsFew && c.Weeks > 52 {
		add("The futures reach %d weeks (%.1f years) and are drawn from %d weeks (%.1f years): few independent years, so print the P5 to P95 band as that of 80 %%.",
			c.Weeks, float64(c.Weeks)/52, c.Window, years)
	}
	if times := math.Exp(b.facts.Used * float64(c.Weeks) / yearWeeks); c.Response.Share < 1 && times >= timesMuch {
		add("On paths of the plain walk difficulty grows by %.2f a year of its logarithm, %.0f times over the %d weeks; machines and price that grow as assumed would bear %.2f.",
			b.facts.Used, times, c.Weeks, c.Neutral())
	}
	if r := c.Response; r.Share > 0 && !within(r.HalfLife, halfLifeLeast, halfLifeMost) {
		add("A half-life of %g months lies outside the measured %d to %d.", r.HalfLife, halfLifeLeast, halfLifeMost)
	}
	if n := b.facts.NoFees; n > 0 {
		add("The fees of %d of %d weeks are not known and stand at none.", n, c.Window)
	}
	return text
}

// Facts is what the futures rest on.
func (b *Bootstrap) Facts() Facts { return b.facts }

// Weeks is the number of weeks of every future.
func (b *Bootstrap) Weeks() int { return b.config.Weeks }

// Week is the first instant of a week of every future, 0 the first.
func (b *Bootstrap) Week(t int) time.Time {
	return b.config.Start.At.Add(time.Duration(t) * week)
}
