// Package law holds the tests that keep the house standing.
//
// Run it with -count=1: the go command remembers a pass and does not notice
// that other packages changed, because only "go list" reads them.
package law

import (
	"os/exec"
	"strings"
	"testing"
)

// module is the prefix of every import path of ours.
const module = "sluice/"

// floors lists, from the ground up, which folders stand on which floor.
// "use" names one package; "use/" names every package below it; the longest match wins.
// A package may import strictly lower floors only, so two packages of one floor never import each other.
var floors = [][]string{
	{"unit", "series", "solve"},
	{"site"},
	{"power", "use", "books"},
	{"use/"},
	{"loop/cycle"},
	{"loop/", "capital"},
	{"data", "driver/", "store/", "world", "loop", "ui", "replay/report"},
	{"replay", "server"},
	{"cmd/"},
	{"test/"},
}

// doors is the first floor that may touch the outside world.
const doors = 6

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

// TestImportLaw reads the import graph of the whole module, test files left out, and checks every edge.
func TestImportLaw(t *testing.T) {
	cmd := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		p := strings.TrimPrefix(f[0], module)
		if strings.HasPrefix(p, "internal/") {
			continue
		}
		a := floorOf(p)
		if a < 0 {
			t.Errorf("%s stands on no floor", p)
		}
		n++
		for _, i := range f[1:] {
			q, ours := strings.CutPrefix(i, module)
			if ours {
				if b := floorOf(q); b >= a {
					t.Errorf("%s (floor %d) imports %s (floor %d)", p, a, q, b)
				}
			} else if a < doors {
				for _, bad := range outside {
					if i == bad || strings.HasPrefix(i, bad+"/") {
						t.Errorf("%s (floor %d) reaches outside through %s", p, a, i)
					}
				}
			}
		}
	}
	t.Logf("%d packages obey", n)
}
