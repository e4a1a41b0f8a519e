package report

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/unit"
	"sluice/use/hosting"
)

func table3(tb testing.TB) map[string]map[Language]string {
	tb.Helper()
	var all map[string]map[Language]string
	d := json.NewDecoder(bytes.NewReader(wordsFile))
	if err := d.Decode(&all); err != nil {
		tb.Fatal(err)
	}
	return all
}

func TestEveryTextExistsInEveryLanguage(t *testing.T) {
	t.Parallel()
	names := regexp.MustCompile(`\{\w+\}`)
	all := table3(t)
	for id, text := range all {
		want := slices.Sorted(slices.Values(names.FindAllString(text[English], -1)))
		for _, l := range Languages() {
			if strings.TrimSpace(text[l]) == "" {
				t.Errorf("%s has no text in %s", id, l)
			}
			if got := slices.Sorted(slices.Values(names.FindAllString(text[l], -1))); !slices.Equal(got, want) {
				t.Errorf("%s in %s wants the values %q, in English %q", id, l, got, want)
			}
		}
		if len(text) != len(Languages()) {
			t.Errorf("%s has %d languages, want %d", id, len(text), len(Languages()))
		}
	}
	for id, text := range all {
		if text[Arabic] == text[English] && id != "policy.sluice" && id != "source.sha" {
			t.Errorf("%s is not translated into Arabic", id)
		}
	}
}

// TestEveryTextIsUsedAndKnown reads the ids from the source: a misspelt one
// would be an empty place on the page, an unused one is dead weight.
func TestEveryTextIsUsedAndKnown(t *testing.T) {
	t.Parallel()
	all := table3(t)
	quoted := regexp.MustCompile(`"([a-z]+(?:\.[a-z]+)*)"`)
	used := map[string]bool{}
	for _, file := range []string{"html.go", "tables.go", "chart.go", "rows.go", "text.go", "tenants.go", "page.html", "page.js"} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range quoted.FindAllSubmatch(source, -1) {
			used[string(m[1])] = true
		}
		for _, m := range regexp.MustCompile(`(?:words\[|say[( ]|html\(|sentence\{)"([a-z.]+)"[\]), }]`).FindAllSubmatch(source, -1) {
			if _, ok := all[string(m[1])]; !ok {
				t.Errorf("%s uses %q, which has no text", file, m[1])
			}
		}
	}
	built := regexp.MustCompile(`^(standing|policy|money|note|kind|way|tile\.against)\.`) // ids made from a closed list
	for id := range all {
		if !used[id] && !built.MatchString(id) {
			t.Errorf("%s is used nowhere", id)
		}
	}
}

func TestClosedListsHaveTexts(t *testing.T) {
	t.Parallel()
	all := table3(t)
	var ids []string
	for _, s := range Standings() {
		ids = append(ids, "standing."+string(s), "standing."+string(s)+".says")
	}
	for _, p := range []string{Always, Breakeven, Lagged, Sluice, Hindsight} {
		ids = append(ids, "policy."+p, "policy."+p+".says")
	}
	for _, m := range []string{Mining, Power, Charges, Demand, Peak, Export, Block, Reserve, Carbon, Starts, Penalty, Fees, Fixed, Operation, Generation, Tenants, Credits, SoldBack} {
		ids = append(ids, "money."+m)
	}
	for _, w := range []string{Together, Apart, NoHall, Unheld, Foreseen} {
		ids = append(ids, "way."+w)
	}
	for _, k := range []hosting.Kind{hosting.Colocation, hosting.Reserved, hosting.Flexible, hosting.OnDemand, hosting.Spot, hosting.Batch} {
		ids = append(ids, "kind."+string(k))
	}
	for _, n := range []NoteID{FeesNote, EstimatedNote, PlantNote, PriceTakerNote, HindsightNote, SyntheticNote} {
		ids = append(ids, "note."+string(n))
	}
	for _, id := range ids {
		if _, ok := all[id]; !ok {
			t.Errorf("no text for %s", id)
		}
	}
}

