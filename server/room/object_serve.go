package room

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sluice/driver/objectfile"
	"sluice/object"
	"sluice/people"
	keep "sluice/store/room"
)

// ObjectStore keeps what people decide; store/room is one.
type ObjectStore interface {
	Objects(ctx context.Context, f keep.Filter) ([]keep.Object, keep.Key, error)
	History(ctx context.Context, kind, site, name string, limit int) ([]keep.Object, error)
	Apply(ctx context.Context, puts []keep.Put, by string, now time.Time) ([]keep.Object, error)
}

// registry is what people decided, as this room takes it in.
type registry struct {
	mu   sync.Mutex // held over one apply
	read func() (*objectfile.Reader, error)
}

func newRegistry(check objectfile.Check) *registry {
	return &registry{read: sync.OnceValues(func() (*objectfile.Reader, error) { return objectfile.New(check) })}
}

// mostSent is the longest upload, in bytes.
const mostSent = 4 << 20

func (r *Room) serveObjects() {
	r.registry, r.mailroom = newRegistry(r.cfg.Check), newMailroom()
	of := func(method, path, id, says string) route {
		return route{method: method, path: path, id: id, says: says, group: "objects", reach: somewhere, verb: people.Look}
	}
	free := func(path, id, says string) route {
		return route{method: http.MethodGet, path: path, id: id, says: says, group: "objects", reach: open}
	}
	sends := func(t route) route { t.body, t.asks = mostSent, true; return t }
	const one = "/v1/objects/{kind}/{name}"
	serve(r, free("/v1/kinds", "listKinds", "The kinds of objects."), r.listKinds)
	raw(r, free("/v1/schemas/{kind}", "getSchema", "The JSON Schema of a kind, for editors and forms.").as("application/schema+json"), r.getSchema)
	serve(r, of(http.MethodGet, "/v1/objects", "listObjects", "Objects, by kind and name."), r.listObjects)
	raw(r, of(http.MethodGet, "/v1/objects/export", "exportObjects", "Objects as YAML: applied again they change nothing.").as("text/yaml"), r.exportObjects)
	raw(r, of(http.MethodGet, one, "getObject", "One object; its version is the ETag."), r.getObject)
	serve(r, of(http.MethodGet, one+"/history", "listVersions", "Every version of an object, the last one first."), r.listVersions)
	raw(r, sends(of(http.MethodPut, one, "putObject", "Makes or changes an object, if it stands as If-Match says.")), r.putObject)
	raw(r, sends(of(http.MethodDelete, one, "deleteObject", "Deletes an object, if it stands as If-Match says.")), r.deleteObject)
	serve(r, sends(of(http.MethodPost, "/v1/objects/diff", "diffObjects", "What an apply of YAML would change.")), r.diffObjects)
	raw(r, sends(of(http.MethodPost, "/v1/objects/apply", "applyObjects", "Applies YAML: all of it or nothing.")), r.applyObjects)
	r.serveSecrets()
}

func (r *Room) listKinds(context.Context, Visit, *struct{}) (ObjectKinds, error) {
	out := ObjectKinds{Kinds: []ObjectKind{}}
	for _, k := range object.Kinds() {
		out.Kinds = append(out.Kinds, ObjectKind{string(k.Kind), k.Says, r.schemas() + "/" + objectfile.SchemaName(k.Kind), k.Verb, k.Drops, string(k.Place)})
	}
	return out, nil
}

// schemas is the address below which schemas are served.
func (r *Room) schemas() string { return strings.TrimRight(r.cfg.Public, "/") + "/v1/schemas" }

type schemaIn struct {
	Kind string `path:"kind" maxLength:"63" doc:"Such as Contact, or contact.json."`
}

// document is an answer that is no JSON of ours.
type document struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

