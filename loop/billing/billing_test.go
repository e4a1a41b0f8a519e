package billing_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/books"
	"sluice/books/invoice"
	"sluice/books/rate"
	"sluice/loop/billing"
	"sluice/unit"
)

// down is an outage of so many seconds on the 11th.
func down(seconds int64) billing.Outage {
	return billing.Outage{Contract: "c1", Outage: rate.Outage{Part: "hall", From: from + 10*day, To: from + 10*day + seconds, Evidence: books.Hash{7}}}
}

func kinds(all []invoice.Document) (out []string) {
	for _, d := range all {
		out = append(out, string(d.Kind))
	}
	return out
}

// TestLife walks a month through everything that may happen to it.
func TestLife(t *testing.T) {
	t.Parallel()
	d, in := newDesk(), run(billing.OnNote)
	in.Prepaid = 1000 * unit.Unit
	d.must(t, in)
	first := d.documents[0]
	// 360 MWh and some joules at 45.123457, 10288 GPU-hours at 2.333333, the fee; the minimum is reached.
	if got := first.Lines[0].Amount + first.Lines[1].Amount + first.Lines[2].Amount; len(d.documents) != 1 || len(first.Lines) != 4 || got < 40_000*unit.Unit || first.Lines[3].Amount != -1000*unit.Unit {
		t.Fatalf("%+v", d.documents)
	}
	if want := unit.MulDiv(int64(first.Taxes[0].Base), 82_500, 1_000_000); int64(first.Taxes[0].Amount) != want || len(first.Taxes) != 1 {
		t.Errorf("%+v", first.Taxes)
	}

	in.Readings = append(in.Readings, read("energy", 3, 11*mwh, 2))
	in.At, in.Booked = at(to+5*day), at(to+5*day)
	d.must(t, in)
	if got := strings.Join(kinds(d.documents), ", "); got != "invoice, credit note" || d.documents[1].RefersTo != first.Number.String() || !strings.Contains(d.documents[1].Reason, "correction of 2025-09") {
		t.Errorf("%s: %+v", got, d.documents[1])
	}
	in.Outages = []billing.Outage{down(3601)}
	in.Open = at(to + 3*day)
	r := d.must(t, in)
	if last := d.documents[len(d.documents)-1]; last.Kind != invoice.CreditNote || len(last.Lines) != 1 || last.Lines[0].Kind != invoice.Credit || len(last.Lines[0].Evidence) != 1 || last.Reason != "service level of 2025-09: availability 99.861 %" {
		t.Errorf("%+v", last)
	}
	if r.Draft != nil || len(r.Documents) != 3 || r.Availability.Rate != 100_000 {
		t.Errorf("%+v", r)
	}
	// The outage turns out to be announced maintenance for an hour: nothing is to be credited.
	in.Exclusions = []billing.Exclusion{{Contract: "c1", Exclusion: rate.Exclusion{Cause: rate.Maintenance, From: from + 10*day, To: from + 11*day, Evidence: books.Hash{8}}}}
	d.must(t, in)
	if last := d.documents[3]; len(d.documents) != 4 || last.Kind != invoice.DebitNote || d.balances[books.CreditsGranted] != 0 || d.balances[books.CreditsOwed] != 0 {
		t.Errorf("%+v %v", last, d.balances)
	}
	if open := int64(invoice.History{Documents: d.documents}.Outstanding()); d.balances[books.Customer("acme")] != open || d.balances[books.Unbilled] != 0 {
		t.Errorf("open are %d: %v", open, d.balances)
	}
}

// TestStrangers: documents of another month and goodwill are no part of what was rated.
func TestStrangers(t *testing.T) {
	t.Parallel()
	d, in := newDesk(), run(billing.OnNote)
	in.Period = in.Contract.Month(at(from - day))
	in.Provisional, in.At = true, at(to)
	d.must(t, in)
	august := len(d.documents)
	in.Period = in.Contract.Month(at(from))
	d.must(t, in)
	if got := kinds(d.documents[august:]); len(got) != 1 || got[0] != "invoice" {
		t.Fatalf("%v", got)
	}
	of := d.documents[august]
	goodwill := invoice.Document{
		Kind: invoice.CreditNote, Entity: of.Entity, Customer: of.Customer, From: of.From, To: of.To, Currency: "USD", RefersTo: of.Number.String(), Reason: "late start",
		Lines: []invoice.Line{{ID: "g", Contract: "c1", Component: "Goodwill", Kind: invoice.Goodwill, From: of.From, To: of.To, Amount: -5 * unit.Unit}},
	}
	goodwill, err := invoice.Draft(goodwill)
	if err != nil {
		t.Fatal(err)
	}
	if goodwill, err = goodwill.Issue(invoice.Number{Series: "HOU-2025", Serial: 99}, to); err != nil {
		t.Fatal(err)
	}
	d.documents = append(d.documents, goodwill)
	n := len(d.documents)
	if d.must(t, in); len(d.documents) != n {
		t.Errorf("%+v", d.documents[n:])
	}
}

