package objectfile

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"sluice/driver/yamlfile"
	"sluice/object"
)

// Spec is the spec of an object as its own reader takes it.
type Spec struct {
	Kind object.Kind
	Name string // of the object
	File string // for messages
	Text []byte // the spec alone; where it stands in blocks, on the lines and columns of its file
}

// Check judges the spec of a site, an entity, a quote, a plan or a template: what their readers
// say. The error names all that is wrong.
type Check func(Spec) error

// Reader reads objects.
type Reader struct {
	forms map[object.Kind]form
	check Check
}

// New is a reader; check may be nil, and then only the schema judges a spec. The error
// is that of a program which was built wrongly.
func New(check Check) (*Reader, error) {
	forms, err := compile()
	if err != nil {
		return nil, err
	}
	return &Reader{forms: forms, check: check}, nil
}

// Document is an object as it was read, and where it begins.
type Document struct {
	object.Object

	File string
	Line int
}

// Load reads all objects of a file that the caller opened; name is for messages.
func (r *Reader) Load(in io.Reader, name string) ([]Document, error) {
	text, err := yamlfile.Shelf{Kind: "object", Most: fileMax}.Read(in, name)
	if err != nil {
		return nil, err
	}
	return r.Read(name, text)
}

// Read reads all objects of a file. The error joins every Fault of it; then there are
// no objects.
func (r *Reader) Read(name string, text []byte) ([]Document, error) {
	if f := sound(name, text); f != nil {
		return nil, f
	}
	var out []Document
	var faults []*Fault
	for _, p := range pages(string(text)) {
		if p.blank() {
			continue
		}
		if len(out) == manyMax {
			faults = append(faults, &Fault{File: name, Line: p.shift + 1, Column: 1, What: fmt.Sprintf("there are more than %d objects", manyMax), Remedy: "split the file"})
			break
		}
		d, wrong := r.page(name, p)
		out, faults = append(out, d), append(faults, wrong...)
	}
	if len(out) == 0 && len(faults) == 0 {
		faults = append(faults, &Fault{File: name, What: "it holds no object", Remedy: "begin one with apiVersion, kind, metadata and spec"})
	}
	if err := join(name, faults); err != nil {
		return nil, err
	}
	return out, nil
}

// Check judges an object that did not come from a file, such as one sent as JSON, as if
// it had. name is for messages. Its faults have paths and no lines; what the reader of a
// site or the like says counts lines in the spec as Plain writes it.
func (r *Reader) Check(name string, o object.Object) error {
	text, err := json.Marshal(o)
	if err != nil {
		return &Fault{File: name, What: err.Error(), Remedy: "state its spec"}
	}
	var v object.Value
	if err := json.Unmarshal(text, &v); err != nil {
		return &Fault{File: name, What: err.Error(), Remedy: "correct it"}
	}
	t := &tree{file: name, shift: -1, places: map[string]place{}}
	r.judge(t, v, o)
	r.semantic(t, Document{Object: o, File: name}, page{})
	return join(name, t.faults)
}

// page reads one document.
func (r *Reader) page(file string, p page) (Document, []*Fault) {
	d := Document{File: file, Line: p.shift + 1}
	if wrong := p.readable(file); len(wrong) > 0 {
		return d, wrong
	}
	body, err := grow(p.text)
	if err != nil {
		return d, []*Fault{syntax(file, p.shift, err)}
	}
	t := &tree{file: file, shift: p.shift, places: map[string]place{}, anchors: map[string]ast.Node{}}
	v, ok := t.node(body, "", 0)
	switch {
	case !ok:
		return d, t.faults
	case v.Shape() != object.Map:
		t.say(t.at(body), "", "an object has keys, and this is "+string(v.Shape()), "begin it with apiVersion, kind, metadata and spec")
		return d, t.faults
	}
	d.Line = t.at(body).line
	d.Object, t.broken = envelope(v), len(t.faults)
	t.said = t.broken
	r.judge(t, v, d.Object)
	r.semantic(t, d, p)
	return d, t.faults
}

// judge holds a document to what the house asks of every object, and to the schema of
// its kind. Of one place the house speaks first.
func (r *Reader) judge(t *tree, v object.Value, o object.Object) {
	f, ok := r.forms[o.Kind]
	if !ok {
		remedy := "write one of " + strings.Join(kindNames(), ", ")
		if n := yamlfile.Nearest(string(o.Kind), kindNames()); n != "" {
			remedy = "did you mean " + n + "?"
		}
		t.say(t.spot("/kind"), "kind", fmt.Sprintf("%.60q is no kind of object", o.Kind), remedy)
		return
	}
	complaints := f.complaints(v)
	for _, e := range yamlfile.Parts(o.Validate()) {
		if w, ok := errors.AsType[*object.Wrong](e); ok && (w.Path != "spec" || len(complaints) == 0) {
			t.say(t.spot(pointerOf(w.Path)), w.Path, w.What, w.Remedy)
		}
	}
	t.said = len(t.faults)
	for _, c := range complaints {
		if _, stands := t.places[c.missing+"#"]; !stands && !t.told(shown(c.pointer), t.spot(c.pointer)) {
			t.say(t.spot(c.pointer), shown(c.pointer), c.what, c.remedy)
		}
	}
}

