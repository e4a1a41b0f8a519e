package board_test

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"sluice/capital/board"
	"sluice/capital/model"
)

// opened is the workbook of a report, read again.
func opened(t *testing.T, r board.Report) *excelize.File {
	t.Helper()
	var b bytes.Buffer
	if err := board.WriteXLSX(&b, r); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// computed is what a cell computes to.
func computed(t *testing.T, f *excelize.File, sheet, cell string) float64 {
	t.Helper()
	text, err := f.CalcCellValue(sheet, cell, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatalf("%s!%s: %v", sheet, cell, err)
	}
	if text == "" {
		return math.NaN()
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatalf("%s!%s is %q: %v", sheet, cell, text, err)
	}
	return v
}

// every calls back for each cell of a sheet that is a formula.
func every(t *testing.T, f *excelize.File, sheet string, do func(cell string)) (n int) {
	t.Helper()
	rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		for k := range max(len(row), 3) {
			cell, _ := excelize.CoordinatesToCellName(k+1, i+1)
			if x, err := f.GetCellFormula(sheet, cell); err == nil && x != "" {
				n++
				do(cell)
			}
		}
	}
	return n
}

// TestFormulasTie computes every formula with a program that is not ours and compares
// it with what the run found, to a cent.
func TestFormulasTie(t *testing.T) {
	t.Parallel()
	f := opened(t, sample(t))
	least := map[string]int{"Months": 3000, "Years": 600, "Debt": 2000, "Answer": 30, "Sites": 10}
	for _, sheet := range f.GetSheetList() {
		compared, bad := 0, 0
		every(t, f, sheet, func(cell string) {
			held, err := f.GetCellValue(sheet, cell, excelize.Options{RawCellValue: true})
			if err != nil || held == "" {
				return
			}
			want, err := strconv.ParseFloat(held, 64)
			if err != nil {
				t.Fatalf("%s!%s holds %q", sheet, cell, held)
			}
			compared++
			if got := computed(t, f, sheet, cell); !(math.Abs(got-want) < 0.01) && bad < 10 {
				bad++
				x, _ := f.GetCellFormula(sheet, cell)
				t.Errorf("%s!%s = %s is %v, the run found %v", sheet, cell, x, got, want)
			}
		})
		if compared < least[sheet] {
			t.Errorf("%s: only %d formulas were compared, want %d", sheet, compared, least[sheet])
		}
	}
}

// place is where a name of the workbook points.
func place(t *testing.T, f *excelize.File, name string) (sheet, cell string) {
	t.Helper()
	for _, d := range f.GetDefinedName() {
		if d.Name == name {
			sheet, cell, _ = strings.Cut(strings.ReplaceAll(d.RefersTo, "$", ""), "!")
			return sheet, cell
		}
	}
	t.Fatalf("no cell is called %s", name)
	return "", ""
}

// answerOf is what a named cell computes to.
func answerOf(t *testing.T, f *excelize.File, name string) float64 {
	t.Helper()
	sheet, cell := place(t, f, name)
	return computed(t, f, sheet, cell)
}

// TestAnswersTie: NPV, IRR, payback and the sum of all checks are those of the run.
func TestAnswersTie(t *testing.T) {
	t.Parallel()
	r := sample(t)
	f := opened(t, r)
	for id, v := range map[string]board.Value{"without": r.Answer.Without, "residual": r.Answer.Residual, "multiple": r.Answer.Multiple} {
		for name, want := range map[string]float64{"npv": v.NPV, "irr": v.IRR, "payback": v.Payback} {
			least := 0.01
			if name == "irr" {
				least = 1e-6 // the other program ends its search there
			}
			if got := answerOf(t, f, "answer_"+name+"_"+id); !(math.Abs(got-want) < least) {
				t.Errorf("%s %s is %v, the run found %v", name, id, got, want)
			}
		}
	}
	if got := answerOf(t, f, "answer_check"); got != 0 {
		t.Errorf("the checks add up to %v", got)
	}
}

// TestCoverage: the coverage of the workbook is that of the run's own tests.
func TestCoverage(t *testing.T) {
	t.Parallel()
	r := sample(t)
	f := opened(t, r)
	row := rowOf(t, f, "Debt", "debt service coverage")
	tested := 0
	for _, x := range r.Tested {
		if cell, _ := excelize.CoordinatesToCellName(4+x.Month, row); !math.IsInf(x.DSCR, 0) {
			tested++
			if got := computed(t, f, "Debt", cell); !(math.Abs(got-x.DSCR) < 1e-9) {
				t.Errorf("month %d: %v, the run found %v", x.Month, got, x.DSCR)
			}
		}
	}
	if tested < 30 {
		t.Errorf("only %d quarters were tested", tested)
	}
}

// rowOf is the row of a sheet that begins with a name.
func rowOf(t *testing.T, f *excelize.File, sheet, name string) int {
	t.Helper()
	rows, err := f.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		if len(r) > 0 && r[0] == name {
			return i + 1
		}
	}
	t.Fatalf("%s has no row %q", sheet, name)
	return 0
}

