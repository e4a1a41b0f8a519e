package object

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// APIVersion is the version of every object of this house.
const APIVersion = "sluice/v1"

// Metadata names an object.
type Metadata struct {
	Name    string            `json:"name"`              // unique within its kind
	Site    string            `json:"site,omitempty"`    // of what belongs to a site
	Version int64             `json:"version,omitempty"` // of the stored object from which it was exported; 0: not said
	Labels  map[string]string `json:"labels,omitempty"`
}

// Object is one thing that people decide.
type Object struct {
	APIVersion string   `json:"apiVersion"`
	Kind       Kind     `json:"kind"`
	Metadata   Metadata `json:"metadata"`
	Spec       Value    `json:"spec"`
}

// Key is what tells an object from all others.
type Key struct {
	Kind Kind
	Name string
}

func (k Key) String() string { return string(k.Kind) + "/" + k.Name }

// Key is that of the object.
func (o Object) Key() Key { return Key{o.Kind, o.Metadata.Name} }

// At is the site at which rights to the object are judged; "" takes rights at all sites.
func (o Object) At() string {
	if o.Kind == Site {
		return o.Metadata.Name
	}
	return o.Metadata.Site
}

// Bounds on names and labels.
const (
	nameMax   = 63
	labelsMax = 32
)

// Wrong is one thing that is wrong with an object, and where.
type Wrong struct {
	Path   string // such as spec.quiet.from
	What   string
	Remedy string
}

func (w *Wrong) Error() string {
	return w.Path + ": " + w.What + "; " + w.Remedy
}

// Validate checks what the house asks of every object, and what the kinds ask
// that have no reader of their own. What a site, an entity, a template, a quote
// or a plan must be is known to its reader. The error joins every Wrong.
func (o Object) Validate() error {
	row, known := o.Kind.Row()
	if !known {
		return &Wrong{"kind", fmt.Sprintf("%q is no kind of object", o.Kind), "write one of " + kindNames()}
	}
	var all []error
	say := func(path, what, remedy string) { all = append(all, &Wrong{path, what, remedy}) }
	if o.APIVersion != APIVersion {
		say("apiVersion", fmt.Sprintf("%q is not spoken here", o.APIVersion), "write "+APIVersion)
	}
	o.Metadata.check(row, say)
	if o.Spec.Shape() != Map {
		say("spec", "it is an object with keys", "write its keys below spec:")
	}
	secrets(o.Spec, "spec", say)
	o.named(say)
	if len(all) == 0 {
		all = append(all, o.typed())
	}
	return errors.Join(all...)
}

// kindNames lists the kinds for a remedy.
func kindNames() string {
	var names []string
	for _, r := range Kinds() {
		names = append(names, string(r.Kind))
	}
	return strings.Join(names, ", ")
}

// nameForm is how names are written that stand in addresses and in files.
func nameForm(s string) bool {
	return len(s) <= nameMax && regexp.MustCompile(`^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$`).MatchString(s)
}

const nameRemedy = "write small letters, digits, dots, dashes and underscores, at most 63, beginning and ending with a letter or digit"

// check checks the metadata of an object of a kind.
func (m Metadata) check(row Row, say func(path, what, remedy string)) {
	if !nameForm(m.Name) {
		say("metadata.name", fmt.Sprintf("%.80q is no name", m.Name), nameRemedy)
	}
	switch {
	case m.Site != "" && (row.Place == House || row.Place == Itself):
		say("metadata.site", fmt.Sprintf("a %s belongs to no site", row.Kind), "remove it")
	case m.Site == "" && row.Place == Alone:
		say("metadata.site", "is missing", fmt.Sprintf("name the site to which this %s belongs", row.Kind))
	case m.Site != "" && !nameForm(m.Site):
		say("metadata.site", fmt.Sprintf("%.80q is no name of a site", m.Site), nameRemedy)
	case row.Place == Alone && m.Site != m.Name:
		say("metadata.name", fmt.Sprintf("a site has one %s, named like the site", row.Kind), "write "+m.Site)
	}
	if m.Version < 0 {
		say("metadata.version", "is below zero", "leave it as it was exported, or remove it")
	}
	if len(m.Labels) > labelsMax {
		say("metadata.labels", fmt.Sprintf("there are more than %d", labelsMax), "remove some")
		return
	}
	for _, k := range slices.Sorted(maps.Keys(m.Labels)) {
		if v := m.Labels[k]; !nameForm(k) || !nameForm(v) {
			say("metadata.labels", fmt.Sprintf("%.80q: %.80q is no label", k, v), "of both: "+nameRemedy)
		}
	}
}

// named holds the name of an object to the one in its spec, where its format has one.
func (o Object) named(say func(path, what, remedy string)) {
	key := map[Kind]string{Site: "name", MeterTemplate: "template"}[o.Kind]
	if key == "" {
		return
	}
	if v, ok := o.Spec.Get(key); ok && v.String() != o.Metadata.Name {
		say("metadata.name", fmt.Sprintf("it is %q and spec.%s is %q", o.Metadata.Name, key, v), "write the same name in both places")
	}
}
