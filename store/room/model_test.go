package room

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// model is what the objects should be: every version of each, in a map.
type model map[Key][]Object

// stands is the version that stands; false: there is none.
func (m model) stands(k Key) (Object, bool) {
	all := m[k]
	if len(all) == 0 || all[len(all)-1].Deleted {
		return Object{}, false
	}
	return all[len(all)-1], true
}

// apply makes changes in a copy of the model; false: one of them is refused.
func (m model) apply(puts []Put, by string, second int64) (after model, out []Object, ok bool) {
	after = maps.Clone(m)
	for _, u := range puts {
		was, there := m.stands(u.Key())
		if was.Version != u.Expect || u.Delete && !there {
			return m, nil, false
		}
		if there && !u.Delete && string(was.Spec) == string(u.Spec) && maps.Equal(was.Labels, u.Labels) {
			out = append(out, was)
			continue
		}
		o := Object{Kind: u.Kind, Site: u.Site, Name: u.Name, Version: int64(len(m[u.Key()])) + 1, Changed: at(second), By: by, Deleted: u.Delete}
		if !u.Delete {
			o.Spec, o.Labels = u.Spec, u.Labels
		}
		after[u.Key()] = append(slices.Clone(m[u.Key()]), o)
		out = append(out, o)
	}
	return after, out, true
}

// drawPuts are changes of different objects, most of which expect what stands.
func drawPuts(r *rapid.T, m model) (puts []Put) {
	for n := range rapid.IntRange(1, 4).Draw(r, "changes") {
		u := Put{Object: Object{Kind: rapid.SampledFrom([]string{"Hall", "Meter"}).Draw(r, "kind"), Site: rapid.SampledFrom([]string{"", "wa-1"}).Draw(r, "site"), Name: fmt.Sprintf("n%d", n)}}
		u.Spec = json.RawMessage(rapid.SampledFrom([]string{`{}`, `{"n":1}`, `{"n":2}`}).Draw(r, "spec"))
		if v := rapid.SampledFrom([]string{"", "1", "2"}).Draw(r, "label"); v != "" {
			u.Labels = map[string]string{"l": v}
		}
		was, there := m.stands(u.Key())
		u.Expect, u.Delete = was.Version, there && rapid.IntRange(0, 3).Draw(r, "delete") == 0
		if rapid.IntRange(0, 15).Draw(r, "stale") == 0 {
			u.Expect += rapid.Int64Range(-1, 1).Draw(r, "off")
			u.Expect = max(u.Expect, 0)
		}
		puts = append(puts, u)
	}
	return puts
}

// TestObjectsMatchAModel: whatever is changed in whatever order, the store says what a map
// of all versions says, which never knows one number twice.
func TestObjectsMatchAModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		dir := t.TempDir()
		s := openAt(t, dir)
		defer func() { must(t, s.Close()) }()
		m := model{}
		for n := range rapid.IntRange(1, 12).Draw(r, "calls") {
			puts := drawPuts(r, m)
			after, want, ok := m.apply(puts, fmt.Sprint("p", n%3), int64(n))
			m = after
			got, err := s.Apply(t.Context(), puts, fmt.Sprint("p", n%3), at(int64(n)))
			refused := errors.Is(err, ErrStale) || errors.Is(err, ErrUnknown)
			if ok == refused || err != nil && !refused {
				r.Fatalf("%+v: %v, the model says %v", puts, err, ok)
			}
			if diff := cmp.Diff(want, got); ok && diff != "" {
				r.Fatal(diff)
			}
		}
		compare(t, r, s, m)
	})
}

// compare asks the store for everything that the model knows.
func compare(t *testing.T, r *rapid.T, s *Store, m model) {
	t.Helper()
	var living []Object
	for k, versions := range m {
		got, err := s.History(t.Context(), k.Kind, k.Site, k.Name, 0)
		slices.Reverse(got)
		if diff := cmp.Diff(versions, got); diff != "" || err != nil {
			r.Fatal(diff, err)
		}
		stands, there := m.stands(k)
		o, err := s.Object(t.Context(), k.Kind, k.Site, k.Name)
		if there && err != nil || !there && !errors.Is(err, ErrUnknown) || !cmp.Equal(stands, o) {
			r.Fatalf("%v: %+v, %v", k, o, err)
		}
		if there {
			living = append(living, stands)
		}
	}
	slices.SortFunc(living, func(a, b Object) int {
		return slices.Compare([]string{a.Kind, a.Site, a.Name}, []string{b.Kind, b.Site, b.Name})
	})
	labelled := slices.DeleteFunc(slices.Clone(living), func(o Object) bool { return o.Labels["l"] != "1" })
	for _, c := range []struct {
		filter Filter
		want   []Object
	}{{Filter{}, living}, {Filter{Labels: map[string]string{"l": "1"}}, labelled}} {
		got, next, err := s.Objects(t.Context(), c.filter)
		if diff := cmp.Diff(len(c.want), len(got)); diff != "" || err != nil || next != (Key{}) || len(got) > 0 && !cmp.Equal(c.want, got) {
			r.Fatal(c.filter, diff, err, next)
		}
	}
	if got, err := number(t, s, "object"); err != nil || got != len(living) {
		r.Fatalf("the tally says %d of %d, %v", got, len(living), err)
	}
}
