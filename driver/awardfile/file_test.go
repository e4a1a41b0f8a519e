package awardfile_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sluice/books"
	"sluice/books/reserve"
	"sluice/driver/awardfile"
	"sluice/unit"
)

func example(tb testing.TB, name string) string {
	tb.Helper()
	b, err := awardfile.Example(name)
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

// TestExamples: what the shipped programmes say arrives in base units, and that they
// are no market's rule.
func TestExamples(t *testing.T) {
	t.Parallel()
	ecrs, err := awardfile.Load("ancillary")
	if err != nil {
		t.Fatal(err)
	}
	want := reserve.Programme{Product: "ecrs", Income: books.AncillaryIncome, Baseline: reserve.Baseline{Method: reserve.DropTo, Level: 2 * unit.Megawatt}, Tolerance: 50_000, Rule: reserve.ProRata}
	if d := cmp.Diff(want, ecrs.Programme, cmpopts.IgnoreFields(reserve.Programme{}, "Zone")); d != "" || ecrs.Zone.String() != "America/Chicago" || ecrs.Counterparty != "ercot" || ecrs.Currency != "USD" {
		t.Errorf("%s %+v", d, ecrs)
	}
	load, err := awardfile.Load("demand-response")
	if err != nil {
		t.Fatal(err)
	}
	base := reserve.Baseline{Method: reserve.High, Keep: 5, Of: 10, Within: 30, Like: true, Adjust: reserve.Scalar, Limit: 200_000, Begin: 4 * time.Hour, End: 2 * time.Hour}
	if d := cmp.Diff(base, load.Baseline); d != "" || load.Rule != reserve.Multiple || load.Times != 1_500_000 || len(load.Unlike) != 2 || load.Unlike[0] != "2025-07-04" {
		t.Errorf("%s %+v", d, load)
	}
	for _, name := range []string{"ancillary", "demand-response"} {
		if text := example(t, name); !strings.Contains(text, "NO MARKET'S RULE") || !strings.Contains(text, "assumed:") {
			t.Errorf("%s does not say that it is no market's rule", name)
		}
	}
}

// TestFaults: every fault of a programme is told with its line.
func TestFaults(t *testing.T) {
	t.Parallel()
	drop, high := example(t, "ancillary"), example(t, "demand-response")
	for sentence, c := range map[string]struct{ whole, from, to, want string }{
		"an unknown key":                  {drop, "tolerance:", "slack:", "slack"},
		"a key twice":                     {drop, "currency: USD", "currency: USD\ncurrency: USD", "currency"},
		"no product":                      {drop, "product: ecrs", "product: ''", "line 4: product"},
		"a counterparty with blanks":      {drop, "counterparty: ercot", "counterparty: The Grid", "line 5: counterparty"},
		"a currency that is none":         {drop, "currency: USD", "currency: dollars", "line 6: currency"},
		"an account of costs":             {drop, "Income:Grid:Ancillary", "Expenses:Power:Energy", "line 7: income"},
		"income out of shortfall":         {drop, "Income:Grid:Ancillary", "Income:Grid:Shortfall", "line 7: income"},
		"a method that is none":           {drop, "method: drop-to", "method: guess", `method "guess" is none of`},
		"no level":                        {drop, ", level_mw: 2", "", "needs level_mw"},
		"a level below zero":              {drop, "level_mw: 2", "level_mw: -2", "line 8: baseline.level_mw"},
		"a level of words":                {drop, "level_mw: 2", "level_mw: two", "line 8: baseline.level_mw"},
		"days of no use":                  {drop, "level_mw: 2", "level_mw: 2, of: 10", "takes no keep"},
		"a stretch of no use":             {drop, "level_mw: 2", "level_mw: 2, begin: 4h", "takes no begin"},
		"a limit of no adjustment":        {drop, "level_mw: 2", "level_mw: 2, limit: 5 %", "a limit is of an adjustment"},
		"a tolerance without its sign":    {drop, "tolerance: 5 %", "tolerance: 0.05", "line 9: tolerance"},
		"a tolerance beyond all":          {drop, "tolerance: 5 %", "tolerance: 101 %", "line 9: tolerance"},
		"a rule that is none":             {drop, "rule: pro rata", "rule: harsh", `rule "harsh"`},
		"a multiple without a number":     {drop, "rule: pro rata", "rule: multiple", "only the last has a multiple"},
		"a number without a multiple":     {drop, "rule: pro rata", "rule: pro rata\ntimes: 3", "only the last has a multiple"},
		"a zone that is none":             {drop, "America/Chicago", "Texas", `line 11: time_zone: "Texas"`},
		"the zone of whoever runs it":     {drop, "America/Chicago", "Local", `line 11: time_zone: "Local"`},
		"more days kept than there are":   {high, "keep: 5", "keep: 11", "11 of 10 days"},
		"an adjustment by nothing":        {high, "limit: 20 %", "limit: 0 %", "at most as much as the baseline"},
		"a stretch that ends first":       {high, "begin: 4h", "begin: 1h", "begins before it ends"},
		"a stretch of words":              {high, "begin: 4h", "begin: early", "line 16: baseline.begin"},
		"a day that is none":              {high, "2025-09-01", "2025-09-31", "2025-09-31"},
		"what is no YAML":                 {high, "unlike: [", "unlike: {", "flow map"},
		"a list where a number stands":    {high, "times: 1.5", "times: [1.5]", "a number or a text is needed"},
		"too many decimals of a multiple": {high, "times: 1.5", "times: 1.0000001", "line 20: times"},
	} {
		text := strings.Replace(c.whole, c.from, c.to, 1)
		if text == c.whole {
			t.Fatalf("%s: nothing was changed", sentence)
		}
		if _, err := awardfile.Read(strings.NewReader(text), "x.yaml"); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "x.yaml") {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	two := strings.NewReplacer("product: ecrs", "product: E C R S", "tolerance: 5 %", "tolerance: 5").Replace(drop)
	if _, err := awardfile.Read(strings.NewReader(two), "x"); err == nil || strings.Count(err.Error(), "line ") != 2 {
		t.Errorf("two faults: %v", err)
	}
	for _, text := range []string{"", "[]", "a: &a [*a]", strings.Repeat(" ", 300<<10)} {
		if _, err := awardfile.Read(strings.NewReader(text), "x"); err == nil {
			t.Errorf("%.10q was read", text)
		}
	}
	if _, err := awardfile.Load("nowhere"); err == nil || !strings.Contains(err.Error(), "demand-response") {
		t.Errorf("an unknown example: %v", err)
	}
}

// FuzzRead: whatever is read as a programme is one that can be settled by.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"ancillary", "demand-response"} {
		f.Add(example(f, name))
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := awardfile.Read(strings.NewReader(text), "x")
		if err != nil {
			return
		}
		if err := got.Validate(); err != nil || !bytes.Equal(got.Text, []byte(text)) || got.Zone == nil || got.Counterparty == "" {
			t.Fatalf("%+v, %v", got, err)
		}
	})
}