// TestCreditsOfOneAmount: a credit that grows twice by the same is posted twice.
func TestCreditsOfOneAmount(t *testing.T) {
	t.Parallel()
	d, in := newDesk(), run(billing.OnNote)
	in.Contract.Service.Agreement.Tiers[1].Credit = 200_000
	for _, seconds := range []int64{0, 3601, 26_000} {
		in.Outages = nil
		if seconds > 0 {
			in.Outages = []billing.Outage{down(seconds)}
		}
		d.must(t, in)
	}
	if len(d.documents) != 3 || d.documents[1].Total != d.documents[2].Total || d.balances[books.CreditsOwed] != 0 {
		t.Errorf("%+v %v", kinds(d.documents), d.balances)
	}
}

// TestCreditOnTheInvoice: where the contract says so, the credit is a line of the
// invoice and takes the tax of what it gives back with it.
func TestCreditOnTheInvoice(t *testing.T) {
	t.Parallel()
	d, in := newDesk(), run(billing.OnInvoice)
	in.Outages = []billing.Outage{down(3601), {Contract: "elsewhere", Outage: down(10 * day).Outage}}
	r := d.must(t, in)
	doc := d.documents[0]
	last := doc.Lines[len(doc.Lines)-1]
	fee := doc.Lines[1].Amount + doc.Lines[2].Amount
	if len(d.documents) != 1 || last.Kind != invoice.Credit || last.Amount != -unit.Amount(unit.MulDiv(int64(fee), 1, 10)) {
		t.Fatalf("%+v", doc)
	}
	var sum unit.Amount
	for _, l := range doc.Lines {
		sum += l.Amount
	}
	if doc.Taxes[0].Base != sum {
		t.Errorf("%v are taxed, and the lines are %v", doc.Taxes[0].Base, sum)
	}
	if len(r.Parked) != 1 || r.Parked[0].Kind != "outage" || !strings.Contains(r.Parked[0].Says, "elsewhere") {
		t.Errorf("%+v", r.Parked)
	}
	in.Waiting, in.Contract.ID = []string{r.Parked[0].ID}, "elsewhere"
	in.Contract.Versions[0].ID = "elsewhere"
	in.Readings, in.Provisional = nil, true
	if r, err := billing.Run(in); err != nil || len(r.Settled) != 1 {
		t.Errorf("the outage of a contract that came later: %+v %v", r, err)
	}
}

// TestRefusals: what may not go out does not, and says why.
func TestRefusals(t *testing.T) {
	t.Parallel()
	issued := newDesk()
	issued.must(t, run(billing.OnNote))
	for sentence, c := range map[string]struct {
		change func(*billing.Input)
		want   error
	}{
		"a period that is no month": {func(in *billing.Input) { in.Period.To -= day }, billing.ErrPeriod},
		"before the end":            {func(in *billing.Input) { in.At = at(to - 1) }, billing.ErrEarly},
		"a day that is missing":     {func(in *billing.Input) { in.Readings = in.Readings[2:] }, billing.ErrGaps},
		"nothing at all":            {func(in *billing.Input) { in.Readings = nil }, billing.ErrGaps},
		"two that contradict":       {func(in *billing.Input) { in.Readings = append(in.Readings, read("energy", 3, 5, 1)) }, rate.ErrConflict},
		"beyond any books":          {func(in *billing.Input) { in.Readings[0].Quantity = 1 << 62; in.Contract.Prices[0].Value = 1 << 60 }, rate.ErrOverflow},
		"no price":                  {func(in *billing.Input) { in.Contract.Prices = in.Contract.Prices[:2] }, rate.ErrPrice},
		"two versions at once": {func(in *billing.Input) {
			v := in.Contract.Versions[0]
			v.Version = 2
			in.Contract.Versions = append(slices.Clone(in.Contract.Versions), v)
		}, rate.ErrVersions},
		"too far back": {func(in *billing.Input) {
			in.Documents, in.At = issued.documents, at(to+100*day)
			in.Contract.Versions[0].Back = 2
			in.Readings = append(in.Readings, read("energy", 3, 11*mwh, 2))
		}, billing.ErrLate},
		"a customer without a name": {func(in *billing.Input) { in.Contract.Customer.Name = "" }, invoice.ErrDocument},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			in := run(billing.OnNote)
			in.Contract.Prices = slices.Clone(in.Contract.Prices)
			c.change(&in)
			r, err := billing.Run(in)
			if !errors.Is(err, c.want) || r.Draft != nil || len(r.Transactions) > 0 {
				t.Errorf("%v, %+v", err, r.Draft)
			}
			if errors.Is(err, billing.ErrGaps) && len(r.Gaps) == 0 {
				t.Error("the gaps are not told")
			}
		})
	}
}

