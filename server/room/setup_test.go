package room

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"sluice/device"
	"sluice/people"
)

// noPrograms is the sites of a room in which nothing runs.
type noPrograms struct {
	begun []NewSite
	no    error
	list  []SiteProgram
}

func (s *noPrograms) Begin(_ context.Context, n NewSite) error {
	if s.no == nil {
		s.begun = append(s.begun, n)
	}
	return s.no
}

func (s *noPrograms) List() []SiteProgram { return s.list }

func (s *noPrograms) Turn(context.Context, string, ProgramTurn) error { return s.no }

// settingUp is a room in which sites can be added, and somebody who may.
func settingUp(t *testing.T) (*world, *noPrograms, *guest) {
	t.Helper()
	s := &noPrograms{}
	w := newWorld(t, func(c *Config) { c.Setup = &Setup{Families: []device.Family{device.Antminer}, Programs: s} })
	return w, s, w.as(people.Engineer, "")
}

// asks sends a request and returns the answer.
func asks(t *testing.T, g *guest, path string, body any) reply {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return g.do(http.MethodPost, path, string(text))
}

// TestWhatIsNeverContacted: nothing outside of what the request declares, and nothing
// public unless somebody says why.
func TestWhatIsNeverContacted(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		q    Reach
		says string
	}{
		"a private network":           {Reach{Networks: []string{"10.20.1.0/24"}}, ""},
		"this computer":               {Reach{Networks: []string{"127.4.0.0/24"}, Offset: 30000}, ""},
		"a public one":                {Reach{Networks: []string{"8.8.8.0/24"}}, "neither private"},
		"one that is partly public":   {Reach{Networks: []string{"0.0.0.0/0"}}, "neither private"},
		"more than a private one":     {Reach{Networks: []string{"172.16.0.0/11"}}, "first address"},
		"public without a reason":     {Reach{Networks: []string{"8.8.8.0/24"}, Public: true}, "body.reason"},
		"public with one":             {Reach{Networks: []string{"8.8.8.0/24"}, Public: true, Reason: "leased"}, ""},
		"where clouds keep secrets":   {Reach{Networks: []string{"169.254.169.254/32"}}, "neither private"},
		"a name":                      {Reach{Networks: []string{"meter.example"}}, "IPv4 network"},
		"not its first address":       {Reach{Networks: []string{"10.20.1.7/24"}}, "10.20.1.0/24"},
		"of IPv6":                     {Reach{Networks: []string{"fd00::/64"}}, "IPv4 network"},
		"moved ports of real devices": {Reach{Networks: []string{"10.20.1.0/24"}, Offset: 5}, "port_offset"},
		"nothing":                     {Reach{}, "at least one"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			_, err := c.q.prefixes()
			got := ""
			if err != nil {
				got = strings.Join(told(err).Faults, "; ")
			}
			if got == "" != (c.says == "") || !strings.Contains(got, c.says) {
				t.Errorf("found %q, want %q", got, c.says)
			}
		})
	}
}

// TestAMeterOutside is not read.
func TestAMeterOutside(t *testing.T) {
	t.Parallel()
	w, _, g := settingUp(t)
	a := asks(t, g, "/v1/setup/meter", map[string]any{"networks": []string{"10.20.0.0/24"}, "template": "schneider-pm5000", "address": "10.21.0.2"})
	if p := a.problem(); a.status != http.StatusUnprocessableEntity || !strings.Contains(strings.Join(p.Faults, ""), "no declared device network") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if strings.Contains(w.logged(), "10.21") {
		t.Error("it was contacted")
	}
}

