package bookkeeper

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sluice/books"
	"sluice/driver/entityfile"
	"sluice/loop/cycle"
	"sluice/loop/settle"
	"sluice/power"
	"sluice/series"
	"sluice/store/ledger"
	"sluice/store/sqlite"
	"sluice/unit"
	"sluice/use/mining"
)

// memory is papers of a site, as its journal would hand them out.
type memory struct{ all []sqlite.Stored }

func (m *memory) Read(_ context.Context, r sqlite.Range) (out []sqlite.Stored, err error) {
	for _, s := range m.all {
		if s.Site == r.Site && s.Kind == r.Kind && s.Seq > r.After && !s.At.Before(r.From) && (r.To.IsZero() || s.At.Before(r.To)) && len(out) < 7 {
			out = append(out, s)
		}
	}
	return out, nil
}

func (m *memory) add(tb testing.TB, kind sqlite.Kind, subject string, at time.Time, body any) {
	tb.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		tb.Fatal(err)
	}
	m.all = append(m.all, sqlite.Stored{Record: sqlite.Record{Site: "yard", Kind: kind, Subject: subject, At: at, Body: text, Key: strconv.Itoa(len(m.all))}, Seq: int64(len(m.all)) + 1})
}

const step = time.Hour

func zone(tb testing.TB) *time.Location {
	tb.Helper()
	z, err := time.LoadLocation("America/Chicago")
	if err != nil {
		tb.Fatal(err)
	}
	return z
}

// yard is a site that runs from the afternoon of 29 January on, with a demand charge.
type yard struct {
	memory
	rig   *mining.Rig
	bill  *power.Bill
	begin time.Time
	held  []int // hours whose price is not published
	gone  []int // hours of which there is no delivery
}

func contracts() power.Contracts {
	return power.Contracts{
		Spot:   &power.Spot{Zone: "Z"},
		Demand: []power.DemandCharge{{Name: "peak", Rate: 9_000_000_000, Interval: step, Period: power.Monthly}},
	}
}

func newYard(tb testing.TB) *yard {
	tb.Helper()
	c, err := mining.Standard()
	if err != nil {
		tb.Fatal(err)
	}
	y := &yard{begin: time.Date(2025, 1, 29, 15, 0, 0, 0, zone(tb))}
	if y.rig, err = mining.Compile(mining.Group{Name: "a", Model: "Antminer S21 200", Count: 1000, PoolFee: 10_000}, c); err != nil {
		tb.Fatal(err)
	}
	if y.bill, err = power.NewBill(contracts(), zone(tb)); err != nil {
		tb.Fatal(err)
	}
	return y
}

// run writes the papers of so many hours, from the one given on.
func (y *yard) run(tb testing.TB, from, hours int) {
	tb.Helper()
	for h := from; h < from+hours; h++ {
		at := y.begin.Add(time.Duration(h) * step)
		head := cycle.Head{Version: cycle.Version, Site: "yard", Turn: at.Unix() / 3600, At: at}
		y.add(tb, sqlite.Plan, "site", at, cycle.Plan{Head: head, Today: cycle.Expected{Power: 1000 * unit.Unit, Worth: 2000 * unit.Unit}})
		if slices.Contains(y.gone, h) {
			continue
		}
		drawn := unit.Energy(3+h%2) * unit.MegawattHour
		d := cycle.Delivery{Head: head, Length: step, Import: drawn, Uses: []cycle.UseDelivery{{Use: "mining/a", IT: drawn, Meter: drawn, Work: unit.Work(drawn.MWh() * 1e11)}}}
		y.add(tb, sqlite.Delivery, "site", at.Add(step), d)
		if slices.Contains(y.held, h) {
			continue
		}
		if err := y.bill.Skip(at); err != nil {
			tb.Fatal(err)
		}
		e, err := settle.Post(d, settle.Prices{
			Currency: "USD", Spot: unit.Price(30+h) * unit.PerMWh, Priced: true, Rigs: []*mining.Rig{y.rig},
			Network: mining.Network{Day: at, Price: 100_000 * unit.Unit, Difficulty: 110_000_000_000_000, Reward: 320_000_000},
		}, y.bill)
		if err != nil {
			tb.Fatal(err)
		}
		y.add(tb, sqlite.Entry, "site", at, e)
	}
}

func (y *yard) hour(h int) time.Time { return y.begin.Add(time.Duration(h) * step) }

