package invoice_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/books"
	"sluice/books/invoice"
	"sluice/unit"
)

const (
	from   = int64(1756684800) // 1 September 2025, UTC
	to     = from + 30*86400
	issued = to + 86400
	entity = "Sluice Power LLC"
)

// draft is an invoice of energy and GPUs, with a tax and parts of cents.
func draft() invoice.Document {
	return invoice.Document{
		Kind:     invoice.Invoice,
		Entity:   invoice.Party{ID: "e1", Name: entity, TaxID: "US-77", Address: []string{"1 Grid Road", "Houston"}, Country: "US"},
		Customer: invoice.Party{ID: "acme", Name: "Acme <AI> & Sons", TaxID: "BR-12", Address: []string{"2 Lake Street"}, Country: "BR"},
		From:     from, To: to, Currency: "USD",
		Lines: []invoice.Line{
			{ID: "l1", Contract: "c1", Component: "power", Kind: invoice.PassThrough, From: from, To: to, Quantity: 5_400_000_000, Base: 3_600_000_000, Unit: "MWh", Price: "45.123456", Amount: 67_685_184, Meter: "m-17", Revision: 3, Apportioned: true, Inputs: "ab12"},
			{ID: "l2", Contract: "c1", Component: "h100", Kind: invoice.Usage, From: from, To: to, Quantity: 64 * 30 * 86400, Base: 3600, Unit: "GPU-hour", Price: "2.500000..2.750000", Amount: 115_200 * unit.Unit, Meter: "m-18, m-19", Revision: 1, Estimated: true},
		},
		Taxes: []invoice.Tax{{Code: "S", Rate: 82_500, Base: 115_267_685_184, Amount: 9_509_584_028}},
	}
}

// made is an issued document.
func made(tb testing.TB, d invoice.Document, serial int64) invoice.Document {
	tb.Helper()
	d, err := invoice.Draft(d)
	if err != nil {
		tb.Fatal(err)
	}
	d, err = d.Issue(invoice.Number{Series: "HOU-2025", Serial: serial}, issued)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// note is a note on invoice 42.
func note(kind invoice.Kind, lines ...invoice.Line) invoice.Document {
	d := draft()
	d.Kind, d.Lines, d.Taxes, d.RefersTo, d.Reason = kind, lines, nil, "HOU-2025-000042", "meter read again"
	return d
}

func line(kind invoice.LineKind, amount unit.Amount) invoice.Line {
	return invoice.Line{ID: "n1", Contract: "c1", Component: "part", Kind: kind, From: from, To: to, Amount: amount}
}

func chart() books.Chart {
	return books.Standard(entity, "USD", "America/Chicago").With(books.Bank("main"), books.Customer("acme"))
}

// TestPayable: the total is whole cents, half to even, and the rest is the rounding.
func TestPayable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		currency unit.Currency
		amount   unit.Amount
		total    int64
		rounding unit.Amount
	}{
		{"USD", 1_234_999, 123, -4_999},
		{"USD", 1_235_000, 124, 5_000},
		{"USD", 1_225_000, 122, -5_000},
		{"USD", 1_225_001, 123, 4_999},
		{"USD", -1_225_001, -123, -4_999},
		{"JPY", 1_500_000, 2, 500_000},
		{"KWD", 1_234_500, 1234, -500},
		{"USD", 0, 0, 0},
	} {
		d := draft()
		d.Currency, d.Taxes, d.Lines = c.currency, nil, []invoice.Line{line(invoice.Usage, c.amount)}
		got, err := invoice.Draft(d)
		if err != nil || got.Total != c.total || got.Rounding != c.rounding || got.Payable() != c.amount+c.rounding {
			t.Errorf("%s %d: total %d, rounding %d, %v", c.currency, c.amount, got.Total, got.Rounding, err)
		}
	}
}

