package treasury

import (
	"errors"
	"fmt"
	"math"

	"sluice/capital"
)

// Right is what an option gives a right to. (A Call is a lender's.)
type Right uint8

// The rights.
const (
	ToSell Right = iota // a put
	ToBuy               // a call option
)

// Black is the price of a European right on one coin that pays no yield: spot and
// strike in USD, deviation = volatility * sqrt(years), discount = exp(-rate * years).
//
// Formula: Black and Scholes 1973. Source: docs/formula/treasury.md, Options.
func Black(right Right, spot, strike, deviation, discount float64) float64 {
	worth := strike * discount
	sign := 1.0
	if right == ToSell {
		sign = -1
	}
	if deviation <= 0 {
		return max(sign*(spot-worth), 0)
	}
	d := math.Log(spot/worth)/deviation + deviation/2
	return max(sign*(spot*capital.Normal(sign*d)-worth*capital.Normal(sign*(d-deviation))), 0)
}

// Option is a European right on coins, bought or sold in week From and settled in cash
// at its end. A sold one is taken to be covered by coins: no margin is asked for.
type Option struct {
	Right       Right
	BTC         float64 // bought; negative: sold
	Strike      float64 // USD
	Volatility  float64 // a year, that the premium is made of
	Rate        float64 // of cash, a year, continuous
	From, Weeks int     // begin, and weeks until its end
}

// Check refuses an option that makes no sense on a path of some weeks.
func (o Option) Check(weeks int) error {
	if o.Right > ToBuy || !finite(o.BTC+o.Strike+o.Volatility+o.Rate) || o.Strike <= 0 || o.Volatility < 0 || o.Volatility > 10 || math.Abs(o.Rate) > 1 {
		return fmt.Errorf("option on %v BTC at %v: the strike is above 0, the volatility 0 to 10 a year (0.5 is 50 %%), the rate -1 to 1: %w", o.BTC, o.Strike, ErrHedge)
	}
	if o.From < 0 || o.Weeks < 1 || o.From+o.Weeks >= weeks {
		return fmt.Errorf("option of week %d over %d weeks: it ends on the path of %d weeks: %w", o.From, o.Weeks, weeks, ErrHedge)
	}
	return nil
}

// Premium is the price of the right on one coin at a spot price, USD.
func (o Option) Premium(spot float64) float64 {
	years := float64(o.Weeks) * ofYear
	return Black(o.Right, spot, o.Strike, o.Volatility*math.Sqrt(years), math.Exp(-o.Rate*years))
}

// Payoff is what the right on one coin pays at its end, USD.
func (o Option) Payoff(spot float64) float64 {
	if o.Right == ToBuy {
		return max(spot-o.Strike, 0)
	}
	return max(o.Strike-spot, 0)
}

// Row is what an option moves: its premium at the begin, its payoff at the end.
func (o Option) Row(p Path) (Row, error) {
	if err := errors.Join(p.Check(), o.Check(len(p.Price))); err != nil {
		return Row{}, err
	}
	r := newRow(len(p.Price))
	end := o.From + o.Weeks
	r.Cost[o.From] = o.BTC * o.Premium(p.Price[o.From])
	r.Gain[end] = o.BTC * o.Payoff(p.Price[end])
	for t := o.From; t < end; t++ {
		r.Notional[t] = math.Abs(o.BTC) * p.Price[t]
	}
	return r.close(), nil
}

// Collar is a put bought and a call option sold on the same coins.
type Collar struct {
	BTC         float64
	Floor, Cap  float64    // strikes of the put and of the call option, USD
	Volatility  [2]float64 // a year, of the put and of the call option
	Rate        float64    // of cash, a year, continuous
	From, Weeks int
}

// legs are the two options.
func (c Collar) legs() (put, call Option) {
	put = Option{Right: ToSell, BTC: c.BTC, Strike: c.Floor, Volatility: c.Volatility[0], Rate: c.Rate, From: c.From, Weeks: c.Weeks}
	call = Option{Right: ToBuy, BTC: -c.BTC, Strike: c.Cap, Volatility: c.Volatility[1], Rate: c.Rate, From: c.From, Weeks: c.Weeks}
	return put, call
}

// Row is what a collar moves. Its notional is that of the coins, once.
func (c Collar) Row(p Path) (Row, error) {
	if !(c.BTC >= 0) || !(c.Floor <= c.Cap) {
		return Row{}, fmt.Errorf("collar on %v BTC from %v to %v: coins are not negative and the floor is not above the cap: %w", c.BTC, c.Floor, c.Cap, ErrHedge)
	}
	put, call := c.legs()
	r, err := Overlay(p, put, call)
	for i := range r.Notional {
		r.Notional[i] /= 2
	}
	return r, err
}

// Costless is the collar with the cap at which its premiums cancel at a spot price.
// The error is ErrHedge where no cap between the floor and a thousandfold does.
func (c Collar) Costless(spot float64) (Collar, error) {
	put, call := c.legs()
	if !(spot > 0) || put.Check(put.From+put.Weeks+1) != nil {
		return c, fmt.Errorf("collar at %v with a floor of %v: %w", spot, c.Floor, ErrHedge)
	}
	pays := put.Premium(spot)
	low, high := c.Floor, 1000*max(spot, c.Floor)
	brings := func(strike float64) float64 {
		call.Strike = strike
		return call.Premium(spot)
	}
	if brings(low) < pays || brings(high) > pays {
		return c, fmt.Errorf("collar at %v: a put at %v costs %.2f, and no cap from there on brings that: lower the floor: %w", spot, c.Floor, pays, ErrHedge)
	}
	for range 100 {
		if c.Cap = (low + high) / 2; brings(c.Cap) > pays {
			low = c.Cap
		} else {
			high = c.Cap
		}
	}
	return c, nil
}
