package curtail

import (
	"slices"
	"testing"
	"time"

	"sluice/engine"
	"sluice/unit"
	"sluice/use/hosting"
)

// newRanked is a hall with jobs of known loss, one on each node: two of spot that saved
// long ago and lately, one whose watts are dear, one that nobody reads, one of nobody,
// and one of a firm tenant and one on demand.
func newRanked(tb testing.TB) *plant {
	tb.Helper()
	p := newPlant(tb, 7, 1)
	p.jobs = nil
	p.cfg.Tenancies = append(p.cfg.Tenancies, NewTenancy(contract("open", hosting.OnDemand, 8, 10), "open", steady()))
	for i, w := range []struct {
		id, contract string
		draw         unit.Power
		saved        time.Duration
	}{
		{"firm", "firm", 600, time.Minute},
		{"late", "spot-b", 600, 4 * time.Hour},
		{"lately", "spot-b", 600, time.Minute},
		{"idle", "spot-b", 100, time.Minute},
		{"mute", "spot-b", 600, time.Minute},
		{"stranger", "nobody", 600, time.Minute},
		{"open", "open", 600, time.Minute},
	} {
		j := p.run(w.id, w.contract, w.draw, p.nodes[i].Name)
		j.Saved = p.now.Add(-w.saved)
	}
	p.mute[p.nodes[4].Name] = true
	return p
}

func (p *plant) ranking(last ...string) []string {
	p.tb.Helper()
	out, err := Ranking(p.cfg, last, p.now, p.view(), p.readings())
	if err != nil {
		p.tb.Fatal(err)
	}
	return out
}

// TestRanking: the cheapest watt comes first, firm tenants last, and who is of nobody
// not at all.
func TestRanking(t *testing.T) {
	t.Parallel()
	p := newRanked(t)
	// mute counts at its planning watts, 7.2 kW: less of a loss for each than lately with 4.2 kW measured.
	want := []string{"mute", "lately", "late", "idle", "firm", "open"}
	got := p.ranking()
	if !slices.Equal(got[:4], want[:4]) || len(got) != 6 || slices.Contains(got, "stranger") {
		t.Errorf("%v, want %v", got, want)
	}
	for _, firm := range []string{"firm", "open"} {
		if !slices.Contains(got[4:], firm) {
			t.Errorf("%s is not among the last of %v", firm, got)
		}
	}
	p.job("mute").Watts = 0
	if got := p.ranking(); got[3] != "mute" {
		t.Errorf("%v: a job whose price nobody knows comes after those with one, and before firm tenants", got)
	}
	p.job("late").State = engine.Stopping
	if got := p.ranking(); slices.Contains(got, "late") {
		t.Errorf("%v: a job that stops is ranked", got)
	}
}

// TestRankingIsCalm: jobs whose power goes up and down by a twentieth keep their
// places, and one that saves is the cheapest at once.
func TestRankingIsCalm(t *testing.T) {
	t.Parallel()
	p := newPlant(t, 16, 5)
	usual := map[string]unit.Power{}
	for _, w := range p.jobs {
		usual[w.ID] = w.draw
		w.Saved = p.now.Add(-2 * time.Hour)
	}
	moved, nervous, last := 0, 0, p.ranking()
	sorted := last
	for range 60 {
		p.pass(time.Minute)
		for _, w := range p.jobs {
			w.draw = usual[w.ID] + usual[w.ID]*unit.Power(p.seed.IntN(11)-5)/100
		}
		if now := p.ranking(last...); !slices.Equal(now, last) {
			moved++
			last = now
		}
		if now := p.ranking(); !slices.Equal(now, sorted) {
			nervous++
			sorted = now
		}
	}
	t.Logf("%d jobs, 60 looks: the order changed %d times, and would have %d times", len(last), moved, nervous)
	if moved > 2 || nervous < 30 {
		t.Errorf("the order of %d jobs changed %d times in an hour, %d times where the last one does not count", len(last), moved, nervous)
	}
	saves := last[3]
	p.job(saves).Saved = p.now
	if now := p.ranking(last...); slices.Index(now, saves) >= 3 {
		t.Errorf("%s has just saved and stands in %v", saves, now)
	}
}

// TestRankingOfNewcomers: who comes finds its place, and nobody else moves.
func TestRankingOfNewcomers(t *testing.T) {
	t.Parallel()
	p := newRanked(t)
	all := p.ranking()
	for i, comes := range all {
		before := slices.Delete(slices.Clone(all), i, i+1)
		if got := p.ranking(append([]string{"ended"}, before...)...); !slices.Equal(got, all) {
			t.Errorf("%s comes to %v: %v, want %v", comes, before, got, all)
		}
	}
	turned := slices.Clone(all)
	slices.Reverse(turned)
	if got := p.ranking(turned...); !slices.Equal(got, all) {
		t.Errorf("a wrong order stands: %v, want %v", got, all)
	}
}
