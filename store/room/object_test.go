package room

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestVersions: each change is one more, what is as it was is none, and what was deleted
// goes on where it ended.
func TestVersions(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	if o := s.apply(t, site("a", `{"n":1}`, 0))[0]; o.Version != 1 {
		t.Errorf("%+v", o)
	}
	same := s.apply(t, site("a", `{"n":1}`, 1))[0]
	if same.Version != 1 {
		t.Errorf("%+v", same)
	}
	changed := site("a", `{"n":1}`, 1)
	changed.Labels = map[string]string{"b": "2", "a": "1"}
	second := s.apply(t, changed)[0]
	changed.Labels["a"], changed.Spec[1] = "another", ' ' // what was returned is not the caller's
	if second.Version != 2 || second.Labels["a"] != "1" || string(second.Spec) != `{"n":1}` {
		t.Errorf("%+v", second)
	}
	changed.Expect, changed.Labels, changed.Spec = 2, map[string]string{"a": "1"}, json.RawMessage(`{"n":1}`)
	if o := s.apply(t, changed)[0]; o.Version != 3 || len(o.Labels) != 1 {
		t.Errorf("%+v", o)
	}
	if o := s.apply(t, gone("a", 3))[0]; o.Version != 4 || !o.Deleted || o.Spec != nil || o.Labels != nil {
		t.Errorf("%+v", o)
	}
	if _, err := s.Object(t.Context(), "Site", "", "a"); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
	if o := s.apply(t, site("a", `{"n":1}`, 0))[0]; o.Version != 5 || o.Deleted {
		t.Errorf("%+v", o)
	}
	history, err := s.History(t.Context(), "Site", "", "a", 0)
	must(t, err)
	var got []string
	for _, o := range history {
		got = append(got, fmt.Sprintf("%d %s %v %v %s", o.Version, o.Spec, o.Labels, o.Deleted, o.By))
	}
	want := []string{`5 {"n":1} map[] false ann`, `4  map[] true ann`, `3 {"n":1} map[a:1] false ann`, `2 {"n":1} map[a:1 b:2] false ann`, `1 {"n":1} map[] false ann`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	second, err = s.Version(t.Context(), Key{Kind: "Site", Name: "a"}, 2)
	if diff := cmp.Diff(history[3], second); diff != "" || err != nil {
		t.Error(diff, err)
	}
	last, err := s.History(t.Context(), "Site", "", "a", 1)
	if diff := cmp.Diff(history[:1], last); diff != "" || err != nil {
		t.Error(diff, err)
	}
	_, never := s.History(t.Context(), "Site", "", "b", 0)
	_, none := s.Version(t.Context(), Key{Kind: "Site", Name: "a"}, 6)
	if !errors.Is(never, ErrUnknown) || !errors.Is(none, ErrUnknown) {
		t.Error(never, none)
	}
}

// TestStale: a change that expects another version is refused, and with it all others of
// the call; the error names each of them.
func TestStale(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		put  Put
		want error
		says string
	}{
		"it is new and there is one":          {site("a", "{}", 0), ErrStale, "there is one already, of version 2"},
		"it was changed since":                {site("a", "{}", 1), ErrStale, "version 2 stands, not 1"},
		"it was changed to what is wanted":    {site("a", `{"n":2}`, 1), ErrStale, "version 2 stands, not 1"},
		"it comes from a later time":          {site("a", "{}", 3), ErrStale, "version 2 stands, not 3"},
		"it was deleted since":                {site("b", "{}", 1), ErrStale, "ann deleted version 1"},
		"it expects the deletion":             {site("b", "{}", 2), ErrStale, "make it anew"},
		"there never was one":                 {site("c", "{}", 1), ErrStale, "never was"},
		"a deletion of what was changed":      {gone("a", 1), ErrStale, "version 2 stands"},
		"a deletion that names no version":    {gone("a", 0), ErrStale, "there is one already"},
		"a deletion of what is gone":          {gone("b", 0), ErrUnknown, "Site/b"},
		"a deletion of what there never was":  {gone("c", 0), ErrUnknown, "Site/c"},
		"a name that only another kind has":   {Put{Object: Object{Kind: "Hall", Name: "a", Spec: []byte("{}")}, Expect: 2}, ErrStale, "never was"},
		"a name that only another site knows": {Put{Object: Object{Kind: "Site", Site: "x", Name: "a", Spec: []byte("{}")}, Expect: 2}, ErrStale, "of x"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			s := openAt(t, t.TempDir())
			s.apply(t, site("a", `{"n":1}`, 0), site("b", "{}", 0))
			s.apply(t, site("a", `{"n":2}`, 1), gone("b", 1))
			_, err := s.Apply(t.Context(), []Put{site("new", "{}", 0), c.put, site("late", "{}", 9)}, "bob", at(1))
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "Site/late") {
				t.Errorf("%v", err)
			}
			all, _, err := s.Objects(t.Context(), Filter{})
			if diff := cmp.Diff([]string{"/a"}, names(all)); diff != "" || err != nil || all[0].Version != 2 || all[0].By != "ann" {
				t.Error(diff, err, all)
			}
		})
	}
}

