package board

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sluice/capital"
	"sluice/capital/model"
)

func table3(tb testing.TB) map[string]map[Language]string {
	tb.Helper()
	var all map[string]map[Language]string
	if err := json.Unmarshal(wordsFile, &all); err != nil {
		tb.Fatal(err)
	}
	return all
}

// TestEveryTextInEveryLanguage: no text is missing, and each wants the same values.
func TestEveryTextInEveryLanguage(t *testing.T) {
	t.Parallel()
	names := regexp.MustCompile(`\{\w+\}`)
	for id, text := range table3(t) {
		want := slices.Sorted(slices.Values(names.FindAllString(text[English], -1)))
		for _, l := range Languages() {
			if strings.TrimSpace(text[l]) == "" {
				t.Errorf("%s has no text in %s", id, l)
			}
			if got := slices.Sorted(slices.Values(names.FindAllString(text[l], -1))); !slices.Equal(got, want) {
				t.Errorf("%s in %s wants %q, in English %q", id, l, got, want)
			}
		}
	}
}

// TestTextsAreKnown reads the ids from the source: a misspelt one would be an empty
// place on the page, an unused one is dead weight.
func TestTextsAreKnown(t *testing.T) {
	t.Parallel()
	all := table3(t)
	used := map[string]bool{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(files, "page.html") {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		source, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"([a-z]+[a-zA-Z0-9.]*)"|\.W\.(\w+)`).FindAllSubmatch(source, -1) {
			used[string(m[1])+string(m[2])] = true
		}
		for _, m := range regexp.MustCompile(`(?:words\[|\bw\[|say\(|quiet\()"([a-z.0-9]+)"[\],)]`).FindAllSubmatch(source, -1) {
			if _, ok := all[string(m[1])]; !ok {
				t.Errorf("%s uses %q, which has no text", f, m[1])
			}
		}
	}
	built := regexp.MustCompile(`^(standing|part|key|line|section|covenant|fan|answer)\.`) // ids made from a closed list
	for id := range all {
		if !used[id] && !built.MatchString(id) {
			t.Errorf("%s is used nowhere", id)
		}
	}
}

// TestClosedLists: every line, standing, part and key of a plan has a text, and every
// key that holds a number a unit.
func TestClosedLists(t *testing.T) {
	t.Parallel()
	all := table3(t)
	var want []string
	for _, n := range model.Names() {
		if n != "" {
			want = append(want, "line."+n)
		}
	}
	for _, x := range standings() {
		want = append(want, "standing."+string(x))
	}
	for _, k := range []string{capital.CoverDSCR, capital.CoverLTV, capital.CoverLiquidity, capital.CoverLeverage} {
		want = append(want, "covenant."+k)
	}
	plan := reflect.TypeFor[capital.Plan]()
	for field := range plan.Fields() {
		if key, _, _ := strings.Cut(field.Tag.Get("yaml"), ","); field.Type.Kind() == reflect.Slice || field.Type.Kind() == reflect.Struct {
			if key != "published" {
				want = append(want, "part."+key)
			}
		}
	}
	keysOf(plan, func(key string) {
		want = append(want, "key."+key)
		if _, ok := kinds[key]; !ok && !slices.Contains([]string{"rate", "limit", "size", "strike", "correlation", "difficulty"}, key) {
			t.Errorf("%s has no unit", key)
		}
	})
	for _, id := range want {
		if _, ok := all[id]; !ok {
			t.Errorf("no text for %s", id)
		}
	}
}

// keysOf calls back for every key of a plan that holds a number.
func keysOf(x reflect.Type, do func(string)) {
	for f := range x.Fields() {
		key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		of := f.Type
		if of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		switch {
		case key == "version" || key == "actuals" || key == "published" || key == "sources" || key == "rates":
		case of.Kind() == reflect.Struct:
			keysOf(of, do)
		case of.Kind() == reflect.Float64 || of.Kind() == reflect.Int || of.Kind() == reflect.Int64:
			do(key)
		}
	}
}

// TestNumbers: numbers are written as each language does.
func TestNumbers(t *testing.T) {
	t.Parallel()
	en, pt := tongue{thousands: ",", decimal: "."}, tongue{thousands: ".", decimal: ","}
	for _, c := range []struct{ got, want string }{
		{en.number(-1234567.891, 2), "−1,234,567.89"},
		{pt.number(-1234567.891, 2), "−1.234.567,89"},
		{en.number(-0.001, 2), "0.00"},
		{en.number(999.999, 2), "1,000.00"},
		{en.trimmed(0.25), "0.25"},
		{en.trimmed(1e14), "100,000,000,000,000"},
		{pt.trimmed(14.4), "14,4"},
		{en.percent(0.0345, 1), "3.5" + thin + "%"},
		{en.number(0, 0), "0"},
	} {
		if c.got != c.want {
			t.Errorf("%s, want %s", c.got, c.want)
		}
	}
}

// TestAxis: an axis holds its range on round steps.
func TestAxis(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		low, high float64
		want      axis
	}{{0, 104, axis{0, 120, 20}}, {-38, 63, axis{-40, 80, 20}}, {7, 7, axis{6, 8, 0.5}}, {0, 0.021, axis{0, 0.025, 0.005}}} {
		got := axisOver(c.low, c.high, 5)
		if d := got.low - c.want.low + got.high - c.want.high + got.step - c.want.step; d > 1e-9 || d < -1e-9 {
			t.Errorf("%v to %v: %+v, want %+v", c.low, c.high, got, c.want)
		}
	}
}

// TestBridge: the parts of the NPV add up to it.
func TestBridge(t *testing.T) {
	t.Parallel()
	r := Report{Plan: capital.Plan{Discount: 0.12}, Months: make([][model.LineCount]float64, 24)}
	for k := range r.Months {
		for l := range r.Months[k] {
			r.Months[k][l] = float64((k+3)*(l+7)%19) - 9
		}
	}
	var sum float64
	for _, p := range r.bridge(1000) {
		sum += p.amount
	}
	if want := ValueOf(0.12, r.Months, 1000).NPV; sum-want > 1e-6 || want-sum > 1e-6 {
		t.Errorf("the parts are %v, the whole is %v", sum, want)
	}
}