// books opens a folder of books and a keeper of them.
func (y *yard) books(tb testing.TB, dir string) (*Keeper, *ledger.Store) {
	tb.Helper()
	store, err := ledger.Open(tb.Context(), ledger.Config{Directory: dir})
	if err != nil {
		tb.Fatal(err)
	}
	f, err := entityfile.Load("houston")
	if err != nil {
		tb.Fatal(err)
	}
	f.Sale, f.Payouts = settle.Hold, settle.Stated
	for i := range f.Assets {
		f.Assets[i].Tags.Site = "yard"
	}
	for i := range f.Debt {
		f.Debt[i].Tags.Site = "yard"
	}
	for i := range f.Leases {
		f.Leases[i].Tags.Site = "yard"
	}
	if _, err := store.OpenEntity(tb.Context(), f.Chart); err != nil {
		tb.Fatal(err)
	}
	k, err := New(Config{
		Company: f, Site: settle.Site{Name: "yard", Zone: zone(tb), Models: map[string]string{"mining/a": "S21"}, Prices: "test"},
		Contracts: contracts(), Step: step, Patience: 7 * 24 * time.Hour, Papers: &y.memory, Ledger: store,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return k, store
}

func (y *yard) upTo(tb testing.TB, k *Keeper, now time.Time) string {
	tb.Helper()
	last, err := k.UpTo(tb.Context(), now)
	if err != nil {
		tb.Fatal(err)
	}
	return last
}

func listed(tb testing.TB, s *ledger.Store) (out []books.Sealed) {
	tb.Helper()
	for t, err := range s.Transactions(tb.Context(), ledger.Query{Entity: "Houston Hash LLC"}) {
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, t)
	}
	return out
}

func ended(tb testing.TB, s *ledger.Store) {
	tb.Helper()
	if _, err := s.Verify(tb.Context(), "Houston Hash LLC"); err != nil {
		tb.Error(err)
	}
	if err := s.Close(); err != nil {
		tb.Error(err)
	}
}

// TestDaysAreBooked: days that are over are booked with their month's bill, and a
// bookkeeper that ends after every hour and begins anew writes the same books.
func TestDaysAreBooked(t *testing.T) {
	t.Parallel()
	const hours = 9 + 24 + 24 + 24 + 3
	y := newYard(t)
	y.run(t, 0, hours)
	k, whole := y.books(t, t.TempDir())
	if last := y.upTo(t, k, y.hour(hours)); last != "2025-02-01" {
		t.Errorf("booked up to %q", last)
	}
	dir := t.TempDir()
	for h := range hours + 1 {
		k, s := y.books(t, dir)
		y.upTo(t, k, y.hour(h))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	_, parts := y.books(t, dir)
	a, b := listed(t, whole), listed(t, parts)
	for i := range min(len(a), len(b)) {
		if a[i].Input != b[i].Input {
			t.Fatalf("transaction %d: %s %s, in parts %s %s", i+1, a[i].Kind, a[i].At, b[i].Kind, b[i].At)
		}
	}
	if len(a) != len(b) {
		t.Errorf("%d transactions at once, %d in parts", len(a), len(b))
	}
	has := func(kind, day string) bool {
		return slices.ContainsFunc(a, func(s books.Sealed) bool {
			return s.Kind == kind && s.At.In(zone(t)).Format(time.DateOnly) == day
		})
	}
	for _, x := range [][2]string{
		{"capital", "2025-01-29"},
		{"power metered", "2025-01-29"},
		{"pool credit", "2025-01-31"},
		{"demand", "2025-01-31"},
		{"utility invoice", "2025-01-31"},
		{"depreciation", "2025-01-31"},
		{"power metered", "2025-02-01"},
		{"plan of the day", "2025-02-02"},
	} {
		if !has(x[0], x[1]) {
			t.Errorf("no %s on %s", x[0], x[1])
		}
	}
	if has("power metered", "2025-02-02") || has("utility invoice", "2025-02-01") {
		t.Error("a day that is not over, or a month that is not, is booked")
	}
	ended(t, whole)
	ended(t, parts)
}

// TestDebtIsBooked: loan and lease of a company, over two ends of months, by a
// bookkeeper that ends every day and begins anew as by one that never does.
func TestDebtIsBooked(t *testing.T) {
	t.Parallel()
	const hours = 9 + (2+28)*24 + 3
	y := newYard(t)
	y.run(t, 0, hours)
	k, whole := y.books(t, t.TempDir())
	y.upTo(t, k, y.hour(hours))
	dir := t.TempDir()
	for h := 9 + 3; h <= hours; h += 24 {
		k, s := y.books(t, dir)
		y.upTo(t, k, y.hour(h))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	_, parts := y.books(t, dir)
	agreed := func(s *ledger.Store) (out []string) {
		for _, x := range listed(t, s) {
			if k.c.Company.Agreed(x.Transaction) {
				out = append(out, x.At.In(zone(t)).Format(time.DateOnly)+" "+x.Kind+" "+unit.Amount(x.Lines[0].Amount).String()+" "+x.ID)
			}
		}
		return out
	}
	a, b := agreed(whole), agreed(parts)
	if !slices.Equal(a, b) {
		t.Errorf("at once:\n%s\nin parts:\n%s", strings.Join(a, "\n"), strings.Join(b, "\n"))
	}
	// 12,000,000.00 at 9.5 % are 3,166.67 a day; 289,395.40 are paid back on 1 February.
	// The rent of 1 January was paid before the books began.
	for i, want := range []string{
		"2025-01-29 debt owed -12000000.00 ", "2025-01-29 lease so far ", "2025-01-31 interest 9500.00 ", "2025-01-31 fees of debt 328.77 ", "2025-01-31 lease ",
		"2025-02-01 payment of debt 289395.40 ", "2025-02-28 interest 86528.36 ", "2025-02-28 fees of debt 3068.49 ", "2025-02-01 payment of lease 18727.20 ", "2025-02-28 lease 18727.20 ",
	} {
		if i >= len(a) || !strings.HasPrefix(a[i], want) || len(a) != 10 {
			t.Fatalf("%d is not %q:\n%s", i, want, strings.Join(a, "\n"))
		}
	}
	ended(t, whole)
	ended(t, parts)
}

// TestWhatWaitsForItsPrice: a day with an interval that has no price yet waits, and
// all days after it; when its patience is over, the interval is parked.
func TestWhatWaitsForItsPrice(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.held = []int{9 + 5}
	y.run(t, 0, 9+24+24)
	k, s := y.books(t, t.TempDir())
	if last := y.upTo(t, k, y.hour(9+24+24)); last != "2025-01-29" {
		t.Errorf("booked up to %q before the price was known", last)
	}
	// The days after the last paper are booked as what they were: nothing, and parked.
	if last := y.upTo(t, k, y.hour(9+24+7*24+1)); last != "2025-02-05" {
		t.Errorf("booked up to %q when the patience was over", last)
	}
	parked, err := s.Suspense(t.Context(), "Houston Hash LLC", false)
	if err != nil || len(parked) < 1 || parked[0].Reason != "no delivery" || !strings.Contains(parked[0].Says, "1 intervals of yard from 2025-01-30 05:00") {
		t.Errorf("%+v, %v", parked, err)
	}
	ended(t, s)
}

// TestHoursWithoutDelivery: what no meter told is parked, and the rest of the day
// is booked.
func TestHoursWithoutDelivery(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.gone = []int{10, 11, 12}
	y.run(t, 0, 9+24+2)
	k, s := y.books(t, t.TempDir())
	if last := y.upTo(t, k, y.hour(9+24+2)); last != "2025-01-30" {
		t.Errorf("booked up to %q", last)
	}
	parked, err := s.Suspense(t.Context(), "Houston Hash LLC", false)
	if err != nil || len(parked) != 1 || !strings.Contains(parked[0].Says, "3 intervals of yard from 2025-01-30 01:00 to 2025-01-30 04:00") {
		t.Errorf("%+v, %v", parked, err)
	}
	ended(t, s)
}

// TestPapersThatDoNotAgree: entries that cost another amount than the contracts say
// are told, and nothing of the month's end is booked.
func TestPapersThatDoNotAgree(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.run(t, 0, 9+24+24+2)
	for i, s := range y.all {
		if s.Kind == sqlite.Entry && s.At.Equal(y.hour(20)) {
			y.all[i].Body = []byte(strings.ReplaceAll(string(s.Body), `"Spot":50000000`, `"Spot":50000001`))
		}
	}
	k, s := y.books(t, t.TempDir())
	last, err := k.UpTo(t.Context(), y.hour(9+24+24+2))
	if err == nil || last != "2025-01-30" || !strings.Contains(err.Error(), "were they changed within the month") {
		t.Errorf("booked up to %q, %v", last, err)
	}
	ended(t, s)
}

// TestResume: a bill that is made anew stands where the old one stood.
func TestResume(t *testing.T) {
	t.Parallel()
	y := newYard(t)
	y.run(t, 0, 20)
	bill, err := power.NewBill(contracts(), zone(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := (Running{Bill: bill}).Resume(t.Context(), &y.memory, "yard", series.MonthOf(y.begin, zone(t))); err != nil {
		t.Fatal(err)
	}
	if bill.Total() != y.bill.Total() || bill.Total() == 0 {
		t.Errorf("resumed at %v, it stood at %v", bill.Total(), y.bill.Total())
	}
}