// TestFilters: who asks for a part gets that part, in one order, page by page.
func TestFilters(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	var puts []Put
	for n := range 12 {
		o := Object{Kind: []string{"Hall", "Meter"}[n%2], Site: []string{"wa-1", "tx-1", ""}[n%3], Name: fmt.Sprintf("n%02d", 11-n), Spec: json.RawMessage(`{}`)}
		o.Labels = map[string]string{"role": []string{"revenue", "check"}[n/6], "n": strconv.Itoa(n % 4)}
		puts = append(puts, Put{Object: o})
	}
	s.apply(t, puts...)
	s.apply(t, Put{Object: Object{Kind: "Hall", Site: "wa-1", Name: "n05"}, Expect: 1, Delete: true})
	for sentence, c := range map[string]struct {
		filter Filter
		want   []string
	}{
		"a kind":         {Filter{Kind: "Hall"}, []string{"/n03", "/n09", "tx-1/n01", "tx-1/n07", "wa-1/n11"}},
		"a site":         {Filter{Site: "wa-1"}, []string{"wa-1/n11", "wa-1/n02", "wa-1/n08"}},
		"both":           {Filter{Kind: "Meter", Site: "wa-1"}, []string{"wa-1/n02", "wa-1/n08"}},
		"a label":        {Filter{Kind: "Hall", Labels: map[string]string{"role": "check"}}, []string{"/n03", "tx-1/n01"}},
		"all labels":     {Filter{Labels: map[string]string{"role": "check", "n": "2"}}, []string{"tx-1/n01"}},
		"no such value":  {Filter{Labels: map[string]string{"role": "1"}}, nil},
		"after some":     {Filter{Kind: "Hall", After: Key{"Hall", "", "n09"}}, []string{"tx-1/n01", "tx-1/n07", "wa-1/n11"}},
		"after the last": {Filter{After: Key{"Meter", "wa-1", "n08"}}, nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			whole, next, err := s.Objects(t.Context(), c.filter)
			if diff := cmp.Diff(c.want, names(whole)); diff != "" || err != nil || next != (Key{}) {
				t.Error(diff, err, next)
			}
			var got []string
			for c.filter.Limit = 2; ; {
				page, next, err := s.Objects(t.Context(), c.filter)
				must(t, err)
				got = append(got, names(page)...)
				if c.filter.After = next; next == (Key{}) {
					break
				}
				if len(page) != 2 {
					t.Fatalf("a page of %d goes on", len(page))
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestBigSpecs: a spec of the greatest size is kept, and a page ends before it fills the
// memory, with nothing left out.
func TestBigSpecs(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	s.most.page = 3 * MostSpec
	big := `{"a":"` + strings.Repeat("x", MostSpec-8) + `"}`
	for n := range 4 {
		s.apply(t, site(fmt.Sprintf("n%d", n), big, 0))
	}
	page, next, err := s.Objects(t.Context(), Filter{})
	must(t, err)
	rest, end, err := s.Objects(t.Context(), Filter{After: next})
	if err != nil || len(page) != 3 || len(rest) != 1 || end != (Key{}) || rest[0].Name != "n3" || string(rest[0].Spec) != big {
		t.Errorf("%d and %d objects, %v, %v", len(page), len(rest), end, err)
	}
}

// TestObjectsFull: what does not fit is refused whole, and deleting makes room for objects.
func TestObjectsFull(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	s.most.objects, s.most.versions = 2, 6
	s.apply(t, site("a", "{}", 0), site("b", "{}", 0))
	if _, err := s.Apply(t.Context(), []Put{site("c", "{}", 0)}, "ann", at(0)); !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "3 objects") {
		t.Error(err)
	}
	s.apply(t, gone("a", 1), site("c", "{}", 0)) // in the same call
	s.apply(t, gone("c", 1), site("a", "{}", 0))
	if _, err := s.Apply(t.Context(), []Put{site("a", `{"n":2}`, 3)}, "ann", at(0)); !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "7 versions") {
		t.Error(err)
	}
	s.most.versions, s.most.versionBytes = 9, 10
	if _, err := s.Apply(t.Context(), []Put{site("a", `{"n":2}`, 3)}, "ann", at(0)); !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "of 15 bytes") {
		t.Error(err)
	}
	all, _, err := s.Objects(t.Context(), Filter{})
	if diff := cmp.Diff([]string{"/a", "/b"}, names(all)); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// BenchmarkApply makes a thousand objects in one call.
func BenchmarkApply(b *testing.B) {
	s := openAt(b, b.TempDir())
	for n := 0; b.Loop(); n++ {
		puts := make([]Put, 1000)
		for i := range puts {
			puts[i] = site(fmt.Sprintf("n%d-%d", n, i), body(i), 0)
			puts[i].Labels = map[string]string{"role": "revenue"}
		}
		s.apply(b, puts...)
	}
}

// BenchmarkObjects reads pages of 100 by label, where there are 20,000 objects.
func BenchmarkObjects(b *testing.B) {
	s := openAt(b, b.TempDir())
	puts := make([]Put, 20_000)
	for i := range puts {
		puts[i] = site(fmt.Sprintf("n%05d", i), body(i), 0)
		puts[i].Labels = map[string]string{"rack": strconv.Itoa(i % 100)}
	}
	s.apply(b, puts...)
	for n := 0; b.Loop(); n++ {
		got, _, err := s.Objects(b.Context(), Filter{Kind: "Site", Labels: map[string]string{"rack": strconv.Itoa(n % 100)}, Limit: 100})
		if err != nil || len(got) != 100 {
			b.Fatal(len(got), err)
		}
	}
}
