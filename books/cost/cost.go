package cost

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sluice/books"
	"sluice/unit"
)

// Uses of power as lines are tagged with them.
const (
	Mining = "mining"
	Shared = "shared" // by several uses; an empty tag is the same
)

// Key divides what several uses, sites or models share. The first key whose account
// is the beginning of a line's account, and whose site is the line's, is taken.
type Key struct {
	Name    string    // such as "contracted MW of 2025-09"
	Account string    // such as Expenses:Corporate; empty: all
	Site    string    // empty: all
	Among   Dimension // empty: uses
	Shares  map[string]int64
}

// fits reports whether a key divides an amount.
func (k Key) fits(among Dimension, account string, t books.Tags) bool {
	return k.Among == among && strings.HasPrefix(account, k.Account) && (k.Site == "" || k.Site == t.Site)
}

// Input is what the statement is made from.
type Input struct {
	Chart    books.Chart
	Balances []books.Balance // what the transactions of the period did
	Earned   unit.Satoshi    // coins in lots that pool credits of the period made, net of the pool's fee
	Work     unit.Work       // accepted by the pools; 0: not known
	Keys     []Key
}

// Level is one line of the statement.
type Level struct {
	Level     books.Level
	Gross     unit.Amount
	Net       unit.Amount // less what power that was given back earned
	PerBTC    unit.Amount // gross, of one bitcoin
	NetPerBTC unit.Amount
	Hashcost  unit.Hashprice // gross, of one PH/s for a day; 0 where the work is not known
}

// Left is what no key divides: it is in no level, and must be told.
type Left struct {
	Account string
	Amount  unit.Amount
}

// Statement is the cost of a bitcoin at all levels.
type Statement struct {
	Levels  [4]Level
	Credits unit.Amount // earned by power that was given back, attributed to mining
	Earned  unit.Satoshi
	Keys    []string // that were used
	Left    []Left
}

// ErrNothingEarned is the failure of a cost per bitcoin where none was earned.
var ErrNothingEarned = errors.New("no bitcoin was earned")

// PerBitcoin states what a bitcoin cost. Gains and losses on coins that are held
// are in no level.
//
// Source: docs/formula/cost.md.
func PerBitcoin(in Input) (Statement, error) {
	if in.Earned <= 0 {
		return Statement{}, fmt.Errorf("cost of a bitcoin: %w in the period: state the costs in money instead", ErrNothingEarned)
	}
	out := Statement{Earned: in.Earned}
	all, err := in.shares(&out)
	if err != nil {
		return out, err
	}
	return out, out.levels(all, in.Work)
}

// share is what of a balance is mining's. A credit is what power that was given
// back earned; cost and credit are both positive.
type share struct {
	account string
	tags    books.Tags
	level   books.Level // NoCost: a credit
	amount  int64
}

// shares are all that is mining's.
func (in Input) shares(out *Statement) ([]share, error) {
	var all []share
	for _, b := range in.Balances {
		a, ok := in.Chart.Find(b.Account)
		if !ok {
			return nil, fmt.Errorf("%w: %s", books.ErrAccount, b.Account)
		}
		if a.Level == books.NoCost {
			continue
		}
		part, err := in.mining(b, out)
		if err != nil {
			return nil, err
		}
		all = append(all, share{b.Account, b.Tags, a.Level, part})
	}
	credits, err := in.credits()
	return append(all, credits...), err
}

// mining is what of a balance is mining's, by its tag or by a key.
func (in Input) mining(b books.Balance, out *Statement) (int64, error) {
	switch b.Tags.Use {
	case Mining:
		return b.Amount, nil
	case Shared, "":
	default:
		return 0, nil
	}
	i := slices.IndexFunc(in.Keys, func(k Key) bool { return k.fits("", b.Account, b.Tags) })
	if i < 0 {
		out.leave(b)
		return 0, nil
	}
	out.Keys = once(out.Keys, in.Keys[i].Name)
	parts, err := in.Keys[i].divide(b.Amount)
	return parts[Mining], err
}

// once is names and one more, if it is not among them.
func once(names []string, more string) []string {
	if slices.Contains(names, more) {
		return names
	}
	return append(names, more)
}

func (s *Statement) leave(b books.Balance) {
	i := slices.IndexFunc(s.Left, func(l Left) bool { return l.Account == b.Account })
	if i < 0 {
		i, s.Left = len(s.Left), append(s.Left, Left{Account: b.Account})
	}
	s.Left[i].Amount += unit.Amount(b.Amount)
}

