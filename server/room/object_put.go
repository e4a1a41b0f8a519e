package room

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"sluice/object"
	keep "sluice/store/room"
)

type putIn struct {
	Kind   string `path:"kind" maxLength:"63" example:"Contact"`
	Name   string `path:"name" maxLength:"63" example:"ops-chat"`
	Match  string `header:"If-Match" maxLength:"60" doc:"ETag of the version that is changed."`
	None   string `header:"If-None-Match" maxLength:"60" doc:"*: it is new."`
	Reason string `query:"reason" maxLength:"2000" doc:"It stays in the audit log. What takes two people needs one."`
	Body   ObjectText
}

type dropIn struct {
	Kind   string `path:"kind" maxLength:"63" example:"Contact"`
	Name   string `path:"name" maxLength:"63" example:"ops-chat"`
	Match  string `header:"If-Match" maxLength:"60" doc:"ETag of the version that goes."`
	Reason string `query:"reason" maxLength:"2000" doc:"It stays in the audit log. What takes two people needs one."`
}

func (r *Room) putObject(ctx context.Context, v Visit, in *putIn) (*appliedAnswer, error) {
	o, err := in.object()
	if err != nil {
		return nil, err
	}
	version, err := conditionOf(in.Match, in.None)
	if err != nil {
		return nil, err
	}
	reader, err := r.registry.read()
	if err != nil {
		return nil, err
	}
	if err := reader.Check(in.Kind+"/"+in.Name, o); err != nil {
		return nil, unreadable(err)
	}
	r.registry.mu.Lock()
	defer r.registry.mu.Unlock()
	if err := r.stands(ctx, v, o.Key(), version); err != nil {
		return nil, err
	}
	o.Metadata.Version = version
	out, err := r.apply(ctx, v, wish{read: []object.Object{o}}, in.Reason)
	if err != nil {
		return nil, err
	}
	return out, r.tagged(ctx, v, out, in.Kind, in.Name)
}

// tagged tells the version that stands after a change that was done.
func (r *Room) tagged(ctx context.Context, v Visit, out *appliedAnswer, kind, name string) error {
	if !out.Body.Done {
		return nil
	}
	all, err := r.versions(ctx, v, objectIn{kind, name}, 1)
	if err == nil {
		out.ETag = etag(all[0].Version)
	}
	return err
}

func (r *Room) deleteObject(ctx context.Context, v Visit, in *dropIn) (*appliedAnswer, error) {
	if _, known := object.Kind(in.Kind).Row(); !known {
		return nil, missing("kind", in.Kind)
	}
	version, err := conditionOf(in.Match, "")
	if err != nil {
		return nil, err
	}
	key := object.Key{Kind: object.Kind(in.Kind), Name: in.Name}
	r.registry.mu.Lock()
	defer r.registry.mu.Unlock()
	if err := r.stands(ctx, v, key, version); err != nil {
		return nil, err
	}
	return r.apply(ctx, v, wish{drops: []object.Key{key}}, in.Reason)
}

// object is what was sent, with what the address says.
func (in *putIn) object() (object.Object, error) {
	b, meta := in.Body, ObjectMeta{}
	if b.Metadata != nil {
		meta = *b.Metadata
	}
	if _, known := object.Kind(in.Kind).Row(); !known {
		return object.Object{}, missing("kind", in.Kind)
	}
	for _, x := range []struct{ what, said, address string }{{"kind", b.Kind, in.Kind}, {"metadata.name", meta.Name, in.Name}, {"apiVersion", b.APIVersion, object.APIVersion}} {
		if x.said != "" && x.said != x.address {
			return object.Object{}, wrong(fmt.Sprintf("%s is %q, and the address says %q", x.what, clip(x.said, 100), x.address), "write the same, or leave it out")
		}
	}
	o := object.Object{APIVersion: object.APIVersion, Kind: object.Kind(in.Kind), Metadata: object.Metadata{Name: in.Name, Site: meta.Site, Labels: meta.Labels}}
	if err := json.Unmarshal(b.Spec, &o.Spec); err != nil {
		return o, wrong("spec: "+err.Error(), "send it as the schema of its kind says")
	}
	return o, nil
}

// stands refuses a change of another version than the one that stands.
func (r *Room) stands(ctx context.Context, v Visit, key object.Key, want int64) error {
	all, err := r.stored(ctx)
	if err != nil {
		return err
	}
	for _, o := range all {
		if o.Key() != key {
			continue
		}
		if !v.seesObject(o) {
			return missing(string(key.Kind), key.Name)
		}
		if o.Metadata.Version == want {
			return nil
		}
		return r.stale(ctx, key, want)
	}
	if want == 0 {
		return nil
	}
	return missing(string(key.Kind), key.Name) // as of one that is not to be seen
}

// stale says what stands now, and who changed it.
func (r *Room) stale(ctx context.Context, key object.Key, want int64) error {
	all, err := r.cfg.Objects.History(ctx, string(key.Kind), "", key.Name, 1)
	if err != nil {
		return err
	}
	return staleOf(key, all[0], want)
}

func staleOf(key object.Key, now keep.Object, want int64) *Problem {
	meant := fmt.Sprintf("version %d was meant", want)
	if want == 0 {
		meant = "it was to be new"
	}
	return problem(http.StatusPreconditionFailed, "stale", fmt.Sprintf("of %s version %d stands, by %s at %s, and %s", key, now.Version, now.By, now.Changed.UTC().Format("2006-01-02T15:04:05Z"), meant),
		"read it, and repeat your change there")
}
