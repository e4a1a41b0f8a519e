package room

import (
	"context"
	"slices"
	"strings"
	"time"

	"sluice/books"
	"sluice/books/statement"
	"sluice/unit"
)

// Period is of what a statement is.
type Period struct {
	Book         string    `json:"book"`
	Company      string    `json:"company"`
	Currency     string    `json:"currency"`
	Zone         string    `json:"zone"`
	From         time.Time `json:"from"`
	To           time.Time `json:"to" doc:"First instant after the period."`
	Transactions int       `json:"transactions"`
}

func (s *shelf) period(n int) Period {
	return Period{Book: s.Name, Company: s.Entity, Currency: string(s.chart.Currency), Zone: s.chart.Zone, From: s.from.UTC(), To: s.to.UTC(), Transactions: n}
}

// AccountAmount is one account of a statement.
type AccountAmount struct {
	Code    string `json:"code,omitempty"`
	Account string `json:"account"`
	Amount  Micro  `json:"amount"`
}

// Step is one step from nothing to the result.
type Step struct {
	Key      string          `json:"key" doc:"Its name for the page, such as revenue_mining, energy or depreciation."`
	Amount   Micro           `json:"amount" doc:"Positive: it raises the result."`
	After    Micro           `json:"after" doc:"The result after this step."`
	Accounts []AccountAmount `json:"accounts" doc:"What stands behind it, of the same sign."`
}

// Waterfall is profit and loss, step by step.
type Waterfall struct {
	Steps []Step `json:"steps" doc:"Those of which something is booked."`
	Net   Micro  `json:"net"`
}

// PartResult is that of one part of the company.
type PartResult struct {
	Name string `json:"name" doc:"Empty: what belongs to none."`
	Waterfall
}

// SheetNow is a balance sheet.
type SheetNow struct {
	Assets      []AccountAmount `json:"assets"`
	Liabilities []AccountAmount `json:"liabilities"`
	Equity      []AccountAmount `json:"equity"`
	Earned      Micro           `json:"earned" doc:"By income and expenses that no year's end has closed yet."`
	Total       Micro           `json:"total" doc:"All assets; liabilities, equity and what was earned are as much."`
}

// CashFlow is cash in one direction of one kind.
type CashFlow struct {
	Activity string `json:"activity" enum:"operating,investing,financing,exchange"`
	What     string `json:"what" doc:"The account that cash came from or went to."`
	Amount   Micro  `json:"amount" doc:"Positive: it came in."`
}

// CashNow is a statement of cash.
type CashNow struct {
	Opening Micro      `json:"opening"`
	Flows   []CashFlow `json:"flows"`
	Closing Micro      `json:"closing"`
}

// Statement is all statements of a period. Each ties to the others.
type Statement struct {
	Period
	Result Waterfall    `json:"result"`
	Parts  []PartResult `json:"parts" doc:"The result cut by what was asked for; they sum to the whole. Without a cut there are none."`
	Sheet  SheetNow     `json:"sheet"`
	Cash   CashNow      `json:"cash"`
}

type statementIn struct {
	PeriodIn

	By string `query:"by" enum:"site,use,model,contract" doc:"By what the result is cut; absent: it is not."`
}

func (r *Room) statement(ctx context.Context, v Visit, in *statementIn) (Statement, error) {
	s, err := r.shelf(ctx, v, in.PeriodIn)
	if err != nil {
		return Statement{}, err
	}
	out, err := s.statement(ctx, cutBy(in.By))
	return out, s.ofBooks(err)
}

// cutBy is what a name cuts by; nil: nothing is cut.
func cutBy(name string) statement.Dimension {
	return map[string]statement.Dimension{"site": statement.BySite, "use": statement.ByUse, "model": statement.ByModel, "contract": statement.ByContract}[name]
}

func (s *shelf) statement(ctx context.Context, by statement.Dimension) (out Statement, err error) {
	x, err := s.at().Stand(ctx)
	if err != nil {
		return out, err
	}
	core, err := s.at().Core(x, by)
	if err != nil {
		return out, err
	}
	out.Period, out.Parts, out.Result = s.period(len(x.Within)), []PartResult{}, waterfall(core.Income)
	for _, c := range core.Cuts {
		out.Parts = append(out.Parts, PartResult{c.Name, waterfall(c.Income)})
	}
	sheet, cash := core.Sheet, core.Cash
	out.Sheet = SheetNow{amounts(sheet.Assets, 1), amounts(sheet.Liabilities, 1), amounts(sheet.Equity, 1), Micro(sheet.Earned), Micro(sheet.Total())}
	out.Cash = CashNow{Opening: Micro(cash.Opening), Flows: []CashFlow{}, Closing: Micro(cash.Closing)}
	for _, f := range cash.Flows {
		out.Cash.Flows = append(out.Cash.Flows, CashFlow{string(f.Activity), f.What, Micro(f.Amount)})
	}
	return out, nil
}

// amounts are the accounts of a statement, of their sign or the other one.
func amounts(rows []statement.Row, sign unit.Amount) []AccountAmount {
	out := make([]AccountAmount, 0, len(rows))
	for _, x := range rows {
		out = append(out, AccountAmount{x.Account.Code, x.Account.Name, Micro(sign * x.Amount)})
	}
	return out
}

// family is the accounts of one step: those whose names begin so.
type family struct {
	key   string
	names []string
}

// families are the steps in their order. An account belongs to the one that fits it
// longest; what fits none is other.
func families() []family {
	return []family{
		{"revenue_mining", []string{"Income:Mining"}},
		{"revenue_hosting", []string{"Income:Hosting"}},
		{"revenue_grid", []string{"Income:Grid", "Income:Export"}},
		{"revenue_other", []string{string(books.Income)}},
		{"sla_credits", []string{books.CreditsGranted}},
		{"energy", []string{books.PowerEnergy}},
		{"charges", []string{"Expenses:Power"}},
		{"running", []string{"Expenses:Site"}},
		{"corporate", []string{"Expenses:Corporate"}},
		{"depreciation", []string{books.Depreciation}},
		{"debt", []string{"Expenses:Finance"}},
		{"coins", []string{"Income:Gain"}},
		{"exchange", []string{"Income:Exchange"}},
		{"other", []string{string(books.Expenses)}},
	}
}

// familyOf is the step of an account.
func familyOf(all []family, account string) int {
	best, long := len(all)-1, 0
	for i, f := range all {
		for _, n := range f.names {
			if (account == n || strings.HasPrefix(account, n+":")) && len(n) > long {
				best, long = i, len(n)
			}
		}
	}
	return best
}

// waterfall puts the accounts of a result in steps.
func waterfall(in statement.Income) Waterfall {
	all := families()
	steps := make([]Step, len(all))
	add := func(rows []statement.Row, sign unit.Amount) {
		for _, a := range amounts(rows, sign) {
			x := &steps[familyOf(all, a.Account)]
			x.Amount, x.Accounts = x.Amount+a.Amount, append(x.Accounts, a)
		}
	}
	add(in.Income, 1)
	add(in.Expenses, -1)
	var after Micro
	for i := range steps {
		after += steps[i].Amount
		steps[i].Key, steps[i].After = all[i].key, after
	}
	return Waterfall{slices.DeleteFunc(steps, func(x Step) bool { return len(x.Accounts) == 0 }), Micro(in.Net)}
}
