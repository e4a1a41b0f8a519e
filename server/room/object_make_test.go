package room

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluice/object"
	"sluice/people"
	keep "sluice/store/room"
)

// deciding is a control room that keeps objects and secrets.
func deciding(tb testing.TB, change ...func(*Config)) (*world, string) {
	tb.Helper()
	dir := tb.TempDir()
	s, err := keep.Open(tb.Context(), dir)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	all := append([]func(*Config){func(c *Config) {
		c.Objects, c.Secrets, c.Alarms, c.Outbox, c.Check = s, s, s, s, CheckSpec
	}}, change...)
	return newWorld(tb, all...), dir
}

// fjord is a small site with a limit.
func fjord(limit, count string) string {
	return `apiVersion: sluice/v1
kind: Site
metadata: {name: fjord}
spec:
  name: fjord
  time_zone: Europe/Oslo
  currency: EUR
  connection:
    import_limit_mw: ` + limit + `
  contracts:
    spot: {settlement_point: NO4, published: day_ahead, gate_time: "13:00"}
  groups:
    - {name: row-1, model: Antminer S21, count: ` + count + `}
`
}

// mailbox is a contact.
func mailbox(name, address string) string {
	return fmt.Sprintf("apiVersion: sluice/v1\nkind: Contact\nmetadata: {name: %s, labels: {team: houston}}\nspec: {channel: mail, address: %s}\n", name, address)
}

// yaml is an upload of some objects.
func yaml(all ...string) ObjectUpload {
	return ObjectUpload{YAML: strings.Join(all, "---\n"), Reason: "for the test"}
}

// applied applies, and wants a status.
func (g *guest) applied(status int, u ObjectUpload) ObjectApplied {
	g.Helper()
	var out ObjectApplied
	g.ok(status, "POST", "/v1/objects/apply", u).read(g, &out)
	return out
}

// differs is what an upload would change.
func (g *guest) differs(u ObjectUpload) (out []ObjectChange) {
	g.Helper()
	var p ObjectPlan
	g.ok(http.StatusOK, "POST", "/v1/objects/diff", u).read(g, &p)
	for _, c := range p.Changes {
		if c.What != "unchanged" {
			out = append(out, c)
		}
	}
	return out
}

// stored is one object, and its ETag.
func (g *guest) stored(path string) (ObjectView, string) {
	g.Helper()
	var o ObjectView
	a := g.ok(http.StatusOK, "GET", "/v1/objects/"+path, nil)
	a.read(g, &o)
	return o, a.header.Get("ETag")
}

// shippedObjects are all examples of files that became kinds, and those of the other kinds.
func shippedObjects(tb testing.TB) (out []ObjectFile) {
	tb.Helper()
	seen := map[string]bool{}
	for kind, pattern := range map[object.Kind]string{
		object.Site: "sitefile/example", object.Entity: "entityfile/example", object.Quote: "quotefile/example", object.MeterTemplate: "modbus/template",
	} {
		files, err := filepath.Glob("../../driver/" + pattern + "/*.yaml")
		if err != nil || len(files) == 0 {
			tb.Fatalf("%s: %v", pattern, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				tb.Fatal(err)
			}
			name := nameIn(kind, string(text), strings.TrimSuffix(filepath.Base(file), ".yaml"))
			if key := string(kind) + name; !seen[key] {
				seen[key] = true
				out = append(out, ObjectFile{file, wrapped(kind, name, string(text))})
			}
		}
	}
	house, err := os.ReadFile("../../driver/objectfile/testdata/house.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	return append(out, ObjectFile{"house.yaml", string(house)})
}

// nameIn is the name that a spec says, or that of its file.
func nameIn(kind object.Kind, text, file string) string {
	key := map[object.Kind]string{object.Site: "name: ", object.MeterTemplate: "template: "}[kind]
	for line := range strings.Lines(text) {
		if name, is := strings.CutPrefix(line, key); is && key != "" {
			return strings.TrimSpace(name)
		}
	}
	return file
}

// wrapped puts the text of a file below spec.
func wrapped(k object.Kind, name, spec string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: sluice/v1\nkind: %s\nmetadata:\n  name: %s\nspec:\n", k, name)
	for line := range strings.Lines(spec) {
		if strings.TrimSpace(line) != "" {
			line = "  " + line
		}
		b.WriteString(line)
	}
	return b.String()
}

// engineer is somebody who sets things up at all sites.
func (w *world) engineer() *guest { return w.as(people.Engineer, "") }
