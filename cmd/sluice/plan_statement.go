package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"sluice/capital"
	"sluice/capital/model"
)

// span is some months of a plan that are shown as one column.
type planSpan struct {
	name     string
	from, to int // months of the plan, to is not in it
}

// planStatement is a statement over all columns.
type planStatement struct {
	name string
	rows []planRow
}

// planRow is a line of it.
type planRow struct {
	name   string
	values []float64
	sum    bool // of the lines above
}

// spans are the columns: years of the plan, or its months.
func (s *planReport) spans() (out []planSpan) {
	step := 12
	if s.monthly {
		step = 1
	}
	for k := 0; k < len(s.run.Months); k += step {
		at := s.plan.Begin.Add(k)
		name := at.String()
		if step == 12 {
			if name = strconv.Itoa(at.Year()); at != capital.Month(12*at.Year()) {
				name = "to " + at.Add(11).String()
			}
		}
		out = append(out, planSpan{name, k, k + step})
	}
	return out
}

// ledger are the months that are shown: of the company, or of one site.
func (s *planReport) ledger() [][model.LineCount]float64 {
	if s.site >= 0 {
		return s.run.Sites[s.site]
	}
	return s.run.Months
}

// over is a line summed over each column.
func (s *planReport) over(of func(*[model.LineCount]float64) float64) []float64 {
	months := s.ledger()
	var out []float64
	for _, x := range s.spans() {
		var sum float64
		for k := x.from; k < x.to; k++ {
			sum += of(&months[k])
		}
		out = append(out, sum)
	}
	return out
}

// end is a line at the end of each column.
func (s *planReport) end(of func(*[model.LineCount]float64) float64) []float64 {
	months := s.ledger()
	var out []float64
	for _, x := range s.spans() {
		out = append(out, of(&months[x.to-1]))
	}
	return out
}

// planLine is how a line of the model is read.
func planLine(l model.Line) func(*[model.LineCount]float64) float64 {
	return func(m *[model.LineCount]float64) float64 { return m[l] }
}

// statements are those of the company, or what a site causes.
func (s *planReport) statements() []planStatement {
	profit := planStatement{name: "Profit and loss"}
	for _, l := range model.ProfitLines() {
		profit.add(l, s.over)
		if l == model.Credit {
			profit.sum("EBITDA", s.over(model.EBITDA))
		}
	}
	cash := planStatement{name: "Cash"}
	if s.site >= 0 {
		profit.sum("result", s.over(model.Profit))
		for _, l := range []model.Line{model.Built, model.Capitalised, model.Bought, model.Prepaid, model.Claimed, model.Drawn} {
			cash.add(l, s.over)
		}
		cash.name = "Cash beside it"
		return []planStatement{profit, cash}
	}
	profit.sum("profit", s.over(model.Profit))
	cash.sum("profit", s.over(model.Profit))
	for _, l := range model.FlowLines() {
		cash.add(l, s.over)
	}
	cash.sum("change of cash", s.over(func(l *[model.LineCount]float64) float64 {
		sum := model.Profit(l)
		for _, x := range model.FlowLines() {
			sum += l[x]
		}
		return sum
	}))
	cash.sum("cash at the end", s.end(planLine(model.Cash)))
	return []planStatement{profit, cash, s.balance()}
}

// balance is the balance sheet.
func (s *planReport) balance() planStatement {
	out := planStatement{name: "Balance sheet at the end"}
	sum := func(lines ...model.Line) func(*[model.LineCount]float64) float64 {
		return func(m *[model.LineCount]float64) (sum float64) {
			for _, l := range lines {
				sum += m[l]
			}
			return sum
		}
	}
	var owed []model.Line
	for _, l := range model.BalanceLines() {
		if l == model.Equity {
			out.add(l, s.end)
			out.sum("owed and equity", s.end(sum(append(owed, l)...)))
			continue
		}
		if l == model.Loans {
			out.sum("owned", s.end(sum(model.Cash, model.Aside, model.Coins, model.Plant)))
		}
		if l >= model.Loans {
			owed = append(owed, l)
		}
		out.add(l, s.end)
	}
	return out
}

// add is a line of the model, where it is not nought throughout.
func (t *planStatement) add(l model.Line, by func(func(*[model.LineCount]float64) float64) []float64) {
	values := by(planLine(l))
	for _, v := range values {
		if v > 0.005 || v < -0.005 {
			t.rows = append(t.rows, planRow{name: model.Names()[l], values: values})
			return
		}
	}
}