func (r *Room) getSchema(_ context.Context, _ Visit, in *schemaIn) (*document, error) {
	all := object.Kinds()
	i := slices.IndexFunc(all, func(k object.Row) bool { return in.Kind == string(k.Kind) || in.Kind == objectfile.SchemaName(k.Kind) })
	if i < 0 {
		return nil, missing("kind", in.Kind)
	}
	text, err := objectfile.Schema(all[i].Kind)
	if err != nil {
		return nil, err
	}
	id, err := json.Marshal(r.schemas() + "/" + objectfile.SchemaName(all[i].Kind))
	if err != nil {
		return nil, fmt.Errorf("name the schema of %s: %w", in.Kind, err)
	}
	_, rest, _ := strings.Cut(string(text), "{")
	return &document{ContentType: "application/schema+json", Body: []byte("{\n \"$id\": " + string(id) + "," + rest)}, nil
}

type objectsIn struct {
	Kind  string   `query:"kind" maxLength:"63"`
	Site  string   `query:"site" maxLength:"63" doc:"Those at which rights are judged at this site."`
	Label []string `query:"label,explode" maxItems:"32" doc:"KEY=VALUE; an object has all of them."`
	After string   `query:"after" maxLength:"200" doc:"Next of the page before."`
	Limit int      `query:"limit" minimum:"1" maximum:"1000" default:"200"`
	Spec  bool     `query:"spec" doc:"With their specs."`
}

type exportedIn struct {
	Kind  string   `query:"kind" maxLength:"63"`
	Site  string   `query:"site" maxLength:"63"`
	Label []string `query:"label,explode" maxItems:"32" doc:"KEY=VALUE; an object has all of them."`
}

// sought says which objects are asked for.
type sought struct {
	kind, site string
	labels     []string
}

// filter is the question to the store. What stands after a page is its kind and name.
func (s sought) filter(after string) (keep.Filter, error) {
	f := keep.Filter{Kind: s.kind}
	if _, known := object.Kind(s.kind).Row(); s.kind != "" && !known {
		return f, missing("kind", s.kind)
	}
	var err error
	if f.Labels, err = labelsOf(s.labels); err != nil {
		return f, err
	}
	if after != "" {
		kind, name, both := strings.Cut(after, "/")
		if !both {
			return f, wrong("after is no place in the list", "take next of the page before")
		}
		f.After = keep.Key{Kind: kind, Name: name}
	}
	return f, nil
}

// eachObject hands on what a visitor may see of what is sought, until take has enough.
func (r *Room) eachObject(ctx context.Context, v Visit, s sought, f keep.Filter, take func(keep.Object, object.Object) bool) error {
	if r.cfg.Objects == nil {
		return nil
	}
	for {
		all, next, err := r.cfg.Objects.Objects(ctx, f)
		if err != nil {
			return err
		}
		for _, x := range all {
			o, err := objectOf(x)
			if err != nil {
				return err
			}
			if v.seesObject(o) && (s.site == "" || o.At() == s.site) && !take(x, o) {
				return nil
			}
		}
		if next == (keep.Key{}) {
			return nil
		}
		f.After = next
	}
}

func (r *Room) listObjects(ctx context.Context, v Visit, in *objectsIn) (ObjectPage, error) {
	out := ObjectPage{Objects: []ObjectView{}}
	s := sought{in.Kind, in.Site, in.Label}
	f, err := s.filter(in.After)
	if err != nil {
		return out, err
	}
	return out, r.eachObject(ctx, v, s, f, func(x keep.Object, _ object.Object) bool {
		if n := len(out.Objects); n == in.Limit {
			out.Next = out.Objects[n-1].Kind + "/" + out.Objects[n-1].Metadata.Name
			return false
		}
		out.Objects = append(out.Objects, objectView(x, in.Spec))
		return true
	})
}

