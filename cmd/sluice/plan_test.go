package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"math"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"sluice/capital"
	"sluice/driver/planfile"
)

var updatePlan = flag.Bool("update-plan", false, "write what sluice plan prints into testdata and docs/plan.md")

// planned runs sluice plan, which need not be wired for it.
func planned(t *testing.T, args ...string) (text string, err error) {
	t.Helper()
	var out, errs strings.Builder
	c := newPlan()
	c.SilenceUsage, c.SilenceErrors = true, true
	c.SetArgs(args)
	c.SetOut(&out)
	c.SetErr(&errs)
	err = c.ExecuteContext(t.Context())
	return out.String() + errs.String(), err
}

func mustPlan(t *testing.T, args ...string) string {
	t.Helper()
	text, err := planned(t, args...)
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return text
}

// TestPlanGolden: what is printed of the shipped conversion, to the letter.
func TestPlanGolden(t *testing.T) {
	t.Parallel()
	const file = "testdata/plan_washington.txt"
	got := mustPlan(t, "--file", "washington")
	if *updatePlan {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("it prints another text: look at it, then go test ./cmd/sluice -run PlanGolden -update-plan\n%s", firstOther(got, string(want)))
	}
}

// firstOther is the first line in which two texts differ.
func firstOther(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return "line " + strconv.Itoa(i+1) + "\n" + a[i] + "\n" + b[i]
		}
	}
	return "one is longer"
}

