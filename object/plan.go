package object

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// What says what becomes of an object.
type What string

// What can become of one.
const (
	Create    What = "create"
	Update    What = "update"
	Unchanged What = "unchanged"
	Conflict  What = "conflict" // it was changed since it was exported
	Delete    What = "delete"
)

// Change is what an apply does to one object.
type Change struct {
	Kind    Kind     `json:"kind"`
	Name    string   `json:"name"`
	Site    string   `json:"site,omitempty"`    // at which rights are judged; "": at all sites
	What    What     `json:"what"`              //
	Version int64    `json:"version,omitempty"` // of the stored object to which this applies; 0: there is none
	Fields  []Field  `json:"fields,omitempty"`
	Risk    Class    `json:"risk"`
	Needs   []string `json:"needs,omitempty"` // verbs of package people, all of them, the heaviest first

	After Object `json:"-"` // as it will be stored; of a deletion as it was
}

// Prune says which stored objects go because nothing was read of them.
type Prune struct {
	On     bool
	Labels map[string]string // all of which an object has that goes; at least one
}

// ErrConflict says that an object was changed by somebody else since it was exported.
var ErrConflict = errors.New("it was changed since it was exported")

// Plan says what an apply of the objects that were read would do to those that are
// stored, whose versions stand in their metadata. The changes are all of them, in the
// order of kinds and names, also when there is an error; then nothing may be applied.
// The error joins everything that speaks against it.
func Plan(stored, read []Object, prune Prune) ([]Change, error) {
	p := planner{stored: map[Key]Object{}, after: map[Key]Object{}}
	for _, o := range stored {
		p.stored[o.Key()], p.after[o.Key()] = o, o
	}
	seen := map[Key]bool{}
	for _, o := range read {
		if seen[o.Key()] {
			p.refuse(o, errors.New("it stands twice in what was read; keep one of them"))
			continue
		}
		seen[o.Key()] = true
		p.read(o)
	}
	p.prune(prune, seen)
	p.references()
	slices.SortStableFunc(p.changes, func(a, b Change) int {
		return cmp.Or(a.Kind.rank()-b.Kind.rank(), strings.Compare(a.Name, b.Name))
	})
	return p.changes, errors.Join(p.faults...)
}

// planner collects changes, and what speaks against them.
type planner struct {
	stored, after map[Key]Object
	changes       []Change
	faults        []error
}

func (p *planner) refuse(o Object, err error) {
	p.faults = append(p.faults, fmt.Errorf("%s: %w", o.Key(), err))
}

// read plans one object that was read.
func (p *planner) read(o Object) {
	if err := o.Validate(); err != nil {
		p.refuse(o, err)
		return
	}
	was, there := p.stored[o.Key()]
	what := Update
	fields := Diff(was, o)
	switch {
	case !there && o.Metadata.Version != 0:
		p.refuse(o, fmt.Errorf("%w: version %d of it is gone; remove metadata.version to create it anew", ErrConflict, o.Metadata.Version))
		what = Conflict
	case !there:
		what = Create
	case len(fields) == 0:
		what = Unchanged
	case o.Metadata.Version != 0 && o.Metadata.Version != was.Metadata.Version:
		p.refuse(o, fmt.Errorf("%w: you have version %d, and version %d is stored; export it anew and repeat your change there", ErrConflict, o.Metadata.Version, was.Metadata.Version))
		what = Conflict
	}
	p.after[o.Key()] = o
	p.change(what, was, o, fields)
}

func (p *planner) change(what What, was, o Object, fields []Field) {
	c := Change{Kind: o.Kind, Name: o.Metadata.Name, Site: o.At(), What: what, Version: was.Metadata.Version, Fields: fields, After: o}
	if what != Create && was.At() != o.At() {
		c.Site = "" // whoever moves an object needs the right at both sites
	}
	c.Risk = Risk(o.Kind, what, fields)
	c.Needs = needs(o.Kind, what, fields)
	p.changes = append(p.changes, c)
}

// needs are the verbs that a change takes, the heaviest first.
func needs(kind Kind, what What, fields []Field) []string {
	row, _ := kind.Row()
	if what == Delete && row.Drops != "" {
		return []string{row.Drops}
	}
	classes := map[Class]bool{}
	for _, f := range fields {
		classes[Risk(kind, what, []Field{f})] = true
	}
	var out []string
	for c := Grant; c > None; c-- {
		verb := c.String()
		if c == SetUp {
			verb = row.Verb
		}
		if classes[c] && !slices.Contains(out, verb) {
			out = append(out, verb)
		}
	}
	return out
}

// prune plans to delete what has the labels and was not read.
func (p *planner) prune(prune Prune, seen map[Key]bool) {
	if !prune.On {
		return
	}
	if len(prune.Labels) == 0 {
		p.faults = append(p.faults, errors.New("prune: it needs a label, so that not everything goes; give one that all objects of these files have"))
		return
	}
	for key, o := range p.stored {
		if seen[key] || !o.labelled(prune.Labels) {
			continue
		}
		delete(p.after, key)
		p.change(Delete, o, o, Diff(o, Object{}))
	}
}

// labelled reports whether an object has all labels.
func (o Object) labelled(want map[string]string) bool {
	for k, v := range want {
		if have, ok := o.Metadata.Labels[k]; !ok || have != v {
			return false
		}
	}
	return true
}

// references refuses to leave an object that names what is not there. Of what is
// stored and stays as it is only what was deleted counts.
func (p *planner) references() {
	for _, key := range sorted(p.after) {
		o := p.after[key]
		for _, r := range o.references() {
			if _, ok := p.after[r.to]; ok {
				continue
			}
			if _, was := p.stored[r.to]; was {
				p.refuse(o, fmt.Errorf("%s: it names %s, which this apply deletes; keep that, or change this too", r.path, r.to))
			} else if p.stored[key].Kind == "" || len(Diff(p.stored[key], o)) > 0 {
				p.refuse(o, fmt.Errorf("%s: there is no %s; correct the name, or apply it too", r.path, r.to))
			}
		}
	}
}

func sorted(m map[Key]Object) []Key {
	var keys []Key
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b Key) int {
		return cmp.Or(a.Kind.rank()-b.Kind.rank(), strings.Compare(a.Name, b.Name))
	})
	return keys
}

// reference is an object that another one names.
type reference struct {
	path string
	to   Key
}

func (o Object) references() (out []reference) {
	if o.Metadata.Site != "" {
		out = append(out, reference{"metadata.site", Key{Site, o.Metadata.Site}})
	}
	var r RouteSpec
	if o.Kind != Route || o.Decode(&r) != nil {
		return out
	}
	for i, s := range r.Sites {
		out = append(out, reference{fmt.Sprintf("spec.sites[%d]", i), Key{Site, s}})
	}
	for i, s := range r.Steps {
		for j, c := range s.Contacts {
			out = append(out, reference{fmt.Sprintf("spec.steps[%d].contacts[%d]", i, j), Key{Contact, c}})
		}
	}
	return out
}