// divide is the parts of an amount by the names of the key.
func (k Key) divide(amount int64) (map[string]int64, error) {
	names := slices.Sorted(maps.Keys(k.Shares)) // the parts must not depend on the order of a map
	shares := make([]int64, len(names))
	for i, n := range names {
		shares[i] = k.Shares[n]
	}
	parts, err := books.Split(amount, shares)
	if err != nil {
		return nil, fmt.Errorf("key %q: %w", k.Name, err)
	}
	out := map[string]int64{}
	for i, n := range names {
		out[n] = parts[i]
	}
	return out, nil
}

// credits attributes what power that was given back earned: that of mining by its
// tag, and that of a site by mining's share of the site's energy cost.
func (in Input) credits() (out []share, err error) {
	type site struct{ mining, others, earned int64 }
	sites := map[string]*site{}
	at := func(name string) *site {
		if sites[name] == nil {
			sites[name] = &site{}
		}
		return sites[name]
	}
	for _, b := range in.Balances {
		a, _ := in.Chart.Find(b.Account)
		s := at(b.Tags.Site)
		switch {
		case a.Level == books.EnergyCost && b.Tags.Use == Mining:
			s.mining += max(0, b.Amount)
		case a.Level == books.EnergyCost && b.Tags.Use != Shared && b.Tags.Use != "":
			s.others += max(0, b.Amount)
		case credit(b.Account) && b.Tags.Use == Mining:
			out = append(out, share{b.Account, b.Tags, books.NoCost, -b.Amount})
		case credit(b.Account):
			s.earned -= b.Amount
		}
	}
	for _, name := range slices.Sorted(maps.Keys(sites)) {
		s := sites[name]
		if s.earned == 0 || s.mining == 0 {
			continue
		}
		parts, err := books.Split(s.earned, []int64{s.mining, s.others})
		if err != nil {
			return nil, fmt.Errorf("power credits of site %q: %w", name, err)
		}
		out = append(out, share{"Income:Grid", books.Tags{Site: name}, books.NoCost, parts[0]})
	}
	return out, nil
}

func credit(account string) bool {
	return account == books.ExportedEnergy || strings.HasPrefix(account, "Income:Grid:")
}

// petahashDay is one PH/s kept for a day, in gigahashes.
const petahashDay = int64(unit.Petahash) * 86_400

// levels sums up and divides. Where nothing was earned there is no cost of a
// bitcoin, and where the work is not known no hashcost.
func (s *Statement) levels(all []share, work unit.Work) error {
	var own [5]int64
	for _, x := range all {
		var ok bool
		if own[x.level], ok = books.Add(own[x.level], x.amount); !ok {
			return fmt.Errorf("cost at level %d: %w", x.level, books.ErrOverflow)
		}
	}
	s.Credits = unit.Amount(own[books.NoCost])
	var total int64
	for i := range s.Levels {
		l := &s.Levels[i]
		l.Level = books.Level(i + 1)
		var ok bool
		if total, ok = books.Add(total, own[l.Level]); !ok {
			return fmt.Errorf("cost at level %d: %w", l.Level, books.ErrOverflow)
		}
		l.Gross, l.Net = unit.Amount(total), unit.Amount(total)-s.Credits
		if err := l.divide(s.Earned, work); err != nil {
			return err
		}
	}
	return nil
}

// divide divides a level by coins and by work.
func (l *Level) divide(earned unit.Satoshi, work unit.Work) error {
	if earned > 0 {
		per, ok := unit.TryMulDiv(int64(l.Gross), int64(unit.Bitcoin), int64(earned))
		net, also := unit.TryMulDiv(int64(l.Net), int64(unit.Bitcoin), int64(earned))
		if !ok || !also {
			return fmt.Errorf("cost of a bitcoin at level %d: %w", l.Level, books.ErrOverflow)
		}
		l.PerBTC, l.NetPerBTC = unit.Amount(per), unit.Amount(net)
	}
	if work > 0 {
		h, ok := unit.TryMulDiv(int64(l.Gross), petahashDay, int64(work))
		if !ok {
			return fmt.Errorf("hashcost at level %d: %w", l.Level, books.ErrOverflow)
		}
		l.Hashcost = unit.Hashprice(h)
	}
	return nil
}

// Earned is the coins that pool credits made, less those that were taken back,
// within the transactions given.
func Earned(all []books.Transaction) (total unit.Satoshi) {
	for _, y := range Yields(all) {
		total += y.Earned
	}
	return total
}
