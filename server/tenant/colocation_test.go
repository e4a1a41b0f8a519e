package tenant

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/capital/quote"
	"sluice/unit"
	"sluice/use"
	"sluice/use/hosting"
)

// racks is a body that asks for kilowatts.
func racks(key string, kw int, from, until time.Time) string {
	text := fmt.Sprintf(`{"key": %q, "kind": "colocation", "kw": %d, "from": %q, "until": %q}`, key, kw, from.Format(time.RFC3339), until.Format(time.RFC3339))
	return strings.Replace(text, `"key": "", `, "", 1)
}

// roomy is a world whose hall may draw so much that some kilowatts are left for colocation.
func roomy(tb testing.TB, kw int) *world {
	tb.Helper()
	w := build(tb)
	w.book.Halls[0].Cooling = use.Cooling{PUE0: unit.One}
	w.book.Room["hall-1"] = unit.Power(kw) * unit.Kilowatt
	return w
}

// TestColocation: the power of a hall is reserved like its GPUs. What does not fit is
// refused at once, and says when and not how much is left; what fits waits.
func TestColocation(t *testing.T) {
	t.Parallel()
	w := roomy(t, 1000)
	alpha, beta := w.enrol("alpha", 24), w.enrol("beta", 37)
	s := w.server()
	from, until := today.AddDate(0, 3, 0), today.AddDate(0, 6, 0)
	office := Office{Store: w.store, Books: w, Now: w.clock}
	carry := func(q Order) Report {
		r, err := office.Carry(t.Context(), q)
		w.must(err)
		return r
	}
	post := func(who resident, key string, kw int, from, until time.Time) Reservation {
		return read[Reservation](t, s, "POST /v1/reservations", who.text, racks(key, kw, from, until))
	}
	ask := func(kw int) Quote {
		return read[Quote](t, s, "POST /v1/quote", alpha.text, racks("", kw, from, until))
	}
	large := post(beta, "racks", 700, from, until)
	want := Wish{Key: "racks", Kind: "colocation", Hall: "hall-1", KW: 700, From: from, Until: &until}
	if diff := cmp.Diff(want, large.Wish); diff != "" || large.State != "asked" {
		t.Fatalf("%+v: %s", large, diff)
	}
	if q := ask(1000); !q.Available || q.KW != 1000 || q.GPUs != 0 || q.Model != "" || q.Hall != "hall-1" || q.Per != "kW-month" {
		t.Errorf("%+v", q)
	}
	r := carry(Order{Do: "accept", Reservation: large.ID, By: "ann"})
	if r.Decided.Contract != "beta-racks" || !strings.Contains(r.Done, "its power is kept free") {
		t.Errorf("%+v", r)
	}
	if q := ask(300); !q.Available {
		t.Errorf("what is left cannot be had: %+v", q)
	}
	if q := ask(301); q.Available || q.Soonest == nil || !q.Soonest.Equal(until) || q.Why != "it does not fit from 2027-02-20T12:00:00Z on: not enough kW of the hall's power in hall hall-1" {
		t.Errorf("%+v", q)
	}
	no := post(alpha, "more", 301, until.AddDate(0, -1, 0), until.AddDate(0, 1, 0))
	if no.State != "refused" || no.By != "calendar" || no.Why != "it does not fit from 2027-04-20T12:00:00Z on: not enough kW of the hall's power in hall hall-1" {
		t.Errorf("%+v", no)
	}
	if strings.Contains(fmt.Sprint(no), "300") || strings.Contains(fmt.Sprint(no), "beta") {
		t.Errorf("it tells of others: %+v", no)
	}
	if got := post(alpha, "after", 1000, until, until.AddDate(0, 1, 0)); got.State != "asked" {
		t.Errorf("after the other ended: %+v", got)
	}
	fits := post(alpha, "fits", 300, from, until)
	if diff := cmp.Diff(fits, post(alpha, "fits", 300, from, until)); diff != "" || fits.State != "asked" {
		t.Error(fits, diff)
	}
	if a := send(s, "POST /v1/reservations", alpha.text, racks("fits", 299, from, until)); a.status != 409 {
		t.Errorf("another wish of the same key: %d %s", a.status, a.body)
	}
	if list := read[[]Reservation](t, s, "GET /v1/reservations", beta.text, ""); len(list) != 2 || list[1].KW != 700 || list[0].KW != 0 {
		t.Errorf("%+v", list)
	}
	if a := send(s, "GET /v1/reservations/"+fits.ID, beta.text, ""); a.status != 404 {
		t.Errorf("another tenant's: %d %s", a.status, a.body)
	}
	carry(Order{Do: "accept", Reservation: fits.ID, By: "ann"})
}