// TestChange: a rent that is changed in the workbook goes through EBITDA, profit and
// cash to the NPV, and the balance sheet still balances; so does another discount rate.
func TestChange(t *testing.T) {
	t.Parallel()
	r := sample(t)
	f := opened(t, r)
	const k, more = 30, 250_000.0
	month := func(name string, k int) string {
		cell, _ := excelize.CoordinatesToCellName(4+k, rowOf(t, f, "Months", name))
		return cell
	}
	if err := f.SetCellValue("Months", month("Rent", k), r.Months[k][model.Rent]+more); err != nil {
		t.Fatal(err)
	}
	last := len(r.Months) - 1
	for sentence, c := range map[string]struct{ got, want float64 }{
		"EBITDA":        {computed(t, f, "Months", month("EBITDA", k)), model.EBITDA(&r.Months[k]) + more},
		"profit":        {computed(t, f, "Months", month("Profit", k)), model.Profit(&r.Months[k]) + more},
		"cash, later":   {computed(t, f, "Months", month("Equity", last)), r.Months[last][model.Equity] + more},
		"NPV":           {answerOf(t, f, "answer_npv_without"), r.Answer.Without.NPV + more*math.Pow(1+r.Plan.Discount, -float64(k+1)/12)},
		"sum of checks": {answerOf(t, f, "answer_check"), 0},
	} {
		if !(math.Abs(c.got-c.want) < 0.01) {
			t.Errorf("%s is %v, want %v", sentence, c.got, c.want)
		}
	}
	f = opened(t, r)
	sheet, cell := place(t, f, "in_discount_rate")
	if err := f.SetCellValue(sheet, cell, 0.07); err != nil {
		t.Fatal(err)
	}
	if got, want := answerOf(t, f, "answer_npv_residual"), board.ValueOf(0.07, r.Months, r.Residuals).NPV; !(math.Abs(got-want) < 0.01) {
		t.Errorf("at 7 %% the NPV is %v, want %v", got, want)
	}
}

// TestBalanceIsWatched plants a loan that is drawn and never owed: the check shows it.
func TestBalanceIsWatched(t *testing.T) {
	t.Parallel()
	f := opened(t, sample(t))
	cell, _ := excelize.CoordinatesToCellName(4+7, rowOf(t, f, "Months", "Loans"))
	if err := f.SetCellValue("Months", cell, 1); err != nil {
		t.Fatal(err)
	}
	if err := f.SetCellFormula("Months", cell, ""); err != nil {
		t.Fatal(err)
	}
	if got := answerOf(t, f, "answer_check"); !(math.Abs(got) > 1e6) {
		t.Errorf("the checks add up to %v", got)
	}
}

// TestNoFormula: names that begin as a formula does are text, in a cell of the format
// of text; the only formulas are those of the board.
func TestNoFormula(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"=HYPERLINK(\"http://x\")", "+1", "-1+cmd", "@SUM(A1)"} {
		r := named(t, name)
		r.Months, r.Sites[0].Months = r.Months[:12], r.Sites[0].Months[:12]
		f := opened(t, r)
		seen := 0
		for _, sheet := range f.GetSheetList() {
			rows, err := f.GetRows(sheet)
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range rows {
				for k, text := range r {
					if text != name {
						continue
					}
					seen++
					cell, _ := excelize.CoordinatesToCellName(k+1, i+1)
					x, _ := f.GetCellFormula(sheet, cell)
					kind, _ := f.GetCellType(sheet, cell)
					id, _ := f.GetCellStyle(sheet, cell)
					style, err := f.GetStyle(id)
					if err != nil || x != "" || kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString || style.CustomNumFmt == nil || *style.CustomNumFmt != "@" && *style.CustomNumFmt != "General" {
						t.Errorf("%s!%s: formula %q, type %v, style %+v, %v", sheet, cell, x, kind, style, err)
					}
				}
			}
			every(t, f, sheet, func(cell string) {
				if x, _ := f.GetCellFormula(sheet, cell); strings.Contains(x, strings.TrimSpace(name)) && len(name) > 4 {
					t.Errorf("%s!%s: a name is within %s", sheet, cell, x)
				}
			})
		}
		if seen < 8 {
			t.Errorf("%q stands %d times", name, seen)
		}
	}
}

// TestWorkbookElsewhere: in each language the sheets have the same names and the same
// answer, the same report has the same bytes, and a plan that never pays says so.
func TestWorkbookElsewhere(t *testing.T) {
	t.Parallel()
	r := sample(t)
	r.Months, r.Sites[0].Months = r.Months[:24], r.Sites[0].Months[:24]
	var a, b bytes.Buffer
	if err := errors.Join(board.WriteXLSX(&a, r), board.WriteXLSX(&b, r)); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Errorf("the same report has other bytes, %v", err)
	}
	for _, l := range board.Languages() {
		r.Language = l
		f := opened(t, r)
		if got := strings.Join(f.GetSheetList(), " "); got != "Assumptions Months Years Debt Answer Sites Risk" {
			t.Errorf("%s: sheets %s", l, got)
		}
		if v, err := f.GetSheetView("Months", 0); err != nil || *v.RightToLeft != (l == board.Arabic) {
			t.Errorf("%s: it is read from the other side, %v", l, err)
		}
	}
	poor := bare(t)
	poor.Months = slices.Clone(poor.Months)
	for k := range poor.Months {
		poor.Months[k][model.Rent] = 0
	}
	f := opened(t, poor)
	sheet, cell := place(t, f, "answer_payback_without")
	if text, err := f.CalcCellValue(sheet, cell); err != nil || text != "not within the plan" {
		t.Errorf("payback %q, %v", text, err)
	}
}

// BenchmarkXLSX is a whole report.
func BenchmarkXLSX(b *testing.B) {
	r := sample(b)
	for b.Loop() {
		if err := board.WriteXLSX(new(bytes.Buffer), r); err != nil {
			b.Fatal(err)
		}
	}
}
