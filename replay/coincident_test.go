package replay

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/power"
	"sluice/series"
	"sluice/site"
	"sluice/unit"
)

// loaded is a market in Chicago in whole hours whose grid has a load of its own
// from April to November 2025: higher in the afternoon, and higher on some days.
func loaded(t *testing.T, from, to string, rules ...power.CoincidentPeak) *market {
	t.Helper()
	zone, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	s := &Setup{
		Site: site.Site{Zone: zone}, Contracts: power.Contracts{Coincident: rules}, Step: time.Hour,
		From: local(t, from, zone), To: local(t, to, zone),
	}
	g, err := series.GridOver(local(t, "2025-04-01", zone), local(t, "2025-12-01", zone), s.Step)
	if err != nil {
		t.Fatal(err)
	}
	s.Load = series.New[unit.Power](g)
	hot := map[string]unit.Power{"06-10": 900, "06-20": 800, "07-04": 700, "07-21": 950, "08-15": 600, "09-02": 650, "09-09": 500}
	for i := range g.Len() {
		at := g.Start(i).In(zone)
		load := 100 + hot[at.Format("01-02")]
		if at.Hour() == 16 || at.Hour() == 17 { // two hours of a hot day outdo any other day
			load += 50 - unit.Power(at.Hour())
		}
		s.Load.Set(i, load*unit.Megawatt)
	}
	return &market{s: s, grid: s.grid()}
}

// summer is a rule that counts so many intervals in June to September.
func summer(counted int) power.CoincidentPeak {
	return power.CoincidentPeak{
		Name: "cp", Rate: 60_000_000_000, Counted: counted, Interval: time.Hour,
		Window: power.Window{Months: []time.Month{6, 7, 8, 9}}, Watch: power.Watch{Odds: unit.One},
	}
}

func TestCountedIntervals(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		from, to string
		counted  int
		want     []string
	}{
		"four a year are one a month":                         {"2025-05-01", "2025-10-01", 4, []string{"06-10T16", "07-21T16", "08-15T16", "09-02T16"}},
		"eight a year are two a month, on different days":     {"2025-06-01", "2025-08-01", 8, []string{"06-10T16", "06-20T16", "07-04T16", "07-21T16"}},
		"five a year are the five highest days of the season": {"2025-06-01", "2025-10-01", 5, []string{"06-10T16", "06-20T16", "07-04T16", "07-21T16", "09-02T16"}},
		"five a year in a season that is cut short":           {"2025-06-02", "2025-10-01", 5, nil},
		"four a year with June cut short":                     {"2025-06-02", "2025-08-01", 4, []string{"07-21T16"}},
		"a month beyond the window":                           {"2025-05-01", "2025-06-01", 4, nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			m := loaded(t, c.from, c.to, summer(c.counted))
			var got []string
			for _, at := range m.counted(m.s.Contracts.Coincident[0]) {
				got = append(got, at.In(m.s.Site.Zone).Format("01-02T15"))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			said := slices.ContainsFunc(m.edges(), func(n string) bool { return strings.Contains(n, `"cp" is neither watched nor billed`) })
			if said != (c.want == nil) {
				t.Errorf("notes %q", m.edges())
			}
		})
	}
}

// TestCountedKeepsToTerm: before its term a rule counts nothing that the bill
// would refuse.
func TestCountedKeepsToTerm(t *testing.T) {
	t.Parallel()
	k := summer(4)
	m := loaded(t, "2025-06-01", "2025-07-01", k)
	k.Term.From = local(t, "2025-06-15", m.s.Site.Zone)
	got := m.counted(k)
	if len(got) != 1 || !got[0].Equal(local(t, "2025-06-20T16:00", m.s.Site.Zone)) {
		t.Errorf("counted %v", got)
	}
}

// TestOnlyBilledDaysAreWatched: no plan sheds for a charge that is never billed.
func TestOnlyBilledDaysAreWatched(t *testing.T) {
	t.Parallel()
	m := loaded(t, "2025-06-02", "2025-08-01", summer(4))
	for day, want := range map[string]int{"2025-06-10T15:00": 0, "2025-06-30T15:00": 1, "2025-07-10T15:00": 2} {
		if got := len(m.dayLoads(local(t, day, m.s.Site.Zone))); got != want {
			t.Errorf("%s: %d days watched, want %d", day, got, want)
		}
	}
}
