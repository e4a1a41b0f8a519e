package room

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"sluice/driver/objectfile"
	"sluice/object"
	"sluice/people"
)

// runs is a room that runs the sites whose files it holds.
type runs struct {
	noPrograms
	files map[string]string
	fault map[string]error // why a program does not begin
}

// SiteFile implements SiteFiles.
func (s *runs) SiteFile(name string) ([]byte, error) {
	text, is := s.files[name]
	if !is {
		return nil, ErrNoProgram
	}
	return []byte(text), nil
}

// ReplaceSiteFile implements SiteFiles.
func (s *runs) ReplaceSiteFile(_ context.Context, name string, yaml []byte) (bool, error) {
	if err := s.fault[name]; err != nil {
		return false, err
	}
	s.files[name] = string(yaml)
	return true, nil
}

// running is a Site object by which a room can run a site.
func running(name, limit, count string) string {
	return strings.ReplaceAll(fjord(limit, count), "fjord", name) + `  prices: {file: prices.csv, column: price, currency: EUR}
  control:
    device_networks: [10.20.0.0/16]
    machines:
      - {group: row-1, addresses: [10.20.1.1-10.20.1.100]}
    meters:
      - {name: revenue, kind: revenue, template: schneider-pm5000, address: 10.20.0.2}
    pools:
      - {url: "stratum+tcp://pool.example:3333", worker: site.*}
`
}

// fileOf is the site file that an object comes to.
func fileOf(t *testing.T, text string) string {
	t.Helper()
	reader, err := objectfile.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	all, err := reader.Read("x", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return string(objectfile.Plain(all[0].Spec))
}

// underWay is a room that runs fjord and bayou by 12 MW.
func underWay(t *testing.T) (*world, *runs) {
	t.Helper()
	s := &runs{files: map[string]string{}, fault: map[string]error{}}
	for _, name := range []string{"fjord", "bayou"} {
		s.files[name] = fileOf(t, running(name, "12", "100"))
	}
	w, _ := deciding(t, func(c *Config) { c.Setup = &Setup{Programs: s} })
	return w, s
}

// TestASiteRunsByItsObject: what is applied is what the program begins anew by.
func TestASiteRunsByItsObject(t *testing.T) {
	t.Parallel()
	w, s := underWay(t)
	out := w.engineer().applied(http.StatusOK, yaml(running("fjord", "11", "100")))
	if len(out.Sites) != 1 || out.Sites[0].State != "restarted" || !strings.Contains(s.files["fjord"], "import_limit_mw: 11") || !strings.Contains(s.files["fjord"], "version 1, by engineer") {
		t.Errorf("%+v\n%s", out.Sites, s.files["fjord"])
	}
	if !strings.Contains(s.files["bayou"], "import_limit_mw: 12") {
		t.Error("another site changed too")
	}
	elsewhere := w.engineer().applied(http.StatusOK, yaml(strings.ReplaceAll(fjord("9", "10"), "fjord", "delta")))
	if len(elsewhere.Sites) != 1 || elsewhere.Sites[0].State != "unknown" || elsewhere.Sites[0].Says == "" {
		t.Errorf("%+v", elsewhere.Sites)
	}
}

// TestAFirstObjectRaisesNothingAlone: a new object for a site that runs is judged by what
// it runs by, and so is one whose site runs by another file meanwhile.
func TestAFirstObjectRaisesNothingAlone(t *testing.T) {
	t.Parallel()
	w, s := underWay(t)
	other, engineer := w.as(people.Dispatcher, ""), w.engineer()
	out := engineer.applied(http.StatusAccepted, yaml(running("fjord", "14", "100")))
	if out.Request == nil || !strings.Contains(out.Request.Diff, "import_limit_mw: 12 -> 14 (raise)") || !strings.Contains(s.files["fjord"], "limit_mw: 12") {
		t.Fatalf("%+v", out)
	}
	a := other.approve(out.Request.ID)
	if a.status != http.StatusOK || !strings.Contains(a.body, "began anew") || !strings.Contains(s.files["fjord"], "limit_mw: 14") {
		t.Fatalf("%d %s", a.status, a.body)
	}
	s.files["fjord"] = fileOf(t, running("fjord", "10", "100"))
	if out := engineer.applied(http.StatusAccepted, yaml(running("fjord", "14", "100"))); out.Request == nil || !strings.Contains(out.Request.Diff, "10 -> 14 (raise)") {
		t.Errorf("the same object, and the site runs by less: %+v", out)
	}
	if out := engineer.applied(http.StatusAccepted, yaml(running("fjord", "13", "100"))); out.Request == nil {
		t.Errorf("less than the object, and more than the site runs by: %+v", out)
	}
}

// TestNothingByHalves: where one site does not begin by its object no object changes, and
// sites that did begin have their old files again.
func TestNothingByHalves(t *testing.T) {
	t.Parallel()
	w, s := underWay(t)
	engineer := w.engineer()
	before := s.files["bayou"]
	s.fault["fjord"] = errors.New("its program ended at once: no prices")
	both := yaml(running("bayou", "11", "100"), running("fjord", "11", "100"))
	a := engineer.do("POST", "/v1/objects/apply", both)
	if p := a.problem(); a.status != http.StatusConflict || p.Code != "not_in_effect" || !strings.Contains(p.Detail, "no prices") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if s.files["bayou"] != before || engineer.ok(http.StatusOK, "GET", "/v1/objects", nil).body != `{"objects":[]}`+"\n" {
		t.Errorf("something was applied: %s", s.files["bayou"])
	}
	if a := engineer.do("POST", "/v1/objects/apply", yaml(strings.Replace(running("bayou", "9", "100"), "  prices: {file: prices.csv, column: price, currency: EUR}\n", "", 1))); a.problem().Code != "not_in_effect" || !strings.Contains(a.body, "names no prices") {
		t.Errorf("a file by which nothing runs: %d %s", a.status, a.body)
	}
	s.files["fjord"] = "name: [fjord\n"
	if a := engineer.do("POST", "/v1/objects/apply", yaml(running("fjord", "9", "100"))); a.problem().Code != "unread" {
		t.Errorf("a file that cannot be compared: %d %s", a.status, a.body)
	}
}

// TestJoined keeps the heavier of two differences of one field.
func TestJoined(t *testing.T) {
	t.Parallel()
	c := object.Change{What: object.Update, Needs: []string{"payee"}, Risk: object.Payee, Fields: []object.Field{{Path: "a", Before: "1", Risk: object.Lower}, {Path: "b", Risk: object.Payee}}}
	file := object.Change{What: object.Update, Needs: []string{"raise"}, Risk: object.Raise, Fields: []object.Field{{Path: "a", Before: "0", Risk: object.Raise}}}
	got := joined(c, file)
	if len(got.Fields) != 2 || got.Fields[0].Before != "0" || got.Risk != object.Payee || strings.Join(got.Needs, " ") != "payee raise" {
		t.Errorf("%+v", got)
	}
}