func (r *Room) exportObjects(ctx context.Context, v Visit, in *exportedIn) (*document, error) {
	s := sought{in.Kind, in.Site, in.Label}
	f, err := s.filter("")
	if err != nil {
		return nil, err
	}
	var all []object.Object
	err = r.eachObject(ctx, v, s, f, func(_ keep.Object, o object.Object) bool {
		all = append(all, o)
		return true
	})
	if err != nil {
		return nil, err
	}
	schemas := ""
	if r.cfg.Public != "" {
		schemas = r.schemas()
	}
	name := "sluice-" + v.at.UTC().Format("2006-01-02T150405Z") + ".yaml"
	return &document{ContentType: "text/yaml; charset=utf-8", Disposition: `attachment; filename="` + name + `"`, Body: objectfile.Write(schemas, all...)}, nil
}

type objectIn struct {
	Kind string `path:"kind" maxLength:"63" example:"Contact"`
	Name string `path:"name" maxLength:"63" example:"ops-chat"`
}

// objectAnswer is an object with its version.
type objectAnswer struct {
	ETag string `header:"ETag"`
	Body ObjectView
}

func (r *Room) getObject(ctx context.Context, v Visit, in *objectIn) (*objectAnswer, error) {
	all, err := r.versions(ctx, v, *in, 1)
	if err != nil {
		return nil, err
	}
	if all[0].Deleted {
		return nil, missing(in.Kind, in.Name)
	}
	return &objectAnswer{etag(all[0].Version), objectView(all[0], true)}, nil
}

func (r *Room) listVersions(ctx context.Context, v Visit, in *objectIn) (ObjectHistory, error) {
	out := ObjectHistory{Versions: []ObjectView{}}
	all, err := r.versions(ctx, v, *in, 1000)
	for _, x := range all {
		out.Versions = append(out.Versions, objectView(x, true))
	}
	return out, err
}

// versions are those of an object that the visitor may see, the last one first. A version
// of another site is seen with the right there; a deletion with that to what was deleted.
func (r *Room) versions(ctx context.Context, v Visit, in objectIn, most int) ([]keep.Object, error) {
	if _, known := object.Kind(in.Kind).Row(); !known {
		return nil, missing("kind", in.Kind)
	}
	if r.cfg.Objects == nil {
		return nil, missing(in.Kind, in.Name)
	}
	all, err := r.cfg.Objects.History(ctx, in.Kind, "", in.Name, most)
	if errors.Is(err, keep.ErrUnknown) || errors.Is(err, keep.ErrInvalid) {
		return nil, missing(in.Kind, in.Name)
	}
	var seen []keep.Object
	for i, x := range all {
		at := x
		if x.Deleted && i+1 < len(all) {
			at = all[i+1]
		}
		if o, err := objectOf(at); err != nil {
			return nil, err
		} else if v.seesObject(o) {
			seen = append(seen, x)
		}
	}
	if err == nil && len(seen) == 0 {
		err = missing(in.Kind, in.Name)
	}
	return seen, err
}

// etag is a version as it is told and asked for.
func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// conditionOf reads what has to stand before a change: a version, or 0 for none.
func conditionOf(match, none string) (int64, error) {
	switch {
	case match == "" && none == "":
		return 0, problem(http.StatusPreconditionRequired, "condition_missing", "it is not said which version is changed", `read it, and send its ETag as If-Match; to make a new one send If-None-Match: *`)
	case match != "" && none != "" || none != "" && none != "*":
		return 0, wrong("of If-Match and If-None-Match: * there is one", "send the ETag of what you read as If-Match, or If-None-Match: * to make a new one")
	case none != "":
		return 0, nil
	}
	text, open := strings.CutPrefix(match, `"`)
	text, closed := strings.CutSuffix(text, `"`)
	version, err := strconv.ParseInt(text, 10, 64)
	if err != nil || !open || !closed || version < 1 {
		return 0, wrong(fmt.Sprintf("If-Match %q is no version", clip(match, 60)), `write the ETag as it was answered, such as "4"`)
	}
	return version, nil
}
