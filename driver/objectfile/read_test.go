package objectfile_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"

	"sluice/driver/objectfile"
	"sluice/object"
	"sluice/people"
	"sluice/server/room"
)

func reader(tb testing.TB, c objectfile.Check) *objectfile.Reader {
	tb.Helper()
	r, err := objectfile.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// TestEveryShippedFileIsAnObject: the schema and the reader of each both take it, and
// what is exported of it reads back without a difference.
func TestEveryShippedFileIsAnObject(t *testing.T) {
	t.Parallel()
	r := reader(t, room.CheckSpec)
	all := shipped(t)
	if len(all) < 18 {
		t.Fatalf("only %d examples", len(all))
	}
	for _, e := range all {
		t.Run(e.file, func(t *testing.T) {
			t.Parallel()
			docs, err := r.Read(e.file, []byte(e.text))
			if err != nil {
				t.Fatal(err)
			}
			o := docs[0].Object
			o.Metadata.Version = 7
			text := objectfile.Write("https://sluice.example/schemas", o)
			again, err := r.Read("export", text)
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			if d := object.Diff(o, again[0].Object); len(d) > 0 || again[0].Metadata.Version != 7 {
				t.Errorf("export and read differ: %+v", d)
			}
			if want := "# yaml-language-server: $schema=https://sluice.example/schemas/" + objectfile.SchemaName(o.Kind) + "\n"; !strings.HasPrefix(string(text), want) {
				t.Errorf("it begins with %.80s", text)
			}
			if string(objectfile.Write("https://sluice.example/schemas", again[0].Object)) != string(text) {
				t.Error("written again it reads otherwise")
			}
		})
	}
}

// TestSchemaAndReaderKnowTheSameKeys puts an unknown key into each object of each
// example: both must refuse it. It leaves each key out and misspells it: what the
// schema refuses as unknown the reader does too.
func TestSchemaAndReaderKnowTheSameKeys(t *testing.T) {
	t.Parallel()
	schema, tried := reader(t, nil), 0
	for _, e := range shipped(t) {
		o := e.read(t)
		if e.kind == object.Contact || e.kind == object.Route || e.kind == object.Policy || e.kind == object.GroupRole {
			continue // the schema is made from the type that reads them
		}
		for path, v := range mutants(o.Spec, "spec") {
			if open(path) {
				continue // names that people choose
			}
			tried++
			m := o
			m.Spec = v
			_, bySchema := schema.Read("mutant", objectfile.Write("", m))
			byReader := room.CheckSpec(objectfile.Spec{Kind: o.Kind, Name: o.Metadata.Name, File: "mutant", Text: objectfile.Plain(v)})
			if bySchema == nil || byReader == nil {
				t.Errorf("%s, a key more in %s: schema says %v, reader says %v", e.file, path, bySchema, byReader)
			} else if !strings.Contains(bySchema.Error(), "zzqq: is not a known key") {
				t.Errorf("%s, a key more in %s: %v", e.file, path, bySchema)
			}
		}
	}
	if tried < 150 {
		t.Errorf("only %d mutants", tried)
	}
}

// open reports whether the keys of an object are chosen by people.
func open(path string) bool {
	return strings.HasSuffix(path, ".shares") || strings.HasSuffix(path, ".sources") || strings.HasSuffix(path, ".set") || path == "spec.rates" || path == "spec.histories"
}

// mutants are a value with a key more in each of its maps, by the path of the map.
func mutants(v object.Value, path string) map[string]object.Value {
	out := map[string]object.Value{}
	one, err := object.TextOf("x")
	if err != nil {
		panic(err)
	}
	switch v.Shape() {
	case object.Map:
		fields := map[string]object.Value{}
		for _, k := range v.Keys() {
			fields[k], _ = v.Get(k)
		}
		for _, k := range v.Keys() {
			for p, w := range mutants(fields[k], path+"."+k) {
				whole := maps.Clone(fields)
				whole[k] = w
				out[p] = object.MapOf(whole)
			}
		}
		fields["zzqq"] = one
		out[path] = object.MapOf(fields)
	case object.List:
		for i, item := range v.Items() {
			for p, w := range mutants(item, fmt.Sprintf("%s[%d]", path, i)) {
				items := append([]object.Value(nil), v.Items()...)
				items[i] = w
				out[p] = object.ListOf(items)
			}
		}
	case object.Nothing, object.Truth, object.Number, object.Text:
	}
	return out
}

// TestTheMeterKeysAreTheReaders: the reader of templates names the keys that it knows
// when it meets another one, and the schema has the same.
func TestTheMeterKeysAreTheReaders(t *testing.T) {
	t.Parallel()
	text, err := objectfile.Schema(object.MeterTemplate)
	if err != nil {
		t.Fatal(err)
	}
	var s scheme
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	spec := s["properties"].(scheme)["spec"].(scheme)
	checked := map[string]bool{}
	for _, e := range shipped(t) {
		if e.kind != object.MeterTemplate {
			continue
		}
		for path, v := range mutants(e.read(t).Spec, "spec") {
			at := spec
			for _, step := range strings.Split(path, ".")[1:] {
				at = at["properties"].(scheme)[step].(scheme)
			}
			said := fmt.Sprint(room.CheckSpec(objectfile.Spec{Kind: object.MeterTemplate, File: "x", Text: objectfile.Plain(v)}))
			_, list, _ := strings.Cut(said, "its keys are ")
			list, _, _ = strings.Cut(list, "\n")
			known := map[string]bool{}
			for k := range strings.SplitSeq(list, ",") {
				known[strings.TrimSpace(k)] = true
			}
			checked[path] = true
			for k := range at["properties"].(scheme) {
				if !known[k] && k != "length" { // asked for where the type is ascii
					t.Errorf("%s: the schema has %s, the reader knows %s", path, k, list)
				}
				delete(known, k)
			}
			if delete(known, ""); len(known) > 0 {
				t.Errorf("%s: the schema lacks %v", path, known)
			}
		}
	}
	if len(checked) < 10 {
		t.Errorf("only %v", checked)
	}
}

// TestNeededKeysAreNeeded: what the schemas of entities and quotes ask for their
// readers ask for too.
func TestNeededKeysAreNeeded(t *testing.T) {
	t.Parallel()
	for _, e := range shipped(t) {
		if e.kind != object.Entity && e.kind != object.Quote {
			continue
		}
		text, err := objectfile.Schema(e.kind)
		if err != nil {
			t.Fatal(err)
		}
		var s scheme
		if err := json.Unmarshal(text, &s); err != nil {
			t.Fatal(err)
		}
		for _, key := range s["properties"].(scheme)["spec"].(scheme)["required"].([]any) {
			spec, fields := e.read(t).Spec, map[string]object.Value{}
			for _, k := range spec.Keys() {
				if k != key {
					fields[k], _ = spec.Get(k)
				}
			}
			if err := room.CheckSpec(objectfile.Spec{Kind: e.kind, File: "x", Text: objectfile.Plain(object.MapOf(fields))}); err == nil {
				t.Errorf("%s: the schema needs %v and the reader does not", e.file, key)
			}
		}
	}
}

// TestTheRolesAreThose of people: all but that of a program.
func TestTheRolesAreThose(t *testing.T) {
	t.Parallel()
	var want []string
	for _, r := range people.Roles() {
		if r != people.Agent {
			want = append(want, string(r))
		}
	}
	if fmt.Sprint(want) != fmt.Sprint(object.Roles()) {
		t.Errorf("%v, want %v", object.Roles(), want)
	}
	for _, r := range object.Kinds() {
		for _, verb := range []string{r.Verb, r.Drops, "lower", "raise", "payee", "grant"} {
			if _, ok := people.Verb(verb).Rule(); !ok && verb != "" {
				t.Errorf("%s: there is no verb %q", r.Kind, verb)
			}
		}
	}
}

const small = `apiVersion: sluice/v1
kind: Site
metadata:
  name: fjord
spec:
  name: fjord
  time_zone: Europe/Oslo
  currency: EUR
  connection:
    import_limit_mw: 12
  contracts:
    spot: {settlement_point: NO4, published: day_ahead, gate_time: "13:00"}
  groups:
    - {name: row-1, model: Antminer S21, count: 100}
`

// TestFaults: each says where, what and what to do.
func TestFaults(t *testing.T) {
	t.Parallel()
	r := reader(t, room.CheckSpec)
	for sentence, c := range map[string]struct{ old, new, says string }{
		"a misspelt limit":           {"import_limit_mw", "import_limt_mw", "f.yaml:10:5: spec.connection.import_limt_mw: there is no key \"import_limt_mw\" here; did you mean import_limit_mw?"},
		"a kind nobody knows":        {"kind: Site", "kind: Sit", "f.yaml:2:1: kind: \"Sit\" is no kind of object; did you mean Site?"},
		"another version":            {"sluice/v1", "sluice/v9", "f.yaml:1:1: apiVersion: "},
		"a key beside the spec":      {"metadata:", "status: {}\nmetadata:", "f.yaml:3:1: status: is not a known key"},
		"a misspelt key of metadata": {"  name: fjord\nspec", "  name: fjord\n  label: {}\nspec", "f.yaml:5:3: metadata.label: is not a known key; did you mean labels?"},
		"two names":                  {"metadata:\n  name: fjord", "metadata:\n  name: fiord", "metadata.name: it is \"fiord\" and spec.name is \"fjord\""},
		"a value that is missing":    {"import_limit_mw: 12", "import_limit_mw:", "f.yaml:10:5: spec.connection.import_limit_mw: import_limit_mw has no value"},
		"a key twice":                {"currency: EUR", "currency: EUR\n  currency: USD", "f.yaml:9:3: spec.currency: currency is stated twice, here and on line 8"},
		"cut off within a bracket":   {"name: row-1, model: Antminer S21, count: 100}", "name: row-1, mod", "f.yaml:14:"},
		"a secret":                   {"currency: EUR", "currency: EUR\n  password: hush", "f.yaml:9:3: spec.password: a secret does not stand"},
		"what the reader alone sees": {"Europe/Oslo", "Europe/Olso", "f.yaml:7:3: spec: time zone"},
		"an octal number":            {"import_limit_mw: 12", "import_limit_mw: 012", "begins with a zero"},
		"a tag":                      {"currency: EUR", "currency: !!str EUR", "a YAML tag"},
		"an alias to nothing":        {"currency: EUR", "currency: *c", "has no anchor"},
		"a tab":                      {"  currency", "\tcurrency", "f.yaml:8:1: a tab"},
		"a label that is none":       {"  name: fjord\nspec", "  name: fjord\n  labels: {A B: c}\nspec", "metadata.labels"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(small, c.old, c.new, 1)
			docs, err := r.Read("f.yaml", []byte(text))
			if err == nil || docs != nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v\nwant %s", err, c.says)
			}
			if strings.Contains(fmt.Sprint(err), "hush") {
				t.Error("the secret is repeated")
			}
		})
	}
	if _, err := r.Read("f.yaml", []byte(small)); err != nil {
		t.Errorf("without a fault: %v", err)
	}
}

