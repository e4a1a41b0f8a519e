package treasury

import (
	"errors"
	"fmt"
	"math"
)

// ErrLedger says that coins or cash do not add up: a bug, of this package or of a rule
// that was handed to it.
var ErrLedger = errors.New("the ledger does not add up")

// Step is one week of a backtest: its flows, and where they left the treasury.
type Step struct {
	Week  int
	Price float64
	// Coins, BTC.
	Mined, Sold, Forced       float64 // sold by the policy, and beyond it for bills
	Settled, Bought           float64 // of hedges: received, and bought to deliver
	Pledged, Released, Seized float64
	Proceeds                  float64 // of all sales, after their cost, USD
	Power, Opex, Service      float64 // USD
	Interest, Repaid          float64 // on coins pledged, USD
	Cleared, Due              float64 // of loans: by the lender's sale, and what that left, USD
	Hedges, Delivery          float64 // received of hedges, and spent on coins for them, USD
	Free, Lodged, Cash, Owed  float64 // at the end of the week: coins free and pledged, USD, USD
	Unmet                     float64 // bills that nothing has met so far, USD
}

// bills are what falls due in a week whatever the market does.
func (s *Step) bills() float64 { return s.Power + s.Opex + s.Service + s.Interest }

// Conserved refuses a week whose flows do not lead from where the one before left
// the treasury to where it left it, or that sells more than is free. The error is
// ErrLedger.
func (s *Step) Conserved(before *Step) error {
	free := before.Free + s.Mined + s.Settled + s.Bought - s.Sold - s.Forced - s.Pledged + s.Released
	lodged := before.Lodged + s.Pledged - s.Released - s.Seized
	cash := before.Cash + s.Proceeds - s.bills() - s.Repaid - s.Due + s.Hedges - s.Delivery
	owed := before.Owed - s.Repaid - s.Cleared - s.Due
	turned := math.Abs(before.Cash) + s.Proceeds + s.bills() + s.Repaid + s.Due + math.Abs(s.Hedges) + s.Delivery
	coins := before.Free + before.Lodged + s.Mined + math.Abs(s.Settled) + s.Bought
	sold, had := s.Sold+s.Forced, before.Free+s.Mined+s.Settled+s.Bought+s.Released
	switch {
	case !(s.Sold >= 0) || !(s.Forced >= 0) || !(sold <= had+slack*(1+coins)):
		return fmt.Errorf("week %d: %v BTC are sold of %v that are free: %w", s.Week, sold, had, ErrLedger)
	case off(s.Free, free, coins):
		return fmt.Errorf("week %d: %v BTC are free, and flows leave %v: %w", s.Week, s.Free, free, ErrLedger)
	case off(s.Lodged, lodged, coins):
		return fmt.Errorf("week %d: %v BTC are pledged, and flows leave %v: %w", s.Week, s.Lodged, lodged, ErrLedger)
	case off(s.Cash, cash, turned):
		return fmt.Errorf("week %d: cash is %.2f USD, and flows leave %.2f: %w", s.Week, s.Cash, cash, ErrLedger)
	case off(s.Owed, owed, before.Owed):
		return fmt.Errorf("week %d: %.2f USD are owed, and flows leave %.2f: %w", s.Week, s.Owed, owed, ErrLedger)
	case s.Free < -slack*(1+coins):
		return fmt.Errorf("week %d: %v BTC are free: %w", s.Week, s.Free, ErrLedger)
	}
	return nil
}

// off says whether two sums miss each other by more than rounding of what was turned over.
func off(a, b, turned float64) bool { return !(math.Abs(a-b) <= slack*(1+turned)) }
