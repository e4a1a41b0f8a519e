package words

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sluice/capital"
	"sluice/capital/model"
	"sluice/capital/path"
	"sluice/capital/risk"
)

// ofCapital are the lists of plans that the pages must know wholly. Their words are
// those that reports print, so that a page shows what a report says.
func ofCapital(t *testing.T) map[string][]string {
	t.Helper()
	var factors, models []string
	for f := range risk.FactorCount {
		factors = append(factors, f.String())
	}
	for m := path.Joint; m <= path.Normal; m++ {
		models = append(models, m.String())
	}
	inputs := written(t, "capital/risk/tornado.go", `\{Name: "([^"]+)"`)
	return map[string][]string{
		"capitalStanding": texts([]capital.Standing{capital.Measured, capital.Signed, capital.PublicFig, capital.Press, capital.Assumed}),
		"capitalCovenant": {capital.CoverDSCR, capital.CoverLTV, capital.CoverLiquidity, capital.CoverLeverage},
		"capitalFactor":   factors,
		"capitalModel":    models,
		"capitalInput":    inputs,
		"capitalRange":    unique(written(t, "capital/risk/tornado.go", `From: "([^"]+)"`)),
		"capitalScenario": written(t, "capital/risk/scenario.go", `\{name: "([^"]+)"`),
		"capitalFan":      {"cash", "debt", "BTC held", "cash before financing", "DSCR"},
	}
}

// openCapital are those of which the pages know more: sums of lines, sections of a
// file, units and kinds of phases, which people may write as they like.
func openCapital(t *testing.T) map[string][]string {
	t.Helper()
	var lines []string
	for _, l := range append(append(model.ProfitLines(), model.FlowLines()...), model.BalanceLines()...) {
		lines = append(lines, model.Names()[l])
	}
	return map[string][]string{
		"capitalLine":      lines,
		"capitalKey":       keysOf(reflect.TypeFor[capital.Plan]()),
		"capitalPart":      {"plan", "tax", "market", "opening", "treasury", "revolver"},
		"capitalStatement": {"Profit and loss", "Cash", "Balance sheet at the end"},
		"capitalPhase":     {"study", "shell", "energise"},
		"capitalUnit":      {"share", "x"},
	}
}

// keysOf are the keys of a plan that hold a number.
func keysOf(of reflect.Type) (out []string) {
	for f := range of.Fields() {
		key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch kind := f.Type; {
		case key == "published" || key == "actuals" || key == "version" || key == "sources" || key == "rates":
		case kind.Kind() == reflect.Struct:
			out = append(out, keysOf(kind)...)
		case kind.Kind() == reflect.Slice && kind.Elem().Kind() == reflect.Struct:
			out = append(out, keysOf(kind.Elem())...)
		case kind.Kind() == reflect.Float64 || kind.Kind() == reflect.Int:
			out = append(out, key)
		}
	}
	return unique(out)
}

// written are the words that a file of the program writes at a place.
func written(t *testing.T, file, pattern string) (out []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../..", file))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1) {
		out = append(out, m[1])
	}
	return out
}

func unique(all []string) []string {
	slices.Sort(all)
	return slices.Compact(all)
}
