// Package law holds the tests that keep the house standing.
//
// Run it with -count=1: the go command remembers a pass and does not notice
// that other packages changed, because only "go list" reads them.
package law

import (
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// module is the prefix of every import path of ours.
const module = "sluice/"

// floors lists, from the ground up, which folders stand on which floor.
// "use" names one package; "use/" names every package below it; the longest match wins.
// A package may import strictly lower floors only, so two packages of one floor never import each other.
var floors = [][]string{
	{"unit", "series", "solve", "pdf"},
	{"site"},
	{"power", "use", "books", "device", "service", "gpu", "engine", "people", "alarm", "object"},
	{"use/", "books/"},
	{"loop/cycle", "use/hosting/"},
	{"loop/", "capital", "capital/quote"},
	{"capital/"},
	{"capital/model"},
	{"capital/risk"},
	{"capital/decide"},
	{"driver/wire", "driver/template", "driver/yamlfile", "driver/csvfile", "driver/door", "store/whole", "store/hold", "world/machine", "world/jobs"},
	{"store/file"},
	{"data", "driver/", "store/", "world", "world/", "loop", "ui", "replay/report", "capital/board"},
	{"replay", "live", "live/", "world/fleet"},
	{"server", "server/"},
	{"cmd/"},
	{"test/"},
}

// doors is the first floor that may touch the outside world.
const doors = 10

// outside lists, with everything below them, what packages under the doors may not import.
var outside = []string{"net", "os", "database/sql", "log"}

// floorOf returns the floor on which package p stands, or -1.
func floorOf(p string) int {
	best, floor := -1, -1
	for i, names := range floors {
		for _, n := range names {
			if (p == n || strings.HasSuffix(n, "/") && strings.HasPrefix(p, n)) && len(n) > best {
				best, floor = len(n), i
			}
		}
	}
	return floor
}

// crimes checks every edge of an import graph, by package path without the
// module's name where it is ours, and returns what it found, in order.
func crimes(graph map[string][]string) []string {
	var found []string
	for _, p := range slices.Sorted(maps.Keys(graph)) {
		if strings.HasPrefix(p, "internal/") {
			continue
		}
		a := floorOf(p)
		if a < 0 {
			found = append(found, p+" stands on no floor")
			continue
		}
		for _, i := range graph[p] {
			q, ours := strings.CutPrefix(i, module)
			if ours {
				if b := floorOf(q); b >= a || b < 0 && !strings.HasPrefix(p, "test/") {
					found = append(found, fmt.Sprintf("%s (floor %d) imports %s (floor %d)", p, a, q, b))
				}
				continue
			}
			for _, bad := range outside {
				if a < doors && (i == bad || strings.HasPrefix(i, bad+"/")) {
					found = append(found, fmt.Sprintf("%s (floor %d) reaches outside through %s", p, a, i))
				}
			}
		}
	}
	return found
}

// TestImportLaw reads the import graph of the whole module, test files left out, and checks every edge.
func TestImportLaw(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	graph := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		graph[strings.TrimPrefix(f[0], module)] = f[1:]
	}
	for _, c := range crimes(graph) {
		t.Error(c)
	}
	if len(graph) < 20 {
		t.Errorf("only %d packages were found", len(graph))
	}
	t.Logf("%d packages obey", len(graph))
}

// TestCrimesAreCaught plants one crime at a time in a graph that obeys.
func TestCrimesAreCaught(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		from, to string
		says     string
	}{
		"none":                                   {"loop/dispatch", "sluice/solve", ""},
		"a trade knows the loop":                 {"power", "sluice/loop/dispatch", "power (floor 2) imports loop/dispatch"},
		"a stage knows its neighbour":            {"loop/verify", "sluice/loop/settle", "imports loop/settle"},
		"a use knows another":                    {"use/mining", "sluice/use/export", "imports use/export"},
		"the bid knows a miner":                  {"use", "sluice/use/mining", "imports use/mining"},
		"a decision reads a file":                {"loop/dispatch", "os", "reaches outside through os"},
		"a forecast asks the network":            {"loop/forecast", "net/http", "reaches outside through net/http"},
		"a driver asks the network":              {"driver/history", "net/http", ""},
		"two doors know each other":              {"driver/history", "sluice/driver/sitefile", "imports driver/sitefile"},
		"a report turns the wheel":               {"replay/report", "sluice/loop", "imports loop"},
		"a package without a floor":              {"helpers", "fmt", "helpers stands on no floor"},
		"a package leans on one without a floor": {"cmd/sluice", "sluice/helpers", "imports helpers (floor -1)"},
		"a program leans on a program":           {"cmd/sluice", "sluice/internal/pack", "imports internal/pack"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			got := strings.Join(crimes(map[string][]string{"unit": {"errors"}, "loop": {"sluice/loop/dispatch"}, c.from: {c.to}}), "; ")
			if got == "" != (c.says == "") || !strings.Contains(got, c.says) {
				t.Errorf("found %q, want %q", got, c.says)
			}
		})
	}
}
