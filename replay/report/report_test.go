package report_test

import (
	"bytes"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/replay/report"
	"sluice/unit"
)

var update = flag.Bool("update", false, "rewrite testdata from what the code writes now")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (write it with: go test ./replay/report -update)", err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
		t.Errorf("%s differs (-want +got); accept with -update:\n%s", name, diff)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := report.Text(&out, sample(t, 45, 60)); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.txt", out.Bytes())
}

func TestTextFitsTheTerminal(t *testing.T) {
	t.Parallel()
	r := sample(t, 45, 60)
	for i := range r.Policies { // a large site over many years
		r.Policies[i].Money, r.Policies[i].Net = nil, r.Policies[i].Net*900
	}
	r.Sources[0].Name = strings.Repeat("long-name ", 9)
	r.Site.Groups[0].Model = strings.Repeat("x", 80)
	var out bytes.Buffer
	if err := report.Text(&out, r); err != nil {
		t.Fatal(err)
	}
	for n, line := range strings.Split(out.String(), "\n") {
		if w := utf8.RuneCountInString(line); w > 100 {
			t.Errorf("line %d has %d columns: %s", n+1, w, line)
		}
	}
}

func TestJSONRoundTrip(t *testing.T) {
	t.Parallel()
	r := sample(t, 45, 60)
	r.Version = report.Version
	r.Timeline.Price[7] = report.Gap
	var first, second bytes.Buffer
	if err := report.JSON(&first, r); err != nil {
		t.Fatal(err)
	}
	text := first.String()
	back, err := report.Read(&first)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, back); diff != "" {
		t.Errorf("lost on the way (-written +read):\n%s", diff)
	}
	if err := report.JSON(&second, back); err != nil {
		t.Fatal(err)
	}
	if second.String() != text {
		t.Error("written again, the bytes differ")
	}
	if strings.Contains(text, "e+") || !strings.Contains(text, "null") {
		t.Error("want whole numbers only, and null for the gap")
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	var good bytes.Buffer
	if err := report.JSON(&good, sample(t, 3, 60)); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct{ old, new, want string }{
		"a fraction in a trace":      {`"power_kw":[`, `"power_kw":[1.5,`, "1.5"},
		"a name it does not know":    {`"made":`, `"maid":`, "maid"},
		"the format of a later year": {`"version":1`, `"version":9`, "version is 9"},
		"a zone nobody knows":        {`"zone":"America/Chicago","interval_min"`, `"zone":"America/Chicagoo","interval_min"`, "Chicagoo"},
		"a standing nobody knows":    {`"standing":"synthetic"`, `"standing":"trusted"`, "trusted"},
		"a longer trace":             {`"power_kw":[`, `"power_kw":[1,`, "trace of price"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(good.String(), c.old, c.new, 1)
			if text == good.String() {
				t.Fatalf("%q is not in the report", c.old)
			}
			_, err := report.Read(strings.NewReader(text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error that names %q", err, c.want)
			}
		})
	}
}

func TestCheckNamesEveryFaultAtOnce(t *testing.T) {
	t.Parallel()
	r := sample(t, 3, 60)
	r.Policies[3].Net++
	r.Policies[4].ID = report.Always
	r.Months[0].Net = r.Months[0].Net[:2]
	r.Period.Currency = ""
	r.Period.To = r.Period.From
	err := r.Check()
	if err == nil {
		t.Fatal("no fault found")
	}
	for _, want := range []string{`money of policy "sluice"`, `"always" is empty or used twice`, "2 amounts for 5 policies", "currency", "period ends"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no word of %q in:\n%v", want, err)
		}
	}
	if err := report.Text(new(bytes.Buffer), r); err == nil {
		t.Error("a report with faults was written")
	}
}

