package room

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/people"
)

// TestInvoices: what is open, what each line rests on, and what was paid.
func TestInvoices(t *testing.T) {
	t.Parallel()
	c := newCabinet(t)
	list := asked[Invoices](c, "/houston/invoices")
	if len(list.Invoices) != 1 || list.Owed != Micro(dollars(140)) || list.Invoices[0].Open != list.Owed || list.Invoices[0].Total != Micro(dollars(240)) || list.Invoices[0].State != "partly paid" {
		t.Fatalf("%+v", list)
	}
	for query, n := range map[string]int{"customer=borealis": 1, "customer=acme": 0, "contract=gpu-7": 1, "contract=x": 0, "open=true": 1, "state=paid": 0, "state=partly%20paid": 1} {
		if got := asked[Invoices](c, "/houston/invoices?"+query); len(got.Invoices) != n || got.Owed != list.Owed {
			t.Errorf("%s: %+v", query, got)
		}
	}
	one := asked[InvoiceDetail](c, "/houston/invoices/"+c.number)
	if diff := cmp.Diff(list.Invoices[0], one.Invoice); diff != "" {
		t.Error(diff)
	}
	if len(one.Lines) != 1 || one.Lines[0].Terms == "" || len(one.Became) != 1 || one.Became[0].Amount != Micro(dollars(100)) || one.Became[0].Kind != "payment" {
		t.Errorf("%+v", one)
	}
	if p := asked[Evidence](c, "/houston/evidence/"+one.Evidence); p.Kind != "invoice" || p.Form != "json" || !strings.Contains(p.Text, "Borealis") {
		t.Errorf("%+v", p)
	}
	if p := asked[Evidence](c, "/houston/evidence/"+one.Lines[0].Terms); p.Kind != "contract" || !strings.Contains(p.Text, "contract: gpu-7") {
		t.Errorf("%+v", p)
	}
	if behind := asked[Transactions](c, "/houston/transactions?evidence="+one.Evidence); len(behind.Page) != 1 {
		t.Errorf("the invoice is posted by %+v", behind.Page)
	}
}

// TestReadings: the readings under a line are those of its term alone, each with its paper.
func TestReadings(t *testing.T) {
	t.Parallel()
	c := newCabinet(t)
	got := asked[LineReadings](c, "/houston/invoices/"+c.number+"/lines/1")
	if len(got.Intervals) != 2 || got.Readings == nil || *got.Readings != 2 || got.Intervals[0].Quantity != "230400" || got.Intervals[1].Quantity != "115200" {
		t.Fatalf("%+v", got)
	}
	if p := asked[Evidence](c, "/houston/evidence/"+got.Intervals[0].Evidence); p.Name != "september.csv" || p.Standing != "metered" {
		t.Errorf("%+v", p)
	}
}

// TestInvoicePDF: a document is handed out as it is sent, the same bytes each time.
func TestInvoicePDF(t *testing.T) {
	t.Parallel()
	c := newCabinet(t)
	g := c.as(people.Finance, "houston")
	one := g.ok(http.StatusOK, http.MethodGet, "/v1/books/houston/invoices/"+c.number+"/pdf", nil)
	if !strings.HasPrefix(one.body, "%PDF-") || one.header.Get("Content-Type") != "application/pdf" || !strings.Contains(one.header.Get("Content-Disposition"), c.number+".pdf") {
		t.Errorf("%v %.20q", one.header, one.body)
	}
	again := g.ok(http.StatusOK, http.MethodGet, "/v1/books/houston/invoices/"+c.number+"/pdf?language=en", nil)
	arabic := g.ok(http.StatusOK, http.MethodGet, "/v1/books/houston/invoices/"+c.number+"/pdf?language=ar", nil)
	if again.body != one.body || arabic.body == one.body {
		t.Error("the language changes nothing, or the same document has other bytes")
	}
}
