package main

import (
	"time"

	"sluice/books"
	"sluice/books/statement"
	"sluice/unit"
)

// reportJSON is all statements for programs. Amounts are text with all their
// decimals: many programs lose digits of large numbers.
type reportJSON struct {
	Entity      string           `json:"entity"`
	Currency    unit.Currency    `json:"currency"`
	Zone        string           `json:"time_zone"`
	From        time.Time        `json:"from"`
	To          time.Time        `json:"to"` // first instant after the period
	Entries     int              `json:"transactions"`
	Trial       []trialJSON      `json:"trial_balance"`
	Income      incomeJSON       `json:"profit_and_loss"`
	Cuts        []cutJSON        `json:"cuts,omitempty"`
	Sheet       sheetJSON        `json:"balance_sheet"`
	Cash        cashJSON         `json:"cash_flow"`
	Treasury    []positionJSON   `json:"treasury"`
	Receivables []receivableJSON `json:"receivables"`
	Cost        *costJSON        `json:"cost_per_bitcoin"` // null: none was earned
}

type trialJSON struct {
	Code    string      `json:"code"`
	Account string      `json:"account"`
	Asset   books.Asset `json:"asset"`
	Debit   string      `json:"debit"`
	Credit  string      `json:"credit"`
}

type rowJSON struct {
	Code    string `json:"code"`
	Account string `json:"account"`
	Amount  string `json:"amount"`
}

type incomeJSON struct {
	Income   []rowJSON `json:"income"`
	Expenses []rowJSON `json:"expenses"`
	Net      string    `json:"net"`
}

type cutJSON struct {
	Name string `json:"name"`
	incomeJSON
}

type sheetJSON struct {
	Assets      []rowJSON `json:"assets"`
	Liabilities []rowJSON `json:"liabilities"`
	Equity      []rowJSON `json:"equity"`
	Earned      string    `json:"earned_and_not_closed"`
	Total       string    `json:"total"`
}

type flowJSON struct {
	Activity statement.Activity `json:"activity"`
	What     string             `json:"what"`
	Amount   string             `json:"amount"`
}

type cashJSON struct {
	Opening string     `json:"opening"`
	Flows   []flowJSON `json:"flows"`
	Closing string     `json:"closing"`
}

type positionJSON struct {
	Account  string `json:"account"`
	Quantity string `json:"quantity_btc"`
	Cost     string `json:"cost"`
	Value    string `json:"fair_value"`
	Lots     int    `json:"lots"`
}

type receivableJSON struct {
	Account string `json:"account"`
	Days30  string `json:"to_30_days"`
	Days60  string `json:"to_60_days"`
	Days90  string `json:"to_90_days"`
	Older   string `json:"older"`
	Paid    string `json:"paid_too_much"`
}

type levelJSON struct {
	Level     books.Level `json:"level"`
	Name      string      `json:"name"`
	Gross     string      `json:"gross"`
	Net       string      `json:"net_of_power_sold"`
	PerBTC    string      `json:"gross_per_btc"`
	NetPerBTC string      `json:"net_per_btc"`
}

type costJSON struct {
	Earned  string      `json:"earned_btc"`
	Credits string      `json:"power_sold"`
	Levels  []levelJSON `json:"levels"`
	Keys    []string    `json:"keys"`
	Left    []rowJSON   `json:"in_no_level"`
}

// view is the report for programs.
func (r *ledgerReport) view() reportJSON {
	out := reportJSON{
		Entity: r.Entity, Currency: r.Currency, Zone: r.Zone, From: r.From, To: r.To, Entries: r.Entries, Income: r.income(r.Income),
		Sheet: sheetJSON{Assets: r.rows(r.Sheet.Assets), Liabilities: r.rows(r.Sheet.Liabilities), Equity: r.rows(r.Sheet.Equity), Earned: r.text(r.Sheet.Earned), Total: r.text(r.Sheet.Total())},
		Cash:  cashJSON{Opening: r.text(r.Cash.Opening), Flows: []flowJSON{}, Closing: r.text(r.Cash.Closing)}, Trial: []trialJSON{}, Treasury: []positionJSON{}, Receivables: []receivableJSON{},
	}
	for _, l := range r.Trial {
		out.Trial = append(out.Trial, trialJSON{l.Account.Code, l.Account.Name, l.Account.Asset, l.Account.Asset.Text(l.Debit), l.Account.Asset.Text(l.Credit)})
	}
	for _, c := range r.Cuts {
		out.Cuts = append(out.Cuts, cutJSON{c.Name, r.income(c.Income)})
	}
	for _, f := range r.Cash.Flows {
		out.Cash.Flows = append(out.Cash.Flows, flowJSON{f.Activity, f.What, r.text(f.Amount)})
	}
	for _, p := range r.Treasury {
		out.Treasury = append(out.Treasury, positionJSON{p.Account, books.Bitcoin.Text(int64(p.Quantity)), r.text(p.Cost), r.text(p.Value), p.Lots})
	}
	for _, a := range r.Receivables {
		out.Receivables = append(out.Receivables, receivableJSON{a.Account, r.text(a.Days30), r.text(a.Days60), r.text(a.Days90), r.text(a.Older), r.text(a.Paid)})
	}
	out.Cost = r.cost()
	return out
}

func (r *ledgerReport) text(v unit.Amount) string { return books.Asset(r.Currency).Text(int64(v)) }

func (r *ledgerReport) rows(all []statement.Row) []rowJSON {
	out := []rowJSON{}
	for _, x := range all {
		out = append(out, rowJSON{x.Account.Code, x.Account.Name, r.text(x.Amount)})
	}
	return out
}

func (r *ledgerReport) income(in statement.Income) incomeJSON {
	return incomeJSON{Income: r.rows(in.Income), Expenses: r.rows(in.Expenses), Net: r.text(in.Net)}
}

func (r *ledgerReport) cost() *costJSON {
	if r.Cost == nil {
		return nil
	}
	out := &costJSON{Earned: books.Bitcoin.Text(int64(r.Cost.Earned)), Credits: r.text(r.Cost.Credits), Keys: append([]string{}, r.Cost.Keys...), Left: []rowJSON{}}
	for _, l := range r.Cost.Levels {
		out.Levels = append(out.Levels, levelJSON{l.Level, levelName(l.Level), r.text(l.Gross), r.text(l.Net), r.text(l.PerBTC), r.text(l.NetPerBTC)})
	}
	for _, x := range r.Cost.Left {
		out.Left = append(out.Left, rowJSON{Account: x.Account, Amount: r.text(x.Amount)})
	}
	return out
}
