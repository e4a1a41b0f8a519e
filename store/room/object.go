package room

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sluice/store/file"
)

// Key is what tells an object from all others.
type Key struct{ Kind, Site, Name string }

func (k Key) String() string {
	if k.Site == "" {
		return k.Kind + "/" + k.Name
	}
	return k.Kind + "/" + k.Name + " of " + k.Site
}

// Object is one version of something that people decide.
type Object struct {
	Kind, Site, Name string // site may be empty: it belongs to none
	Version          int64  // counts its changes from 1
	Labels           map[string]string
	Spec             json.RawMessage // a JSON object, kept byte by byte: give it in one form
	Changed          time.Time
	By               string // who made this version
	Deleted          bool   // with this version it went: labels and spec are empty
}

// Key is that of the object.
func (o Object) Key() Key { return Key{o.Kind, o.Site, o.Name} }

// Filter says which objects are asked for; what is empty asks for all.
type Filter struct {
	Kind, Site string
	Labels     map[string]string // all of them
	After      Key               // where the page before ended
	Limit      int               // of objects; none is 10,000, which is also the most
}

const objects = `SELECT o.kind, o.site, o.name, v.version, v.labels, v.spec, v.changed_us, v.person, v.deleted
	FROM object o JOIN object_version v ON v.object = o.id`

func scanObject(scan file.Scanner) (o Object, err error) {
	var labels string
	var changed int64
	if err := scan(&o.Kind, &o.Site, &o.Name, &o.Version, &labels, (*[]byte)(&o.Spec), &changed, &o.By, &o.Deleted); err != nil {
		return o, err
	}
	o.Changed = time.UnixMicro(changed).UTC()
	if labels != noLabels {
		err = json.Unmarshal([]byte(labels), &o.Labels)
	}
	if len(o.Spec) == 0 {
		o.Spec = nil
	}
	return o, err
}

// noLabels is how none are stored.
const noLabels = "{}"

// written is how labels are stored: JSON, its keys in order.
func written(labels map[string]string) (string, error) {
	if len(labels) == 0 {
		return noLabels, nil
	}
	text, err := json.Marshal(labels)
	return string(text), err
}

// Object is the version that stands. The error wraps ErrUnknown where there is none, or
// no more.
func (s *Store) Object(ctx context.Context, kind, site, name string) (Object, error) {
	k := Key{kind, site, name}
	o, err := file.One(ctx, s.file, scanObject, objects+" AND v.version = o.version WHERE o.kind = ? AND o.site = ? AND o.name = ? AND o.deleted = 0", kind, site, name)
	if err != nil {
		return Object{}, fmt.Errorf("object %.200s: %w", k, err)
	}
	return o, nil
}

// Version is one version of an object, also of one that was deleted since.
func (s *Store) Version(ctx context.Context, k Key, version int64) (Object, error) {
	o, err := file.One(ctx, s.file, scanObject, objects+" WHERE o.kind = ? AND o.site = ? AND o.name = ? AND v.version = ?", k.Kind, k.Site, k.Name, version)
	if err != nil {
		return Object{}, fmt.Errorf("version %d of object %.200s: %w", version, k, err)
	}
	return o, nil
}

// Objects are those that a filter names, by kind, site and name, and where the next page
// goes on: its After; the zero Key where nothing follows. A page ends early where its
// specs have more than 64 MiB.
func (s *Store) Objects(ctx context.Context, f Filter) (all []Object, next Key, err error) {
	f.Limit = limited(f.Limit, mostRows)
	text, args := f.question()
	all, more, err := s.fitting(ctx, f.Limit, text, args)
	if err != nil {
		return nil, Key{}, fmt.Errorf("objects: %w", err)
	}
	if more {
		next = all[len(all)-1].Key()
	}
	return all, next, nil
}

// question is the SQL of a filter. It asks for one more than wanted, which shows whether
// anything follows.
func (f Filter) question() (text string, args []any) {
	where := []string{"o.deleted = 0", "(o.kind, o.site, o.name) > (?, ?, ?)"}
	args = append(args, f.After.Kind, f.After.Site, f.After.Name)
	for _, c := range [][2]string{{"o.kind = ?", f.Kind}, {"o.site = ?", f.Site}} {
		if c[1] != "" {
			where, args = append(where, c[0]), append(args, c[1])
		}
	}
	for _, k := range slices.Sorted(maps.Keys(f.Labels)) {
		where = append(where, "o.id IN (SELECT object FROM label WHERE key = ? AND value = ?)")
		args = append(args, k, f.Labels[k])
	}
	text = objects + " AND v.version = o.version WHERE " + strings.Join(where, " AND ") + " ORDER BY o.kind, o.site, o.name LIMIT ?"
	return text, append(args, f.Limit+1)
}

// fitting reads objects up to a number and as many bytes as fit, at least one, and tells
// whether more would have come.
func (s *Store) fitting(ctx context.Context, limit int, text string, args []any) (all []Object, more bool, err error) {
	bytes := 0
	err = file.Each(ctx, s.file, text, args, func(scan file.Scanner) error {
		if more {
			return nil
		}
		o, err := scanObject(scan)
		bytes += len(o.Spec)
		if more = len(all) == limit || len(all) > 0 && bytes > s.most.page; !more {
			all = append(all, o)
		}
		return err
	})
	return all, more, err
}

// History is every version of an object, the last one first, with who made it and when,
// also where it was deleted. It holds at most limit of them (none: 10,000) and what fits
// in 64 MiB; Version reads the ones before. The error wraps ErrUnknown where there never
// was such an object.
func (s *Store) History(ctx context.Context, kind, site, name string, limit int) ([]Object, error) {
	limit = limited(limit, mostRows)
	text := objects + " WHERE o.kind = ? AND o.site = ? AND o.name = ? ORDER BY v.version DESC LIMIT ?"
	all, _, err := s.fitting(ctx, limit, text, []any{kind, site, name, limit})
	if err == nil && len(all) == 0 {
		err = ErrUnknown
	}
	if err != nil {
		return nil, fmt.Errorf("history of object %.200s: %w", Key{kind, site, name}, err)
	}
	return all, nil
}
