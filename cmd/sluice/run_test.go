package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/replay/report"
)

// asProgram is the variable that makes the test's own binary the program, so that
// a test can kill it.
const asProgram = "SLUICE_TEST_PROGRAM"

// TestMain gives all tests one cache, so that the solver is compiled once, and a
// place of their own for the claims of sites.
func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	dir, err := os.MkdirTemp("", "sluice-cmd-")
	for _, name := range []string{"SLUICE_CACHE", "XDG_CACHE_HOME"} {
		if err == nil {
			err = os.Setenv(name, dir)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// call runs the program as a person would.
func call(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

var march = time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)

// rows writes n intervals of a step as CSV; change may rewrite a row or return
// none or several.
func rows(n int, step time.Duration, change func(i int, row string) []string) string {
	var b strings.Builder
	b.WriteString("time,price\n")
	for i := range n {
		row := march.Add(time.Duration(i)*step).Format("2006-01-02T15:04:05Z") + ",30"
		lines := []string{row}
		if change != nil {
			lines = change(i, row)
		}
		for _, l := range lines {
			b.WriteString(l + "\n")
		}
	}
	return b.String()
}

// quarters is three days by quarter hours in which row 50 is changed.
func quarters(change func(row string) []string) string {
	return rows(3*96, 15*time.Minute, func(i int, row string) []string {
		if i == 50 {
			return change(row)
		}
		return []string{row}
	})
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestBadPrices: each fault of a price file gives one clear sentence that names
// the file, the line where there is one, and the remedy; exit code 2; and no
// report is left as if it were whole.
func TestBadPrices(t *testing.T) {
	t.Parallel()
	const second = "2025-03-01T12:30:00Z"
	for sentence, c := range map[string]struct {
		text string
		args []string
		says []string
	}{
		"a gap":                        {quarters(func(string) []string { return nil }), nil, []string{"prices.csv:52:", "there is no row", "declare a fill policy"}},
		"a stamp twice":                {quarters(func(r string) []string { return []string{r, second + ",31"} }), nil, []string{"prices.csv:53:", "given twice", "line 52", "keep the right row"}},
		"rows out of order":            {quarters(func(r string) []string { return []string{"2025-03-01T13:00:00Z,30", r} }), nil, []string{"prices.csv:53:", "not in order", "sort the file"}},
		"NaN":                          {quarters(func(string) []string { return []string{second + ",NaN"} }), nil, []string{"prices.csv:52:", "has no value", "fill policy"}},
		"not a number":                 {quarters(func(string) []string { return []string{second + ",thirty"} }), nil, []string{"prices.csv:52:", "thirty"}},
		"an empty file":                {"", nil, []string{"prices.csv: the file is empty", "give a file"}},
		"a header alone":               {"time,price\n", nil, []string{"prices.csv: there is a header but no row", "give a file"}},
		"a column that is not there":   {quarters(one), []string{"--price-column", "lmp"}, []string{"prices.csv:1:", `no column "lmp"`, `"price"`}},
		"another currency":             {quarters(one), []string{"--currency", "EUR"}, []string{"prices.csv", "in EUR", "in USD", "--fx"}},
		"the column says EUR":          {strings.Replace(quarters(one), "price", "price_eur_per_mwh", 1), nil, []string{"prices.csv:1:", "EUR", "USD"}},
		"a zone that does not exist":   {quarters(one), []string{"--zone", "Mars/Olympus"}, []string{"--zone", "Mars/Olympus", "IANA"}},
		"a fill that does not exist":   {quarters(func(string) []string { return nil }), []string{"--fill", "guess"}, []string{"guess", "hold-last"}},
		"a rate that is no number":     {quarters(one), []string{"--currency", "EUR", "--fx", "x"}, []string{"--fx", "1.08"}},
		"an interval of seven minutes": {quarters(one), []string{"--interval", "7m"}, []string{"7m", "15m"}},
		"a period upside down":         {quarters(one), []string{"--from", "2025-03-03", "--to", "2025-03-02"}, []string{"the period", "--to names the day after the last"}},
		"a period without prices":      {quarters(one), []string{"--from", "2025-06-01", "--to", "2025-06-02"}, []string{"prices cover", "--from"}},
		"a lag of nothing":             {quarters(one), []string{"--lag", "0"}, []string{"lag 0", "use 1 or more"}},
		"a language that is not there": {quarters(one), []string{"--language", "la"}, []string{"--language", "pt"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			page := filepath.Join(t.TempDir(), "report.html")
			args := append([]string{"replay", "--site", "houston", "--prices", write(t, "prices.csv", c.text), "--html", page, "--json", "--run", t.TempDir()}, c.args...)
			code, out, errs := call(t, args...)
			refused(t, code, out, errs, c.says)
			left, err := os.ReadDir(filepath.Dir(page))
			if err != nil || len(left) > 0 {
				t.Errorf("left behind: %v %v", left, err)
			}
		})
	}
}

func one(row string) []string { return []string{row} }

// refused checks that bad input ended in exit code 2 and one message.
func refused(t *testing.T, code int, out, errs string, says []string) {
	t.Helper()
	if code != exitBadInput {
		t.Errorf("exit code %d, want %d", code, exitBadInput)
	}
	if out != "" {
		t.Errorf("half a report was printed: %.200s", out)
	}
	if n := strings.Count(errs, "\n"); n != 1 || !strings.HasPrefix(errs, "sluice: ") {
		t.Errorf("%d lines instead of one message:\n%s", n, errs)
	}
	for _, want := range says {
		if !strings.Contains(errs, want) {
			t.Errorf("%q is missing in: %s", want, errs)
		}
	}
}

// TestBadSites: a site file that makes no sense is refused with every fault, one
// a line, each with file, line and remedy.
func TestBadSites(t *testing.T) {
	t.Parallel()
	_, houston, _ := call(t, "site", "example", "houston")
	for sentence, c := range map[string]struct {
		old, with string
		says      []string
	}{
		"must-run load above the connection": {"must_run_mw: 0.8", "must_run_mw: 80", []string{"site.yaml:", "must-run load 80.000 MW is larger than the connection", "raise the import limit"}},
		"a machine nobody makes":             {"model: Antminer S21 200", "model: Antminer S99", []string{"site.yaml:", `"Antminer S99" is not in the catalogue`, "did you mean"}},
		"a key that is not there":            {"must_run_mw: 0.8", "must_runs_mw: 0.8", []string{"site.yaml:", `"must_runs_mw"`, "must_run_mw"}},
		"a curve that does not rise": {"groups:", `models:
  - name: Own
    cooling: air
    hashrate_ths: 200
    power_w: 3500
    curves:
      - points:
          - {label: a, power_w: 3000, hashrate_ths: 180}
          - {label: b, power_w: 3500, hashrate_ths: 170}
groups:`, []string{"site.yaml:", "does not rise"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			path := write(t, "site.yaml", strings.Replace(houston, c.old, c.with, 1))
			code, out, errs := call(t, "site", "check", path)
			if code != exitBadInput || out != "" {
				t.Errorf("exit code %d, printed %q", code, out)
			}
			for line := range strings.Lines(errs) {
				if !strings.HasPrefix(line, "sluice: ") || !strings.Contains(line, "site.yaml") {
					t.Errorf("a line without program or file: %s", line)
				}
			}
			for _, want := range c.says {
				if !strings.Contains(errs, want) {
					t.Errorf("%q is missing in: %s", want, errs)
				}
			}
			code, _, _ = call(t, "replay", "--site", path)
			if code != exitBadInput {
				t.Errorf("replay ends with %d", code)
			}
		})
	}
}

// replayed runs a day of a price file and returns its report.
func replayed(t *testing.T, text string, args ...string) report.Report {
	t.Helper()
	args = append([]string{"replay", "--site", "houston", "--prices", write(t, "prices.csv", text), "--json", "--run", t.TempDir(), "--threads", "1"}, args...)
	code, out, errs := call(t, args...)
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	r, err := report.Read(strings.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func pricesOf(t *testing.T, r report.Report) report.Source {
	t.Helper()
	for _, s := range r.Sources {
		if s.Role == report.PriceRole {
			return s
		}
	}
	t.Fatal("the report names no prices")
	return report.Source{}
}

// TestDeclaredFill: holes are filled when a policy says how, and counted.
func TestDeclaredFill(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("SKIPPED by -short: it replays whole days")
	}
	day := []string{"--from", "2025-03-02T00:00:00Z", "--to", "2025-03-02T02:00:00Z"}
	for sentence, c := range map[string]struct {
		text   string
		fill   string
		filled int
	}{
		"a missing row held":         {quarters(func(string) []string { return nil }), "hold-last", 1},
		"a NaN held":                 {quarters(func(string) []string { return []string{"2025-03-01T12:30:00Z,NaN"} }), "hold-last", 1},
		"hours that become quarters": {hoursThenQuarters(), "", 0},
		"the same file with a hole":  {strings.Replace(hoursThenQuarters(), "2025-03-02T13:15:00Z,30\n", "", 1), "same-hour-day", 1},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			args := day
			if c.fill != "" {
				args = append([]string{"--fill", c.fill}, day...)
			}
			r := replayed(t, c.text, args...)
			s := pricesOf(t, r)
			if s.Filled != c.filled || c.filled > 0 && !strings.Contains(s.Note, c.fill) {
				t.Errorf("filled %d with note %q, want %d by %q", s.Filled, s.Note, c.filled, c.fill)
			}
			if r.Papers.Turns != 8 {
				t.Errorf("%d turns in two hours", r.Papers.Turns)
			}
		})
	}
}

// hoursThenQuarters is a day and a half by hours, then as much by quarters.
func hoursThenQuarters() string {
	var b strings.Builder
	b.WriteString("time,price\n")
	for at := march; at.Before(march.Add(72 * time.Hour)); {
		fmt.Fprintf(&b, "%s,30\n", at.Format("2006-01-02T15:04:05Z"))
		step := time.Hour
		if !at.Before(march.Add(36 * time.Hour)) {
			step = 15 * time.Minute
		}
		at = at.Add(step)
	}
	return b.String()
}

// TestExtremePrices: prices that markets really had are taken as they are.
func TestExtremePrices(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("SKIPPED by -short: it replays whole days")
	}
	text := rows(3*96, 15*time.Minute, func(i int, row string) []string {
		switch {
		case i >= 100 && i < 104:
			return []string{strings.Replace(row, ",30", ",-1000", 1)}
		case i >= 108 && i < 120:
			return []string{strings.Replace(row, ",30", ",17500", 1)}
		}
		return []string{row}
	})
	r := replayed(t, text, "--from", "2025-03-02T00:00:00Z", "--to", "2025-03-02T08:00:00Z")
	var low, high int
	for i, p := range r.Timeline.Price {
		switch {
		case p == -100_000:
			low++
		case p == 1_750_000 && r.Timeline.Power[i] < 1000:
			high++
		}
	}
	if low != 4 || high < 9 {
		t.Errorf("%d intervals at -1,000 and %d of 12 at 17,500 without machines", low, high)
	}
}

// TestClockChanges: local stamps mean what the local clock shows, an hour that
// is skipped cannot be named, an hour that is repeated is taken twice.
func TestClockChanges(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("SKIPPED by -short: it replays whole days")
	}
	chicago, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	walls := func(day string) string {
		from, err := time.ParseInLocation(time.DateOnly, day, chicago)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		b.WriteString("time,price\n")
		for at := from.Add(-24 * time.Hour); at.Before(from.AddDate(0, 0, 2)); at = at.Add(15 * time.Minute) {
			fmt.Fprintf(&b, "%s,30\n", at.In(chicago).Format("2006-01-02 15:04"))
		}
		return b.String()
	}
	spring, autumn := walls("2025-03-09"), walls("2025-11-02")
	for sentence, c := range map[string]struct {
		text, from, to string
		turns          int
		says           string
	}{
		"the day of 23 hours":         {spring, "2025-03-09", "2025-03-10", 92, ""},
		"the day of 25 hours":         {autumn, "2025-11-02", "2025-11-03", 100, ""},
		"an hour that does not exist": {strings.Replace(spring, "2025-03-09 03:00", "2025-03-09 02:00", 1), "2025-03-09", "2025-03-10", 0, "2025-03-09 02:00"},
		"the repeated hour only once": {strings.Replace(autumn, strings.Repeat("2025-11-02 01:15,30\n", 1), "", 1), "2025-11-02", "2025-11-03", 0, "prices.csv"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			args := []string{"--zone", "America/Chicago", "--from", c.from, "--to", c.to}
			if c.says == "" {
				if r := replayed(t, c.text, args...); r.Papers.Turns != c.turns {
					t.Errorf("%d turns, want %d", r.Papers.Turns, c.turns)
				}
				return
			}
			args = append([]string{"replay", "--site", "houston", "--prices", write(t, "prices.csv", c.text), "--run", t.TempDir()}, args...)
			code, out, errs := call(t, args...)
			refused(t, code, out, errs, []string{c.says, "prices.csv:"})
		})
	}
}

