package room

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sluice/object"
	keep "sluice/store/room"
)

// ObjectKind is a row of the table of kinds.
type ObjectKind struct {
	Kind   string `json:"kind"`
	Says   string `json:"says" doc:"What it is, for people."`
	Schema string `json:"schema" doc:"Address of its JSON Schema."`
	Verb   string `json:"verb" doc:"The right for a change within its limits."`
	Drops  string `json:"drops,omitempty" doc:"The right to delete one; absent: as the risk of its fields says."`
	Place  string `json:"place" doc:"What names the site at which rights are judged."`
}

// ObjectKinds are all of them.
type ObjectKinds struct {
	Kinds []ObjectKind `json:"kinds" doc:"What others refer to comes first."`
}

// ObjectMeta names an object.
type ObjectMeta struct {
	Name    string            `json:"name,omitempty" maxLength:"63"`
	Site    string            `json:"site,omitempty" maxLength:"63" doc:"Of what belongs to a site."`
	Version int64             `json:"version,omitempty" minimum:"0" doc:"Counts its changes from 1."`
	Labels  map[string]string `json:"labels,omitempty"`
}

// ObjectText is an object as it is sent. What the address says may be left out.
type ObjectText struct {
	APIVersion string          `json:"apiVersion,omitempty" doc:"sluice/v1"`
	Kind       string          `json:"kind,omitempty" maxLength:"63"`
	Metadata   *ObjectMeta     `json:"metadata,omitempty"`
	Spec       json.RawMessage `json:"spec" doc:"As the schema of its kind says."`
}

// ObjectView is one version of an object.
type ObjectView struct {
	APIVersion string          `json:"apiVersion"`
	Kind       string          `json:"kind"`
	Metadata   ObjectMeta      `json:"metadata"`
	Spec       json.RawMessage `json:"spec,omitempty" doc:"Absent where it was not asked for, and of a version with which it was deleted."`
	Changed    time.Time       `json:"changed"`
	By         string          `json:"by" doc:"Who made this version."`
	Deleted    bool            `json:"deleted,omitempty" doc:"With this version it went."`
}

// ObjectPage is part of the objects that the visitor may see.
type ObjectPage struct {
	Objects []ObjectView `json:"objects" doc:"By kind and name."`
	Next    string       `json:"next,omitempty" doc:"For after; absent: this was the last page."`
}

// ObjectHistory are the versions of an object.
type ObjectHistory struct {
	Versions []ObjectView `json:"versions" doc:"The last one first."`
}

// ObjectField is one difference.
type ObjectField struct {
	Path   string `json:"path" doc:"Such as spec.feeders[main].limit_mw."`
	Before string `json:"before,omitempty" doc:"Absent: it was not there."`
	After  string `json:"after,omitempty" doc:"Absent: it is gone."`
	Risk   string `json:"risk" enum:"none,lower,setup,raise,payee,grant"`
}

// ObjectChange is what an apply does to one object.
type ObjectChange struct {
	Kind    string        `json:"kind"`
	Name    string        `json:"name"`
	Site    string        `json:"site,omitempty" doc:"At which rights are judged; absent: at all sites."`
	What    string        `json:"what" enum:"create,update,unchanged,conflict,delete"`
	Version int64         `json:"version,omitempty" doc:"That stands before; absent: there is none."`
	Fields  []ObjectField `json:"fields"`
	Risk    string        `json:"risk" enum:"none,lower,setup,raise,payee,grant" doc:"Of its worst field."`
	Needs   []string      `json:"needs" doc:"Rights that it takes, all of them, the heaviest first."`
}

// ObjectPlan is what an apply would do.
type ObjectPlan struct {
	Changes []ObjectChange `json:"changes" doc:"By kind and name."`
	Two     bool           `json:"two" doc:"It takes two people: an apply becomes a request."`
	Lacks   []string       `json:"lacks,omitempty" doc:"Rights that the visitor does not have, and where."`
}

