package room

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sluice/live"
	"sluice/people"
	"sluice/unit"
)

// TestTimeline reads what a site did from what is kept and from what it says, page by page.
func TestTimeline(t *testing.T) {
	t.Parallel()
	w, records := remembering(t)
	p := newPlant(noon)
	p.plan = fourQuarters(noon, 40*unit.PerMWh)
	start := func(i int) time.Time { return noon.Add(time.Duration(i-10) * 15 * time.Minute) }
	for i := range 10 {
		p.turns = append(p.turns, live.TurnRow{Start: start(i), Seconds: 900, Planned: true, Settled: i < 8, Priced: i < 8, Margin: int64(i) * 1_000_000})
	}
	w.must(w.room.Attach("houston", p))
	w.hear()
	viewer := w.as(people.Viewer, "houston")
	var line Timeline
	viewer.do(http.MethodGet, "/v1/sites/houston/timeline", nil).read(t, &line)
	if len(line.Past) != 10 || line.Plan == nil || len(line.Plan.Uses) != 1 || line.Plan.Uses[0].Meter[3] != 5_000_000 || line.Zone != "America/Chicago" {
		t.Fatalf("%+v", line)
	}
	p.change(func(p *plant) { // an interval is priced later
		p.turns[8].Settled, p.turns[8].Priced, p.turns[8].Margin = true, true, 77
		p.plan.Rev++
	})
	w.hear()
	var got []int64
	path := "/v1/sites/houston/timeline?limit=4&from=" + start(0).Format(time.RFC3339)
	for at := path; at != ""; {
		var page Timeline
		viewer.do(http.MethodGet, at, nil).read(t, &page)
		for _, x := range page.Past {
			got = append(got, x.Margin)
		}
		if at = ""; page.Next != nil {
			at = "/v1/sites/houston/timeline?limit=4&from=" + page.Next.Format(time.RFC3339)
		}
	}
	if len(got) != 10 || got[8] != 77 || got[9] != 9_000_000 {
		t.Errorf("page by page: %v", got)
	}
	stored, err := records.Intervals(t.Context(), "houston", start(0), noon, 100)
	if err != nil || len(stored) != 10 || !strings.Contains(string(stored[8].Body), `"margin":"77"`) {
		t.Errorf("%d intervals are kept, %v; the corrected one: %s", len(stored), err, stored[8].Body)
	}
	for sentence, query := range map[string]string{
		"backwards": "?from=2026-11-20T12:00:00Z&to=2026-11-19T12:00:00Z", "not an instant": "?from=yesterday", "too many": "?limit=100000", "unknown": "?days=3",
	} {
		if a := viewer.do(http.MethodGet, "/v1/sites/houston/timeline"+query, nil); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", sentence, a.status, a.body)
		}
	}
}

// TestWhatIf clears the newest plan once more with something changed.
func TestWhatIf(t *testing.T) {
	t.Parallel()
	w, p := heard(t)
	viewer := w.as(people.Viewer, "houston")
	if a := viewer.do(http.MethodPost, "/v1/sites/houston/whatif", WhatIf{}); a.status != http.StatusConflict || a.problem().Code != "no-plan" {
		t.Errorf("before the first plan: %d %s", a.status, a.body)
	}
	p.change(func(p *plant) { p.plan = fourQuarters(noon, 40*unit.PerMWh) })
	w.hear()
	for sentence, c := range map[string]struct {
		change WhatIf
		would  int64 // of the mining group at the meter, now
		worth  Micro // beyond what stands: 5 MW for an hour earn 200 at 40
	}{
		"nothing changes":                {WhatIf{}, 5_000_000, 0},
		"power costs more than it earns": {WhatIf{Spot: new(Micro(100_000_000))}, 0, -200_000_000},
		"it costs 20 more":               {WhatIf{Shift: new(Micro(20_000_000))}, 5_000_000, -100_000_000},
		"half the connection":            {WhatIf{Limit: new(int64(2_500_000))}, 2_500_000, -100_000_000},
		"without the group":              {WhatIf{Without: []string{"mining/s21"}}, 0, -200_000_000},
	} {
		var out Compared
		viewer.do(http.MethodPost, "/v1/sites/houston/whatif", c.change).read(t, &out)
		if out.Worth != c.worth || (len(out.Moved) == 1) != (c.would != 5_000_000) || len(out.Moved) == 1 && out.Moved[0].Would != c.would {
			t.Errorf("%s: worth %d, moved %+v, want %d and %d W", sentence, out.Worth, out.Moved, c.worth, c.would)
		}
	}
	if len(p.told) != 0 {
		t.Errorf("the site was told %v", p.told)
	}
}

// TestTurn shows the market of the interval that runs.
func TestTurn(t *testing.T) {
	t.Parallel()
	w, p := heard(t)
	p.change(func(p *plant) { p.plan = fourQuarters(noon, 40*unit.PerMWh) })
	w.hear()
	viewer := w.as(people.Viewer, "houston")
	var v TurnView
	viewer.do(http.MethodGet, "/v1/sites/houston/turns/"+noon.Add(time.Minute).Format(time.RFC3339), nil).read(t, &v)
	if len(v.Offers) != 1 || v.Offers[0].Price != 40_000_000 || len(v.Bids) != 1 || v.Bids[0].Taken != 5_000_000 || *v.Limit != 10_000_000 || v.Delivery != nil {
		t.Errorf("%+v", v)
	}
	if a := viewer.do(http.MethodGet, "/v1/sites/houston/turns/"+noon.Add(-time.Hour).Format(time.RFC3339), nil); a.status != http.StatusConflict && a.status != http.StatusNotFound {
		t.Errorf("a turn that is not kept: %d %s", a.status, a.body)
	}
}