// TestAnObjectWithoutAFile is judged as one from a file, without lines.
func TestAnObjectWithoutAFile(t *testing.T) {
	t.Parallel()
	r := reader(t, room.CheckSpec)
	for _, e := range shipped(t) {
		o := e.read(t)
		if err := r.Check("body", o); err != nil {
			t.Errorf("%s: %v", e.file, err)
		}
	}
	for _, c := range [][3]string{
		{"import_limit_mw", "import_limt_mw", "body: spec.connection.import_limt_mw: is not a known key; did you mean import_limit_mw?"},
		{"Europe/Oslo", "Europe/Olso", "time zone \"Europe/Olso\" is not known"},
		{"EUR", "EURO", "body: spec.currency: EURO is not one of those"},
	} {
		o, err := objectfile.Lax([]byte(strings.Replace(small, c[0], c[1], 1)))
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Check("body", o); err == nil || !strings.Contains(err.Error(), c[2]) {
			t.Errorf("%v, want %s", err, c[2])
		}
	}
	if err := r.Check("body", object.Object{}); err == nil {
		t.Error("nothing is taken for an object")
	}
}

// TestAllFaultsAtOnce: of every document, in the order of the file, also where one of
// them is no YAML at all.
func TestAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	text := small + "---\n" + strings.Replace(small, "kind: Site", "kind: [", 1) + "---\n" + strings.Replace(strings.Replace(small, "EUR", "EURO", 1), "count: 100", "count: 0", 1)
	_, err := reader(t, room.CheckSpec).Read("f.yaml", []byte(text))
	var lines []int
	for _, f := range objectfile.Faults(err) {
		lines = append(lines, f.Line)
	}
	if want := "[17 38 44]"; fmt.Sprint(lines) != want {
		t.Errorf("faults on lines %v, want %v:\n%v", lines, want, err)
	}
}