// TestDocuments: what may be issued, and what not.
func TestDocuments(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		change func(*invoice.Document)
		sound  bool
	}{
		"an invoice":              {func(*invoice.Document) {}, true},
		"a credit note":           {func(d *invoice.Document) { *d = note(invoice.CreditNote, line(invoice.Usage, -5)) }, true},
		"a debit note":            {func(d *invoice.Document) { *d = note(invoice.DebitNote, line(invoice.Usage, 5)) }, true},
		"a credit that charges":   {func(d *invoice.Document) { *d = note(invoice.CreditNote, line(invoice.Usage, 500_000)) }, false},
		"a debit that pays":       {func(d *invoice.Document) { *d = note(invoice.DebitNote, line(invoice.Usage, -500_000)) }, false},
		"a note on nothing":       {func(d *invoice.Document) { *d = note(invoice.DebitNote, line(invoice.Usage, 5)); d.RefersTo = "" }, false},
		"a note without reason":   {func(d *invoice.Document) { *d = note(invoice.DebitNote, line(invoice.Usage, 5)); d.Reason = "" }, false},
		"an invoice on another":   {func(d *invoice.Document) { d.RefersTo = "HOU-2025-000001" }, false},
		"a kind that is unknown":  {func(d *invoice.Document) { d.Kind = "offer" }, false},
		"no lines":                {func(d *invoice.Document) { d.Lines = nil }, false},
		"no customer":             {func(d *invoice.Document) { d.Customer.ID = "" }, false},
		"no currency":             {func(d *invoice.Document) { d.Currency = "dollar" }, false},
		"no period":               {func(d *invoice.Document) { d.To = d.From }, false},
		"a line of no time":       {func(d *invoice.Document) { d.Lines[0].To = d.Lines[0].From }, false},
		"a line of unknown kind":  {func(d *invoice.Document) { d.Lines[0].Kind = "gift" }, false},
		"a line without id":       {func(d *invoice.Document) { d.Lines[0].ID = "" }, false},
		"a tax beyond its rate":   {func(d *invoice.Document) { d.Taxes[0].Amount += 3 }, false},
		"a tax of a millionth":    {func(d *invoice.Document) { d.Taxes[0].Amount++ }, true},
		"a tax without code":      {func(d *invoice.Document) { d.Taxes[0].Code = "" }, false},
		"a text that is no UTF-8": {func(d *invoice.Document) { d.Customer.Name = "\xff" }, false},
		"a text with a control":   {func(d *invoice.Document) { d.Lines[0].Meter = "m\x00" }, false},
		"a sum beyond any books":  {func(d *invoice.Document) { d.Lines[0].Amount, d.Lines[1].Amount = math.MaxInt64, math.MaxInt64 }, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			d := draft()
			c.change(&d)
			got, err := invoice.Draft(d)
			if (err == nil) != c.sound || err != nil && !errors.Is(err, invoice.ErrDocument) {
				t.Fatalf("error %v", err)
			}
			if err != nil {
				return
			}
			if _, err := got.Issue(invoice.Number{}, issued); !errors.Is(err, invoice.ErrDocument) {
				t.Errorf("issued without a number: %v", err)
			}
			sent, err := got.Issue(invoice.Number{Series: "HOU-2025", Serial: 43}, issued)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := sent.Issue(invoice.Number{Series: "HOU-2025", Serial: 44}, issued); !errors.Is(err, invoice.ErrDocument) {
				t.Errorf("issued twice: %v", err)
			}
		})
	}
}

