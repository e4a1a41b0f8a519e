package room

import (
	"net/http"
	"testing"
	"time"

	"sluice/live"
	"sluice/people"
	"sluice/site"
	"sluice/unit"
)

// quarters are metered intervals of a quarter of an hour from an instant on; each drew
// 1,000 J by the meter, 600 of them by a use.
func quarters(from time.Time, n int) []live.TurnRow {
	out := make([]live.TurnRow, n)
	for i := range out {
		out[i] = live.TurnRow{
			Start: from.Add(time.Duration(i) * 15 * time.Minute), Seconds: 900, Metered: true, Settled: true, Import: 1000, Source: "meter",
			Uses: []live.TurnUse{{Use: "mining/s21", Energy: 600}},
		}
	}
	return out
}

// TestBalanceCountsIntervals: a day has as many intervals as its clocks give it, and what
// is missing, estimated or too long is counted and named.
func TestBalanceCountsIntervals(t *testing.T) {
	t.Parallel()
	chicago, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	local := func(text string) time.Time {
		at, err := time.ParseInLocation("2006-01-02 15:04", text, chicago)
		if err != nil {
			t.Fatal(err)
		}
		return at.UTC()
	}
	for sentence, c := range map[string]struct {
		now  string
		rows []live.TurnRow
		want BalanceDay // counts alone
		gaps int
	}{
		"a usual day":             {"2025-03-05 00:00", quarters(local("2025-03-04 00:00"), 96), BalanceDay{Hours: 24, Whole: 96, Due: 96, Metered: 96, Settled: 96}, 0},
		"clocks go forward":       {"2025-03-10 00:00", quarters(local("2025-03-09 00:00"), 92), BalanceDay{Hours: 23, Whole: 92, Due: 92, Metered: 92, Settled: 92}, 0},
		"clocks go back":          {"2025-11-03 00:00", quarters(local("2025-11-02 00:00"), 100), BalanceDay{Hours: 25, Whole: 100, Due: 100, Metered: 100, Settled: 100}, 0},
		"an hour is missing":      {"2025-03-05 00:00", append(quarters(local("2025-03-04 00:00"), 40), quarters(local("2025-03-04 11:00"), 52)...), BalanceDay{Hours: 24, Whole: 96, Due: 96, Metered: 92, Missing: 4, Settled: 92}, 1},
		"the end is missing":      {"2025-03-05 00:00", quarters(local("2025-03-04 00:00"), 90), BalanceDay{Hours: 24, Whole: 96, Due: 96, Metered: 90, Missing: 6, Settled: 90}, 1},
		"the day runs":            {"2025-03-04 06:07", quarters(local("2025-03-04 00:00"), 24), BalanceDay{Hours: 24, Whole: 96, Due: 24, Metered: 24, Settled: 24}, 0},
		"it began within the day": {"2025-03-05 00:00", quarters(local("2025-03-04 12:00"), 48), BalanceDay{Hours: 24, Whole: 96, Due: 48, Metered: 48, Settled: 48}, 0},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			now := local(c.now)
			count := counter{step: 15 * time.Minute, now: now, house: new(int64(0))}
			day := series24(t, c.rows[0].Start, chicago)
			got := count.day(day, c.rows)
			if len(got.Gaps) != c.gaps || got.Hours != c.want.Hours || got.Whole != c.want.Whole || got.Due != c.want.Due || got.Metered != c.want.Metered || got.Missing != c.want.Missing || got.Settled != c.want.Settled {
				t.Errorf("%+v, want %+v and %d gaps", got, c.want, c.gaps)
			}
			if n := int64(len(c.rows)); int64(got.Import) != 1000*n || got.Residual == nil || int64(*got.Residual) != 400*n {
				t.Errorf("import %d, residual %v", got.Import, got.Residual)
			}
		})
	}
}

// TestBalanceMarks: what machines state is an estimate, and what a meter tells of several
// intervals together is neither missing nor of one.
func TestBalanceMarks(t *testing.T) {
	t.Parallel()
	begin := time.Date(2025, 3, 4, 0, 0, 0, 0, time.UTC)
	rows := quarters(begin, 96)
	rows[3].Source = live.StatedByMachines
	rows[10].Seconds = 2700 // it tells of the two after it too
	rows = append(rows[:11], rows[13:]...)
	got := counter{step: 15 * time.Minute, now: begin.Add(24 * time.Hour)}.day(series24(t, begin, time.UTC), rows)
	if got.Estimated != 1 || got.Odd != 1 || got.Metered != 92 || got.Missing != 2 || len(got.Gaps) != 0 || got.Residual != nil || got.House != nil {
		t.Errorf("%+v", got)
	}
}

// TestBalance reads it as somebody who may look.
func TestBalance(t *testing.T) {
	t.Parallel()
	w, _ := remembering(t)
	p := newPlant(noon)
	p.turns = quarters(noon.Add(-30*time.Hour), 120)
	p.status.MustRun = new(unit.Power)
	p.status.Meters = append(p.status.Meters,
		live.MeterStatus{Name: "f1", Of: "north", Kind: site.FeederMeter, Power: 3 * unit.Megawatt, Known: true, At: noon},
		live.MeterStatus{Name: "f2", Of: "south", Kind: site.FeederMeter, Power: 3 * unit.Megawatt, Known: true, At: noon},
		live.MeterStatus{Name: "h1", Of: "hall", Kind: site.HallMeter, Power: unit.Megawatt, Known: true, At: noon})
	p.status.Uses = []live.UseStatus{{Use: "mining/s21", Draw: 5 * unit.Megawatt}}
	w.must(w.room.Attach("houston", p))
	w.hear()
	var got Balance
	w.as(people.Viewer, "houston").do(http.MethodGet, "/v1/sites/houston/balance?days=3", nil).read(t, &got)
	if len(got.Days) != 2 || got.Days[0].Due != 24 || got.Days[1].Due != 96 || got.Days[1].Metered != 96 || *got.Days[1].Residual != 38_400 {
		t.Fatalf("%+v", got.Days)
	}
	if got.Sums.Revenue == nil || *got.Sums.Revenue != 7_000_000 || *got.Sums.Feeders != 6_000_000 || *got.Sums.Machines != 5_000_000 || got.Sums.Halls != nil || *got.Sums.Devices != 5_000_000 {
		t.Errorf("%+v", got.Sums)
	}
	p.change(func(p *plant) {
		p.status.Meters[2].Known = false
		p.status.Halls = []live.HallStatus{{Hall: "gpu", Power: unit.Megawatt}} // never heard
	})
	w.hear()
	var after Balance
	w.as(people.Viewer, "houston").do(http.MethodGet, "/v1/sites/houston/balance", nil).read(t, &after)
	if after.Sums.Feeders != nil || after.Sums.Devices != nil || after.Sums.Halls != nil || after.Meters[2].Power != nil {
		t.Errorf("a meter that is not known counts: %+v %+v", after.Sums, after.Meters[2])
	}
	if a := w.as(people.Viewer, "houston").do(http.MethodGet, "/v1/sites/houston/balance?days=90", nil); a.status != http.StatusUnprocessableEntity {
		t.Errorf("too many days: %d", a.status)
	}
}