// TestPlanContradictions: what the articles said and what the figures give, computed
// again by hand.
func TestPlanContradictions(t *testing.T) {
	t.Parallel()
	text := mustPlan(t, "--file", "washington")
	for _, want := range []string{
		"7,111,111 a gross MW: 11.1 % below", "8,888,889 a critical MW: within", "100 times apart: a slip of scale", "82,400 a BCH: miners here find bitcoin",
		"leaves a margin of 17.6 %", "leaves a margin of 28.0 %", "75 racks hold 5,400 GPUs", "417.60 M, 3.3 times the 128.00 M", "earn 8.7 % more BTC", "neither a period nor which MW", "1,200,000 against",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
}

// viewed is a plan as JSON.
func viewed(t *testing.T, args ...string) (out planJSON) {
	t.Helper()
	text := mustPlan(t, append(args, "--json")...)
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return out
}

// TestPlanJSON: the conversion against the worked example of its reference (annual,
// paid at once: 5.649 % and 12.744 %, 11.8 % yield), and statements that tie.
func TestPlanJSON(t *testing.T) {
	t.Parallel()
	got := viewed(t, "--file", "washington")
	x := got.Projects[0]
	if x.Ready != 12 || x.First.String() != "2027-01" || x.Facility != 128e6 || math.Abs(x.EBITDA-15.12e6) > 500 || math.Abs(x.Rent-21.6e6) > 1 {
		t.Errorf("%+v", x)
	}
	if irr := *x.Alone.Bare.IRR; math.Abs(irr-0.0565) > 0.003 {
		t.Errorf("alone it returns %v", irr)
	}
	if irr := *x.Alone.Multiple.IRR; math.Abs(irr-0.1274) > 0.005 || math.Abs(x.Alone.Multiple.Left-6*19.728e6) > 6e4 {
		t.Errorf("with 6 x EBITDA %v and %v", irr, x.Alone.Multiple.Left)
	}
	if !(x.Against.Bare.NPV < x.Alone.Bare.NPV) || !(x.Cost < x.Whole) || len(x.Delays) != 4 || !(x.Delays[0].Rent < 0 && x.Delays[0].Mining > 0 && x.Delays[0].Interest > 0 && x.Delays[0].NPV < 0) {
		t.Errorf("%+v", x)
	}
	if d := x.Delays[0].Rent + 1.8e6; math.Abs(d) > 1 {
		t.Errorf("a month late loses %v", x.Delays[0].Rent)
	}
	// what a unit costs and brings differ by what the project is worth
	if math.Abs((x.Brings-x.Cost)*x.sold(t)-x.Alone.Bare.NPV) > 1e4 {
		t.Errorf("levelised %v against %v, and it is worth %v", x.Cost, x.Brings, x.Alone.Bare.NPV)
	}
	tied(t, got)
	assumed := 0
	for _, f := range got.Figures {
		if f.Assumed {
			assumed++
		}
		if f.Unit == "" && f.Place != "projects.conversion.pue" && !strings.Contains(f.Place, "correlation") && !strings.HasPrefix(f.Place, "covenants") && !strings.HasSuffix(f.Place, ".pue") {
			t.Errorf("%s has no unit", f.Place)
		}
	}
	if assumed == 0 || assumed == len(got.Figures) || len(got.Published) < 12 {
		t.Errorf("%d of %d assumed", assumed, len(got.Figures))
	}
	if got.Coverage[0] == nil || math.Abs(*got.Coverage[3]-1.3) > 1e-6 || got.Coverage[10] != nil {
		t.Errorf("%v", got.Coverage)
	}
}

// sold is the present value of the units that a project sells: capacity for ten years
// from the second on, a month at a time.
func (x planProjectJSON) sold(t *testing.T) (sum float64) {
	t.Helper()
	f, err := planfile.Load("washington")
	if err != nil {
		t.Fatal(err)
	}
	for k := 12; k < 132; k++ {
		m := f.Plan.Begin.Add(k)
		sum += 14.4 * m.Add(1).Begin().Sub(m.Begin()).Hours() * math.Pow(1.1, -float64(k+1)/12)
	}
	return sum
}

// tied adds the statements up as a reader would.
func tied(t *testing.T, p planJSON) {
	t.Helper()
	rows := map[string][]float64{}
	for _, s := range p.Statements {
		for _, r := range s.Lines {
			rows[s.Name+": "+r.Name] = r.Values
		}
	}
	for i := range p.Periods {
		var lines, flows float64
		for _, s := range p.Statements {
			for _, r := range s.Lines {
				switch {
				case s.Name == "Profit and loss" && !r.Sum:
					lines += r.Values[i]
				case s.Name == "Cash" && !r.Sum:
					flows += r.Values[i]
				}
			}
		}
		profit, cash := rows["Profit and loss: profit"][i], rows["Cash: cash at the end"]
		before := cash[i] - rows["Cash: change of cash"][i]
		if i > 0 && math.Abs(before-cash[i-1]) > 0.02*12 {
			t.Errorf("%s begins with %v of cash and the column before ends with %v", p.Periods[i], before, cash[i-1])
		}
		owned, owes := rows["Balance sheet at the end: owned"][i], rows["Balance sheet at the end: owed and equity"][i]
		if math.Abs(lines-profit) > 0.02 || math.Abs(profit+flows-rows["Cash: change of cash"][i]) > 0.02 || math.Abs(owned-owes) > 0.02 || rows["Balance sheet at the end: cash"][i] != cash[i] {
			t.Errorf("%s does not tie: lines %v, profit %v, flows %v, owned %v, owes %v", p.Periods[i], lines, profit, flows, owned, owes)
		}
	}
}

// TestPlanOperator: three sites with recorded prices, two projects, loans, a pledge and a
// revolver; by year and by month, of a site, without a project, as CSV.
func TestPlanOperator(t *testing.T) {
	t.Parallel()
	years, months := viewed(t, "--file", "operator"), viewed(t, "--file", "operator", "--months")
	tied(t, years)
	tied(t, months)
	if len(years.Periods) != 7 || len(months.Periods) != 84 || len(years.Projects) != 2 || len(years.Covenants) != 3 || years.Projects[1].Unit != "GPU-hour" {
		t.Errorf("%v %v", years.Periods, len(months.Periods))
	}
	if h := years.Histories[0]; h.Weeks < 250 || h.Synthetic || h.Mean < 20 || h.Mean > 120 || h.SHA256 == "" {
		t.Errorf("%+v", h)
	}
	less := viewed(t, "--file", "operator", "--without", "gpu cloud")
	with, alone := years.Answer.Bare.NPV, years.Projects[1].Against.Bare.NPV
	if len(less.Projects) != 1 || math.Abs(with-less.Answer.Bare.NPV-alone) > 1 {
		t.Errorf("with it %v, without it %v, and the difference is said to be %v", with, less.Answer.Bare.NPV, alone)
	}
	site := mustPlan(t, "--file", "operator", "--site", "prairie")
	if !strings.Contains(site, "what site prairie causes") || strings.Contains(site, "Balance sheet") || !strings.Contains(site, "mining") {
		t.Error(site)
	}
	all, err := csv.NewReader(strings.NewReader(mustPlan(t, "--file", "operator", "--csv"))).ReadAll()
	if err != nil || len(all) < 200 || all[0][4] != "amount" || all[1][3] != "USD" {
		t.Errorf("%d rows, %v", len(all), err)
	}
	text := mustPlan(t, "--file", "operator")
	for _, want := range []string{"MW critical", "against the mining it displaces", "levelised cost of a GPU-hour", "259 weeks of 168 hours"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
}

// TestPlanExample: an example that was printed and saved is the example.
func TestPlanExample(t *testing.T) {
	t.Parallel()
	saved := write(t, "plan.yaml", mustPlan(t, "--example", "washington"))
	if a, b := mustPlan(t, "--file", saved), mustPlan(t, "--file", "washington"); a != b {
		t.Error("the example that was saved is another")
	}
}

// TestPlanBadInput: what cannot be computed is refused with file, line and remedy.
func TestPlanBadInput(t *testing.T) {
	t.Parallel()
	base := mustPlan(t, "--example", "washington")
	for sentence, c := range map[string]struct {
		old, new string
		says     []string
	}{
		"contradictory dates":         {"ends: 2037-01", "ends: 2035-01", []string{"projects[0].contract.ends", "96 months", "correct one of the three"}},
		"a contract that ends first":  {"ends: 2037-01", "ends: 2026-06", []string{"projects[0].contract.ends", "is not after 2027-01"}},
		"capex without a phase":       {base[strings.Index(base, "    phases:"):strings.Index(base, "    contract:")], "", []string{"projects[0]", "without a phase", "say when it is paid"}},
		"capex that phases miss":      {"capex: 128_000_000", "capex: 130_000_000", []string{"projects[0].capex", "every part of it belongs to a phase"}},
		"a currency without a rate":   {"    site: washington\n", "    site: washington\n    currency: CAD\n", []string{"projects[0].currency", "add rates: {CAD: units of USD for one}"}},
		"circular funding":            {"amount: 75_000_000}", "amount: 70_000_000, after: [bridge]}\n  - {name: bridge, month: 2026-02, amount: 5_000_000, after: [owners]}", []string{"funding", "circular funding", "let one go first"}},
		"a share above one":           {"policy: sell-all", "policy: part\n  share: 1.5", []string{"treasury.share", "write a share of 0 to 1"}},
		"a negative DSCR":             {"dscr: 1.3", "dscr: -1.3", []string{"loans[0].dscr", "above 0"}},
		"a figure of nothing":         {"ours: projects.conversion.capex_per_mw", "ours: projects.conversion.capex_per_nw", []string{"published[4].ours", "write projects.conversion.capex_per_mw"}},
		"a history that is not there": {"price_per_mwh: [45]", "history: ours\nhistories: {ours: ./nowhere.csv}\nx: y", []string{"line"}},
		"thousands for units":         {"capex: 128_000_000", "capex: 128", []string{"projects[0].capex"}},
	} {
		if !strings.Contains(base, c.old) {
			t.Fatalf("%s: %q does not stand in the example", sentence, c.old)
		}
		name := write(t, "bad.yaml", strings.Replace(base, c.old, c.new, 1))
		text, err := planned(t, "--file", name)
		if err == nil || text != "" {
			t.Errorf("%s: it was computed\n%s", sentence, text)
			continue
		}
		for _, want := range append(c.says, name+": line ") {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q is missing in\n%v", sentence, want, err)
			}
		}
		if !errors.As(err, new(badInput)) {
			t.Errorf("%s: exit code 1: %v", sentence, err)
		}
	}
	for _, args := range [][]string{{}, {"--file", "nowhere"}, {"--file", "./nowhere.yaml"}, {"--example", "x"}, {"--file", "washington", "--site", "mars"}, {"--file", "washington", "--without", "mars"}} {
		if _, err := planned(t, args...); err == nil {
			t.Errorf("%v was computed", args)
		}
	}
}

// TestPlanPage: what docs/plan.md says that a command prints is what it prints.
func TestPlanPage(t *testing.T) {
	t.Parallel()
	all := blocks(t, "../../docs/plan.md")
	ran := 0
	for i, b := range all {
		command, ok := strings.CutPrefix(b[1], "sluice plan ")
		if !ok || i+1 == len(all) || strings.Contains(command, ">") {
			continue
		}
		ran++
		out, err := planned(t, strings.Fields(command)...)
		if err != nil {
			out += err.Error() + "\n"
		}
		for part := range strings.SplitSeq(all[i+1][1], "...\n") {
			if !strings.Contains(out, part) {
				t.Errorf("sluice plan %s prints\n%s\nand the page says\n%s", command, out, part)
			}
		}
	}
	if ran < 2 {
		t.Errorf("%d commands stand on the page", ran)
	}
}

// TestPlanWithout: with a project go its loans and what was said of both, and nothing of
// a project whose name begins the same.
func TestPlanWithout(t *testing.T) {
	t.Parallel()
	of := func(places ...string) map[string]capital.Source {
		out := map[string]capital.Source{}
		for _, p := range places {
			out[p] = capital.Source{}
		}
		return out
	}
	p := capital.Plan{
		Projects:  []capital.Project{{Name: "north"}, {Name: "north2"}},
		Loans:     []capital.Loan{{Name: "bank", For: "north"}, {Name: "lease", For: "north2", After: []string{"bank"}}},
		Published: []capital.Published{{Our: "projects.north.capex"}, {Our: "projects.north2.capex"}},
		Sources:   of("discount", "projects.north", "projects.north.pue", "projects.north2.pue", "loans.bank.rate", "loans.lease.rate"),
	}
	got := planWithout(p, "north")
	if want := of("discount", "projects.north2.pue", "loans.lease.rate"); !reflect.DeepEqual(got.Sources, want) {
		t.Errorf("sources left are %v, want %v", got.Sources, want)
	}
	if len(got.Projects) != 1 || len(got.Loans) != 1 || len(got.Loans[0].After) != 0 || len(got.Published) != 1 || got.Published[0].Our != "projects.north2.capex" {
		t.Errorf("left are %+v", got)
	}
	if len(p.Projects) != 2 || len(p.Loans[1].After) != 1 || len(p.Sources) != 6 {
		t.Errorf("the plan itself was changed: %+v", p)
	}
}
