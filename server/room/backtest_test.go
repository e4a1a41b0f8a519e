package room

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/loop/cycle"
	"sluice/people"
	"sluice/replay/report"
	"sluice/unit"
)

// oldFilms replays by what the test says.
type oldFilms struct {
	from, to time.Time
	no       error
	began    chan time.Time
	goOn     chan error
}

// Reach implements Replays.
func (f *oldFilms) Reach(context.Context, string) (from, to time.Time, err error) {
	return f.from, f.to, f.no
}

// Replay implements Replays.
func (f *oldFilms) Replay(ctx context.Context, _ string, from, to time.Time, step func(done, total int)) (Replayed, error) {
	step(1, 2)
	f.began <- from
	select {
	case err := <-f.goOn:
		return replayedOf(from, to), err
	case <-ctx.Done():
		return Replayed{}, context.Cause(ctx)
	}
}

func replayedOf(from, to time.Time) Replayed {
	of := func(id string, net int64) report.Policy {
		return report.Policy{ID: id, Net: unit.Amount(net) * unit.Unit, Energy: 2 * unit.MegawattHour, Executable: id != report.Hindsight}
	}
	r := report.Report{
		Site: report.Site{Name: "houston", Zone: "America/Chicago"}, Period: report.Period{From: from, To: to, Minutes: 15, Currency: "USD"},
		Policies: []report.Policy{of(report.Always, 100), of(report.Sluice, 160), of(report.Hindsight, 200)},
		Sources:  []report.Source{{Name: "/srv/secret/prices.csv", Standing: report.Published}},
		Days:     []report.Day{{Start: from, Net: []unit.Amount{100, 160, 200}}},
		Moments:  []report.Moment{{Start: from.Add(time.Hour), Price: 90 * unit.PerMWh, Net: []unit.Amount{-5, 0, 0}, Power: []unit.Power{5, 0, 0}}},
	}
	r.Capture = report.CaptureOf(r.Policies)
	return Replayed{Report: r, Why: map[int64][]cycle.Reason{from.Add(time.Hour).Unix(): {{Use: "mining/s21", Code: cycle.TooDear, Gain: 5}}}}
}

// filmed is a room with one site, whose history reaches over ten days before noon.
func filmed(t *testing.T) (*world, *oldFilms, string) {
	t.Helper()
	f := &oldFilms{from: noon.Add(-10 * 24 * time.Hour), to: noon.Add(100 * 24 * time.Hour), began: make(chan time.Time, 1), goOn: make(chan error, 1)}
	dir := t.TempDir()
	shelf, err := NewBacktests(dir, f)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(c *Config) { c.Backtests = shelf })
	w.must(w.room.Attach("houston", newPlant(noon)))
	w.hear()
	return w, f, dir
}

// until waits for what happens in another goroutine.
func (g *guest) over(path string) (b Backtest) {
	g.Helper()
	for range 5000 {
		g.do(http.MethodGet, path, nil).read(g.TB, &b)
		if b.State != "running" {
			return b
		}
		<-time.After(time.Millisecond)
	}
	g.Fatal("it runs and runs")
	return b
}

