package room

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"sluice/driver/objectfile"
	"sluice/object"
	"sluice/people"
	keep "sluice/store/room"
)

// wish is what somebody wants of the objects: those that were read are to stand so, and
// others are to go, by label or by name.
type wish struct {
	read  []object.Object
	prune object.Prune
	drops []object.Key
}

// goes marks stored objects that are to go by name, where no person can write it.
const goes = "@goes"

// plan says what a wish comes to for a visitor. They are told nothing of objects that they
// may not see.
func (r *Room) plan(ctx context.Context, v Visit, w wish) ([]object.Change, error) {
	stored, err := r.stored(ctx)
	if err != nil {
		return nil, err
	}
	if err := v.unseen(stored, w); err != nil {
		return nil, err
	}
	prune := w.prune
	if len(w.drops) > 0 {
		prune = object.Prune{On: true, Labels: map[string]string{goes: "yes"}}
	}
	changes, err := object.Plan(marked(stored, w.drops), w.read, prune)
	for _, c := range changes {
		if c.What == object.Delete && !v.seesObject(c.After) {
			return nil, wrong("prune reaches objects that you may not see", "add a label that only those of your files have")
		}
	}
	if err != nil {
		return nil, unplanned(err)
	}
	unmark(changes)
	if err := r.againstFiles(changes); err != nil {
		return nil, err
	}
	if err := workable(after(stored, changes)); err != nil {
		return nil, unplanned(err)
	}
	return changes, nil
}

