package cost

import (
	"errors"
	"fmt"
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

// Key divides what several uses share. The first key whose account is the
// beginning of a line's account is taken.
type Key struct {
	Name    string // such as "contracted MW of 2025-09"
	Account string // such as Expenses:Corporate; empty: all
	Shares  map[string]int64
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
	var own [5]int64 // by level
	for _, b := range in.Balances {
		a, ok := in.Chart.Find(b.Account)
		if !ok {
			return out, fmt.Errorf("%w: %s", books.ErrAccount, b.Account)
		}
		if a.Level == books.NoCost {
			continue
		}
		part, err := in.mining(b, &out)
		if err != nil {
			return out, err
		}
		if own[a.Level], ok = books.Add(own[a.Level], part); !ok {
			return out, fmt.Errorf("cost at level %d: %w", a.Level, books.ErrOverflow)
		}
	}
	if err := in.credits(&out); err != nil {
		return out, err
	}
	return out, out.levels(own, in.Work)
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
	i := slices.IndexFunc(in.Keys, func(k Key) bool { return strings.HasPrefix(b.Account, k.Account) })
	if i < 0 {
		out.leave(b)
		return 0, nil
	}
	if !slices.Contains(out.Keys, in.Keys[i].Name) {
		out.Keys = append(out.Keys, in.Keys[i].Name)
	}
	return in.Keys[i].divide(b.Amount)
}

func (s *Statement) leave(b books.Balance) {
	i := slices.IndexFunc(s.Left, func(l Left) bool { return l.Account == b.Account })
	if i < 0 {
		i, s.Left = len(s.Left), append(s.Left, Left{Account: b.Account})
	}
	s.Left[i].Amount += unit.Amount(b.Amount)
}

// divide is mining's part of an amount.
func (k Key) divide(amount int64) (int64, error) {
	var uses []string
	for u := range k.Shares {
		uses = append(uses, u)
	}
	slices.Sort(uses) // the parts must not depend on the order of a map
	shares := make([]int64, len(uses))
	for i, u := range uses {
		shares[i] = k.Shares[u]
	}
	parts, err := books.Split(amount, shares)
	if err != nil {
		return 0, fmt.Errorf("key %q: %w", k.Name, err)
	}
	if i := slices.Index(uses, Mining); i >= 0 {
		return parts[i], nil
	}
	return 0, nil
}

// credits attributes what power that was given back earned: that of mining by its
// tag, and that of a site by mining's share of the site's energy cost.
func (in Input) credits(out *Statement) error {
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
			out.Credits -= unit.Amount(b.Amount)
		case credit(b.Account):
			s.earned -= b.Amount
		}
	}
	for name, s := range sites {
		if s.earned == 0 || s.mining == 0 {
			continue
		}
		parts, err := books.Split(s.earned, []int64{s.mining, s.others})
		if err != nil {
			return fmt.Errorf("power credits of site %q: %w", name, err)
		}
		out.Credits += unit.Amount(parts[0])
	}
	return nil
}

func credit(account string) bool {
	return account == books.ExportedEnergy || strings.HasPrefix(account, "Income:Grid:")
}

// petahashDay is one PH/s kept for a day, in gigahashes.
const petahashDay = int64(unit.Petahash) * 86_400

// levels sums up and divides.
func (s *Statement) levels(own [5]int64, work unit.Work) error {
	var total int64
	for i := range s.Levels {
		l := &s.Levels[i]
		l.Level = books.Level(i + 1)
		total += own[l.Level]
		l.Gross, l.Net = unit.Amount(total), unit.Amount(total)-s.Credits
		per, ok := unit.TryMulDiv(total, int64(unit.Bitcoin), int64(s.Earned))
		net, also := unit.TryMulDiv(int64(l.Net), int64(unit.Bitcoin), int64(s.Earned))
		if !ok || !also {
			return fmt.Errorf("cost of a bitcoin at level %d: %w", l.Level, books.ErrOverflow)
		}
		l.PerBTC, l.NetPerBTC = unit.Amount(per), unit.Amount(net)
		if work > 0 {
			h, ok := unit.TryMulDiv(total, petahashDay, int64(work))
			if !ok {
				return fmt.Errorf("hashcost at level %d: %w", l.Level, books.ErrOverflow)
			}
			l.Hashcost = unit.Hashprice(h)
		}
	}
	return nil
}

// Earned is the coins that pool credits made, less those that were taken back,
// within the transactions given.
func Earned(all []books.Transaction) (total unit.Satoshi) {
	for _, t := range all {
		mined := slices.ContainsFunc(t.Lines, func(l books.Line) bool {
			return l.Account == books.MiningSubsidy || l.Account == books.MiningFees
		})
		if t.Standing != books.Posted || !mined {
			continue
		}
		for _, l := range t.Lines {
			if l.Lot.ID != "" {
				total += unit.Satoshi(l.Amount)
			}
		}
	}
	return total
}

// Margin is what a use earned over what it cost, by megawatt-hour that it drew.
// False: it drew nothing.
func Margin(net unit.Amount, drawn unit.Energy) (unit.Price, bool) {
	p, ok := unit.TryMulDiv(int64(net), int64(unit.MegawattHour), int64(drawn))
	return unit.Price(p), ok
}