// TestColocationAndGPUs share the power of a hall, in both directions, and a contract
// takes the place of the wish that it was.
func TestColocationAndGPUs(t *testing.T) {
	t.Parallel()
	w := roomy(t, 1020) // 800 GPUs of 1.275 kW
	alpha := w.enrol("alpha", 24)
	w.conf.Accepts = []hosting.Kind{hosting.Colocation, hosting.Reserved}
	s := w.server()
	from, until := today.AddDate(0, 3, 0), today.AddDate(0, 6, 0)
	r := read[Reservation](t, s, "POST /v1/reservations", alpha.text, racks("racks", 510, from, until))
	if r.State != "accepted" || r.Contract != "alpha-racks" {
		t.Fatalf("%+v", r)
	}
	gpus := func(n int) bool {
		return read[Quote](t, s, "POST /v1/quote", alpha.text, strings.Replace(wishes("", "reserved", n, from, until), `"key": "", `, "", 1)).Available
	}
	if !gpus(400) || gpus(401) {
		t.Error("GPUs are sold on the power of colocation")
	}
	w.mu.Lock()
	w.book.Contracts = append(w.book.Contracts, hosting.Contract{Name: "alpha-racks", Tenant: "alpha", Version: 1, Kind: hosting.Colocation, Hall: "hall-1", Power: 510 * unit.Kilowatt, Start: from, End: until})
	w.mu.Unlock()
	if !gpus(400) || gpus(401) {
		t.Error("an accepted wish is not its contract")
	}
	if got := read[Reservation](t, s, "POST /v1/reservations", alpha.text, wishes("gpus", "reserved", 400, from, until)); got.State != "accepted" {
		t.Errorf("%+v", got)
	}
	if got := read[Reservation](t, s, "POST /v1/reservations", alpha.text, racks("one", 1, from, until)); got.State != "refused" {
		t.Errorf("a kilowatt of a full hall: %+v", got)
	}
}

// TestColocationWithoutLimit: where no hall states its power, nobody knows what is left.
func TestColocationWithoutLimit(t *testing.T) {
	t.Parallel()
	w := roomy(t, 1000)
	alpha := w.enrol("alpha", 24)
	s := w.server()
	from, until := today.AddDate(0, 1, 0), today.AddDate(0, 2, 0)
	r := read[Reservation](t, s, "POST /v1/reservations", alpha.text, racks("racks", 1, from, until))
	w.mu.Lock()
	w.book.Room = nil
	w.mu.Unlock()
	if a := send(s, "POST /v1/quote", alpha.text, racks("", 1, from, until)); a.status != 422 || !strings.Contains(a.body, "agree colocation with the operator") {
		t.Errorf("%d %s", a.status, a.body)
	}
	office := Office{Store: w.store, Books: w, Now: w.clock}
	if _, err := office.Carry(t.Context(), Order{Do: "accept", Reservation: r.ID, By: "ann"}); err == nil || !strings.Contains(err.Error(), "nobody knows what is left") {
		t.Errorf("%v", err)
	}
}

