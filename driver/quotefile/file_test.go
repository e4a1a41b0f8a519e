package quotefile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/capital/quote"
	"sluice/driver/quotefile"
	"sluice/unit"
)

func example(tb testing.TB, name string) string {
	tb.Helper()
	b, err := quotefile.Example(name)
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

// TestExamples: what the shipped quotes say arrives in base units.
func TestExamples(t *testing.T) {
	t.Parallel()
	f, err := quotefile.Load("gb300", "", quotefile.Said{})
	if err != nil {
		t.Fatal(err)
	}
	want := quote.Terms{
		GPU: 2640, PUE: 1_250_000, Hardware: 65_000 * unit.Unit, HardwareLife: 60, Hall: 10_000_000 * unit.Unit, HallLife: 180,
		Capital: 110_000, Operations: 1_200_000 * unit.Unit, Energy: 45 * unit.PerMWh, Load: unit.One, Utilisation: 850_000, Fees: 20_000,
		Hashprice: 45_000_000, Efficiency: 18_000, MiningCost: 4 * unit.PerMWh, Available: 950_000,
	}
	if d := cmp.Diff(want, f.Terms); d != "" {
		t.Error(d)
	}
	if f.Term != 60 || f.Asked != 3_950_000 || len(f.Changes) != len(quote.Usual()) || len(f.Sources) != 1 || len(f.Market) != 3 || f.Market[1].Price != 6_990_000 || f.Market[1].Power != 2640 {
		t.Errorf("%+v", f)
	}
	if c := f.Colocation; c.Occupancy != 950_000 || c.Operations != 400_000*unit.Unit || c.Energy || c.Asked != 154*unit.Unit || c.Source != "" {
		t.Errorf("%+v", c)
	}
	if x := f.Flexibility; x.Hours != 50 || x.Value != 1000*unit.PerMWh || x.Peak != 100_000*unit.Unit {
		t.Errorf("%+v", x)
	}
	if h := f.Headline; h.Revenue != 9_700_000_000*unit.Unit || h.Years != 5 || h.Credited != 3 || h.Margin != 850_000 || len(h.Left) != 3 || h.Left[2].Hall != 666_667 || h.Left[2].Equipment != 150_000 {
		t.Errorf("%+v", h)
	}
	if s := f.Scenarios[1]; s.Probability != 300_000 || len(s.Energy) != 60 || s.Energy[11] != 45*unit.PerMWh || s.Energy[12] != 46*unit.PerMWh || s.Hashprice[59] != 24_000_000 {
		t.Errorf("%+v", s)
	}
	if w := f.Walk; w.HashVolatility != 450_000 || w.PowerVolatility != 25*unit.PerMWh || w.HalfLife != 6 || w.Paths != 10_000 || w.Seed != 1 || w.Around.Name != "as today" {
		t.Errorf("%+v", w)
	}
	h100, err := quotefile.Load("h100", "", quotefile.Said{})
	if err != nil || h100.Idle != 180 || h100.Term != 0 || len(h100.Changes) != 4 || len(h100.Changes[1].Set) != 2 || h100.Terms.HardwareLife != 48 {
		t.Errorf("%+v, %v", h100, err)
	}
}

// said is every input on the command line, and nothing else.
func said() map[string]string {
	return map[string]string{
		"gpu_kw": "2.64", "pue": "1.25", "gpu_price_usd": "65000", "gpu_life_years": "5", "gpu_residual": "0%", "datacentre_usd_per_mw": "10_000_000", "datacentre_life_years": "15",
		"cost_of_capital": "11%", "operations_usd_per_mw_year": "1200000", "energy_usd_per_mwh": "45", "load": "100%", "utilisation": "85%", "fees": "2%",
		"hashprice_usd_per_ph_day": "45", "mining_j_per_th": "18", "mining_cost_usd_per_mwh": "4", "mining_availability": "95%",
	}
}

// TestSaid: what is said counts more than what is written, and needs no file.
func TestSaid(t *testing.T) {
	t.Parallel()
	f, err := quotefile.Load("gb300", "", quotefile.Said{Inputs: map[string]string{"hashprice_usd_per_ph_day": "60", "gpu_kw": "2"}, Asked: "4.5", AskedColo: "200", Term: "4", Seed: "7", Paths: "500"})
	if err != nil || f.Terms.Hashprice != 60_000_000 || f.Sources["gpu_kw"] != quotefile.FromFlag || f.Asked != 4_500_000 || f.Colocation.Asked != 200*unit.Unit || f.Term != 48 || f.Walk.Seed != 7 || f.Walk.Paths != 500 {
		t.Errorf("%+v, %v", f, err)
	}
	bare, err := quotefile.Load("", "", quotefile.Said{Inputs: said()})
	full, _ := quotefile.Load("gb300", "", quotefile.Said{})
	if err != nil || bare.Terms != full.Terms || len(bare.Sources) != 17 || bare.Name != "quote" {
		t.Errorf("%+v, %v", bare, err)
	}
	outlook := filepath.Join(t.TempDir(), "outlook.yaml")
	if err := os.WriteFile(outlook, []byte("scenarios:\n  - {name: months, probability: 100 %, by: month, energy_usd_per_mwh: [1, 2, 3], hashprice_usd_per_ph_day: [40, 41, 42]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	other, err := quotefile.Load("gb300", outlook, quotefile.Said{Term: "0.25"})
	if err != nil || len(other.Scenarios) != 1 || other.Walk != nil || other.Scenarios[0].Hashprice[2] != 42_000_000 || len(other.Scenarios[0].Energy) != 3 {
		t.Errorf("%+v, %v", other, err)
	}
}

// TestFaults: every fault is told with its place and what to do.
func TestFaults(t *testing.T) {
	t.Parallel()
	whole := example(t, "gb300")
	for sentence, c := range map[string]struct{ from, to, want string }{
		"an unknown key":                     {"term_years:", "terms:", "terms"},
		"an unknown input":                   {"  pue: 1.25", "  pue: 1.25\n  power_kw: 3", "x.yaml: line 10: inputs.power_kw: is no input: there are gpu_kw, pue"},
		"an input twice":                     {"  pue: 1.25", "  pue: 1.25\n  pue: 1.3", "pue"},
		"a hashprice that is missing":        {"  hashprice_usd_per_ph_day: 45 ", "  # ", "inputs.hashprice_usd_per_ph_day: is missing: what a PH/s earns in a day, in USD; give it with --hashprice-usd-per-ph-day or in a file"},
		"a hashprice for a TH":               {"hashprice_usd_per_ph_day: 45 ", "hashprice_usd_per_ph_day: 0.045 ", "line 21: inputs.hashprice_usd_per_ph_day: 0.045 is not between 1 and 10000: it is for a PH/s"},
		"a utilisation of nothing":           {"utilisation: 85 %", "utilisation: 0 %", "line 19: inputs.utilisation: 0 % is not between 1 % and 100 %: hours that are never billed have no price"},
		"a life below zero":                  {"gpu_life_years: 5", "gpu_life_years: -5", "line 11: inputs.gpu_life_years: -5 is not between 0.5 and 30"},
		"a PUE below one":                    {"pue: 1.25", "pue: 0.9", "line 9: inputs.pue: 0.9 is not between 1 and 3: a facility draws at least what its machines do"},
		"millions for dollars":               {"datacentre_usd_per_mw: 10_000_000", "datacentre_usd_per_mw: 10", "not in millions"},
		"a share without its sign":           {"cost_of_capital: 11 %", "cost_of_capital: 0.11", "line 15: inputs.cost_of_capital: \"0.11\": write a percentage with its sign"},
		"a number that is none":              {"energy_usd_per_mwh: 45 ", "energy_usd_per_mwh: cheap ", "line 17: inputs.energy_usd_per_mwh: \"cheap\""},
		"a source of nothing":                {"  gpu_kw: 190 kW", "  gpu: 190 kW", "sources.gpu: is no input"},
		"a size below zero":                  {"term_years: 5", "term_years: 5\nfacility_mw: -3", "facility_mw: -3 is not between"},
		"a term of nothing":                  {"term_years: 5", "term_years: 0", "line 4: term_years: 0 is not between"},
		"a term that is missing":             {"term_years: 5\n", "\n", "term_years: is missing: scenarios are judged over the term"},
		"a price of nothing":                 {"asked_usd_per_gpu_hour: 3.95", "asked_usd_per_gpu_hour: 0", "line 5: asked_usd_per_gpu_hour: 0 is not between"},
		"a hall that is half full of ghosts": {"occupancy: 95 %", "occupancy: 195 %", "colocation.occupancy: 195 % is not between"},
		"energy that nobody pays":            {"energy: passed through", "energy: free", "line 33: colocation.energy: \"free\""},
		"hours beyond the year":              {"hours_per_year: 50", "hours_per_year: 9000", "flexibility.hours_per_year: 9000"},
		"a prepayment set off too late":      {"set_off_from_year: 3", "set_off_from_year: 6", "headline: the deal makes no sense"},
		"a market price without a source":    {"source: \"verda in skypilot-catalog, undated\"", "source: ''", "market[1]: a price of the market has a name and a source"},
		"probabilities of too little":        {"probability: 40 %", "probability: 30 %", "scenarios: scenarios do not serve: their probabilities are 90 % in all: make them 100 %"},
		"a probability beyond all":           {"probability: 40 %", "probability: 140 %", "scenarios[0].probability: 140 %"},
		"a curve that ends early":            {"[45, 46, 47, 48, 49]", "[45, 46, 47, 48]", "halving of 2028: power price is given for 48 months and hashprice for 60, and the term has 60"},
		"a curve that is missing":            {"    hashprice_usd_per_ph_day: [45, 42, 30, 24, 24]\n", "", "scenarios[1].hashprice_usd_per_ph_day: is missing: a list"},
		"a curve with a hole":                {"[45, 42, 30, 24, 24]", "[45, 42, ~, 24, 24]", "scenarios[1].hashprice_usd_per_ph_day[2]: is missing"},
		"a curve by the week":                {"probability: 30 %", "probability: 30 %\n    by: week", "scenarios[1].by: \"week\": write year or month"},
		"a curve without end":                {"[45, 46, 47, 48, 49]", "[" + strings.Repeat("1,", 200) + "1]", "has more than 1200 months"},
		"a walk about nothing":               {"around: as today", "around: a dream", "monte_carlo.around: \"a dream\": name one of the scenarios"},
		"a volatility that is missing":       {"  hashprice_volatility: 45 %            # for a year\n", "", "monte_carlo.hashprice_volatility: is missing"},
		"a walk of one path":                 {"paths: 10000", "paths: 1", "monte_carlo.paths: 1 is not between 100 and 1000000"},
		"a seed below zero":                  {"seed: 1", "seed: -1", "monte_carlo.seed: -1"},
		"a sensitivity to nothing":           {"market:", "sensitivities: [{name: x, set: {weather: 3}}]\nmarket:", "sensitivities[0].set: \"weather\" is no input"},
		"a sensitivity out of bounds":        {"market:", "sensitivities: [{name: x, set: {pue: 0.5}}]\nmarket:", "sensitivities[0].set.pue: 0.5 is not between"},
		"a name with a bell":                 {"name: bitcoin rises", `name: "rises \a"`, "control characters"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(whole, c.from, c.to, 1)
			if text == whole {
				t.Fatal("nothing was changed")
			}
			if _, err := quotefile.Read(quotefile.Request{Name: "x.yaml", Text: text}); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "x.yaml") {
				t.Errorf("%v\nwant %s", err, c.want)
			}
		})
	}
}

// TestAllFaults: they are told all at once, those of flags by their flag and those of
// another file by its name.
func TestAllFaults(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer("pue: 1.25", "pue: 0.9", "utilisation: 85 %", "utilisation: 0 %").Replace(example(t, "gb300"))
	_, err := quotefile.Read(quotefile.Request{
		Name: "x.yaml", Text: text, OutlookName: "y.yaml", OutlookText: "scenarios:\n- {name: one, probability: 1, energy_usd_per_mwh: [1], hashprice_usd_per_ph_day: [0.04]}",
		Said: quotefile.Said{Inputs: map[string]string{"fees": "101%"}, Asked: "free", AskedColo: "-1", Seed: "3"},
	})
	if err == nil {
		t.Fatal("all of it was read")
	}
	for _, want := range []string{
		"--seed, --paths: there is no walk", "x.yaml: line 9: inputs.pue", "x.yaml: line 19: inputs.utilisation", "--fees: 101 %", `--price: "free"`, "--colo-price: -1",
		"y.yaml: line 2: scenarios[0].probability", "y.yaml: line 2: scenarios[0].hashprice_usd_per_ph_day[0]: 0.04",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing", want)
		}
	}
	if n := strings.Count(err.Error(), "\n") + 1; n != 8 {
		t.Errorf("%d faults, want 8:\n%v", n, err)
	}
	if _, err := quotefile.Load("", "", quotefile.Said{AskedColo: "150"}); err == nil || strings.Count(err.Error(), "is missing") != 17 || !strings.Contains(err.Error(), "--gpu-kw: is missing") || !strings.Contains(err.Error(), "--colo-price: nothing is offered by the kW") {
		t.Errorf("nothing was said: %v", err)
	}
	for _, name := range []string{"nowhere", "./nowhere.yaml"} {
		if _, err := quotefile.Load(name, "", quotefile.Said{}); err == nil || !strings.Contains(err.Error(), "nowhere") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, text := range []string{"", "[]", "a: &a [*a]", "inputs: 7", strings.Repeat(" ", 2<<20)} {
		if _, err := quotefile.Read(quotefile.Request{Name: "x", Text: text}); err == nil {
			t.Errorf("%.10q was read", text)
		}
	}
}

// FuzzRead: whatever is read as a quote can be priced and judged.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"gb300", "h100"} {
		f.Add(example(f, name), "")
	}
	f.Add(example(f, "gb300"), "scenarios: [{name: a, probability: 100 %, energy_usd_per_mwh: [1,2,3,4,5], hashprice_usd_per_ph_day: [0,2,3,4,5]}]")
	f.Fuzz(func(t *testing.T, text, outlook string) {
		in := quotefile.Request{Name: "x", Text: text}
		if outlook != "" {
			in.OutlookName, in.OutlookText = "y", outlook
		}
		got, err := quotefile.Read(in)
		if err != nil {
			return
		}
		o, err := quote.GPUHours(got.Terms)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Price(); err != nil {
			t.Fatal(err)
		}
		if _, err := quote.Compare(got.Terms, quote.GPUHours, got.Changes); err != nil {
			t.Fatal(err)
		}
		if len(got.Scenarios) > 0 {
			if _, err := o.Judge(got.Asked, got.Term, got.Scenarios); err != nil {
				t.Fatal(err)
			}
		}
		if got.Walk != nil {
			if err := got.Walk.Validate(got.Term); err != nil {
				t.Fatal(err)
			}
		}
		if got.Headline != nil {
			if _, err := got.Headline.Cash(quote.Rest{}); err != nil {
				t.Fatal(err)
			}
		}
	})
}