func (t *planStatement) sum(name string, values []float64) {
	t.rows = append(t.rows, planRow{name, values, true})
}

// planColumns is how many columns stand beside each other.
const planColumns = 8

// printStatements shows the statements in thousands.
func (s *planReport) printStatements(w io.Writer) {
	what := ""
	if s.site >= 0 {
		what = " of what site " + harmless(s.plan.Sites[s.site].Name) + " causes; loans, taxes and coins are the company's"
	}
	fmt.Fprintf(w, "\nStatements%s, thousand %s\n", what, s.plan.Currency)
	spans := s.spans()
	wide := planColumns
	if s.monthly {
		wide = 12
	}
	for from := 0; from < len(spans); from += wide {
		to := min(from+wide, len(spans))
		for _, t := range s.statements() {
			fmt.Fprintf(w, "\n  %-32s", t.name)
			for _, x := range spans[from:to] {
				fmt.Fprintf(w, "%11s", x.name)
			}
			fmt.Fprintln(w)
			for _, r := range t.rows {
				name := "  " + r.name
				if r.sum {
					name = r.name
				}
				fmt.Fprintf(w, "  %-32s", name)
				for _, v := range r.values[from:to] {
					fmt.Fprintf(w, "%11s", planThousands(v))
				}
				fmt.Fprintln(w)
			}
		}
		if s.site < 0 {
			s.printCover(w, spans[from:to])
		}
	}
}

// printCover shows the coverage of debt service.
func (s *planReport) printCover(w io.Writer, spans []planSpan) {
	fmt.Fprintf(w, "\n  %-32s", "Debt service")
	for _, x := range spans {
		fmt.Fprintf(w, "%11s", x.name)
	}
	rows := []struct {
		name string
		line model.Line
	}{{"  cash available for it", model.Available}, {"  due", model.Service}}
	for _, r := range rows {
		fmt.Fprintf(w, "\n  %-32s", r.name)
		for _, x := range spans {
			fmt.Fprintf(w, "%11s", planThousands(s.sumOf(r.line, x)))
		}
	}
	fmt.Fprintf(w, "\n  %-32s", "DSCR")
	for _, x := range spans {
		fmt.Fprintf(w, "%11s", planRatio(s.cover(x)))
	}
	fmt.Fprintln(w)
}

func (s *planReport) sumOf(l model.Line, x planSpan) (sum float64) {
	for k := x.from; k < x.to; k++ {
		sum += s.run.Months[k][l]
	}
	return sum
}

// cover is the coverage of debt service in a column; ok is false where nothing was due.
func (s *planReport) cover(x planSpan) (ratio float64, ok bool) {
	due := s.sumOf(model.Service, x)
	if due <= 0 {
		return 0, false
	}
	return s.sumOf(model.Available, x) / due, true
}

func planRatio(v float64, ok bool) string {
	if !ok {
		return "-"
	}
	if v > 99.99 {
		return "> 99" // hardly anything was due
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

// csv writes the statements, one amount a row.
func (s *planReport) csv(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"statement", "line", "period", "currency", "amount"}); err != nil {
		return err
	}
	spans := s.spans()
	for _, t := range s.statements() {
		for _, r := range t.rows {
			for i, v := range r.values {
				if err := out.Write([]string{t.name, r.name, spans[i].name, s.plan.Currency, planCents(v)}); err != nil {
					return err
				}
			}
		}
	}
	out.Flush()
	return out.Error()
}

// planCents is an amount with two decimals.
func planCents(v float64) string {
	return strings.TrimPrefix(planSign(strconv.FormatFloat(v, 'f', 2, 64)), "+")
}

// planThousands is an amount in thousands.
func planThousands(v float64) string {
	return commas(planSign(strconv.FormatFloat(v/1000, 'f', 0, 64)))
}

// planMillions is an amount in millions with two decimals.
func planMillions(v float64) string {
	return commas(planSign(strconv.FormatFloat(v/1e6, 'f', 2, 64)))
}

// planSign takes the sign off a nought.
func planSign(text string) string {
	if strings.Trim(text, "-0.") == "" {
		return strings.TrimPrefix(text, "-")
	}
	return text
}

// planPercent is a share with some decimals.
func planPercent(v float64, decimals int) string {
	return planSign(strconv.FormatFloat(100*v, 'f', decimals, 64)) + " %"
}
