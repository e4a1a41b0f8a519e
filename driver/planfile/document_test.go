package planfile_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strings"
	"testing"

	"sluice/capital"
	"sluice/driver/planfile"
)

var update = flag.Bool("update", false, "write the table of keys into docs/plan.md")

const (
	page      = "../../docs/plan.md"
	beginKeys = "<!-- keys: written by go test ./driver/planfile -update, do not edit below -->\n"
	endKeys   = "<!-- keys end -->\n"
)

// remarks are the comments behind the fields of package capital, by type and field.
func remarks(t *testing.T) map[string]string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "../../capital/plan.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	ast.Inspect(f, func(n ast.Node) bool {
		s, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		st, ok := s.Type.(*ast.StructType)
		if !ok {
			return false
		}
		for _, field := range st.Fields.List {
			for _, name := range field.Names {
				out[s.Name.Name+"."+name.Name] = strings.TrimSpace(field.Comment.Text())
			}
		}
		return false
	})
	return out
}

// holds is what a key holds.
func holds(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[capital.Month]():
		return "month"
	case t.Kind() == reflect.Slice:
		return "list of " + strings.TrimSuffix(holds(t.Elem()), "s") + "s"
	case t.Kind() == reflect.Map:
		return "names with " + holds(t.Elem())
	case t.Kind() == reflect.Struct:
		return "keys"
	case t.Kind() == reflect.Float64:
		return "number"
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int64:
		return "whole number"
	case t.Kind() == reflect.Bool:
		return "true or false"
	}
	return "text"
}

// numeric says that a key holds figures.
func numeric(t reflect.Type) bool {
	for t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return t != reflect.TypeFor[capital.Month]() && (t.Kind() == reflect.Float64 || t.Kind() == reflect.Int || t.Kind() == reflect.Int64)
}

// table writes the keys below a place.
func table(t *testing.T, b *strings.Builder, of reflect.Type, place string, says map[string]string) {
	t.Helper()
	for f := range of.Fields() {
		f := f
		key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		here := strings.TrimPrefix(place+"."+key, ".")
		inner := f.Type
		for inner.Kind() == reflect.Slice || inner.Kind() == reflect.Map {
			inner = inner.Elem()
		}
		count := ""
		if numeric(f.Type) && key != "version" {
			c, ok := planfile.Unit(strings.NewReplacer("[]", ".x", "{}", ".x").Replace(here), "USD")
			if !ok && !strings.HasPrefix(here, "published") {
				t.Errorf("nobody knows what %s is counted in: add it to planfile.Unit", here)
			}
			count = c.Unit
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", here, holds(f.Type), count, says[of.Name()+"."+f.Name])
		if inner.Kind() == reflect.Struct {
			mark := map[reflect.Kind]string{reflect.Slice: "[]", reflect.Map: "{}"}[f.Type.Kind()]
			table(t, b, inner, here+mark, says)
		}
	}
}

// TestKeysOfThePage: docs/plan.md lists every key of a plan with what it is counted in.
func TestKeysOfThePage(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("| key | holds | counted in | meaning |\n|---|---|---|---|\n")
	table(t, &b, reflect.TypeFor[capital.Plan](), "", remarks(t))
	b.WriteString("| `histories` | names with text |  | files of power prices, by the name that sites use: a path beside the plan file, or " + strings.Join(planfile.Shipped(), ", ") + " |\n")
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), beginKeys)
	old, tail, also := strings.Cut(rest, endKeys)
	if !ok || !also {
		t.Fatalf("%s has no place for the keys", page)
	}
	if old == b.String() {
		return
	}
	if !*update {
		t.Fatalf("%s does not list the keys as they are: run go test ./driver/planfile -update", page)
	}
	if err := os.WriteFile(page, []byte(head+beginKeys+b.String()+endKeys+tail), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestUnits: figures that mean different things in different places are told apart.
func TestUnits(t *testing.T) {
	t.Parallel()
	for place, want := range map[string]planfile.Count{
		"projects.x.gross_mw":                  {Unit: "MW gross", Name: "gross_mw"},
		"projects.x.contract.critical_mw":      {Unit: "MW critical", Name: "critical_mw"},
		"projects.x.opex_per_critical_mw_year": {Unit: "EUR/critical MW-year", Name: "opex_per_critical_mw_year"},
		"sites.x.power.price_per_mwh.3":        {Unit: "EUR/MWh", Name: "price_per_mwh"},
		"loans.x.rate":                         {Unit: "share a year", Share: true, Name: "rate"},
		"tax.rate":                             {Unit: "share", Share: true, Name: "rate"},
		"projects.x.contract.starts":           {Unit: "month", Month: true, Name: "starts"},
		"rates.SEK":                            {Unit: "EUR for one", Name: "SEK"},
		"market.btc_price":                     {Unit: "EUR/BTC", Name: "btc_price"},
	} {
		if got, ok := planfile.Unit(place, "EUR"); !ok || got != want {
			t.Errorf("%s: %+v, want %+v", place, got, want)
		}
	}
	if _, ok := planfile.Unit("projects.x.colour", "EUR"); ok {
		t.Error("a key that there is not has a unit")
	}
	for unit, want := range map[string]string{capital.PerKWMonth: "EUR/kW-month of IT", capital.PerMWYear: "EUR/critical MW-year", capital.PerGPUHour: "EUR/GPU-hour", "": "EUR"} {
		if got := planfile.RentUnit(capital.Lease{Unit: unit}, "EUR"); got != want {
			t.Errorf("%s: %s", unit, got)
		}
	}
}
