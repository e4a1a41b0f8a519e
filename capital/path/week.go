package path

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// ErrHistory is what every complaint about daily or weekly figures is.
var ErrHistory = errors.New("the history does not serve")

const (
	day  = 24 * time.Hour
	week = 7 * day
	// yearWeeks is the mean number of weeks of a calendar year.
	yearWeeks = 365.2425 / 7
)

// Day is what was seen of bitcoin and its network on one day, UTC.
type Day struct {
	Day        time.Time // its first instant
	Price      float64   // at its end, USD/BTC
	Difficulty float64   // at its end
	Reward     float64   // mean of its blocks, subsidy and fees, BTC; 0: not known
	Subsidy    float64   // mean of its blocks, new coin alone, BTC; 0: by the date
}

// Week is seven days of it.
type Week struct {
	Begin      time.Time
	Price      float64 // at its end, USD/BTC
	Difficulty float64 // at its end
	// Fees is the reward of a block over its subsidy, mean of the days, at least 1.
	Fees float64
	// NoFees says that the fees are not known and Fees is 1 for want of them.
	NoFees bool
	// Subsidy is the mean new coin of a block, BTC; 0: by the date.
	Subsidy float64
}

// History is weeks without a gap, oldest first.
type History []Week

// Weekly makes weeks of days that follow each other, counted from the first one;
// a rest of fewer than seven is left out. Price and difficulty are those of the last
// day, because a mean of days would hide a third of the variance. Fees are the mean
// over the days whose reward and subsidy are known. The subsidy of a day on which a
// halving fell is not known by the date: such a day counts only where Subsidy is
// given, else its fees are left out. After 2027 every day must give its subsidy,
// because the date of the next halving is not known here.
//
// Formula: fees = mean(reward / subsidy). Source: docs/formula/path.md. Errors are ErrHistory.
func Weekly(days []Day) (History, error) {
	if len(days) < 7 {
		return nil, fmt.Errorf("%d days are there and a week needs 7: %w", len(days), ErrHistory)
	}
	for i, d := range days {
		if err := d.validate(); err != nil {
			return nil, err
		}
		if i > 0 && !d.Day.Equal(days[i-1].Day.Add(day)) {
			return nil, fmt.Errorf("%s does not follow %s by a day: fill the gap: %w", date(d.Day), date(days[i-1].Day), ErrHistory)
		}
	}
	h := make(History, 0, len(days)/7)
	for ; len(days) >= 7; days = days[7:] {
		w, err := weekOf(days[:7])
		if err != nil {
			return nil, err
		}
		h = append(h, w)
	}
	return h, nil
}

// weekOf sums seven days up.
func weekOf(days []Day) (Week, error) {
	last := days[6]
	w := Week{Begin: days[0].Day.UTC(), Price: last.Price, Difficulty: last.Difficulty, Fees: 1}
	var fees, known float64
	for _, d := range days {
		subsidy, mixed, err := d.subsidy()
		if err != nil {
			return w, err
		}
		w.Subsidy += subsidy / 7
		if d.Reward == 0 || mixed {
			continue
		}
		times := d.Reward / subsidy
		if times < 1-1e-6 { // figures of eight digits may miss 1 by their last one
			return w, fmt.Errorf("%s: a reward of %v BTC a block is below the subsidy of %v: give the day's mean subsidy: %w", date(d.Day), d.Reward, subsidy, ErrHistory)
		}
		fees, known = fees+max(times, 1), known+1
	}
	w.NoFees = known == 0
	if known > 0 {
		w.Fees = fees / known
	}
	return w, nil
}

func (d Day) validate() error {
	if !positive(d.Price) || !positive(d.Difficulty) {
		return fmt.Errorf("%s: price %v and difficulty %v are numbers above nought: %w", date(d.Day), d.Price, d.Difficulty, ErrHistory)
	}
	if d.Reward != 0 && !positive(d.Reward) || d.Subsidy != 0 && !positive(d.Subsidy) {
		return fmt.Errorf("%s: reward %v and subsidy %v of a block are above nought, or nought where they are not known: %w", date(d.Day), d.Reward, d.Subsidy, ErrHistory)
	}
	return nil
}

// subsidy is the mean subsidy of a day; mixed says that it is only an estimate,
// because two subsidies were paid on it.
func (d Day) subsidy() (btc float64, mixed bool, err error) {
	if d.Subsidy > 0 {
		return d.Subsidy, false, nil
	}
	btc, mixed, ok := subsidyBetween(d.Day, d.Day.Add(day))
	if !ok {
		return 0, false, fmt.Errorf("%s: the date no longer says the subsidy: give it with the day: %w", date(d.Day), ErrHistory)
	}
	return btc, mixed, nil
}

// Validate reports the first week that cannot be, or does not follow the one before.
// Its errors are ErrHistory.
func (h History) Validate() error {
	for i, w := range h {
		if !positive(w.Price) || !positive(w.Difficulty) || !positive(w.Fees) || w.Fees < 1 || w.Subsidy != 0 && !positive(w.Subsidy) {
			return fmt.Errorf("week of %s: price %v and difficulty %v are above nought, fees %v at least 1, subsidy %v not negative: %w",
				date(w.Begin), w.Price, w.Difficulty, w.Fees, w.Subsidy, ErrHistory)
		}
		if i > 0 && !w.Begin.Equal(h[i-1].Begin.Add(week)) {
			return fmt.Errorf("week of %s does not follow that of %s: fill the gap: %w", date(w.Begin), date(h[i-1].Begin), ErrHistory)
		}
	}
	return nil
}

// End is the state at the end of the history, from which futures may start; height
// is that of the last block by then.
func (h History) End(height int64) (Start, error) {
	if len(h) == 0 {
		return Start{}, fmt.Errorf("no week is there: %w", ErrHistory)
	}
	w := h[len(h)-1]
	return Start{At: w.Begin.Add(week), Height: height, Price: w.Price, Difficulty: w.Difficulty}, nil
}

// change is the logarithm of price and of difficulty over those of the week before.
func (h History) change(i int) (price, difficulty float64) {
	return math.Log(h[i].Price / h[i-1].Price), math.Log(h[i].Difficulty / h[i-1].Difficulty)
}

// positive says that x is a number above nought, and not an infinite one.
func positive(x float64) bool { return x > 0 && !math.IsInf(x, 1) }

// finite says that x is a number.
func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

func date(t time.Time) string { return t.UTC().Format(time.DateOnly) }