// TestAList names every fault of a list with its line.
func TestAList(t *testing.T) {
	t.Parallel()
	_, _, g := settingUp(t)
	for sentence, c := range map[string]struct {
		csv  string
		says []string
		rows int
	}{
		"a good list":              {"Hall,address,model,feeder\nA,10.20.1.1,S21,f1\nA,10.20.1.2,S21,f1\n", nil, 2},
		"an address twice":         {"address,model,hall,feeder\n10.20.1.1,S21,A,f\n10.20.1.1,S21,A,f\n", []string{"3 address 10.20.1.1 was given on line 2"}, 2},
		"an address outside":       {"address,model,hall,feeder\n10.21.1.1,S21,A,f\n", []string{"2 address 10.21.1.1 lies in none"}, 1},
		"no columns":               {"ip,type\n1,2\n", []string{`1 no column "address"`, `1 no column "model"`, `1 no column "hall"`, `1 no column "feeder"`}, 0},
		"an empty field, a name":   {"address,model,hall,feeder\nminer-1,,A,f\n", []string{"2 address \"miner-1\"", "2 no model"}, 1},
		"nothing":                  {"", []string{"1 no header"}, 0},
		"a header alone":           {"address,model,hall,feeder\n", []string{"0 a header and no machine"}, 0},
		"a line of another length": {"address,model,hall,feeder\n10.20.1.1,S21\n", []string{"2 record on line 2"}, 0},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			a := asks(t, g, "/v1/setup/import", map[string]any{"networks": []string{"10.20.0.0/16"}, "csv": c.csv})
			var got Imported
			if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != http.StatusOK {
				t.Fatalf("%d %s", a.status, a.body)
			}
			if len(got.Faults) != len(c.says) || len(got.Rows) != c.rows {
				t.Fatalf("%+v", got)
			}
			for i, f := range got.Faults {
				if !strings.HasPrefix(itoa(f.Line)+" "+f.Says, c.says[i]) {
					t.Errorf("%d %s, want %s", f.Line, f.Says, c.says[i])
				}
			}
		})
	}
}

// sitePlan is a site that can be started.
func sitePlan() map[string]any {
	return map[string]any{
		"networks": []string{"10.20.0.0/16"}, "name": "west", "zone": "America/Chicago", "currency": "USD", "limit_w": 1_000_000,
		"market": map[string]any{"settlement_point": "HB_HOUSTON", "prices": map[string]any{"shipped": "houston_rt15_2021-2025.csv.gz"}},
		"meters": []any{map[string]any{"name": "revenue", "kind": "revenue", "template": "schneider-pm5000", "address": "10.20.0.2"}},
		"groups": []any{map[string]any{"name": "row-1", "model": "Antminer S19 XP", "addresses": []string{"10.20.1.3", "10.20.1.1", "10.20.1.2", "10.20.1.9"}}},
	}
}

// TestADraft tells of each fault on which field it stands.
func TestADraft(t *testing.T) {
	t.Parallel()
	w, _, g := settingUp(t)
	w.attach("east")
	group := func(x map[string]any) []any {
		out := map[string]any{"name": "row-1", "model": "Antminer S19 XP", "addresses": []string{"10.20.1.3"}}
		maps.Copy(out, x)
		return []any{out}
	}
	for sentence, c := range map[string]struct {
		field string
		set   map[string]any
	}{
		"good":                                {"", nil},
		"a name that is taken":                {"name", map[string]any{"name": "east"}},
		"a name that is a path":               {"name", map[string]any{"name": "../west"}},
		"half of a position":                  {"longitude", map[string]any{"latitude": 47.42}},
		"the other half":                      {"latitude", map[string]any{"longitude": -120.31}},
		"a zone that is none":                 {"zone", map[string]any{"zone": "Mars/Base"}},
		"prices in another currency":          {"market.prices", map[string]any{"currency": "EUR"}},
		"a model that nobody knows":           {"groups[0].model", map[string]any{"groups": group(map[string]any{"model": "Nonesuch 9"})}},
		"a power without a hash rate":         {"groups[0].power_w", map[string]any{"groups": group(map[string]any{"power_w": 3000})}},
		"a machine outside":                   {"groups[0].addresses", map[string]any{"groups": group(map[string]any{"addresses": []string{"10.99.0.1"}})}},
		"a hall that is not there":            {"groups[0].hall", map[string]any{"groups": group(map[string]any{"hall": "roof"})}},
		"a template that is not there":        {"meters[0].template", map[string]any{"meters": []any{map[string]any{"name": "m", "kind": "revenue", "template": "nonesuch", "address": "10.20.0.2"}}}},
		"no machines":                         {"groups", map[string]any{"groups": []any{}}},
		"a public network":                    {"networks[0]", map[string]any{"networks": []string{"8.0.0.0/16"}}},
		"a text that would be YAML of itself": {"market.settlement_point", map[string]any{"market": map[string]any{"settlement_point": "", "prices": map[string]any{"shipped": "houston_rt15_2021-2025.csv.gz"}}}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			plan := sitePlan()
			maps.Copy(plan, c.set)
			a := asks(t, g, "/v1/setup/site", plan)
			var got SiteDraft
			if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != http.StatusOK {
				t.Fatalf("%d %s", a.status, a.body)
			}
			found := slices.ContainsFunc(got.Faults, func(f SiteFault) bool { return f.Field == c.field })
			if c.field == "" && (len(got.Faults) > 0 || got.Draft == "" || !strings.Contains(got.YAML, `"10.20.1.1-10.20.1.3"`)) || c.field != "" && (!found || got.Draft != "") {
				t.Errorf("%+v\n%s", got.Faults, got.YAML)
			}
		})
	}
}

