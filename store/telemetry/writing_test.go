package telemetry

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"sluice/device"
	"sluice/unit"
)

func TestAbsentIsNoSample(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	db := open(t, c, "")
	b := db.Batch()
	b.Unit(UnitSample{Unit: Unit{Site: "houston", Name: "10.20.1.1"}, At: noon, Power: device.Stated(unit.Power(0))})
	commit(t, b)
	if got := number(t, db, `sluice_machine_power_watts`, noon); got != "0" {
		t.Errorf("a stated zero is %q", got)
	}
	if got := number(t, db, `count({machine="10.20.1.1"})`, noon); got != "2" {
		t.Errorf("%s series of a machine that states only its power, want it and up", got)
	}
}

func TestWhatIsStatedNoLongerEndsAtOnce(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	db := open(t, c, "")
	b := db.Batch()
	for n := range 3 {
		b.Unit(machine(n, noon, 1000))
	}
	commit(t, b)
	at := noon.Add(30 * time.Second)
	c.at = at
	hidden := machine(0, at, 1000)
	hidden.Power.Known = false
	b.Unit(hidden)
	b.Silent(machine(1, at, 0).Unit, at)
	b.Silent(Unit{Site: "houston", Name: "never seen"}, at)
	commit(t, b)
	for query, want := range map[string]string{
		`sluice_machine_power_watts{machine="10.20.1.0"}`:                      "",      // states it no longer
		`sluice_machine_chip_celsius{machine="10.20.1.0"}`:                     "61.25", // still states it
		`sluice_machine_power_watts{machine="10.20.1.1"}`:                      "",      // silent
		`sluice_machine_up{machine="10.20.1.1",hall="B"}`:                      "0",
		`sluice_machine_up{machine="never seen"}`:                              "0",
		`sluice_machine_power_watts{machine="10.20.1.2"}`:                      "1000", // not named: stands for five minutes
		`sum(sluice_machine_power_watts)`:                                      "1000",
		`sum(sluice_machine_power_watts offset 10s)`:                           "3000",
		`count_over_time(sluice_machine_power_watts{machine="10.20.1.1"}[1m])`: "1",
	} {
		if got := number(t, db, query, at.Add(time.Second)); got != want {
			t.Errorf("%s is %q, want %q", query, got, want)
		}
	}
	if got := number(t, db, `sum(sluice_machine_power_watts)`, noon.Add(7*time.Minute)); got != "" {
		t.Errorf("a machine that is named no more still draws %s after seven minutes", got)
	}
}

func TestTimesThatCannotBe(t *testing.T) {
	t.Parallel()
	for sentence, s := range map[string]struct {
		at     time.Duration // against the clock
		reason Reason
		stored bool // something that was not there before
	}{
		"the same instant again":        {0, Duplicate, false},
		"a clock that stepped back":     {-10 * time.Minute, "", true},
		"an hour late is taken":         {-time.Hour, "", true},
		"later than the window":         {-8 * 24 * time.Hour, TooOld, false},
		"a minute ahead is believed":    {time.Minute, "", true},
		"a clock a day ahead":           {24 * time.Hour, Ahead, false}, // becomes now, where a sample is
		"without an instant":            {-1 << 63, NoTime, false},
		"half a second after the last":  {500 * time.Millisecond, "", true},
		"a thousandth before the last":  {-time.Millisecond, "", true},
		"within the same thousandth":    {500 * time.Microsecond, Duplicate, false},
		"a little more than seven days": {-7*24*time.Hour - time.Second, TooOld, false},
		"a little less than seven days": {-7*24*time.Hour + time.Second, "", true},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			c := &clock{noon}
			db := open(t, c, "")
			b := db.Batch()
			b.Unit(machine(0, noon, 1000))
			commit(t, b)
			at := noon.Add(s.at)
			if s.reason == NoTime {
				at = time.Time{}
			}
			b.Unit(machine(0, at, 2000))
			commit(t, b)
			got := db.Counts()
			if s.reason != "" && got.Noted[s.reason] == 0 {
				t.Errorf("not counted as %s: %+v", s.reason, got)
			}
			if stored := got.Samples > machineSeries; stored != s.stored {
				t.Errorf("stored: %v, want %v: %+v", stored, s.stored, got)
			}
			c.at = noon.Add(30 * time.Second)
			b.Unit(machine(0, c.at, 3000))
			commit(t, b)
			if got := number(t, db, `sluice_machine_power_watts`, noon.Add(2*time.Minute)); got != "3000" && s.at != time.Minute {
				t.Errorf("the next round is locked out: %q", got)
			}
		})
	}
}

