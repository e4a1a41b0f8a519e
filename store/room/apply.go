package room

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"time"

	"sluice/store/file"
)

// Put is one change of an object. Of the Object its key counts, and its labels and spec
// where it is not deleted; the rest of it is the store's to say.
type Put struct {
	Object
	Expect int64 // the version that stands; 0: there is none
	Delete bool
}

// mostSaid is how many faults of one call are told at once.
const mostSaid = 20

// Apply makes changes, all of them or none, and returns what stands now, in their order;
// what was deleted says so. Labels and spec that are as they were make no new version. The
// error wraps ErrStale where another version stands than a change expects, ErrUnknown
// where something is deleted that is not there, ErrInvalid for what cannot be kept or
// stands twice, and ErrFull where it does not fit.
func (s *Store) Apply(ctx context.Context, puts []Put, by string, now time.Time) ([]Object, error) {
	out := make([]Object, 0, len(puts))
	err := check(puts, by, now)
	if err == nil {
		err = s.write(ctx, func(ctx context.Context, p pen) (err error) {
			out, err = p.applyAll(ctx, out, puts, maker{by, now})
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("apply %d objects: %w: none was changed", len(puts), err)
	}
	return out, nil
}

// maker is who changes, and when.
type maker struct {
	by  string
	now time.Time
}

func check(puts []Put, by string, now time.Time) error {
	var f faults
	f.name("who does it", by)
	f.moment("now", now)
	f.When(len(puts) > MostObjects, "%d changes: make at most %d at once", len(puts), MostObjects)
	seen := make(map[Key]bool, len(puts))
	for _, u := range puts {
		f.put(u)
		f.When(seen[u.Key()], "object %.200s stands twice: keep one", u.Key())
		seen[u.Key()] = true
		if len(f.Faults) > mostSaid {
			break
		}
	}
	return f.Err()
}

// put checks one change.
func (f *faults) put(u Put) {
	f.name("kind", u.Kind)
	f.line("site", u.Site)
	f.name("name", u.Name)
	f.When(u.Expect < 0, "object %.200s: it expects version %d: 0 is none", u.Key(), u.Expect)
	if u.Delete {
		return
	}
	f.When(len(u.Labels) > mostLabels, "object %.200s: it has %d labels, at most %d are kept", u.Key(), len(u.Labels), mostLabels)
	for k, v := range u.Labels {
		f.name("label", k)
		f.line("value of a label", v)
	}
	spec := bytes.TrimLeft(u.Spec, " \t\r\n")
	f.When(len(spec) == 0 || spec[0] != '{', "object %.200s: its spec is no JSON object", u.Key())
	f.body(fmt.Sprintf("the spec of object %.200s", u.Key()), u.Spec, MostSpec)
}

// applyAll makes every change and adds what stands after it. What is stale is told of
// all, so that nobody meets one fault after the other.
func (p pen) applyAll(ctx context.Context, out []Object, puts []Put, m maker) ([]Object, error) {
	var stale []error
	for _, u := range puts {
		o, err := p.apply(ctx, u, m)
		switch {
		case errors.Is(err, ErrStale) || errors.Is(err, ErrUnknown):
			stale = append(stale, err)
		case err != nil:
			return nil, err
		}
		if out = append(out, o); len(stale) == mostSaid {
			break
		}
	}
	if err := errors.Join(stale...); err != nil {
		return nil, err
	}
	return out, p.objectsFit(ctx)
}

// objectsFit refuses what is more than the bounds.
func (p pen) objectsFit(ctx context.Context) error {
	living, err := p.tally(ctx, "object")
	if err != nil {
		return err
	}
	versions, err := p.tally(ctx, "version")
	switch {
	case err != nil:
		return err
	case living.number > p.most.objects:
		return fmt.Errorf("%w: there would be %d objects, at most %d are kept: delete some first", ErrFull, living.number, p.most.objects)
	case versions.number > p.most.versions || versions.bytes > p.most.versionBytes:
		return fmt.Errorf("%w: there would be %d versions of %d bytes, at most %d of %d are kept: put %s elsewhere and begin a new one from an export",
			ErrFull, versions.number, versions.bytes, p.most.versions, p.most.versionBytes, fileName)
	}
	return nil
}

// standing is an object's row, with what its last version holds.
type standing struct {
	Object
	id sql.NullInt64 // not valid: there never was one
}

func (p pen) standing(ctx context.Context, k Key) (standing, error) {
	x, err := file.One(ctx, p, func(scan file.Scanner) (x standing, err error) { return x, scan(&x.id) }, "SELECT id FROM object WHERE kind = ? AND site = ? AND name = ?", k.Kind, k.Site, k.Name)
	if errors.Is(err, ErrUnknown) {
		return standing{}, nil
	}
	if err == nil {
		x.Object, err = file.One(ctx, p, scanObject, objects+" AND v.version = o.version WHERE o.id = ?", x.id)
	}
	return x, err
}

// apply makes one change.
func (p pen) apply(ctx context.Context, u Put, m maker) (Object, error) {
	had, err := p.standing(ctx, u.Key())
	if err != nil {
		return Object{}, err
	}
	if err := had.admits(u); err != nil {
		return Object{}, fmt.Errorf("object %.200s: %w", u.Key(), err)
	}
	o := Object{Kind: u.Kind, Site: u.Site, Name: u.Name, Version: had.Version + 1, Changed: m.now.UTC().Truncate(time.Microsecond), By: m.by, Deleted: u.Delete}
	if !u.Delete {
		o.Spec = bytes.Clone(u.Spec)
	}
	if !u.Delete && len(u.Labels) > 0 {
		o.Labels = maps.Clone(u.Labels)
	}
	labels, err := written(o.Labels)
	if err != nil {
		return Object{}, err
	}
	if was, err := written(had.Labels); had.living() && !u.Delete && was == labels && bytes.Equal(had.Spec, o.Spec) {
		return had.Object, err
	}
	return o, p.keep(ctx, o, had.id, labels)
}

// living reports whether there is such an object now.
func (x standing) living() bool { return x.id.Valid && !x.Deleted }

// admits reports whether a change expects what stands.
func (x standing) admits(u Put) error {
	switch {
	case x.living() && u.Expect == 0:
		return fmt.Errorf("%w: there is one already, of version %d: read it, and change that", ErrStale, x.Version)
	case x.living() && u.Expect != x.Version:
		return fmt.Errorf("%w: version %d stands, not %d: read it, and repeat the change", ErrStale, x.Version, u.Expect)
	case !x.living() && u.Expect != 0 && x.id.Valid:
		return fmt.Errorf("%w: %s deleted version %d of it: make it anew", ErrStale, x.By, x.Version-1)
	case !x.living() && u.Expect != 0:
		return fmt.Errorf("%w: there never was one: make it anew", ErrStale)
	case !x.living() && u.Delete:
		return ErrUnknown
	}
	return nil
}

// keep writes a new version; id is that of the object where there was one before.
func (p pen) keep(ctx context.Context, o Object, id sql.NullInt64, labels string) error {
	n, err := p.count(ctx, `INSERT INTO object (id, kind, site, name, version, deleted) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET version = excluded.version, deleted = excluded.deleted RETURNING id`, id, o.Kind, o.Site, o.Name, o.Version, o.Deleted)
	if err != nil {
		return err
	}
	_, err = p.Exec(ctx, "INSERT INTO object_version (object, version, labels, spec, changed_us, person, deleted) VALUES (?, ?, ?, ?, ?, ?, ?)",
		n, o.Version, labels, append([]byte{}, o.Spec...), o.Changed.UnixMicro(), o.By, o.Deleted)
	if err == nil && id.Valid {
		_, err = p.Exec(ctx, "DELETE FROM label WHERE object = ?", n)
	}
	if err == nil && labels != noLabels {
		_, err = p.Exec(ctx, "INSERT INTO label (key, value, object) SELECT key, value, ? FROM json_each(?)", n, labels)
	}
	return err
}
