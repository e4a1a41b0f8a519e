package replay

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/data"
	"sluice/driver/history"
	"sluice/driver/sitefile"
	"sluice/loop/dispatch"
	"sluice/replay/report"
	"sluice/series"
	"sluice/solve"
	"sluice/unit"
	"sluice/use/mining"
	"sluice/world"
)

// wasmDir is one compile cache for all tests of a run.
var wasmDir = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "sluice-replay-") })

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := wasmDir(); err == nil {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

// compiled is the solver, made once for all tests of the package.
var compiled = sync.OnceValues(func() (*solve.Engine, error) {
	dir, err := wasmDir()
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	return solve.New(context.Background(), solve.Config{CacheDir: dir, Now: func() time.Duration { return time.Since(begin) }})
})

func open(ctx context.Context) (dispatch.Solver, error) {
	e, err := compiled()
	if err != nil {
		return nil, err
	}
	return e.Instance(ctx)
}

// solverOf is a solver of the shared engine.
func solverOf(tb testing.TB) dispatch.Solver {
	tb.Helper()
	s, err := open(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// shipped is what is read of the pack, once for all tests.
type shipped struct {
	site     string // text of the site file
	prices   *series.Series[unit.Price]
	air      *series.Series[int64]
	networks []mining.Network
}

var houston = sync.OnceValues(func() (shipped, error) {
	var s shipped
	text, err := sitefile.Example("houston")
	if err != nil {
		return s, err
	}
	s.site = string(text)
	r, err := data.Open("houston_rt15_2021-2025.csv.gz")
	if err != nil {
		return s, err
	}
	p, err := history.ReadPrices(r, "prices", history.Columns{}, history.Options{Step: 15 * time.Minute})
	if err != nil {
		return s, err
	}
	if r, err = data.Open("bitcoin_daily_2021-2025.csv"); err != nil {
		return s, err
	}
	s.prices = p.Series
	if s.networks, _, err = history.ReadBitcoin(r, "bitcoin", "USD"); err != nil {
		return s, err
	}
	if r, err = data.Open("houston_air_2021-2025.csv.gz"); err != nil {
		return s, err
	}
	t, err := history.ReadTemperatures(r, "air", history.Columns{}, history.Options{Fill: series.HoldLast})
	if err == nil {
		s.air = t.Series
	}
	return s, err
})

// cut is the stretch of s from from to before to, as a series of its own.
func cut[T any](s *series.Series[T], from, to time.Time) *series.Series[T] {
	g, err := series.GridOver(from, to, s.Grid.Step())
	if err != nil {
		panic(err)
	}
	out := series.New[T](g)
	for i := range g.Len() {
		if v, known := s.At(g.Start(i)); known {
			out.Set(i, v)
		}
	}
	return out
}

// texan is the shipped Houston site over some local days with three weeks of
// prices before them, planning twelve hours ahead, four of them in quarters, so
// that a test takes moments. Edits change the text of its site file.
func texan(tb testing.TB, from, to string, edits ...string) *Setup {
	tb.Helper()
	in, err := houston()
	if err != nil {
		tb.Fatal(err)
	}
	text := strings.NewReplacer(edits...).Replace(in.site)
	file, err := sitefile.Read(bytes.NewReader([]byte(text)), "houston")
	if err != nil {
		tb.Fatal(err)
	}
	rigs, err := file.Rigs()
	if err != nil {
		tb.Fatal(err)
	}
	s := &Setup{
		Site: file.Site, Contracts: file.Contracts, Rigs: rigs, Failures: map[string]world.Failures{},
		From: local(tb, from, file.Site.Zone), To: local(tb, to, file.Site.Zone), Step: 15 * time.Minute, Lag: 1,
		Horizon: 12 * time.Hour, Fine: 4 * time.Hour, Made: "test", Networks: in.networks, Air: in.air,
	}
	for name, f := range file.Failures {
		s.Failures[name] = world.Failures(f)
	}
	s.Prices = cut(in.prices, s.From.Add(-21*24*time.Hour), s.To)
	sum := sha256.Sum256(fmt.Append(nil, text, s.From, s.To))
	s.Digest = hex.EncodeToString(sum[:])
	return s
}

func local(tb testing.TB, day string, zone *time.Location) time.Time {
	tb.Helper()
	t, err := time.ParseInLocation("2006-01-02T15:04", day, zone)
	if err != nil {
		t, err = time.ParseInLocation(time.DateOnly, day, zone)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return t.UTC()
}

// options are those of a run into a folder of its own.
func options(tb testing.TB, threads int) Options {
	tb.Helper()
	return Options{Dir: tb.TempDir(), Threads: threads, Solver: open, Limits: solve.Options{IterationLimit: 200_000, NodeLimit: 10_000, Gap: 1e-4}}
}

// replayed runs s and returns its report.
func replayed(tb testing.TB, s *Setup, o Options) *report.Report {
	tb.Helper()
	r, err := Run(tb.Context(), s, o)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// policy is one policy of a report.
func policy(tb testing.TB, r *report.Report, id string) report.Policy {
	tb.Helper()
	for _, p := range r.Policies {
		if p.ID == id {
			return p
		}
	}
	tb.Fatalf("the report has no policy %q", id)
	return report.Policy{}
}

// long leaves a test out of short runs, which look for races: it has one
// goroutine and much arithmetic.
func long(tb testing.TB) {
	tb.Helper()
	if testing.Short() {
		tb.Skip("SKIPPED by -short: one goroutine and much arithmetic")
	}
}
