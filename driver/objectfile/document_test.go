package objectfile_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"sluice/object"
	"sluice/server/room"
)

const (
	page       = "../../docs/objects.md"
	beginKinds = "<!-- kinds: written by go test ./driver/objectfile -update -->\n"
	endKinds   = "<!-- end of kinds -->\n"
	beginWalk  = "<!-- walk: written by go test ./driver/objectfile -update -->\n"
	endWalk    = "<!-- end of walk -->\n"
)

// kindTable is the table of kinds.
func kindTable() string {
	var b strings.Builder
	b.WriteString("\n| kind | what it is | belongs to | seen by | changed by | deleted by |\n|---|---|---|---|---|---|\n")
	for _, r := range object.Kinds() {
		drops := "what its fields take"
		if r.Drops != "" {
			drops = "`" + r.Drops + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | `%s` | `%s` | %s |\n", r.Kind, r.Says, r.Place, r.Looks(), r.Verb, drops)
	}
	return b.String() + "\n"
}

// walk is what an apply of the edited file of the page would do.
func walk(t *testing.T) string {
	t.Helper()
	r := reader(t, room.CheckSpec)
	was, err := r.Read("fjord.yaml", []byte(small))
	if err != nil {
		t.Fatal(err)
	}
	stored := []object.Object{was[0].Object}
	stored[0].Metadata.Version = 4
	edited := strings.NewReplacer("  name: fjord\nspec", "  name: fjord\n  version: 4\nspec", "import_limit_mw: 12", "import_limit_mw: 14", "count: 100", "count: 120").Replace(small)
	now, err := r.Read("fjord.yaml", []byte(edited+"---\n"+someone))
	if err != nil {
		t.Fatal(err)
	}
	changes, err := object.Plan(stored, []object.Object{now[0].Object, now[1].Object}, object.Prune{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("\n| change | field | before | after | risk |\n|---|---|---|---|---|\n")
	for _, c := range changes {
		for _, f := range c.Fields {
			fmt.Fprintf(&b, "| %s %s/%s | `%s` | %s | %s | %s |\n", c.What, c.Kind, c.Name, f.Path, f.Before, f.After, f.Risk)
		}
		fmt.Fprintf(&b, "| **%s %s/%s** | | | | **%s**: needs `%s` |\n", c.What, c.Kind, c.Name, c.Risk, strings.Join(c.Needs, "` and `"))
	}
	return b.String() + "\n"
}

// TestThePageIsFresh holds docs/objects.md to the table of kinds and to what a plan says.
func TestThePageIsFresh(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	fresh := string(text)
	for _, part := range [][3]string{{beginKinds, endKinds, kindTable()}, {beginWalk, endWalk, walk(t)}} {
		head, rest, begun := strings.Cut(fresh, part[0])
		_, tail, ended := strings.Cut(rest, part[1])
		if !begun || !ended {
			t.Fatalf("%s has no lines %q and %q", page, part[0], part[1])
		}
		fresh = head + part[0] + part[2] + part[1] + tail
	}
	switch {
	case *update:
		if err := os.WriteFile(page, []byte(fresh), 0o644); err != nil {
			t.Fatal(err)
		}
	case fresh != string(text):
		t.Errorf("%s is not what the program says: run go test ./driver/objectfile -update", page)
	}
}

// TestTheExamplesOfThePageRead: every file shown there is one.
func TestTheExamplesOfThePageRead(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	r, shown := reader(t, room.CheckSpec), 0
	for _, after := range strings.Split(string(text), "```yaml\n")[1:] {
		example, _, _ := strings.Cut(after, "```")
		shown++
		if _, err := r.Read(page, []byte(example)); err != nil {
			t.Errorf("%v\n%s", err, example)
		}
	}
	if shown < 2 {
		t.Errorf("%d examples", shown)
	}
}