// day is a stored run of a day with spikes, made once.
var day = sync.OnceValues(func() (stored, error) {
	dir, err := os.MkdirTemp(os.Getenv("SLUICE_CACHE"), "run-")
	if err != nil {
		return stored{}, err
	}
	s := stored{dir: dir, page: filepath.Join(dir, "report.html")}
	var text, asJSON, errs bytes.Buffer
	args := []string{"replay", "--site", "houston", "--from", "2025-05-06T22:00:00Z", "--to", "2025-05-07T04:00:00Z", "--run", dir}
	if code := run(context.Background(), append(args, "--html", s.page), &text, &errs); code != exitOK {
		return s, fmt.Errorf("exit code %d: %s", code, errs.String())
	}
	if code := run(context.Background(), append(args, "--json"), &asJSON, &errs); code != exitOK {
		return s, fmt.Errorf("exit code %d: %s", code, errs.String())
	}
	s.text, s.json = text.String(), asJSON.String()
	return s, nil
})

type stored struct{ dir, page, text, json string }

// TestInterrupt: Ctrl-C ends with its own exit code and no report; the same
// command goes on.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	var out bytes.Buffer
	errs := &trap{stop: stop}
	page := filepath.Join(t.TempDir(), "report.html")
	args := []string{"replay", "--site", "houston", "--from", "2025-03-03", "--to", "2025-03-04", "--run", t.TempDir(), "--html", page, "--threads", "1"}
	if code := run(ctx, args, &out, errs); code != exitInterrupted {
		t.Fatalf("exit code %d, want %d: %s", code, exitInterrupted, errs.String())
	}
	if !strings.Contains(errs.String(), "goes on from there") || out.Len() > 0 {
		t.Errorf("said %q, printed %q", errs.String(), out.String())
	}
	if _, err := os.Stat(page); err == nil {
		t.Error("a page was written")
	}
	if code, _, errs := call(t, args...); code != exitOK {
		t.Errorf("the second run ends with %d: %s", code, errs)
	}
}

// trap is a stderr that interrupts the program when it tells of progress.
type trap struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
	stop context.CancelFunc
}

func (t *trap) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if bytes.Contains(b, []byte("replayed")) {
		t.stop()
	}
	return t.text.Write(b)
}

func (t *trap) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}
