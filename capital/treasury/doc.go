// Package treasury decides how much bitcoin a miner sells, pledges and hedges, and
// shows what each decision would have done.
//
//	Policy      a rule of selling: Hold, SellAll, Part, Cover, Threshold or Average.
//	            Sell is what it sells of a State, Propose says so with the reason,
//	            Forced is what bills take where the policy sells too little
//	Ladder      loans on coins, stepped through prices: calls, top-ups, sales by the lender
//	Hedge       Futures, Option, Collar and Forward as rows of cash flows on a Path
//	Backtest    a Miner stepped by week over a Path under a policy
//	Rank        policies put in order on many paths
//	Opportunity holding mined coins against selling them and lending the money
//	Reserve     surplus energy of a country turned into reserves over a decade
//
// A policy is a small value without pointers: the same rule runs in a simulation of
// millions of weeks and makes the proposal that people sign. A policy sells only;
// nothing here buys coins but to deliver those that a hedge owes.
//
// Money is USD, coins are BTC, hashprice is BTC per PH/s and day, a rate is a share a
// year, and a week is 7/365 of one. The price of a week is that at its end, at which
// coins are sold; its hashprice is the mean of its days. Every run keeps a ledger of
// its flows and stops with ErrLedger where coins or cash do not add up.
//
// Source: docs/formula/treasury.md.
package treasury
