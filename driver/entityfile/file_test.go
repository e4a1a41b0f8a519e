package entityfile_test

import (
	"strings"
	"testing"

	"sluice/books"
	"sluice/driver/entityfile"
	"sluice/unit"
)

func TestExample(t *testing.T) {
	t.Parallel()
	f, err := entityfile.Load("houston")
	if err != nil {
		t.Fatal(err)
	}
	if f.Capital != 60_000_000*unit.Unit || len(f.Assets) != 2 || f.Assets[0].Cost != 32_000_000*unit.Unit || f.Chart.Entity != "Houston Hash LLC" {
		t.Errorf("%+v", f)
	}
	for _, a := range []string{f.Bank, f.Pool, f.Wallet, f.Utility, books.FairValue(f.Wallet)} {
		if _, ok := f.Chart.Find(a); !ok {
			t.Errorf("%s is not in the chart", a)
		}
	}
}

// TestFaults: every fault is told with what it is about, all at once.
func TestFaults(t *testing.T) {
	t.Parallel()
	whole, err := entityfile.Example("houston")
	if err != nil {
		t.Fatal(err)
	}
	for sentence, c := range map[string]struct{ from, to, want string }{
		"an unknown key":          {"sell:", "sells:", "sells"},
		"no entity":               {"entity: Houston Hash LLC", "entity: ''", "legal entity"},
		"a zone that is none":     {"America/Chicago", "Texas", "Texas"},
		"a currency that is none": {"currency: USD", "currency: dollars", "dollars"},
		"too many decimals":       {"amount: 140000", "amount: 140000.0000001", "decimals"},
		"a cost of nothing":       {"amount: 140000", "amount: 0", "above zero"},
		"an account that is none": {"Expenses:Site:Labour", "Expenses:Site:Lunch", "Expenses:Site:Lunch"},
		"a date that is none":     {"2024-07-01", "July", "July"},
		"a method that is none":   {"straight-line", "magic", "magic"},
		"an unknown sale":         {"sell: month", "sell: sometimes", "sometimes"},
		"no policy of prices":     {"price_policy: close-utc-1", "price_policy: ''", "price_policy"},
		"no bank":                 {"bank: main", "bank: ''", "bank"},
		"a share below zero":      {"mining: 1", "mining: -1", "below zero"},
		"what is no YAML":         {"assets:", "assets: [", "assets"},
	} {
		text := strings.Replace(string(whole), c.from, c.to, 1)
		if text == string(whole) {
			t.Fatalf("%s: nothing was changed", sentence)
		}
		if _, err := entityfile.Read(strings.NewReader(text), "x.yaml"); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "x.yaml") {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	if _, err := entityfile.Load("nowhere"); err == nil || !strings.Contains(err.Error(), "houston") {
		t.Errorf("an unknown example: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	whole, err := entityfile.Example("houston")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(whole))
	f.Fuzz(func(t *testing.T, text string) {
		got, err := entityfile.Read(strings.NewReader(text), "x")
		if err == nil && got.Chart.Validate() != nil {
			t.Fatal("a chart that is none was read")
		}
	})
}