// TestBounds: what is too much is refused before it costs anything.
func TestBounds(t *testing.T) {
	t.Parallel()
	r := reader(t, nil)
	for sentence, c := range map[string]struct{ text, says string }{
		"nothing":        {"", "it is empty"},
		"comments alone": {"# a\n---\n# b\n", "it holds no object"},
		"no UTF-8":       {"a: \xff\n", "not UTF-8"},
		"a large file":   {strings.Repeat("#\n", 3<<20), "larger than 4 MiB"},
		"a large object": {"a: 1\n" + strings.Repeat("# comment\n", 80_000), "larger than 512 KiB"},
		"a long line":    {"a: " + strings.Repeat("x", 20_000), "longer than"},
		"a deep object":  {deep(40), "nests deeper than 24"},
		"many objects":   {strings.Repeat(someone+"---\n", 1001), "more than 1000 objects"},
		"a list":         {"- a\n", "an object has keys, and this is a list"},
		"laughs":         {"a: &a [x,x,x,x,x,x,x,x,x]\n" + laughs("abcdefgh"), "more than 100000 values"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if _, err := r.Read("f", []byte(c.text)); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%.300v, want %s", err, c.says)
			}
		})
	}
}

const someone = "apiVersion: sluice/v1\nkind: Contact\nmetadata: {name: a}\nspec: {channel: mail, address: a@b.org}\n"

func deep(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func laughs(names string) string {
	var b strings.Builder
	for i := 1; i < len(names); i++ {
		fmt.Fprintf(&b, "%c: &%c [%s]\n", names[i], names[i], strings.TrimSuffix(strings.Repeat("*"+names[i-1:i]+",", 9), ","))
	}
	return b.String()
}

func FuzzRead(f *testing.F) {
	house, err := os.ReadFile("testdata/house.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{small, string(house), "{..., a: [A:B]}", "a: &a [*a]", "<<: {a: 1}", "kind: Site\nspec: {a", "? a\n: b", "a: |\n  x\n", "\x00"} {
		f.Add([]byte(s))
	}
	r := reader(f, room.CheckSpec)
	f.Fuzz(func(t *testing.T, text []byte) {
		docs, err := r.Read("f", text)
		if err != nil {
			if len(objectfile.Faults(err)) == 0 {
				t.Errorf("an error without faults: %v", err)
			}
			return
		}
		for _, d := range docs {
			again, err := r.Read("again", objectfile.Write("", d.Object))
			if err != nil || len(object.Diff(d.Object, again[0].Object)) > 0 {
				t.Errorf("it does not read back: %v\n%s", err, objectfile.Write("", d.Object))
			}
		}
	})
}
