package room

import (
	"net/http"
	"testing"
	"testing/fstest"
)

// TestLicences are of all that is in the program, for everybody; the list has no texts.
func TestLicences(t *testing.T) {
	t.Parallel()
	text := `{"packages":[{"name":"Go","version":"go1.26","from":"go","licence":"BSD-3-Clause","text":"Copyright Go"},{"name":"react","version":"19","from":"npm","licence":"MIT"}]}`
	w := newWorld(t, func(c *Config) {
		c.Pages = fstest.MapFS{"index.html": {Data: []byte("<html></html>")}, licenceFile: {Data: []byte(text)}}
	})
	var all Licences
	var one LicenceRow
	w.nobody().ok(http.StatusOK, "GET", "/v1/licences", nil).read(t, &all)
	w.nobody().ok(http.StatusOK, "GET", "/v1/licences/1", nil).read(t, &one)
	if len(all.Packages) != 2 || all.Packages[0] != (LicenceRow{1, "Go", "go1.26", "go", "BSD-3-Clause", ""}) || one.Text != "Copyright Go" {
		t.Errorf("%+v %+v", all, one)
	}
	w.nobody().wants(t, "GET", "/v1/licences/3", nil, http.StatusNotFound, "unknown")
	newWorld(t).nobody().wants(t, "GET", "/v1/licences", nil, http.StatusNotFound, "unknown")
	broken := newWorld(t, func(c *Config) { c.Pages = fstest.MapFS{licenceFile: {Data: []byte("{")}} })
	broken.nobody().wants(t, "GET", "/v1/licences", nil, http.StatusInternalServerError, "failed")
}
