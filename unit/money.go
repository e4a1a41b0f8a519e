package unit

import "time"

// Currency is an ISO 4217 code such as "USD".
type Currency string

// Amount is money in millionths of its currency unit. The currency stands once
// on the paper that carries the amount. Earned is positive, spent is negative
// unless the field's name says that it counts a cost.
type Amount int64

// Unit is one whole currency unit, one dollar for example.
const Unit Amount = 1_000_000

// Float returns a in whole currency units, for the float rooms and for people.
func (a Amount) Float() float64 { return float64(a) / float64(Unit) }

// Price is the price of energy in millionths of a currency unit per MWh.
// Negative prices are ordinary.
type Price int64

// PerMWh is one whole currency unit per MWh.
const PerMWh Price = 1_000_000

// Of returns what e costs at p, rounded half to even.
//
// Formula: amount = price * energy / 3.6e9 J per MWh. Source: docs/formula/unit.md.
func (p Price) Of(e Energy) Amount {
	return Amount(MulDiv(int64(p), int64(e), int64(MegawattHour)))
}

// Float returns p in whole currency units per MWh, for the float rooms and for people.
func (p Price) Float() float64 { return float64(p) / float64(PerMWh) }

// Scale returns p times r, rounded half to even.
func (p Price) Scale(r Ratio) Price { return Price(MulDiv(int64(p), int64(r), int64(One))) }

// Unscale returns p divided by r, r > 0, rounded half to even.
func (p Price) Unscale(r Ratio) Price { return Price(MulDiv(int64(p), int64(One), int64(r))) }

// DemandRate is the price of billed peak power in millionths of a currency
// unit per MW and billing period. It is never multiplied by a duration.
type DemandRate int64

// Of returns what the billed peak costs for one billing period.
func (r DemandRate) Of(peak Power) Amount {
	return Amount(MulDiv(int64(r), int64(peak), int64(Megawatt)))
}

// Float returns r in whole currency units per MW, for the float rooms.
func (r DemandRate) Float() float64 { return float64(r) / float64(PerMWh) }

// Satoshi is bitcoin in its smallest unit.
type Satoshi int64

// Bitcoin is one BTC.
const Bitcoin Satoshi = 100_000_000

// BTC returns s in bitcoin, for people.
func (s Satoshi) BTC() float64 { return float64(s) / float64(Bitcoin) }

// Value returns s at a price in millionths of a currency unit per BTC.
func (s Satoshi) Value(perBTC Amount) Amount {
	return Amount(MulDiv(int64(s), int64(perBTC), int64(Bitcoin)))
}

// Hashrate is a rate of hashing in GH/s; int64 in H/s would end at 9.2 EH/s.
type Hashrate int64

// Terahash and Petahash are the usual multiples, per second.
const (
	Gigahash Hashrate = 1
	Terahash          = 1000 * Gigahash
	Petahash          = 1000 * Terahash
)

// Work is an amount of hashing in GH (10^9 hashes).
type Work int64

// Over returns the hashes done at h for d, rounded half to even to a gigahash.
func (h Hashrate) Over(d time.Duration) Work {
	return Work(MulDiv(int64(h), int64(d), int64(time.Second)))
}

// petahashDay is one PH/s kept for a day, in GH.
const petahashDay = int64(Petahash) * 86_400

// Hashprice is the expected income of one PH/s for a day, in millionths of a
// currency unit.
type Hashprice int64

// Of returns what w is expected to earn at hashprice p, rounded half to even.
func (p Hashprice) Of(w Work) Amount {
	return Amount(MulDiv(int64(p), int64(w), petahashDay))
}

// Float returns p in whole currency units per PH/s and day, for the float rooms.
func (p Hashprice) Float() float64 { return float64(p) / 1e6 }

// HashYield is the expected bitcoin of one EH/s for a day, in satoshi; it is
// stated per EH/s because a day of one PH/s is only tens of thousands of
// satoshi and would lose digits.
type HashYield int64

// Of returns the bitcoin that w is expected to earn, rounded half to even.
func (y HashYield) Of(w Work) Satoshi {
	return Satoshi(MulDiv(int64(y), int64(w), 1000*petahashDay))
}

// Efficiency is energy per hash in thousandths of a joule per terahash.
type Efficiency int64

// JoulePerTerahash is one J/TH, equal to one W per TH/s.
const JoulePerTerahash Efficiency = 1000

// EfficiencyOf returns p/h, h > 0, rounded half to even.
func EfficiencyOf(p Power, h Hashrate) Efficiency {
	return Efficiency(MulDiv(int64(p), int64(Terahash)*int64(JoulePerTerahash), int64(h)))
}

// Float returns e in J/TH, for the float rooms and for people.
func (e Efficiency) Float() float64 { return float64(e) / float64(JoulePerTerahash) }
