package treasury

import (
	"errors"
	"fmt"
	"math"
)

// ErrPolicy says that a policy makes no sense.
var ErrPolicy = errors.New("no policy")

// Kind is how a policy decides.
type Kind uint8

// The kinds. The zero policy holds.
const (
	Hold      Kind = iota // sells nothing
	SellAll               // sells every free coin
	Part                  // sells a share of what was mined in the week
	Cover                 // sells what the costs of the next days lack in cash
	Threshold             // keeps cash and the share of BTC within bands
	Average               // sells a share of the free coins every so many weeks
)

// Kinds are all kinds, in order.
func Kinds() []Kind { return []Kind{Hold, SellAll, Part, Cover, Threshold, Average} }

// String is the kind as files and flags write it.
func (k Kind) String() string {
	switch k {
	case Hold:
		return "hold"
	case SellAll:
		return "sell-all"
	case Part:
		return "part"
	case Cover:
		return "cover"
	case Threshold:
		return "threshold"
	case Average:
		return "average"
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// MarshalText writes the kind as its word.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a kind from its word; the error is ErrPolicy.
func (k *Kind) UnmarshalText(text []byte) error {
	for _, x := range Kinds() {
		if x.String() == string(text) {
			*k = x
			return nil
		}
	}
	return fmt.Errorf("%.40q is no kind of policy: write one of %v: %w", text, Kinds(), ErrPolicy)
}

// Policy is a rule of selling. Fields that its kind does not use stay zero.
type Policy struct {
	Kind    Kind
	Share   float64 // Part: of the coins mined; Average: of the free coins; Threshold: most BTC of the treasury
	Least   float64 // Threshold: share of BTC below which the policy does not sell, not even for the floor
	Floor   float64 // Threshold: cash that is filled up to, USD
	Ceiling float64 // Threshold: cash above which no coin is sold for the share, USD; 0: none
	Cover   float64 // Cover: days of costs and interest that cash is to cover
	Every   int     // Average: weeks of a period
	Evenly  bool    // Average: in even parts over the weeks of the period, not at once in its first
	Keep    float64 // free coins that the policy leaves alone, BTC; bills may still take them
}

// State is what a policy looks at: a treasury at the end of a week, after its bills.
type State struct {
	Week  int
	Price float64 // what a coin brings, after fees of the sale, USD
	Cash  float64 // USD; negative is what bills lack
	BTC   float64 // held, pledged ones too
	Free  float64 // not pledged, BTC
	Mined float64 // in the week, BTC
	Need  float64 // costs and interest due within the days that the policy covers, USD
}

// Reason is why a policy sells, or does not.
type Reason string

// The reasons. Words are only ever added.
const (
	Holds      Reason = "policy-holds"
	SellsAll   Reason = "policy-sells-all"
	SellsPart  Reason = "share-of-mined"
	CoversNeed Reason = "cash-below-need"
	NeedMet    Reason = "need-is-covered"
	FillsFloor Reason = "cash-below-floor"
	CutsShare  Reason = "share-above-band"
	InBands    Reason = "within-bands"
	Due        Reason = "week-of-sale"
	NotDue     Reason = "week-without-sale"
	NoState    Reason = "state-is-no-number"
)

// most is the longest period of a policy: weeks of ten years.
const most = 520

// Check refuses a policy that makes no sense, with all its faults.
func (p Policy) Check() error {
	var faults []error
	fault := func(wrong bool, format string, a ...any) {
		if wrong {
			faults = append(faults, fmt.Errorf(format, a...))
		}
	}
	for _, x := range []float64{p.Share, p.Least, p.Floor, p.Ceiling, p.Cover, p.Keep} {
		fault(math.IsNaN(x) || math.IsInf(x, 0) || x < 0, "%v: figures of a policy are numbers and not negative", x)
	}
	fault(p.Share > 1, "share %v: a policy cannot sell more than is held: write a share of 0 to 1", p.Share)
	fault(p.Kind > Average, "%v: the kinds are %v", p.Kind, Kinds())
	share, bands := p.Kind == Part || p.Kind == Average || p.Kind == Threshold, p.Kind == Threshold
	fault(share && p.Share == 0, "share 0: a share above 0 is needed; to sell nothing choose hold, and 1 is no upper bound of a band")
	fault(!share && p.Share != 0, "share %v: this kind has none: leave it out", p.Share)
	fault(!bands && (p.Least != 0 || p.Floor != 0 || p.Ceiling != 0), "least, floor and ceiling belong to threshold: leave them out")
	fault(bands && p.Least > p.Share, "least share %v is above the share %v: a band begins below its end", p.Least, p.Share)
	fault(bands && p.Ceiling != 0 && p.Ceiling <= p.Floor, "ceiling %v is not above the floor %v: raise it, or write 0 for none", p.Ceiling, p.Floor)
	fault(bands && p.Floor == 0 && p.Share == 1, "a floor of 0 and a share of 1 never sell: choose hold")
	fault(p.Kind == Cover && (p.Cover == 0 || p.Cover > 366), "cover %v: write above 0 and at most 366 days", p.Cover)
	fault(p.Kind != Cover && p.Cover != 0, "cover %v: this kind has none: leave it out", p.Cover)
	fault(p.Kind == Average && (p.Every < 1 || p.Every > most), "every %d: write a period of 1 to %d weeks", p.Every, most)
	fault(p.Kind != Average && (p.Every != 0 || p.Evenly), "every and evenly belong to average: leave them out")
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("policy %v: %w: %w", p.Kind, err, ErrPolicy)
	}
	return nil
}

// Horizon is the time of costs that Need is to hold, weeks: the days of Cover, else one week.
func (p Policy) Horizon() float64 {
	if p.Kind == Cover {
		return p.Cover / 7
	}
	return 1
}

// Sell is how many coins the policy sells, BTC: never negative, never more than is
// free. A state that is no number sells nothing.
//
// Formulas: docs/formula/treasury.md, Policies.
func (p Policy) Sell(s State) float64 {
	btc, _ := p.decide(s)
	return btc
}

// decide is what is sold, and why.
func (p Policy) decide(s State) (float64, Reason) {
	if !(s.Price > 0) || math.IsInf(s.Price, 0) || !finite(s.Cash+s.BTC+s.Free+s.Mined+s.Need) {
		return 0, NoState
	}
	want, why := p.want(s)
	btc := min(want, min(s.Free, s.BTC)-p.Keep)
	if !(btc > 0) {
		return 0, why
	}
	return btc, why
}

// want is what the policy would sell if every coin were free.
func (p Policy) want(s State) (float64, Reason) {
	switch p.Kind {
	case Hold:
		return 0, Holds
	case SellAll:
		return s.Free, SellsAll
	case Part:
		return p.Share * s.Mined, SellsPart
	case Cover:
		if s.Cash >= s.Need {
			return 0, NeedMet
		}
		return (s.Need - s.Cash) / s.Price, CoversNeed
	case Threshold:
		return p.bands(s)
	case Average:
		return p.period(s)
	}
	return 0, NoState
}

// bands sells what the floor lacks, or what the share of BTC is above its band,
// whichever is more.
func (p Policy) bands(s State) (float64, Reason) {
	worth := s.Cash + s.BTC*s.Price
	fill := min((p.Floor-s.Cash)/s.Price, s.BTC-p.Least*worth/s.Price)
	over := s.BTC - p.Share*worth/s.Price
	if p.Ceiling > 0 {
		over = min(over, (p.Ceiling-s.Cash)/s.Price)
	}
	switch {
	case fill <= 0 && over <= 0:
		return 0, InBands
	case fill >= over:
		return fill, FillsFloor
	}
	return over, CutsShare
}

// period sells the share at once in the first week of a period, or in parts that are
// even where no coin comes in: of the free coins of week k of n it is
// (share/n) / (1 - k share/n).
func (p Policy) period(s State) (float64, Reason) {
	if p.Every < 1 || s.Week < 0 {
		return 0, NoState
	}
	k := s.Week % p.Every
	free := max(s.Free-p.Keep, 0)
	if !p.Evenly {
		if k != 0 {
			return 0, NotDue
		}
		return p.Share * free, Due
	}
	part := p.Share / float64(p.Every)
	return part / (1 - float64(k)*part) * free, Due
}

// Forced is what must be sold so that a shortfall of cash, USD, is met even where the
// policy holds: BTC, never more than is free. What then still lacks, USD, is unmet.
func Forced(s State, shortfall float64) (btc, unmet float64) {
	if !(shortfall > 0) {
		return 0, 0
	}
	free := max(min(s.Free, s.BTC), 0)
	if !(s.Price > 0) || !finite(free) {
		return 0, shortfall
	}
	btc = shortfall / s.Price
	if btc <= free {
		return btc, 0
	}
	return free, shortfall - free*s.Price
}

// Proposal is a sale that waits for people to sign it.
type Proposal struct {
	Policy   Policy
	State    State
	BTC      float64 // that the policy sells
	Forced   float64 // that bills take beyond it, BTC
	Proceeds float64 // of both, USD
	Cash     float64 // after it, USD
	Held     float64 // coins after it, BTC
	Unmet    float64 // of bills, USD
	Reason   Reason
}

// Propose is what the policy would do, with the reason. The error is ErrPolicy.
func Propose(p Policy, s State) (Proposal, error) {
	if err := p.Check(); err != nil {
		return Proposal{}, err
	}
	out := Proposal{Policy: p, State: s}
	out.BTC, out.Reason = p.decide(s)
	if out.Reason == NoState {
		return Proposal{}, fmt.Errorf("week %d: price %v, cash %v, %v BTC: a proposal needs a price above 0 and figures that are numbers: %w", s.Week, s.Price, s.Cash, s.BTC, ErrPolicy)
	}
	rest := s
	rest.BTC, rest.Free = s.BTC-out.BTC, s.Free-out.BTC
	out.Forced, out.Unmet = Forced(rest, -(s.Cash + out.BTC*s.Price))
	out.Proceeds = (out.BTC + out.Forced) * s.Price
	out.Cash, out.Held = s.Cash+out.Proceeds, s.BTC-out.BTC-out.Forced
	return out, nil
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
