package invoice

import (
	"slices"
	"strings"
	"testing"

	"sluice/pdf"
)

func left(m pdf.Mark) int {
	at, _ := m.Ends()
	return at
}

// TestApart: whatever the numbers and names, nothing on a line touches another.
func TestApart(t *testing.T) {
	t.Parallel()
	most, long := strings.Repeat("9,", 8)+"223,372,036,854.775807", strings.Repeat("long-name ", 20)
	for _, l := range []Language{English, Portuguese, Arabic} {
		for sentence, r := range map[string]row{
			"plain": {Item: "Usage", Component: "h100", Quantity: "1.5", Unit: "MWh", Price: "2.50", Period: "1 Sep 2025 – 30 Sep 2025", Amount: "1.00", Meter: "m", Revision: "3"},
			"wide":  {Item: long, Component: long, Contract: long, Quantity: "-9,223,372,036,854.775807", Unit: long, Price: long, Period: "30 Sep 2025 – 30 Sep 2025", Amount: "-9,223,372,036,854.775807", Meter: long, Revision: "2147483647", Evidence: []string{most}},
		} {
			p := page{W: l.words(), Currency: "USD", Rows: []row{r}, Net: r.Amount, Rounding: "0.005", Total: r.Amount}
			on, err := pdf.New(string(l), l.marks().direction == "rtl")
			if err != nil {
				t.Fatal(err)
			}
			sheet := &sheet{on}
			sheet.Page()
			at := sheet.table(p, ".")
			cells := sheet.row(r, at, p.W)
			for line := range pdf.Highest(cells) {
				var taken []pdf.Mark
				for _, c := range cells {
					if line < len(c) {
						taken = append(taken, c[line])
					}
				}
				slices.SortFunc(taken, func(a, b pdf.Mark) int { return left(a) - left(b) })
				for i, m := range taken {
					end := pdf.Wide - pdf.Margin + 50
					if i+1 < len(taken) {
						end = left(taken[i+1])
					}
					if from, to := m.Ends(); from < pdf.Margin-50 || to > end {
						t.Errorf("%s, %s, line %d: from %d to %d, and the next begins at %d", l, sentence, line, from, to, end)
					}
				}
			}
			if first, last := left(cells[0][0]), left(cells[len(cells)-1][0]); (first > last) != sheet.RTL {
				t.Errorf("%s: what is read first is at %d, what is read last at %d", l, first, last)
			}
			if sheet.Err() != nil {
				t.Error(sheet.Err())
			}
		}
	}
}