// TestColocationPrice: a kW and month costs what capital/quote says or what is asked,
// its term what the contract of it would charge, and energy is named.
func TestColocationPrice(t *testing.T) {
	t.Parallel()
	sold := quote.Colocation{Operations: 400_000 * unit.Unit, Occupancy: 950_000}
	with := sold
	with.Energy = true
	least := func(c quote.Colocation) string {
		o, err := quote.KilowattMonths(terms(), c)
		if err != nil {
			t.Fatal(err)
		}
		p, err := o.Price()
		if err != nil {
			t.Fatal(err)
		}
		return money(p.Least)
	}
	for sentence, c := range map[string]struct {
		prices Tariffs
		want   string // empty: none
		says   string
	}{
		"the least price":          {Tariffs{{Terms: terms(), Colocation: &sold}}, least(sold), "energy is paid on top"},
		"energy is in it":          {Tariffs{{Terms: terms(), Colocation: &with}}, least(with), "energy is included"},
		"what is asked":            {Tariffs{{Terms: terms()}, {Model: "H100 SXM", Terms: terms(), Colocation: &sold, AskedMonth: 154_500_000}}, "154.500000", "energy is paid on top"},
		"two that agree":           {Tariffs{{Terms: terms(), Colocation: &sold}, {Model: "x", Terms: terms(), Colocation: &sold}}, least(sold), "every month of the term"},
		"two that do not":          {Tariffs{{Terms: terms(), Colocation: &sold}, {Model: "x", Terms: terms(), Colocation: &with}}, "", "the operator says the price"},
		"GPUs alone are priced":    {Tariffs{{Terms: terms()}}, "", "the operator says the price"},
		"the cheaper one is asked": {Tariffs{{Terms: terms(), Colocation: &with, AskedMonth: 1_000_000}}, "1.000000", "energy is included"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w := roomy(t, 1000)
			alpha := w.enrol("alpha", 24)
			w.conf.Prices = c.prices
			from := time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)
			q := read[Quote](t, w.server(), "POST /v1/quote", alpha.text, racks("", 100, from, time.Date(2027, 4, 16, 0, 0, 0, 0, time.UTC)))
			if !strings.Contains(q.Priced, c.says) || (q.Price == nil) != (c.want == "") {
				t.Fatalf("%+v", q)
			}
			if q.Price == nil {
				return
			}
			amount, err := unit.ParseMicro(c.want)
			w.must(err)
			if *q.Price != c.want || *q.Total != money(unit.Amount(amount)*250) || q.Currency != "USD" { // two months and half of April
				t.Errorf("%s, %s in all, want %s and %s", *q.Price, *q.Total, c.want, money(unit.Amount(amount)*250))
			}
		})
	}
}

// TestLongRent: what has no end, or is too long to be summed, has no total.
func TestLongRent(t *testing.T) {
	t.Parallel()
	w := roomy(t, 1000)
	alpha := w.enrol("alpha", 24)
	w.conf.Prices = Tariffs{{Terms: terms(), Colocation: &quote.Colocation{Occupancy: unit.One}, AskedMonth: 100_000 * unit.Unit}}
	s := w.server()
	from := today.AddDate(0, 1, 0)
	for until, has := range map[time.Time]bool{from.AddDate(99, 0, 0): true, time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC): false} {
		if q := read[Quote](t, s, "POST /v1/quote", alpha.text, racks("", 100, from, until)); q.Price == nil || (q.Total != nil) != has || has && !strings.HasPrefix(*q.Total, "11") {
			t.Errorf("until %v: %+v", until, q)
		}
	}
	open := fmt.Sprintf(`{"kind": "colocation", "kw": 5, "from": %q}`, from.Format(time.RFC3339))
	if q := read[Quote](t, s, "POST /v1/quote", alpha.text, open); q.Price == nil || q.Total != nil || !q.Available {
		t.Errorf("%+v", q)
	}
}