// TestIssuedStays: any change of an issued document is another hash or no document.
func TestIssuedStays(t *testing.T) {
	t.Parallel()
	was, err := made(t, draft(), 42).Hash()
	if err != nil {
		t.Fatal(err)
	}
	for sentence, change := range map[string]func(*invoice.Document){
		"the number":     func(d *invoice.Document) { d.Number.Serial++ },
		"the customer":   func(d *invoice.Document) { d.Customer.Name += "x" },
		"a price":        func(d *invoice.Document) { d.Lines[0].Price = "45.123457" },
		"an amount":      func(d *invoice.Document) { d.Lines[0].Amount++ },
		"two amounts":    func(d *invoice.Document) { d.Lines[0].Amount++; d.Lines[1].Amount-- },
		"the rounding":   func(d *invoice.Document) { d.Rounding++ },
		"the total":      func(d *invoice.Document) { d.Total++ },
		"a revision":     func(d *invoice.Document) { d.Lines[0].Revision++ },
		"the inputs":     func(d *invoice.Document) { d.Lines[0].Inputs = "ab13" },
		"a tax":          func(d *invoice.Document) { d.Taxes[0].Base++ },
		"when":           func(d *invoice.Document) { d.Issued++ },
		"a line is gone": func(d *invoice.Document) { d.Lines = d.Lines[:1] },
		"texts move on":  func(d *invoice.Document) { d.Lines[0].Meter, d.Lines[0].Unit = "", d.Lines[0].Unit+d.Lines[0].Meter },
	} {
		d := made(t, draft(), 42)
		change(&d)
		if is, err := d.Hash(); err == nil && is == was {
			t.Errorf("%s was changed, and nobody noticed", sentence)
		}
	}
	if is, err := made(t, draft(), 42).Hash(); err != nil || is != was {
		t.Errorf("the same document has another hash: %v", err)
	}
}