// ObjectApplied is what came of an apply: all of it was done, or nothing.
type ObjectApplied struct {
	ObjectPlan

	Done    bool     `json:"done" doc:"It was done, or there was nothing to do."`
	Request *Request `json:"request,omitempty" doc:"What somebody else has to approve before anything is done."`

	Sites []SiteEffect `json:"sites,omitempty" doc:"What Site objects came to at their sites."`
}

// changesView is a plan as its visitor sees it.
func changesView(all []object.Change, a powers) ObjectPlan {
	out := ObjectPlan{Changes: []ObjectChange{}, Two: len(a.two) > 0, Lacks: a.lacks}
	for _, c := range all {
		x := ObjectChange{
			Kind: string(c.Kind), Name: c.Name, Site: c.Site, What: string(c.What), Version: c.Version, Fields: []ObjectField{}, Risk: c.Risk.String(), Needs: filled(c.Needs),
		}
		for _, f := range c.Fields {
			x.Fields = append(x.Fields, ObjectField{f.Path, f.Before, f.After, f.Risk.String()})
		}
		out.Changes = append(out.Changes, x)
	}
	return out
}

// siteLabel keeps metadata.site among the labels of what is stored, where no person can
// write it: an object is one by kind and name, also when it moves to another site.
const siteLabel = "@site"

// objectOf is an object that is stored. One that was deleted has no spec.
func objectOf(o keep.Object) (object.Object, error) {
	out := object.Object{APIVersion: object.APIVersion, Kind: object.Kind(o.Kind)}
	out.Metadata = object.Metadata{Name: o.Name, Site: o.Labels[siteLabel], Version: o.Version}
	if labels := maps.Clone(o.Labels); labels != nil {
		if delete(labels, siteLabel); len(labels) > 0 {
			out.Metadata.Labels = labels
		}
	}
	if o.Deleted {
		return out, nil
	}
	if err := json.Unmarshal(o.Spec, &out.Spec); err != nil {
		return out, fmt.Errorf("read %s/%s as it is stored: %w", o.Kind, o.Name, err)
	}
	return out, nil
}

// putOf is a change as it is stored.
func putOf(c object.Change) (keep.Put, error) {
	p := keep.Put{Object: keep.Object{Kind: string(c.Kind), Name: c.Name}, Expect: c.Version, Delete: c.What == object.Delete}
	if p.Delete {
		return p, nil
	}
	var err error
	if p.Spec, err = json.Marshal(c.After.Spec); err != nil {
		return p, fmt.Errorf("write %s/%s: %w", c.Kind, c.Name, err)
	}
	p.Labels = maps.Clone(c.After.Metadata.Labels)
	if c.After.Metadata.Site != "" {
		if p.Labels == nil {
			p.Labels = map[string]string{}
		}
		p.Labels[siteLabel] = c.After.Metadata.Site
	}
	return p, nil
}

// objectView is a stored version as it is shown.
func objectView(o keep.Object, spec bool) ObjectView {
	labels := maps.Clone(o.Labels)
	delete(labels, siteLabel)
	v := ObjectView{
		APIVersion: object.APIVersion, Kind: o.Kind, Changed: o.Changed, By: o.By, Deleted: o.Deleted,
		Metadata: ObjectMeta{Name: o.Name, Site: o.Labels[siteLabel], Version: o.Version, Labels: labels},
	}
	if spec && !o.Deleted {
		v.Spec = o.Spec
	}
	return v
}

// labelsOf reads labels such as team=houston.
func labelsOf(all []string) (map[string]string, error) {
	out := map[string]string{}
	for _, l := range all {
		k, v, both := strings.Cut(l, "=")
		if !both || k == "" || strings.HasPrefix(k, "@") {
			return nil, wrong(fmt.Sprintf("label %q is none", clip(l, 100)), "write KEY=VALUE, such as team=houston")
		}
		if was, twice := out[k]; twice && was != v {
			return nil, wrong(fmt.Sprintf("label %q is asked for with two values", clip(k, 100)), "no object has both: ask for one")
		}
		out[k] = v
	}
	return out, nil
}

// faultsOf are all faults of an error, a line each.
func faultsOf(err error) []string {
	var out []string
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	return out
}
