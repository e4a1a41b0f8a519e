package live

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sluice/loop/forecast"
	"sluice/unit"
)

// TestInstructionList: what was ordered is found again as it was entered, with its end.
func TestInstructionList(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	ctx := t.Context()
	if all, err := w.remote.Instructions(ctx, laneBegin.Add(-time.Hour)); err != nil || len(all.Steps) != 0 || all.Steps == nil {
		t.Fatalf("before anything was ordered: %+v, %v", all, err)
	}
	until := laneBegin.Add(2 * time.Hour)
	if _, err := w.remote.Act(ctx, "lock", Request{By: "ann", Machine: w.name(0), Limit: 0, Reason: "to be cleaned"}); err != nil {
		t.Fatal(err) // another record of a person
	}
	if _, err := w.remote.Act(ctx, "instruct", Request{By: "ann", Limit: 7 * unit.Kilowatt, Until: until}); err != nil {
		t.Fatal(err)
	}
	all, err := w.remote.Instructions(ctx, laneBegin.Add(-time.Hour))
	if err != nil || len(all.Steps) != 2 {
		t.Fatalf("%+v, %v", all, err)
	}
	cut, end := all.Steps[0], all.Steps[1]
	if cut.By != "ann" || cut.Limit != 7*unit.Kilowatt || cut.Free || cut.Group != w.site.core.groups[0].Name || cut.From.Before(laneBegin) || cut.From.After(all.Now) {
		t.Errorf("the cut: %+v", cut)
	}
	if !end.Free || !end.From.Equal(until) {
		t.Errorf("its end: %+v", end)
	}
	if later, err := w.remote.Instructions(ctx, all.Now.Add(time.Hour)); err != nil || len(later.Steps) != 0 {
		t.Errorf("entered later: %+v, %v", later, err)
	}
	rec := httptest.NewRecorder()
	w.site.Handler().ServeHTTP(rec, httptest.NewRequestWithContext(ctx, http.MethodGet, "/instructions?from=yesterday", nil))
	if text, _ := io.ReadAll(rec.Body); rec.Code != http.StatusBadRequest || !strings.Contains(string(text), "give an instant") {
		t.Errorf("no instant: %d %s", rec.Code, text)
	}
	if _, err := Dial(brief(t)).Instructions(ctx, laneBegin); !errors.Is(err, ErrAway) {
		t.Errorf("nobody there: %v", err)
	}
}

// TestScoresOfForecasts: the newest papers say how the forecasts did on what the site was told.
func TestScoresOfForecasts(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	desk, err := forecast.New(forecast.Config{Step: paperStep, Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 300 {
		if err := desk.Publish(laneBegin.Add(time.Duration(i-300)*paperStep), unit.Price(30+i%7)*unit.PerMWh); err != nil {
			t.Fatal(err)
		}
	}
	x := w.turnOf(laneBegin)
	p := papersOf(&x, false)
	p.Scores = desk.Errors()
	if err := w.site.Do(t.Context(), func(c *Core, _ time.Time) { c.publish(p) }); err != nil {
		t.Fatal(err)
	}
	got, _, err := w.remote.Plan(t.Context(), 0)
	if err != nil || len(got.Scores) == 0 {
		t.Fatalf("%d scores, %v", len(got.Scores), err)
	}
	if s := got.Scores[0]; s.Model != forecast.Persistence || s.Band != forecast.Next || s.N != 299 || s.MAE <= 0 {
		t.Errorf("%+v", s)
	}
}