func TestCaptureOf(t *testing.T) {
	t.Parallel()
	net := func(always, sluice, best unit.Amount) []report.Policy {
		return []report.Policy{{ID: report.Always, Net: always * unit.Unit}, {ID: report.Sluice, Net: sluice * unit.Unit}, {ID: report.Hindsight, Net: best * unit.Unit}}
	}
	busy := func(p []report.Policy, revenue unit.Amount) []report.Policy {
		p[0].Revenue = revenue * unit.Unit
		return p
	}
	cases := map[string]struct {
		policies []report.Policy
		want     unit.Ratio
		defined  bool
	}{
		"less than a ten thousandth of revenue": {busy(net(0, 50, 99), 1_000_000), 0, false},
		"a ten thousandth of revenue":           {busy(net(0, 50, 100), 1_000_000), 500_000, true},
		"nine tenths of the gap":                {net(1000, 1090, 1100), 900_000, true},
		"worse than always-on is negative":      {net(1000, 990, 1100), -100_000, true},
		"a loss made smaller":                   {net(-1000, -500, 0), 500_000, true},
		"a gap of less than a ten thousandth":   {net(1_000_000, 1_000_050, 1_000_099), 0, false},
		"a gap of a ten thousandth":             {net(1_000_000, 1_000_050, 1_000_100), 500_000, true},
		"no gap at all":                         {net(0, 0, 0), 0, false},
		"hindsight was not replayed":            {net(1, 2, 3)[:2], 0, false},
		"hindsight worse than always-on, a bug": {net(10, 11, 5), 0, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := report.CaptureOf(c.policies)
			if got.Defined != c.defined || got.Sluice != c.want || got.Defined == (got.Why != "") {
				t.Errorf("got %+v, want %d, defined %v", got, c.want, c.defined)
			}
		})
	}
}

func TestStandingIsTheWeakest(t *testing.T) {
	t.Parallel()
	r := sample(t, 3, 60)
	if got := r.Standing(); got != report.Synthetic {
		t.Errorf("with synthetic prices: %s", got)
	}
	r.Sources = r.Sources[1:]
	if got := r.Standing(); got != report.Assumed {
		t.Errorf("with an assumed tariff: %s", got)
	}
	r.Sources = []report.Source{{Role: report.PriceRole, Standing: report.Metered}}
	if got := r.Standing(); got != report.Estimated {
		t.Errorf("a simulated plant is estimated at best, got %s", got)
	}
	if got := r.StandingOf(report.PriceRole); got != report.Metered {
		t.Errorf("the price itself is metered, got %s", got)
	}
}

func TestHeadlineSaysALoss(t *testing.T) {
	t.Parallel()
	r := sample(t, 3, 60)
	always := r.Policies[0].Net
	r.Policies[3].Money, r.Policies[3].Net = nil, always-2500*unit.Unit
	r.Capture = report.Capture{Why: "perfect foresight gained only 0.12 over always-on"}
	r.Policies[3].Violations = 2
	var out bytes.Buffer
	if err := report.Text(&out, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Sluice lost 2,500 USD (-", "No share of perfect foresight", "only 0.12", "broke a limit or a contract in 2 intervals", "!! Contains synthetic data"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no word of %q in:\n%.1200s", want, out.String())
		}
	}
}

func FuzzTrace(f *testing.F) {
	for _, seed := range []string{"[]", "null", "[1,null,-3]", "[ 1 , 2 ]", "[2147483647,-2147483648]", "[", "[1,]", "1"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var v, again report.Trace
		if v.UnmarshalJSON(text) != nil {
			return
		}
		out, err := v.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if err := again.UnmarshalJSON(out); err != nil || !cmp.Equal(v, again) {
			t.Errorf("%v became %v: %v", v, again, err)
		}
	})
}

func TestTraceKeepsEveryValue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := report.Trace(rapid.SliceOf(rapid.Int32()).Draw(t, "trace"))
		text, err := want.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		var got report.Trace
		if err := got.UnmarshalJSON(text); err != nil {
			t.Fatal(err)
		}
		if len(got) != len(want) || len(want) > 0 && !cmp.Equal(got, want) {
			t.Fatalf("%v became %v", want, got)
		}
	})
}

func TestSampleHasNoSecretLevers(t *testing.T) {
	t.Parallel()
	r := sample(t, 45, 60)
	best, _ := r.Policy(report.Hindsight)
	for _, p := range r.Policies {
		if p.Net > best.Net {
			t.Errorf("%s beats hindsight: the sample is broken", p.ID)
		}
	}
	if r.Period.To.Sub(r.Period.From) != 45*24*time.Hour || math.Abs(r.Capture.Sluice.Float()) > 1 {
		t.Errorf("period %s, captured %d", r.Period.To.Sub(r.Period.From), r.Capture.Sluice)
	}
}