func TestFill(t *testing.T) {
	t.Parallel()
	mark := func(s string) string { return "[" + s + "]" }
	cases := map[string]struct{ sentence, want string }{
		"values are marked, text is not":     {"a {x} b {y}.", "a [1] b [2]."},
		"a value at the end":                 {"a {x}", "a [1]"},
		"no value at all":                    {"plain", "plain"},
		"a name without a value stays":       {"a {z}", "a {z}"},
		"a value is never read as a pattern": {"{p}", "[{x}]"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := fill(c.sentence, map[string]string{"x": "1", "y": "2", "p": "{x}"}, asIs, mark); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	en, err := speak(English)
	if err != nil {
		t.Fatal(err)
	}
	pt, err := speak(Portuguese)
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct{ got, want string }{
		"a loss below one thousand has cents":   {en.amount(-31_250_000), "−31.25"},
		"from a thousand on there are none":     {en.amount(1_234_567_500_000), "1,234,568"},
		"Portuguese turns point and comma":      {pt.amount(-999_990_000), "−999,99"},
		"Portuguese thousands":                  {pt.amount(1_234_567_500_000), "1.234.568"},
		"half a cent goes to the even one":      {en.price(12_345_000), "12.34"},
		"small numbers keep their leading zero": {en.fixed(-7, 2), "−0.07"},
		"nothing is just nothing":               {en.amount(0), "0"},
		"a satoshi is not rounded away":         {en.bitcoin(1), "0.00000001"},
		"quarter hours":                         {en.hours(75 * time.Minute), "1.25"},
		"a long whole time":                     {en.hours(8784 * time.Hour), "8,784"},
		"a share below one percent":             {en.share(1, 400), "0.25" + thin + "%"},
		"a share of nothing":                    {en.share(1, 0), "–"},
		"megawatt-hours":                        {en.energy(12 * unit.MegawattHour / 10), "1.2"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.got != c.want {
				t.Errorf("got %s, want %s", c.got, c.want)
			}
		})
	}
}

func TestBridgeLeadsFromAlwaysToSluiceToHindsight(t *testing.T) {
	t.Parallel()
	s := scribe{r: Report{Policies: []Policy{
		{ID: Always, Net: 1000, Money: []Line{{Mining, 3000}, {Power, -2000}}},
		{ID: Sluice, Net: 1250, Money: []Line{{Mining, 2800}, {Power, -1500}, {Starts, -50}}},
		{ID: Hindsight, Net: 1300},
	}}}
	got := s.bridge()
	want := []bridgeBar{
		{"always", "total", 0, 1000, 1000},
		{"mining", "loss", 800, 1000, -200},
		{"power", "gain", 800, 1300, 500},
		{"starts", "loss", 1250, 1300, -50},
		{"sluice", "total", 0, 1250, 1250},
		{"", "left", 1250, 1300, 50},
		{"hindsight", "total", 0, 1300, 1300},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if span := bridgeSpan(got); span != (axis{Low: 600, High: 1400, Step: 200}) {
		t.Errorf("the axis is %+v", span)
	}
}

func TestAxisHoldsItsRangeOnRoundSteps(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		low, high int64
		want      axis
	}{
		"prices with a few below zero": {-1402, 25_400, axis{-5000, 30_000, 5000}},
		"already round":                {0, 1000, axis{0, 1000, 200}},
		"a point":                      {7, 7, axis{7, 7, 1}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := axisOver(c.low, c.high, 6); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestAboveCountsStrictly(t *testing.T) {
	t.Parallel()
	sorted := []int32{-5, 10, 10, 20, 30}
	for price, want := range map[int64]int{-6: 5, -5: 4, 10: 2, 15: 2, 30: 0} {
		if got := above(sorted, price); got != want {
			t.Errorf("%d prices above %d, want %d", got, price, want)
		}
	}
}

// TestHeatKnowsClockChanges walks the day on which Chicago skips an hour.
func TestHeatKnowsClockChanges(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	s := scribe{zone: zone, r: Report{
		Period:   Period{From: time.Date(2024, 3, 10, 6, 0, 0, 0, time.UTC), To: time.Date(2024, 3, 11, 5, 0, 0, 0, time.UTC)},
		Timeline: Timeline{Start: time.Date(2024, 3, 10, 6, 0, 0, 0, time.UTC), Minutes: 60, Power: make(Trace, 23)},
	}}
	s.r.Timeline.Power[4] = Gap
	var hours []int64
	for _, c := range s.heat().Cells {
		hours = append(hours, c[0])
	}
	if want := []int64{0, 1, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23}; !slices.Equal(hours, want) {
		t.Errorf("hours %v, want %v: no hour 2 that day, and hour 5 is a gap", hours, want)
	}
	if got := s.clocks(); len(got) != 2 || got[0][1] != -6*3_600_000 || got[1][1] != -5*3_600_000 {
		t.Errorf("clock changes %v", got)
	}
}