// TestProvisional: a month with a gap is billed where somebody says so, as
// estimated, and corrected when the reading comes.
func TestProvisional(t *testing.T) {
	t.Parallel()
	d, in := newDesk(), run(billing.OnNote)
	all := in.Readings
	in.Readings, in.Provisional = all[1:], true // the first day of energy
	d.must(t, in)
	if l := d.documents[0].Lines; !l[0].Estimated || l[1].Estimated || l[2].Estimated {
		t.Errorf("%+v", l)
	}
	in.Readings, in.Provisional = all, false
	r := d.must(t, in)
	if len(d.documents) != 2 || d.documents[1].Kind != invoice.DebitNote || len(r.Gaps) != 0 || d.documents[1].Lines[0].Estimated {
		t.Errorf("%+v", d.documents)
	}
	in.Readings = all[1:]
	in.Documents = d.documents[:1]
	if r, err := billing.Run(in); err != nil || r.Draft != nil {
		t.Errorf("nothing is new, and gaps are no reason to fail: %+v %v", r.Draft, err)
	}
}

// TestParking: what is not billed is kept with its reason, and settled by a person
// or by what comes later.
func TestParking(t *testing.T) {
	t.Parallel()
	with := func(change func(*billing.Reading)) billing.Reading {
		r := read("energy", 3, mwh, 5)
		change(&r)
		return r
	}
	for want, r := range map[string]billing.Reading{
		"negative": with(func(r *billing.Reading) { r.Quantity = -1 }),
		"no time":  with(func(r *billing.Reading) { r.To = r.From }),
		"outside":  with(func(r *billing.Reading) { r.From -= 500 * day; r.To -= 500 * day }),
		"no term":  with(func(r *billing.Reading) { r.Component = "steam" }),
		"meter":    with(func(r *billing.Reading) { r.Meter = "m2" }),
		"overlaps": with(func(r *billing.Reading) { r.From += 3600; r.Revision = 1 }),
		"unit":     with(func(r *billing.Reading) { r.Component = "h100"; r.Meter = "m9" }),
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			in := run(billing.OnNote)
			in.Provisional = true
			in.Readings = append(in.Readings, r, r)
			got, err := billing.Run(in)
			i := slices.IndexFunc(got.Parked, func(p billing.Parked) bool { return billing.Subject(p.ID) == r.ID() })
			if err != nil || i < 0 || got.Parked[i].Reason != want || got.Parked[i].Paper != r.Paper || !strings.Contains(got.Parked[i].Says, r.Component) {
				t.Fatalf("%+v %v", got.Parked, err)
			}
			in.Dropped = []string{r.ID()}
			in.Waiting = []string{got.Parked[i].ID}
			after, err := billing.Run(in)
			if err != nil || slices.ContainsFunc(after.Parked, func(p billing.Parked) bool { return p.ID == in.Waiting[0] }) {
				t.Errorf("%+v %v", after.Parked, err)
			}
			if want == "overlaps" && (len(after.Parked) != 0 || len(after.Gaps) != 0) {
				t.Errorf("the wrong one is gone and the other does not count: %+v", after)
			}
		})
	}
}