// told reports whether a fault of a field is noted already.
func (t *tree) told(path string, at place) bool {
	return slices.ContainsFunc(t.faults[:t.said], func(f *Fault) bool {
		return f.Path == path || f.Line == at.line && f.Column == at.column && strings.HasPrefix(f.Path, path)
	})
}

// envelope takes a document apart; what does not fit has been noted by the schema.
func envelope(v object.Value) object.Object {
	version, _ := v.Get("apiVersion")
	kind, _ := v.Get("kind")
	o := object.Object{APIVersion: version.String(), Kind: object.Kind(kind.String())}
	o.Spec, _ = v.Get("spec")
	m, _ := v.Get("metadata")
	name, _ := m.Get("name")
	site, _ := m.Get("site")
	number, _ := m.Get("version")
	labels, _ := m.Get("labels")
	o.Metadata = object.Metadata{Name: name.String(), Site: site.String()}
	if _, err := fmt.Sscanf(number.String(), "%d", &o.Metadata.Version); err != nil {
		o.Metadata.Version = 0
	}
	for _, key := range labels.Keys() {
		if o.Metadata.Labels == nil {
			o.Metadata.Labels = map[string]string{}
		}
		w, _ := labels.Get(key)
		o.Metadata.Labels[key] = w.String()
	}
	return o
}

// pointerOf is the JSON pointer of a path as people write it.
func pointerOf(path string) string {
	path = strings.NewReplacer("[", ".", "]", "").Replace(path)
	return "/" + strings.ReplaceAll(path, ".", "/")
}

// semantic asks the reader of a kind. Of a line on which it says something itself, what
// the schema said is left out: the reader knows more.
func (r *Reader) semantic(t *tree, d Document, p page) {
	if d.Kind == object.Contact {
		t.zone(d.Object)
	}
	if r.check == nil || d.Spec.Shape() != object.Map || !slices.Contains([]object.Kind{object.Site, object.Entity, object.Quote, object.CapitalPlan, object.MeterTemplate}, d.Kind) {
		return
	}
	s := Spec{Kind: d.Kind, Name: d.Metadata.Name, File: d.File}
	if s.Text = t.cut(p); s.Text == nil {
		s.File += " (" + d.Key().String() + ")"
		s.Text = Plain(d.Spec)
	}
	house := slices.Clone(t.faults[t.broken:t.said])
	err := r.check(s)
	if err == nil {
		return
	}
	said, paths := err.Error(), map[place]string{}
	for _, f := range t.faults {
		paths[place{f.Line, f.Column}] = f.Path
	}
	t.faults = slices.DeleteFunc(t.faults, func(f *Fault) bool {
		return !slices.Contains(house, f) && strings.HasPrefix(f.Path, "spec") && strings.Contains(said, fmt.Sprintf("%s:%d:", f.File, f.Line))
	})
	for _, e := range yamlfile.Parts(err) {
		f := t.from(d, e)
		f.Path = cmp.Or(paths[place{f.Line, f.Column}], "spec")
		t.faults = append(t.faults, f)
	}
}

// from is what another reader says, at the place that it names.
func (t *tree) from(d Document, err error) *Fault {
	at := t.spot("/spec")
	f := &Fault{File: d.File, Line: at.line, Column: at.column, What: strings.TrimSpace(err.Error())}
	rest, found := strings.CutPrefix(f.What, d.File+":")
	if !found {
		return f
	}
	var line, column int
	if n, scan := fmt.Sscanf(rest, "%d:%d:", &line, &column); scan == nil && n == 2 {
		f.Line, f.Column = line, column
		_, f.What, _ = strings.Cut(rest, ": ")
	}
	return f
}

// cut is the text of the spec with all around it left out and every line in its place;
// nil when it does not stand in lines of its own.
func (t *tree) cut(p page) []byte {
	key, value := t.places["/spec#"], t.places["/spec"]
	if value.line <= key.line || key.column != 1 {
		return nil
	}
	end := int(^uint(0) >> 1)
	for _, other := range []string{"/apiVersion#", "/kind#", "/metadata#"} {
		if at, ok := t.places[other]; ok && at.line > key.line {
			end = min(end, at.line)
		}
	}
	var b strings.Builder
	b.WriteString(strings.Repeat("\n", p.shift))
	line := p.shift
	for each := range strings.Lines(p.text) {
		if line++; line > key.line && line < end {
			b.WriteString(each)
		} else {
			b.WriteByte('\n')
		}
	}
	const most = 120 << 10 // readers have bounds of their own, and lines before count
	if b.Len() > most {
		return nil
	}
	return []byte(b.String())
}

// zone checks that the zone of quiet hours is one.
func (t *tree) zone(o object.Object) {
	var c object.ContactSpec
	if o.Decode(&c) != nil || c.Quiet == nil || c.Quiet.Zone == "" {
		return
	}
	if _, err := time.LoadLocation(c.Quiet.Zone); err != nil {
		t.say(t.spot("/spec/quiet/zone"), "spec.quiet.zone", fmt.Sprintf("there is no zone %.60q", c.Quiet.Zone), "write an IANA name, such as America/Chicago")
	}
}