// stored are all objects.
func (r *Room) stored(ctx context.Context) ([]object.Object, error) {
	if r.cfg.Objects == nil {
		return nil, problem(http.StatusConflict, "no_objects", "this control room keeps no objects", "its sites are told by their own files")
	}
	var out []object.Object
	var f keep.Filter
	for {
		all, next, err := r.cfg.Objects.Objects(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, x := range all {
			o, err := objectOf(x)
			if err != nil {
				return nil, err
			}
			out = append(out, o)
		}
		if next == (keep.Key{}) {
			return out, nil
		}
		f.After = next
	}
}

// unseen refuses a wish that names what the visitor may not look at, stored or new.
func (v Visit) unseen(stored []object.Object, w wish) error {
	named := slices.Clone(w.drops)
	for _, o := range w.read {
		if !v.seesObject(o) {
			return missing(string(o.Kind), o.Metadata.Name)
		}
		named = append(named, o.Key())
	}
	for _, o := range stored {
		if !v.seesObject(o) && slices.Contains(named, o.Key()) {
			return missing(string(o.Kind), o.Metadata.Name)
		}
	}
	return nil
}

// marked are the stored objects; those that go by name have a label that says so.
func marked(stored []object.Object, drops []object.Key) []object.Object {
	if len(drops) == 0 {
		return stored
	}
	out := slices.Clone(stored)
	for i, o := range out {
		if slices.Contains(drops, o.Key()) {
			labels := map[string]string{goes: "yes"}
			maps.Copy(labels, o.Metadata.Labels)
			out[i].Metadata.Labels = labels
		}
	}
	return out
}

// unmark takes the label away again.
func unmark(changes []object.Change) {
	for i, c := range changes {
		changes[i].Fields = slices.DeleteFunc(c.Fields, func(f object.Field) bool { return strings.Contains(f.Path, goes) })
		delete(c.After.Metadata.Labels, goes)
	}
}

// after is what stands once changes are made.
func after(stored []object.Object, changes []object.Change) []object.Object {
	all := map[object.Key]object.Object{}
	for _, o := range stored {
		all[o.Key()] = o
	}
	for _, c := range changes {
		k := object.Key{Kind: c.Kind, Name: c.Name}
		if all[k] = c.After; c.What == object.Delete {
			delete(all, k)
		}
	}
	return slices.Collect(maps.Values(all))
}

// workable reports what this room could not work with, though each object is as it should be.
func workable(all []object.Object) error {
	told, err := toldOf(all)
	if err == nil {
		err = told.Validate()
	}
	_, no := groupsOf(all)
	return errors.Join(err, no)
}

// unplanned is why nothing may be applied.
func unplanned(err error) *Problem {
	faults := faultsOf(err)
	p := wrong("nothing was changed: "+counted(len(faults), "fault"), "mend each of them as it says, and send all of it again")
	p.Faults = faults
	if errors.Is(err, object.ErrConflict) {
		p.Status, p.Title, p.Code, p.Type = http.StatusConflict, http.StatusText(http.StatusConflict), "conflict", "urn:sluice:conflict"
	}
	return p
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return itoa(n) + " " + what + "s"
}

// need is one right that an apply takes, and where.
type need struct {
	Verb people.Verb `json:"verb"`
	Site string      `json:"site,omitempty"` // empty: at all sites
}

func (n need) place() people.Place { return people.Place{Site: n.Site} }

func (n need) String() string {
	if n.Site == "" {
		return string(n.Verb) + " at all sites"
	}
	return string(n.Verb) + " at " + n.Site
}

// powers is what a visitor may do of an apply.
type powers struct {
	two   []need   // what takes somebody else too, the heaviest first
	lacks []string // rights that they do not have
	no    error    // the first reason why they may not do it now
}

// needsOf are the rights that changes take, each once.
func needsOf(changes []object.Change) (out []need) {
	for _, c := range changes {
		for _, verb := range c.Needs {
			if n := (need{people.Verb(verb), c.Site}); c.What != object.Unchanged && !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	return out
}

// powersFor asks the rules about an apply.
func (v Visit) powersFor(changes []object.Change) (out powers) {
	a := v.who.Actor()
	for _, n := range needsOf(changes) {
		err := a.May(n.Verb, n.place(), v.at)
		if people.CodeOf(err) == people.NeedsTwo {
			out.two = append(out.two, n)
			continue
		}
		if err != nil && !a.Holds(n.Verb, n.place()) {
			out.lacks = append(out.lacks, n.String())
		}
		if err != nil && (out.no == nil || people.CodeOf(out.no) == people.NotProven) {
			out.no = err
		}
	}
	slices.SortStableFunc(out.two, func(a, b need) int { return weight(b.Verb) - weight(a.Verb) })
	return out
}

// weight orders what takes two people: fewer people hold what weighs more.
func weight(v people.Verb) int {
	rule, _ := v.Rule()
	return -len(rule.Roles())
}

// ObjectUpload is YAML that is sent: one text, or several files by their names.
type ObjectUpload struct {
	YAML   string            `json:"yaml,omitempty" doc:"Objects, one document each."`
	Files  []ObjectFile      `json:"files,omitempty" maxItems:"1000" doc:"Instead of yaml: several files."`
	Prune  bool              `json:"prune,omitempty" doc:"What has all labels and does not stand in the files goes."`
	Labels map[string]string `json:"labels,omitempty" doc:"Of prune: at least one."`
	Reason string            `json:"reason,omitempty" maxLength:"2000" doc:"It stays in the audit log. What takes two people needs one."`
}

// ObjectFile is a file of objects.
type ObjectFile struct {
	Name string `json:"name" maxLength:"500" doc:"For messages."`
	YAML string `json:"yaml"`
}

// wish reads what was sent. The problem names every fault of every file.
func (r *Room) wish(in ObjectUpload) (wish, error) {
	w := wish{prune: object.Prune{On: in.Prune, Labels: in.Labels}}
	files := in.Files
	switch {
	case len(files) > 0 && in.YAML != "":
		return w, wrong("there is yaml and there are files", "send one of them")
	case len(files) == 0:
		files = []ObjectFile{{"objects.yaml", in.YAML}}
	}
	for label := range in.Labels {
		if strings.HasPrefix(label, "@") {
			return w, wrong(fmt.Sprintf("label %q is none", clip(label, 100)), "write one that the objects of these files have")
		}
	}
	reader, err := r.registry.read()
	if err != nil {
		return w, err
	}
	var all []error
	for _, f := range files {
		documents, err := reader.Read(f.Name, []byte(f.YAML))
		all = append(all, err)
		for _, d := range documents {
			w.read = append(w.read, d.Object)
		}
	}
	if err := errors.Join(all...); err != nil {
		return w, unreadable(err)
	}
	return w, nil
}

// unreadable names every fault of files, each with file, line and column.
func unreadable(err error) *Problem {
	p := unplanned(err)
	var out []string
	for _, f := range objectfile.Faults(err) {
		out = append(out, f.Error())
	}
	if len(out) > 0 {
		p.Faults = out
	}
	return p
}
