package planfile_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sluice/capital"
	"sluice/capital/model"
	"sluice/driver/planfile"
	"sluice/series"
	"sluice/unit"
)

func example(tb testing.TB, name string) string {
	tb.Helper()
	text, err := planfile.Example(name)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// flat is a history of two weeks at one price.
func flat(tb testing.TB) *model.Hours {
	tb.Helper()
	w := make([]float64, 168)
	for i := range w {
		w[i] = 40
	}
	h, err := model.NewHours("flat", [][]float64{w, w})
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

// TestExamples: the shipped plans say what they are meant to, and can be computed with
// statements that tie.
func TestExamples(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"washington", "operator"} {
		f, err := planfile.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		hours := map[string]*model.Hours{}
		for h := range f.Histories {
			hours[h] = flat(t)
		}
		m, err := model.New(f.Plan, model.Monthly(f.Plan), hours)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		r := m.NewRun()
		m.Run(m.Base(), r)
		if err := r.Tie(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	f, err := planfile.Load("washington")
	if err != nil {
		t.Fatal(err)
	}
	p := f.Plan.Projects[0]
	if p.Capex != 128e6 || p.Gross != 18 || p.Critical != 14.4 || p.Contract.Starts != 2027*12 || p.Contract.Ends != 2037*12 || len(p.Phases) != 3 || p.Phases[1].After[0] != "orders" || !p.Displaces {
		t.Errorf("%+v", p)
	}
	if len(f.Plan.Published) < 12 || f.Plan.Sources["projects.conversion.capex"].Standing != capital.PublicFig || f.Plan.Sources["sites.washington.power"].Standing != capital.Assumed {
		t.Errorf("%+v", f.Plan.Sources)
	}
	o, err := planfile.Load("operator")
	if err != nil {
		t.Fatal(err)
	}
	file, inside := o.Prices("houston")
	if len(o.Plan.Sites) != 3 || len(o.Plan.Projects) != 2 || len(o.Plan.Pledges) != 1 || o.Plan.Revolver.Limit == 0 || len(o.Plan.Covenants) != 3 || o.Plan.Treasury.Policy != "threshold" || !inside || file != "houston_rt15_2021-2025.csv.gz" {
		t.Errorf("%s %v %+v", file, inside, o.Plan)
	}
}

// TestFaults: every fault has its file, its line and a remedy.
func TestFaults(t *testing.T) {
	t.Parallel()
	base := example(t, "washington")
	change := func(old, fresh string) string {
		if !strings.Contains(base, old) {
			t.Fatalf("%q does not stand in the example", old)
		}
		return strings.Replace(base, old, fresh, 1)
	}
	line := func(text, part string) string { return "line " + lineOf(text, part) + ": " }
	for sentence, c := range map[string]struct {
		text string
		at   string // text of the line that is named
		says []string
	}{
		"a key that is nearly right":   {change("opex_escalator:", "opex_escalater:"), "opex_escalater", []string{"opex_escalater: there is no key", "write opex_escalator?"}},
		"a key within a list":          {change("months: 4,", "month: 4,"), "month: 4", []string{"projects[0].phases[0].month", "write months?"}},
		"a key like none":              {change("version: 1", "quantum: 1"), "quantum", []string{`no key "quantum"`, "there are plan, version"}},
		"a key twice":                  {change("version: 1", "version: 1\nversion: 2"), "version: 2", []string{"said twice"}},
		"a number with a unit":         {change("gross_mw: 18", "gross_mw: 18 MW"), "gross_mw: 18 MW", []string{`"18 MW" is no number`, "without commas, units"}},
		"a number with commas":         {change("capex: 128_000_000", "capex: 128,000,000"), "capex: 128,", []string{"projects[0].capex", "without commas"}},
		"NaN":                          {change("discount_rate: 0.10", "discount_rate: .nan"), "discount_rate", []string{"discount_rate", "is no number"}},
		"infinity":                     {change("discount_rate: 0.10", "discount_rate: 1e999"), "discount_rate", []string{"discount_rate", "is no number"}},
		"no month":                     {change("starts: 2027-01", "starts: 2027-13"), "starts: 2027-13", []string{"contract.starts", "write a year and a month"}},
		"half a month":                 {change("term_months: 120", "term_months: 120.5"), "term_months", []string{"is no whole number"}},
		"an object for a list":         {change("sites:\n  - name: washington", "sites:\n    name: washington"), "", []string{"a list"}},
		"a text for true":              {change("displaces_mining: true", "displaces_mining: yes please"), "displaces_mining", []string{"true or false"}},
		"an alias":                     {change("discount_rate: 0.10", "discount_rate: *r"), "discount_rate", []string{"write the value out"}},
		"contract dates":               {change("ends: 2037-01", "ends: 2036-01"), "ends: 2036-01", []string{"projects[0].contract.ends: from 2027-01 to 2036-01 are 108 months and the term is 120: correct one of the three"}},
		"a source of nothing":          {change("market.height: {from", "market.heigth: {from"), "market.heigth", []string{"no figure of the plan stands there"}},
		"a standing that nobody knows": {change("end of 2025\", standing: measured", "end of 2025\", standing: certain"), "certain", []string{"one of measured, contract, published, press, assumed"}},
		"a source without a word":      {change(`{from: "chain, end of 2025", `, `{`), "market.height: {", []string{"say where"}},
		"half of it":                   {base[:strings.Index(base, "months: 4")] + "months: [", "", []string{"this is no YAML"}},
		"a tab":                        {change("  btc_price", "\tbtc_price"), "", []string{"line 17: a tab"}},
		"nothing":                      {"\n", "", []string{"the file is empty"}},
		"two plans":                    {base + "---\n" + base, "", []string{"2 documents"}},
		"a list":                       {"- a", "", []string{"keys with values"}},
		"too much":                     {strings.Repeat("# much\n", 200_000), "", []string{"more than 1048576 bytes"}},
		"too deep":                     {"a: " + strings.Repeat("[", 40), "", []string{"nests too deeply"}},
		"no text":                      {"plan: \xff", "", []string{"UTF-8"}},
	} {
		_, err := planfile.Read("w.yaml", []byte(c.text))
		if err == nil {
			t.Errorf("%s: it was read", sentence)
			continue
		}
		want := append([]string{"w.yaml: "}, c.says...)
		if c.at != "" {
			want = append(want, line(c.text, c.at))
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q is missing in\n%v", sentence, w, err)
			}
		}
		if !errors.Is(err, planfile.ErrFile) && !errors.Is(err, capital.ErrPlan) {
			t.Errorf("%s: %v is of no kind", sentence, err)
		}
	}
}

// lineOf is the line on which a part first stands.
func lineOf(text, part string) string {
	n := strings.Count(text[:strings.Index(text, part)], "\n") + 1
	digits := ""
	for ; n > 0; n /= 10 {
		digits = string(rune('0'+n%10)) + digits
	}
	return digits
}

// TestAllFaults: all faults are told at once.
func TestAllFaults(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer("pue: 1.25", "pue: 0.9", "take_or_pay: 1\n", "take_or_pay: 2\n", "kind: sculpted", "kind: balloon").Replace(example(t, "washington"))
	_, err := planfile.Read("w.yaml", []byte(text))
	if err == nil {
		t.Fatal("it was read")
	}
	for _, want := range []string{"projects[0].pue", "contract.take_or_pay", "loans[0].kind"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in\n%v", want, err)
		}
	}
	for l := range strings.Lines(err.Error()) {
		if !strings.HasPrefix(l, "w.yaml: line ") {
			t.Errorf("a fault without its line: %s", l)
		}
	}
}

// TestHistories: sites and histories name each other.
func TestHistories(t *testing.T) {
	t.Parallel()
	base := example(t, "operator")
	for old, c := range map[string][2]string{
		"history: houston":                 {"history: dallas", `no history is named "dallas"`},
		"\nhistories:\n  houston: houston": {"", `no history is named "houston"`},
		"houston: houston":                 {"houston: dallas", `"dallas" is no shipped history: there is houston, se1, washington`},
		"  houston: houston":               {"  houston: houston\n  spare: ./x.csv", "spare: no site uses it"},
	} {
		text := strings.Replace(base, old, c[0], 1)
		if _, err := planfile.Read("o.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), c[1]) || !errors.Is(err, planfile.ErrFile) {
			t.Errorf("%q: %v", old, err)
		}
	}
	f, err := planfile.Read("/plans/o.yaml", []byte(strings.Replace(base, "houston: houston", "houston: prices/ours.csv", 1)))
	if err != nil {
		t.Fatal(err)
	}
	if file, inside := f.Prices("houston"); file != "/plans/prices/ours.csv" || inside {
		t.Errorf("%s %v", file, inside)
	}
}

// TestCut: weeks begin at a midnight, hold 168 hours of any length, and what is left
// over is counted.
func TestCut(t *testing.T) {
	t.Parallel()
	for _, step := range []time.Duration{15 * time.Minute, time.Hour} {
		begin := time.Date(2025, 1, 1, 18, 0, 0, 0, time.UTC)
		n := int((6*time.Hour + 2*7*24*time.Hour + 5*time.Hour) / step)
		g, err := series.NewGrid(begin, step, n)
		if err != nil {
			t.Fatal(err)
		}
		s := series.New[unit.Price](g)
		for i := range n {
			s.Set(i, unit.Price(i)*unit.PerMWh)
		}
		w, err := planfile.Cut("ours", s, 2)
		if err != nil {
			t.Fatal(err)
		}
		first, length := int(6*time.Hour/step), int(168*time.Hour/step)
		want := 2 * (float64(first) + float64(2*length-1)/2)
		if w.Hours.Weeks() != 2 || !w.Begins[0].Equal(time.Date(2025, 1, 2, 0, 0, 0, 0, time.UTC)) || w.Begins[1].Sub(w.Begins[0]) != 168*time.Hour || w.Hours.Mean() != want || w.Left != int(11*time.Hour/step) {
			t.Errorf("%v: %+v, mean %v, want %v", step, w, w.Hours.Mean(), want)
		}
	}
	g, err := series.NewGrid(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), time.Hour, 170)
	if err != nil {
		t.Fatal(err)
	}
	s := series.New[unit.Price](g)
	if _, err := planfile.Cut("ours", s, 1); !errors.Is(err, model.ErrHistory) || !strings.Contains(err.Error(), "2025-01-01T00:00:00Z") {
		t.Errorf("a gap: %v", err)
	}
	short, err := series.NewGrid(time.Date(2025, 1, 1, 1, 0, 0, 0, time.UTC), time.Hour, 180)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := planfile.Cut("ours", series.New[unit.Price](short), 1); !errors.Is(err, model.ErrHistory) || !strings.Contains(err.Error(), "shorter than a week") {
		t.Errorf("too short: %v", err)
	}
}

// FuzzRead: whatever is read as a plan can be written, reads back, and can be computed or
// is refused with a reason.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"washington", "operator"} {
		f.Add([]byte(example(f, name)))
	}
	for _, s := range []string{"", "plan: x", "sites: [{}]", "a: &a [*a]", "? x", "plan: {a: b}", "sources: {'a.b': {from: x}}", "begin: 2026-1", "- - - -", "plan: |\n  x", "rates: {EUR: ~}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		in, err := planfile.Read("x", text)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without a word")
			}
			return
		}
		out, err := planfile.Write(in.Plan, in.Histories)
		if err != nil {
			t.Fatal(err)
		}
		back, err := planfile.Read("x", out)
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		again, err := planfile.Write(back.Plan, back.Histories)
		if err != nil || string(again) != string(out) {
			t.Fatalf("%v\n%s\n%s", err, out, again)
		}
	})
}