// TestBacktest asks for one, sees it run, and reads what came of it, also after a restart.
func TestBacktest(t *testing.T) {
	t.Parallel()
	w, f, dir := filmed(t)
	viewer := w.as(people.Viewer, "houston")
	const path = "/v1/sites/houston/backtests"
	var list Backtests
	viewer.do(http.MethodGet, path, nil).read(t, &list)
	if !list.Can || list.Busy || list.First != "2026-11-11" || list.Last != "2026-11-19" || len(list.All) != 0 {
		t.Fatalf("%+v", list)
	}
	var b Backtest
	viewer.ok(http.StatusAccepted, http.MethodPost, path, BacktestAsk{First: "2026-11-12", Days: 2}).read(t, &b)
	if from := <-f.began; !from.Equal(time.Date(2026, 11, 12, 6, 0, 0, 0, time.UTC)) || b.State != "running" || b.To.Sub(b.From) != 48*time.Hour {
		t.Fatalf("%v %+v", from, b)
	}
	if a := viewer.do(http.MethodPost, path, BacktestAsk{First: "2026-11-12", Days: 1}); a.status != http.StatusConflict || a.problem().Code != "backtest_runs" {
		t.Errorf("a second one: %d %s", a.status, a.body)
	}
	viewer.do(http.MethodGet, path, nil).read(t, &list)
	if !list.Busy || len(list.All) != 1 || list.All[0].Done != 50 {
		t.Errorf("while it runs: %+v", list)
	}
	f.goOn <- nil
	b = viewer.over(path + "/" + b.ID)
	if b.State != "done" || b.Result == nil || len(b.Result.Policies) != 3 || b.By != "viewer.houston" {
		t.Fatalf("%+v", b)
	}
	mine := b.Result.Policies[1]
	if mine.Net != 160_000_000 || *mine.Regret != 40_000_000 || *mine.PerMWh != 80_000_000 || mine.Gain != 60_000_000 || *mine.Capture != 600_000 {
		t.Errorf("%+v", mine)
	}
	if m := b.Result.Moments[0]; m.Spot != 90_000_000 || len(m.Reasons) != 1 || m.Reasons[0].Code != string(cycle.TooDear) {
		t.Errorf("%+v", m)
	}
	if s := b.Result.Sources; len(s) != 1 || s[0].Name != "prices.csv" {
		t.Errorf("inputs %+v", s)
	}
	again, err := NewBacktests(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if kept, known := again.find("houston", b.ID); !known || kept.Result.Policies[1].Net != 160_000_000 {
		t.Errorf("after a restart: %+v", kept)
	}
	if _, known := again.find("other", b.ID); known {
		t.Error("another site shows it")
	}
	if err := os.WriteFile(filepath.Join(dir, "half.json"), []byte(`{"id":`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewBacktests(dir, nil); err == nil || !strings.Contains(err.Error(), "half.json") {
		t.Errorf("half a file: %v", err)
	}
}

// TestBacktestEnds: who began one ends it, nobody else does; one that fails says why.
func TestBacktestEnds(t *testing.T) {
	t.Parallel()
	w, f, _ := filmed(t)
	viewer, other := w.as(people.Viewer, "houston"), w.as(people.Engineer, "houston")
	const path = "/v1/sites/houston/backtests"
	var b Backtest
	viewer.ok(http.StatusAccepted, http.MethodPost, path, BacktestAsk{First: "2026-11-12", Days: 1}).read(t, &b)
	<-f.began
	if a := other.do(http.MethodDelete, path+"/"+b.ID, nil); a.status != http.StatusNotFound {
		t.Errorf("somebody else ends it: %d", a.status)
	}
	viewer.ok(http.StatusNoContent, http.MethodDelete, path+"/"+b.ID, nil)
	if b = viewer.over(path + "/" + b.ID); b.State != "cancelled" || b.Result != nil {
		t.Errorf("%+v", b)
	}
	viewer.ok(http.StatusAccepted, http.MethodPost, path, BacktestAsk{First: "2026-11-12", Days: 1}).read(t, &b)
	<-f.began
	f.goOn <- errors.New("the file is gone\nand more")
	if b = viewer.over(path + "/" + b.ID); b.State != "failed" || b.Why != "the file is gone" {
		t.Errorf("%+v", b)
	}
}

// TestBacktestRefused: days that are no history are refused, and nothing runs.
func TestBacktestRefused(t *testing.T) {
	t.Parallel()
	w, f, _ := filmed(t)
	viewer := w.as(people.Viewer, "houston")
	const path = "/v1/sites/houston/backtests"
	for sentence, q := range map[string]BacktestAsk{
		"before it begins": {"2026-11-10", 2}, "a day that runs": {"2026-11-20", 1}, "beyond now": {"2026-11-18", 4}, "no day": {"2026-02-31", 1}, "too many": {"2026-11-12", 40}, "none": {"2026-11-12", 0},
	} {
		if a := viewer.do(http.MethodPost, path, q); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", sentence, a.status, a.body)
		}
	}
	f.no = ErrNoHistory
	if a := viewer.do(http.MethodPost, path, BacktestAsk{"2026-11-12", 1}); a.status != http.StatusConflict || a.problem().Code != "no_history" {
		t.Errorf("without history: %d %s", a.status, a.body)
	}
	var list Backtests
	viewer.do(http.MethodGet, path, nil).read(t, &list)
	if list.Can || list.First != "" {
		t.Errorf("%+v", list)
	}
}

// TestBacktestsGo: the oldest go where there are too many.
func TestBacktestsGo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := NewBacktests(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range backtestsKept + 3 {
		if err := s.Keep("houston", "old-"+itoa(i), noon.Add(time.Duration(i)*time.Hour), replayedOf(noon, noon.Add(24*time.Hour))); err != nil {
			t.Fatal(err)
		}
	}
	all, busy := s.of("houston")
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || busy || len(all) != backtestsKept || len(files) != backtestsKept || all[0].ID != "old-62" || all[0].Result != nil {
		t.Errorf("%d on the shelf, %d files, %v", len(all), len(files), err)
	}
}