// TestNothingIsLostUncounted: whatever times and names come, a round succeeds,
// and every sample is either stored or counted as dropped.
func TestNothingIsLostUncounted(t *testing.T) {
	t.Parallel()
	dir, n := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		c := &clock{noon}
		db, err := Open(t.Context(), fmt.Sprintf("%s/%d", dir, n), Options{Now: c.now, LeastFree: 1, MaxUnits: 3, MaxSeries: 40})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		b, given := db.Batch(), uint64(0)
		for range rapid.IntRange(1, 5).Draw(t, "rounds") {
			c.at = c.at.Add(time.Duration(rapid.Int64Range(-1e12, 1e12).Draw(t, "step")))
			for range rapid.IntRange(0, 6).Draw(t, "machines") {
				s := machine(0, c.at.Add(time.Duration(rapid.Int64Range(-1e15, 1e15).Draw(t, "off"))), 1000)
				s.Name = rapid.SampledFrom([]string{"a", "b", "\xff", "d", strings.Repeat("é", 300)}).Draw(t, "name")
				b.Unit(s)
				given += machineSeries
			}
			if err := b.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		got := db.Counts()
		all := got.Samples
		for r, n := range got.Noted {
			switch {
			case r.Kept():
			case r == UnitLimit: // counted once for a machine
				all += n * machineSeries
			default:
				all += n
			}
		}
		if all != given {
			t.Errorf("%d of %d samples are accounted for: %+v", all, given, got)
		}
	})
}