// TestUnknownContract: the readings of a contract that nobody knows are parked
// together, and out of suspense when it is known or billed.
func TestUnknownContract(t *testing.T) {
	t.Parallel()
	in := run(billing.OnNote)
	for _, r := range september() {
		r.Contract = "c9"
		in.Readings = append(in.Readings, r)
	}
	got, err := billing.Run(in)
	if err != nil || len(got.Parked) != 1 || got.Parked[0].Reason != "contract" || !strings.HasPrefix(got.Parked[0].Says, `readings of contract "c9", 60 of them, 2025-09-01`) || got.Parked[0].Paper != (books.Hash{1}) {
		t.Fatalf("%+v %v", got.Parked, err)
	}
	in.Waiting = []string{got.Parked[0].ID}
	in.Known = []string{"c9"}
	if r, err := billing.Run(in); err != nil || len(r.Parked) != 0 || len(r.Settled) != 0 {
		t.Errorf("another will bill it: %+v %v", r.Parked, err)
	}
	in.Contract.ID, in.Contract.Versions[0].ID, in.Known = "c9", "c9", []string{"c1"}
	if r, err := billing.Run(in); err != nil || len(r.Parked) != 0 || !slices.Equal(r.Settled, in.Waiting) {
		t.Errorf("it is billed: %+v %v", r, err)
	}
}

// TestNothingOwed: a month in which nothing is owed has no invoice, until something is.
func TestNothingOwed(t *testing.T) {
	t.Parallel()
	d, in := newDesk(), run(billing.OnNote)
	in.Contract.Versions[0].Terms = in.Contract.Versions[0].Terms[:1]
	in.Contract.Service = billing.Service{}
	for i := range in.Readings {
		in.Readings[i].Quantity = 0
	}
	in.Readings = slices.DeleteFunc(in.Readings, func(r billing.Reading) bool { return r.Component != "energy" })
	if r := d.must(t, in); len(d.documents) != 0 || len(r.Lines) != 0 {
		t.Errorf("%+v", d.documents)
	}
	in.Readings = append(in.Readings, read("energy", 3, mwh, 2))
	if d.must(t, in); len(d.documents) != 1 || d.documents[0].Kind != invoice.Invoice {
		t.Errorf("%+v", d.documents)
	}
}

// TestDays: an invoice is earned day by day, and what happened on a day that is
// locked is booked on the day of the document and says where it belongs.
func TestDays(t *testing.T) {
	t.Parallel()
	in := run(billing.OnNote)
	r, err := billing.Run(in)
	if err != nil || len(r.Transactions) != 30 {
		t.Fatalf("%d %v", len(r.Transactions), err)
	}
	var fees int64
	for n, x := range r.Transactions {
		if end := at(from + int64(n+1)*day - 1); !x.At.Equal(end) || x.Belongs != "" || x.Source != "rating of "+end.Format(time.DateOnly) {
			t.Errorf("%s: %v %q", x.Source, x.At, x.Belongs)
		}
		for _, l := range x.Lines {
			if l.Account == books.Reservation {
				fees -= l.Amount
			}
		}
		if want := unit.MulDiv(99_999_999, int64(n+1), 30); fees != want {
			t.Errorf("by day %d a fee of %d is earned, want %d", n+1, fees, want)
		}
	}
	in.Open = at(from + 10*day)
	if r, err = billing.Run(in); err != nil || len(r.Transactions) != 30 {
		t.Fatalf("%d %v", len(r.Transactions), err)
	}
	for n, x := range r.Transactions {
		if late := x.At.Equal(in.At) && x.Belongs == "2025-09"; late != (n < 10) {
			t.Errorf("%s: %v %q", x.Source, x.At, x.Belongs)
		}
	}
}

// TestBudget: the hours that earlier months of the year used are not used again.
func TestBudget(t *testing.T) {
	t.Parallel()
	in := run(billing.OnNote)
	in.Outages = []billing.Outage{down(7200)}
	excuse := func(from int64) billing.Exclusion {
		return billing.Exclusion{Contract: "c1", Exclusion: rate.Exclusion{Cause: rate.Maintenance, From: from, To: from + 7200, Evidence: books.Hash{8}}}
	}
	in.Exclusions = []billing.Exclusion{excuse(from + 10*day)}
	r, err := billing.Run(in)
	if err != nil || r.Availability.Excluded != 3600 {
		t.Fatalf("%+v %v", r.Availability, err)
	}
	for sentence, c := range map[string]struct {
		before time.Time
		want   int64
	}{"a year ago": {at(from).AddDate(-1, 0, 0), 3600}, "in March": {time.Date(2025, 3, 5, 0, 0, 0, 0, time.UTC), 0}} {
		in.Exclusions = []billing.Exclusion{excuse(from + 10*day), excuse(c.before.Unix())}
		if r, err := billing.Run(in); err != nil || r.Availability.Excluded != c.want {
			t.Errorf("%s: %+v %v", sentence, r.Availability, err)
		}
	}
}
