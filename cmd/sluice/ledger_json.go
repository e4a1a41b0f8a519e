package main

import (
	"strconv"
	"time"

	"sluice/books"
	"sluice/books/cost"
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
	Aside       []asideJSON      `json:"set_aside"`
	Treasury    []positionJSON   `json:"treasury"`
	Rolls       []rollJSON       `json:"roll_forward"`
	Disclosure  disclosureJSON   `json:"disclosure"`
	Receivables []receivableJSON `json:"receivables"`
	Cost        *costJSON        `json:"cost_per_bitcoin"` // null: none was earned
	CostBy      []costJSON       `json:"cost_per_bitcoin_by,omitempty"`
	Margins     []marginJSON     `json:"margin_by_use"`
	Undivided   []rowJSON        `json:"of_no_use"`
	Energy      energyJSON       `json:"energy"`
}

// asideJSON is what is committed and in no balance.
type asideJSON struct {
	ID     string    `json:"id"`
	Kind   string    `json:"kind"`
	At     time.Time `json:"at"`
	Amount string    `json:"amount"`
	Coins  string    `json:"btc,omitempty"`
}

type rollJSON struct {
	Account      string `json:"account"`
	Opening      string `json:"opening"`
	Additions    string `json:"additions"`
	Dispositions string `json:"dispositions"`
	Transfers    string `json:"transfers"`
	Realised     string `json:"realised"`
	Unrealised   string `json:"unrealised"`
	Closing      string `json:"closing"`
}

type disclosureJSON struct {
	Basis  statement.Basis `json:"cost_basis"`
	Gains  string          `json:"realised_gains_since_the_beginning"`
	Losses string          `json:"realised_losses_since_the_beginning"`
}

type marginJSON struct {
	Use    string `json:"use"`
	Net    string `json:"net"`
	Drawn  string `json:"drawn_j,omitempty"` // none: not known
	PerMWh string `json:"per_mwh,omitempty"`
}

type energyJSON struct {
	Known   bool   `json:"known"` // false: of some day no paper of what was measured is filed
	Days    int    `json:"days"`
	Missing int    `json:"days_without_paper"`
	Work    string `json:"work_gh,omitempty"`
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
	PerBTC    string      `json:"gross_per_btc,omitempty"` // none: no bitcoin was earned
	NetPerBTC string      `json:"net_per_btc,omitempty"`
	Hashcost  string      `json:"per_ph_day,omitempty"` // none: the work is not known
}

type costJSON struct {
	Name    *string     `json:"name,omitempty"` // of a part; empty: what names none
	Earned  string      `json:"earned_btc"`     // zero: there is no cost of a bitcoin
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
	r.viewBitcoin(&out)
	r.viewCost(&out)
	return out
}

// viewBitcoin adds what is set aside, and how the value of bitcoin came about.
func (r *ledgerReport) viewBitcoin(out *reportJSON) {
	out.Aside, out.Rolls = []asideJSON{}, []rollJSON{}
	for _, x := range r.Aside {
		j := asideJSON{ID: x.ID, Kind: x.Kind, At: x.At, Amount: r.text(x.Amount)}
		if x.Coins != 0 {
			j.Coins = books.Bitcoin.Text(int64(x.Coins))
		}
		out.Aside = append(out.Aside, j)
	}
	for _, x := range r.Rolls {
		out.Rolls = append(out.Rolls, rollJSON{
			x.Account, r.text(x.Opening), r.text(x.Additions), r.text(x.Dispositions), r.text(x.Transfers), r.text(x.Realised), r.text(x.Unrealised), r.text(x.Closing),
		})
	}
	out.Disclosure = disclosureJSON{r.Disclosure.Basis, r.text(r.Disclosure.Gains), r.text(r.Disclosure.Losses)}
}

// viewCost adds what a bitcoin cost and what each use earned.
func (r *ledgerReport) viewCost(out *reportJSON) {
	if r.Cost != nil {
		c := r.cost(*r.Cost)
		out.Cost = &c
	}
	for _, p := range r.CostCut.Parts {
		c := r.cost(p.Statement)
		c.Name, c.Keys = &p.Name, append([]string{}, r.CostCut.Keys...)
		out.CostBy = append(out.CostBy, c)
	}
	out.Margins, out.Undivided = []marginJSON{}, []rowJSON{}
	for _, m := range r.Margins.Uses {
		j := marginJSON{Use: m.Use, Net: r.text(m.Net)}
		if m.Known {
			j.Drawn, j.PerMWh = strconv.FormatInt(int64(m.Drawn), 10), r.text(unit.Amount(m.PerMWh))
		}
		out.Margins = append(out.Margins, j)
	}
	for _, x := range r.Margins.Left {
		out.Undivided = append(out.Undivided, rowJSON{Account: x.Account, Amount: r.text(x.Amount)})
	}
	out.Energy = energyJSON{Known: r.Energy.Known(), Days: r.Energy.Days, Missing: r.Energy.Missing}
	if r.Energy.Work > 0 {
		out.Energy.Work = strconv.FormatInt(int64(r.Energy.Work), 10)
	}
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

func (r *ledgerReport) cost(x cost.Statement) costJSON {
	out := costJSON{Earned: books.Bitcoin.Text(int64(x.Earned)), Credits: r.text(x.Credits), Keys: append([]string{}, x.Keys...), Left: []rowJSON{}}
	for _, l := range x.Levels {
		j := levelJSON{Level: l.Level, Name: levelName(l.Level), Gross: r.text(l.Gross), Net: r.text(l.Net)}
		if x.Earned > 0 {
			j.PerBTC, j.NetPerBTC = r.text(l.PerBTC), r.text(l.NetPerBTC)
		}
		if l.Hashcost != 0 {
			j.Hashcost = r.text(unit.Amount(l.Hashcost))
		}
		out.Levels = append(out.Levels, j)
	}
	for _, x := range x.Left {
		out.Left = append(out.Left, rowJSON{Account: x.Account, Amount: r.text(x.Amount)})
	}
	return out
}