// TestADraftStands: where the site stands is written as it was said.
func TestADraftStands(t *testing.T) {
	t.Parallel()
	_, _, g := settingUp(t)
	for said, want := range map[[2]float64]string{
		{47.42, -120.310001}: "position:\n  latitude: 47.42\n  longitude: -120.310001\n",
		{0, 180}:             "position:\n  latitude: 0\n  longitude: 180\n",
	} {
		plan := sitePlan()
		plan["latitude"], plan["longitude"] = said[0], said[1]
		var got SiteDraft
		if err := json.Unmarshal([]byte(asks(t, g, "/v1/setup/site", plan).body), &got); err != nil || got.Draft == "" || !strings.Contains(got.YAML, want) {
			t.Errorf("%v: %v %+v\n%s", said, err, got.Faults, got.YAML)
		}
	}
	plan := sitePlan()
	plan["latitude"], plan["longitude"] = 91, 0
	if a := asks(t, g, "/v1/setup/site", plan); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "latitude") {
		t.Errorf("beyond the pole: %d %s", a.status, a.body)
	}
}

// TestAStart: what was drafted is started once, by who drafted it; credentials are handed
// over and nowhere told.
func TestAStart(t *testing.T) {
	t.Parallel()
	w, s, g := settingUp(t)
	var d SiteDraft
	if err := json.Unmarshal([]byte(asks(t, g, "/v1/setup/site", sitePlan()).body), &d); err != nil || d.Draft == "" {
		t.Fatal(err, d.Faults)
	}
	start := func(more map[string]any) map[string]any {
		out := map[string]any{"draft": d.Draft, "credentials": []any{map[string]any{"family": "*", "user": "root", "password": "Winter-Hall-7"}}}
		maps.Copy(out, more)
		return out
	}
	for sentence, c := range map[string]struct {
		who    *guest
		set    map[string]any
		status int
	}{
		"by somebody else":                   {w.as(people.Admin, ""), nil, http.StatusNotFound},
		"on a recorded market, though real":  {g, map[string]any{"run": map[string]any{"speed": 30}}, http.StatusUnprocessableEntity},
		"under another name":                 {g, map[string]any{"yaml": strings.Replace(d.YAML, `"west"`, `"east"`, 1)}, http.StatusUnprocessableEntity},
		"with a public network put in":       {g, map[string]any{"yaml": strings.Replace(d.YAML, "10.20.0.0/16", "8.0.0.0/8\"\n    - \"10.20.0.0/16", 1)}, http.StatusUnprocessableEntity},
		"with half a file":                   {g, map[string]any{"yaml": d.YAML[:200]}, http.StatusUnprocessableEntity},
		"with credentials that are no lines": {g, map[string]any{"credentials": []any{map[string]any{"family": "toaster", "user": "root", "password": "x"}}}, http.StatusUnprocessableEntity},
	} {
		if a := asks(t, c.who, "/v1/setup/start", start(c.set)); a.status != c.status || strings.Contains(a.body, "Winter") {
			t.Errorf("%s: %d %s", sentence, a.status, a.body)
		}
	}
	if len(s.begun) > 0 {
		t.Fatalf("%d sites were started", len(s.begun))
	}
	if a := asks(t, g, "/v1/setup/start", start(nil)); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if n := s.begun[0]; n.Name != "west" || string(n.Logins) != "*,root,Winter-Hall-7\n" || n.By == "" {
		t.Errorf("%+v", n)
	}
	if a := asks(t, g, "/v1/setup/start", start(nil)); a.status != http.StatusNotFound {
		t.Errorf("a draft is started twice: %d", a.status)
	}
	if strings.Contains(w.logged(), "Winter") {
		t.Error("the log holds a password")
	}
}