// TestNumbering: numbers follow without holes and read back as they were printed.
func TestNumbering(t *testing.T) {
	t.Parallel()
	var all []invoice.Number
	for last := range int64(12) {
		n, err := invoice.Next("HOU-2025", last)
		if err != nil {
			t.Fatal(err)
		}
		back, err := invoice.ParseNumber(n.String())
		if err != nil || back != n {
			t.Errorf("%s came back as %v, %v", n, back, err)
		}
		all = append(all, n)
	}
	if err := invoice.Gapless(all); err != nil || all[11].String() != "HOU-2025-000012" {
		t.Error(all[11], err)
	}
	for sentence, bad := range map[string][]invoice.Number{
		"a hole":         {all[0], all[2]},
		"twice":          {all[0], all[0]},
		"another series": {all[0], {Series: "LON", Serial: 2}},
	} {
		if err := invoice.Gapless(bad); !errors.Is(err, invoice.ErrNumber) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	for _, c := range []struct {
		series string
		last   int64
	}{{"", 0}, {"hou", 0}, {"-A", 0}, {"A", -1}, {"A", math.MaxInt64}} {
		if n, err := invoice.Next(c.series, c.last); !errors.Is(err, invoice.ErrNumber) {
			t.Errorf("after %d in %q: %v", c.last, c.series, n)
		}
	}
	for _, text := range []string{"", "A", "A-1", "A-0000001", "A-000000", "A-+00001", "a-000001", "-000001", "A--00001"} {
		if n, err := invoice.ParseNumber(text); !errors.Is(err, invoice.ErrNumber) {
			t.Errorf("%q was read as %v", text, n)
		}
	}
}

// TestJSON: the names of UBL, and amounts as strings.
func TestJSON(t *testing.T) {
	t.Parallel()
	b, err := made(t, draft(), 42).JSON(nil)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Invoice struct {
			ID, IssueDate, InvoiceTypeCode, DocumentCurrencyCode string
			InvoicePeriod                                        struct{ StartDate, EndDate string }
			AccountingSupplierParty, AccountingCustomerParty     struct {
				Party struct{ PartyName struct{ Name string } }
			}
			InvoiceLine []struct {
				InvoicedQuantity, LineExtensionAmount map[string]string
				Price                                 struct{ PriceAmount map[string]string }
				Item                                  struct {
					Name                   string
					AdditionalItemProperty []struct{ Name, Value string }
				}
			}
			TaxTotal           struct{ TaxAmount map[string]string }
			LegalMonetaryTotal struct{ LineExtensionAmount, TaxInclusiveAmount, PayableRoundingAmount, PayableAmount map[string]string }
		}
	}
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	i := got.Invoice
	for what, c := range map[string][2]string{
		"number":   {i.ID, "HOU-2025-000042"},
		"date":     {i.IssueDate, "2025-10-02"},
		"first":    {i.InvoicePeriod.StartDate, "2025-09-01"},
		"last":     {i.InvoicePeriod.EndDate, "2025-09-30"},
		"type":     {i.InvoiceTypeCode, "380"},
		"seller":   {i.AccountingSupplierParty.Party.PartyName.Name, entity},
		"buyer":    {i.AccountingCustomerParty.Party.PartyName.Name, "Acme <AI> & Sons"},
		"quantity": {i.InvoiceLine[0].InvoicedQuantity["value"], "1.5"},
		"unit":     {i.InvoiceLine[0].InvoicedQuantity["@unitCode"], "MWH"},
		"amount":   {i.InvoiceLine[0].LineExtensionAmount["value"], "67.685184"},
		"currency": {i.InvoiceLine[0].LineExtensionAmount["@currencyID"], "USD"},
		"price":    {i.InvoiceLine[0].Price.PriceAmount["value"], "45.123456"},
		"prices":   {i.InvoiceLine[1].Price.PriceAmount["value"], ""},
		"item":     {i.InvoiceLine[1].Item.Name, "h100"},
		"tax":      {i.TaxTotal.TaxAmount["value"], "9509.584028"},
		"net":      {i.LegalMonetaryTotal.LineExtensionAmount["value"], "115267.685184"},
		"gross":    {i.LegalMonetaryTotal.TaxInclusiveAmount["value"], "124777.269212"},
		"rounding": {i.LegalMonetaryTotal.PayableRoundingAmount["value"], "0.000788"},
		"payable":  {i.LegalMonetaryTotal.PayableAmount["value"], "124777.27"},
	} {
		if c[0] != c[1] {
			t.Errorf("%s is %q, want %q", what, c[0], c[1])
		}
	}
	b, err = made(t, note(invoice.CreditNote, line(invoice.Usage, -5_000_000)), 43).JSON(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"CreditNote"`, `"CreditNoteTypeCode": "381"`, `"CreditNoteLine"`, `"value": "5.000000"`, `"value": "5.00"`, `"ID": "HOU-2025-000042"`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("%s is missing in\n%s", want, b)
		}
	}
}

// TestHTML: what every line must show, in every language, and nothing of a
// customer's is taken for markup.
func TestHTML(t *testing.T) {
	t.Parallel()
	d := made(t, draft(), 42)
	for l, wants := range map[invoice.Language][]string{
		invoice.English:    {`dir="ltr"`, "Invoice", ">1.5<", "45.123456", "67.685184", "115,200.00", "2.50 – 2.75", "124,777.27", "2 Oct 2025", "1 Sep 2025 – 30 Sep 2025", "m-17", ">3<", "apportioned by time", "estimated", "GPU-hour", "8.25 %"},
		invoice.Portuguese: {`dir="ltr"`, "Fatura", ">1,5<", "45,123456", "115.200,00", "124.777,27", "02/10/2025", "rateado", "hora de GPU", "8,25 %"},
		invoice.Arabic:     {`dir="rtl"`, `lang="ar"`, "فاتورة", "115,200.00", "124,777.27", "02/10/2025", "ساعة معالج رسومي", "تقديري"},
	} {
		b, err := d.HTML(l, nil)
		if err != nil {
			t.Fatal(err)
		}
		page := string(b)
		for _, want := range append(wants, "HOU-2025-000042", "Acme &lt;AI&gt; &amp; Sons", "@media print", "width=device-width", "max-width: 40rem", "m-18, m-19", `id="l-l1"`, "<bdi>1 Grid Road</bdi>") {
			if !strings.Contains(page, want) {
				t.Errorf("%s: %q is missing", l, want)
			}
		}
		if strings.Contains(page, "<AI>") || strings.Contains(page, "<script") || strings.Contains(page, "ZgotmplZ") {
			t.Errorf("%s: text became markup", l)
		}
		again, err := d.HTML(l, nil)
		if err != nil || string(again) != page {
			t.Errorf("%s: the same document has other bytes, %v", l, err)
		}
	}
	b, err := d.HTML(invoice.English, time.FixedZone("UTC-5", -5*3600))
	if err != nil || !strings.Contains(string(b), "31 Aug 2025 – 30 Sep 2025") {
		t.Errorf("days of another zone: %v", err)
	}
	plain, err := invoice.Draft(draft())
	if err != nil {
		t.Fatal(err)
	}
	if b, err := plain.HTML(invoice.English, nil); err != nil || !strings.Contains(string(b), "(Draft)") {
		t.Errorf("a draft does not say so: %v", err)
	}
}

// TestCanonical: what was written is read back, and nothing else is taken for it.
func TestCanonical(t *testing.T) {
	t.Parallel()
	b, err := made(t, draft(), 42).Canonical()
	if err != nil {
		t.Fatal(err)
	}
	d, err := invoice.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := d.Canonical(); err != nil || string(again) != string(b) {
		t.Errorf("it came back as %s, %v", again, err)
	}
	for sentence, text := range map[string]string{
		"a blank":          " " + string(b),
		"something after":  string(b) + "{}",
		"an unknown field": `{"x":1,` + string(b[1:]),
		"a number":         strings.Replace(string(b), `"67685184"`, `67685184`, 1),
		"a changed amount": strings.Replace(string(b), `"67685184"`, `"67685185"`, 1),
		"a field twice":    `{"kind":"invoice",` + string(b[1:]),
		"nothing":          "",
		"half of it":       string(b[:len(b)/2]),
		"another serial":   strings.Replace(string(b), `HOU-2025-000042`, `HOU-2025-42`, 1),
	} {
		if _, err := invoice.Parse([]byte(text)); !errors.Is(err, invoice.ErrCanonical) && !errors.Is(err, invoice.ErrDocument) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

// FuzzParse: anything may be read; what is taken is what would be written.
func FuzzParse(f *testing.F) {
	b, err := made(f, draft(), 42).Canonical()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := invoice.Parse(b)
		if err != nil {
			return
		}
		if again, err := d.Canonical(); err != nil || string(again) != string(b) {
			t.Errorf("%s was taken and is written %s, %v", b, again, err)
		}
	})
}

// FuzzParseNumber: a number that is read is printed as it was.
func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"HOU-2025-000042", "A-1000000", "A-9223372036854775807", "", "-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := invoice.ParseNumber(s); err == nil && n.String() != s {
			t.Errorf("%q was read and is printed %s", s, n)
		}
	})
}

// TestTotalsAddUp: of any amounts the lines, taxes and rounding are the total,
// and the rounding is at most half a cent.
func TestTotalsAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := draft()
		d.Lines = nil
		var sum unit.Amount
		for _, a := range rapid.SliceOfN(rapid.Int64Range(-1<<50, 1<<50), 1, 9).Draw(t, "amounts") {
			d.Lines, sum = append(d.Lines, line(invoice.Usage, unit.Amount(a))), sum+unit.Amount(a)
		}
		d.Taxes[0].Base = sum
		d.Taxes[0].Amount = unit.Amount(unit.MulDiv(int64(sum), int64(d.Taxes[0].Rate), int64(unit.One)))
		got, err := invoice.Draft(d)
		if err != nil {
			t.Fatal(err)
		}
		if sum+got.Taxes[0].Amount+got.Rounding != got.Payable() || max(got.Rounding, -got.Rounding) > 5000 {
			t.Fatalf("%+v", got)
		}
	})
}