func TestHostileText(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct{ in, want string }{
		"plain":                 {"Antminer S21 (200T)", "Antminer S21 (200T)"},
		"empty":                 {"", ""},
		"spaces around":         {"  S21 ", "S21"},
		"no UTF-8":              {"S21\xff\xfe", "S21\uFFFD"},
		"a line break":          {"S21\nup 1", "S21\uFFFDup 1"},
		"a zero byte":           {"S\x00", "S\uFFFD"},
		"text turned round":     {"\u202eS21", "\uFFFDS21"},
		"quotes stay":           {`S"21\`, `S"21\`},
		"long":                  {strings.Repeat("x", 1<<20), strings.Repeat("x", 128)},
		"long, of wide letters": {strings.Repeat("é", 100), strings.Repeat("é", 64)},
		"cut within a letter":   {"x" + strings.Repeat("é", 100), "x" + strings.Repeat("é", 63)},
		"Arabic stays":          {"قاعة", "قاعة"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if got := clean(c.in); got != c.want {
				t.Errorf("%q becomes %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "S21", "\xff", strings.Repeat("é", 70), "a\u200db", " \xf0\x9f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := clean(s)
		if !utf8.ValidString(got) || len(got) > labelBytes || strings.ContainsAny(got, "\x00\n\r\x7f") {
			t.Errorf("%q becomes %q", s, got)
		}
		if again := clean(got); again != got {
			t.Errorf("cleaning twice makes %q of %q", again, got)
		}
	})
}

// TestAMachineThatChangesItsModelEachTime must not make series without end.
func TestAMachineThatChangesItsModelEachTime(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	db := open(t, c, "")
	b := db.Batch()
	for range 110 { // 55 minutes
		s := machine(0, c.at, 1000)
		s.Model = "model " + c.at.String()
		b.Unit(s)
		commit(t, b)
		if got := number(t, db, `count(sluice_machine_power_watts)`, c.at); got != "1" {
			t.Fatalf("%s machines draw power after %s", got, c.at.Sub(noon))
		}
		c.at = c.at.Add(30 * time.Second)
	}
	got := db.Counts()
	if got.Series != (1+changesPerHour)*machineSeries || got.Noted[Held] != 110-1-changesPerHour {
		t.Errorf("%+v", got)
	}
	if got.Samples < 110*machineSeries {
		t.Errorf("values were lost: %+v", got)
	}
}

func TestLimitsOfWriting(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	db := open(t, c, "", func(o *Options) { o.MaxUnits, o.MaxSeries = 2, machineSeries+3 })
	b := db.Batch()
	for n := range 3 {
		b.Unit(machine(n, noon, 1000))
	}
	b.Unit(UnitSample{Unit: Unit{Site: "houston", Name: "\n \t"}, At: noon})
	b.Unit(UnitSample{Unit: Unit{Name: "10.20.1.9"}, At: noon})
	commit(t, b)
	got := db.Counts()
	if got.Noted[UnitLimit] != 1 || got.Noted[SeriesLimit] != machineSeries-3 || got.Samples != machineSeries+3 || got.Noted[BadLabel] != 2 {
		t.Errorf("%+v", got)
	}
	c.at = noon.Add(3 * time.Hour)
	commit(t, b)
	if got := db.Counts(); got.Machines != 2 {
		t.Errorf("counted before forgetting: %d", got.Machines)
	}
	commit(t, b)
	if got := db.Counts(); got.Machines != 0 {
		t.Errorf("%d machines are remembered three hours later", got.Machines)
	}
}

func TestSumsAreChecked(t *testing.T) {
	t.Parallel()
	for sentence, s := range map[string]struct {
		metric Metric
		value  float64
		labels []Label
		reason Reason
	}{
		"a sum":                        {SitePower, -3e6, []Label{{"site", "houston"}}, ""},
		"an empty label is left out":   {UsePower, 1, []Label{{"site", "houston"}, {"use", ""}}, ""},
		"labels in any order":          {UsePower, 1, []Label{{"use", "export"}, {"site", "houston"}}, ""},
		"without a site":               {SitePower, 1, nil, BadLabel},
		"a site without a name":        {SitePower, 1, []Label{{"site", " "}}, BadLabel},
		"a label that it has not":      {SitePower, 1, []Label{{"site", "houston"}, {"use", "export"}}, BadLabel},
		"a label twice":                {SitePower, 1, []Label{{"site", "houston"}, {"site", "austin"}}, BadLabel},
		"the name as a label":          {SitePower, 1, []Label{{"site", "houston"}, {"__name__", "up"}}, BadLabel},
		"no metric of ours":            {"up", 1, []Label{{"site", "houston"}}, BadMetric},
		"a machine's metric":           {MachinePower, 1, []Label{{"site", "houston"}}, BadMetric},
		"no number":                    {SitePrice, nan(), []Label{{"site", "houston"}, {"currency", "USD"}}, NotFinite},
		"a price may be below nothing": {SitePrice, -250, []Label{{"site", "houston"}, {"currency", "USD"}}, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			c := &clock{noon}
			db := open(t, c, "")
			b := db.Batch()
			b.Site(s.metric, noon, s.value, s.labels...)
			commit(t, b)
			got := db.Counts()
			if s.reason != "" && got.Noted[s.reason] != 1 || (s.reason == "") != (got.Samples == 1) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestABatchIsUsedAgain(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	db := open(t, c, "")
	b := db.Batch()
	b.Unit(machine(0, noon, 1000))
	commit(t, b)
	commit(t, b)
	if got := db.Counts(); got.Samples != machineSeries || got.Noted[Duplicate] != 0 {
		t.Errorf("a committed batch is written again: %+v", got)
	}
}
