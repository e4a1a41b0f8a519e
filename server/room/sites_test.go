package room

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/people"
	"sluice/site"
)

// TestPositions: pages are told where a site stands, and of one that does not say nothing
// is made up.
func TestPositions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, at := range map[string]*site.Position{
		"houston": {Latitude: 29_800_000, Longitude: -95_400_000},
		"null":    {}, // where the meridian of Greenwich meets the equator
		"nowhere": nil,
	} {
		p := newPlant(noon)
		p.change(func(p *plant) { p.status.Site, p.status.Position = name, at })
		w.must(w.room.Attach(name, p))
	}
	w.hear()
	var all Sites
	text := w.as(people.Viewer, "").do(http.MethodGet, "/v1/sites", nil)
	text.read(t, &all)
	got := map[string]*Position{}
	for _, s := range all.Sites {
		got[s.Site] = s.Position
	}
	want := map[string]*Position{"houston": {29.8, -95.4}, "null": {}, "nowhere": nil}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n := strings.Count(text.body, `"position"`); n != 2 || !strings.Contains(text.body, `"position":{"latitude":29.8,"longitude":-95.4}`) {
		t.Errorf("%d positions in %s", n, text.body)
	}
}
