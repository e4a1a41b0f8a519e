package loan

import (
	"fmt"
	"math"
)

// Annuity is a loan with level payments at a rate for a period. In its first
// onlyInterest periods nothing is repaid.
//
// Formula: payment = debt * rate / (1 - (1 + rate)^-n). Source: docs/formula/loan.md.
func Annuity(debt, rate float64, periods, onlyInterest int) (Schedule, error) {
	if err := checkFixed(debt, rate, periods, onlyInterest); err != nil {
		return Schedule{}, err
	}
	n := float64(periods - onlyInterest)
	level := debt / n
	if rate > 0 {
		level = debt * rate / -math.Expm1(-n*math.Log1p(rate))
	}
	return rolled(debt, rate, periods, func(t int, _, interest float64) float64 {
		if t < onlyInterest {
			return 0
		}
		return level - interest
	}), nil
}

// Linear is a loan that repays the same principal in every period, after its first
// onlyInterest ones.
//
// Formula: principal = debt / n. Source: docs/formula/loan.md.
func Linear(debt, rate float64, periods, onlyInterest int) (Schedule, error) {
	if err := checkFixed(debt, rate, periods, onlyInterest); err != nil {
		return Schedule{}, err
	}
	return rolled(debt, rate, periods, func(t int, _, _ float64) float64 {
		if t < onlyInterest {
			return 0
		}
		return debt / float64(periods-onlyInterest)
	}), nil
}

// Bullet is a loan that pays interest until its last period, and all principal then.
//
// Source: docs/formula/loan.md.
func Bullet(debt, rate float64, periods int) (Schedule, error) {
	return Linear(debt, rate, periods, periods-1)
}

func checkFixed(debt, rate float64, periods, onlyInterest int) error {
	if !(debt >= 0) || math.IsInf(debt, 0) {
		return fmt.Errorf("a debt of %.2f: write what is borrowed, not negative: %w", debt, ErrTerms)
	}
	if periods < 1 || onlyInterest < 0 || onlyInterest >= periods {
		return fmt.Errorf("%d periods, %d of them with interest alone: at least one must repay: %w", periods, onlyInterest, ErrTerms)
	}
	return checkRate(rate)
}
