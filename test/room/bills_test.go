package room

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"sluice/internal/browser"
)

// bills adds an invoice of the books, a line of it and its evidence to what there is.
func (o operator) bills(t *testing.T, c *http.Client, have map[string]string) {
	t.Helper()
	var list struct{ Invoices []struct{ Number string } }
	if code := o.call(t, c, http.MethodGet, "/v1/books/"+have["book"]+"/invoices", &list); code != http.StatusOK || len(list.Invoices) == 0 {
		return
	}
	have["number"], have["line"] = list.Invoices[0].Number, "1"
	var one struct{ Evidence string }
	o.call(t, c, http.MethodGet, "/v1/books/"+have["book"]+"/invoices/"+have["number"], &one)
	have["hash"] = one.Evidence
}

// follows clicks a link and waits for the page behind it.
func (p person) follows(t *testing.T, link string) string {
	t.Helper()
	var before, path string
	p.do(t, chromedp.Location(&before), chromedp.WaitVisible(link, chromedp.ByQuery), chromedp.Click(link, chromedp.ByQuery))
	until(t, "another page than "+before+" behind "+link, 20*time.Second, func() bool { p.do(t, chromedp.Location(&path)); return path != before })
	p.do(t, chromedp.WaitReady(`body[data-ready="1"]`, chromedp.ByQuery))
	return path
}

// exact reads the number that begins a title, such as 35055.367333 of "35,055.367333 USD".
func exact(t *testing.T, title string) float64 {
	t.Helper()
	text, _, _ := strings.Cut(strings.ReplaceAll(title, "\u00a0", " "), " ")
	v, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", ""), 64)
	if err != nil {
		t.Fatalf("%q is no number: %v", title, err)
	}
	return v
}

// linesOf reads what the lines of an invoice come to, and its total.
const linesOf = `(() => {
	const rows = [...document.querySelectorAll('main table.ledger tr:has(td[data-end])')].filter((r) => r.closest('table').querySelector('[data-line]'));
	const of = (r) => [...r.querySelectorAll('td[data-end] bdi.num[title]')].pop()?.title ?? '';
	return {parts: rows.filter((r) => !('sum' in r.dataset)).map(of), total: of(rows.find((r) => 'sum' in r.dataset))};
})()`

// readingsOf scrolls through the table of readings and reads every quantity, by its row.
const readingsOf = `(async () => {
	const grid = document.querySelector('main [role=grid]'), seen = {};
	for (let y = 0; ; y += 200) {
		grid.scrollTop = y;
		await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
		for (const row of grid.querySelectorAll('.table-body [role=row]')) seen[row.ariaRowIndex ?? row.getAttribute('aria-rowindex')] = row.querySelector('[data-end] [title]').title;
		if (y > grid.scrollHeight) break;
	}
	return {rows: Number(grid.getAttribute('aria-rowcount')) - 1, seen: Object.values(seen)};
})()`

// TestABillByClicks goes by clicks from the start to an invoice, a line of it, its
// readings and their paper, and adds up what it reads on the way: the lines are the total,
// and the readings at the price are the line.
func TestABillByClicks(t *testing.T) { //nolint:paralleltest // one demonstration at a time
	o := newOperator(t, 35000, 30)
	have := o.things(t)
	if have["number"] == "" {
		t.Skip("SKIPPED, NOTHING WAS CHECKED: the program was built without the history of the demonstration: make story")
	}
	p := o.sit(t, "anna", look{"en", "light", 1280})
	p.goes(t, "/screens")
	p.follows(t, `main a[href="/money"]`)
	p.follows(t, fmt.Sprintf(`main a[href="/books/%s"]`, have["book"]))
	p.follows(t, `nav.parts a[href*="/invoices"]`)
	p.follows(t, fmt.Sprintf(`main a[href*="/invoices/%s"]`, have["number"]))
	var bill struct {
		Parts []string
		Total string
	}
	p.do(t, chromedp.WaitVisible(`[data-line="1"]`, chromedp.ByQuery), chromedp.Evaluate(linesOf, &bill))
	p.keep(t, "deed-bill")
	var sum float64
	for _, x := range bill.Parts {
		sum += exact(t, x)
	}
	if total := exact(t, bill.Total); len(bill.Parts) < 2 || total < 1 || math.Abs(sum-total) > 1e-6 {
		t.Errorf("the lines of %s come to %f, it says %f: %v", have["number"], sum, total, bill)
	}
	p.follows(t, `[data-line="1"]`)
	var amount, price, whole string
	var read struct {
		Rows int
		Seen []string
	}
	p.do(t, chromedp.WaitVisible(`[data-amount] bdi`, chromedp.ByQuery), chromedp.WaitVisible(`main [role=grid] [data-end] [title]`, chromedp.ByQuery),
		chromedp.Evaluate(`document.querySelector('[data-amount] bdi').title`, &amount), chromedp.Evaluate(`document.querySelector('[data-price] bdi').innerText`, &price),
		chromedp.Evaluate(`document.querySelector('[data-whole] [title]').title`, &whole), chromedp.Evaluate(readingsOf, &read, browser.Awaited))
	p.keep(t, "deed-readings")
	sum = 0
	for _, x := range read.Seen {
		sum += exact(t, x)
	}
	if len(read.Seen) != read.Rows || read.Rows < 600 || math.Abs(sum-exact(t, whole)) > 1e-6 {
		t.Errorf("%d of %d readings come to %f, the page says %s", len(read.Seen), read.Rows, sum, whole)
	}
	if want := exact(t, amount); want < 1 || math.Abs(sum*exact(t, price)-want) > 1e-6 || fmt.Sprintf("%.6f", want) != fmt.Sprintf("%.6f", exact(t, bill.Parts[0])) {
		t.Errorf("%f at %s is %f, the line says %s and the invoice %s", sum, price, sum*exact(t, price), amount, bill.Parts[0])
	}
	if at := p.follows(t, `[data-evidence="1"]`); !strings.Contains(at, "/evidence/") {
		t.Errorf("the paper of a reading is at %s", at)
	}
	p.keep(t, "deed-reading-paper")
	t.Logf("%s: %d lines come to %s; %d readings of the first come to %s at %s, which is %s", have["number"], len(bill.Parts), bill.Total, read.Rows, whole, price, amount)
}

// TestAMonthIsClosedByClicks: one asks on the page, another one approves, and the month is
// proved and locked.
func TestAMonthIsClosedByClicks(t *testing.T) { //nolint:paralleltest // one demonstration at a time
	o := newOperator(t, 36000, 30)
	have := o.things(t)
	if have["number"] == "" {
		t.Skip("SKIPPED, NOTHING WAS CHECKED: the program was built without the history of the demonstration: make story")
	}
	anna, ben := o.sit(t, "anna", look{"en", "light", 1280}), o.sit(t, "ben", look{"ar", "light", 1280})
	anna.goes(t, "/books/"+have["book"]+"/closing")
	anna.writes(t, `[data-close-reason="1"]`, "all of February is booked and billed")
	anna.clicks(t, `[data-close-month="2025-02"]`)
	ben.approves(t)
	var locked string
	until(t, "February is locked", 60*time.Second, func() bool {
		anna.do(t, chromedp.Evaluate(fmt.Sprintf(`fetch("/v1/books/%s/periods").then((a) => a.json()).then((p) => p.locked ?? "")`, have["book"]), &locked, browser.Awaited))
		return strings.HasPrefix(locked, "2025-03-01")
	})
	anna.goes(t, "/books/"+have["book"]+"/closing")
	anna.keep(t, "deed-closing")
}
