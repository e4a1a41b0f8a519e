package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sluice/books/invoice"
	"sluice/store/ledger"
	"sluice/store/whole"
	"sluice/unit"
)

func newInvoiceList(f *invoiceFlags) *cobra.Command {
	var customer, date string
	var open bool
	c := &cobra.Command{
		Use: "list --books FOLDER", Short: "What was issued, how far it is paid, and how old it is", Args: cobra.NoArgs,
		Long: `Lists invoices and notes with what is open of them. The sum of what is open is the
balance of the customers' receivables in the books, or the command fails.
` + exitHelp,
		Example: `  sluice invoice list --books books --open
  sluice invoice list --books books --customer acme --date 2025-12-31 --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			return withDesk(c, f, func(ctx context.Context, d *desk, w io.Writer) error {
				at := d.booked
				if date != "" {
					var err error
					if at, err = time.ParseInLocation(time.DateOnly, date, d.zone); err != nil {
						return input(fmt.Errorf("--date %q: write a day such as 2025-10-01", date))
					}
				}
				if err := d.ties(ctx); err != nil {
					return err
				}
				all := d.listing(func(x invoice.Document) bool {
					return (customer == "" || x.Customer.ID == customer) && (!open || d.history.Open(x) != 0)
				}, at)
				if f.json {
					return printJSON(w, all)
				}
				printListing(w, all)
				return nil
			})
		},
	}
	c.Flags().StringVar(&customer, "customer", "", "id of a customer")
	c.Flags().StringVar(&date, "date", "", "day on which the age is counted (default: today)")
	c.Flags().BoolVar(&open, "open", false, "only what is open")
	return c
}

// ties fails where the open documents are not what the customers owe in the books.
func (d *desk) ties(ctx context.Context) error {
	all, err := d.store.Balances(ctx, ledger.Query{Entity: d.chart.Entity})
	if err != nil {
		return err
	}
	var owed int64
	for _, b := range all {
		if strings.HasPrefix(b.Account, "Assets:Receivable:Customer:") {
			owed += b.Amount
		}
	}
	if open := int64(d.history.Outstanding()); open != owed {
		return fmt.Errorf("documents are open with %s, and the books say that customers owe %s: something was booked beside them, see 'sluice ledger entries --account Assets:Receivable:Customer:...'",
			amountText(d.history.Outstanding(), d.chart.Currency), d.text(unit.Amount(owed)))
	}
	return nil
}

// listedJSON is a document in the list.
type listedJSON struct {
	Number   string        `json:"number"`
	Kind     invoice.Kind  `json:"kind"`
	RefersTo string        `json:"refers_to,omitempty"`
	Customer string        `json:"customer"`
	Issued   string        `json:"issued"`
	From     string        `json:"from"`
	To       string        `json:"to"` // the first day after the period
	Currency string        `json:"currency"`
	Total    string        `json:"total"`
	Open     string        `json:"open"`
	State    invoice.State `json:"state"`
	Days     int           `json:"age_days"`
}

// listing is the documents that are wanted, aged to a day.
func (d *desk) listing(wanted func(invoice.Document) bool, at time.Time) []listedJSON {
	out := []listedJSON{}
	for _, x := range d.history.Documents {
		if !wanted(x) {
			continue
		}
		out = append(out, listedJSON{
			Number: x.Number.String(), Kind: x.Kind, RefersTo: x.RefersTo, Customer: x.Customer.ID, Issued: dayOf(x.Issued, d.zone), From: dayOf(x.From, d.zone), To: dayOf(x.To, d.zone),
			Currency: string(x.Currency), Total: amountText(x.Payable(), x.Currency), Open: amountText(d.history.Open(x), x.Currency), State: d.history.State(x),
			Days: max(0, int((at.Unix()-x.Issued)/86_400)),
		})
	}
	return out
}

func printListing(w io.Writer, all []listedJSON) {
	if len(all) == 0 {
		fmt.Fprintln(w, "No document is to be listed.")
		return
	}
	fmt.Fprintf(w, "%-17s %-12s %-14s %-10s %18s %18s  %-12s %s\n", "number", "kind", "customer", "issued", "total", "open", "state", "days")
	for _, x := range all {
		days := ""
		if x.State != invoice.Paid && x.State != invoice.Credited && x.State != invoice.WrittenOff {
			days = strconv.Itoa(x.Days)
		}
		line := fmt.Sprintf("%-17s %-12s %-14s %-10s %18s %18s  %-12s %s", x.Number, x.Kind, clip(harmless(x.Customer), 14), x.Issued, commas(x.Total), commas(x.Open), x.State, days)
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}

func newInvoiceShow(f *invoiceFlags) *cobra.Command {
	var as, language, file string
	c := &cobra.Command{
		Use: "show NUMBER --books FOLDER --as text | html | pdf | json", Short: "A document as text, page, PDF or JSON, in three languages", Args: cobra.ExactArgs(1),
		Long: `Shows a document as it was issued. The same document always gives the same bytes.
html and pdf come in English, Arabic and Portuguese; json has the fields of UBL 2.1
and text is in English.
` + exitHelp,
		Example: `  sluice invoice show HOU-2025-000001 --books books
  sluice invoice show HOU-2025-000001 --books books --as pdf --language pt -o invoice.pdf`,
		RunE: func(c *cobra.Command, args []string) error {
			return withDesk(c, f, func(_ context.Context, d *desk, w io.Writer) error {
				if f.json {
					as = "json"
				}
				b, err := d.shown(args[0], as, language)
				if err != nil || file == "" {
					_, also := w.Write(b)
					return errors.Join(err, also)
				}
				if err := writable(file); err != nil {
					return input(errors.New(strings.Replace(err.Error(), "--html", "-o", 1)))
				}
				return whole.Replace(file, whole.Public, whole.Text(b))
			})
		},
	}
	p := c.Flags()
	p.StringVar(&as, "as", "text", "text, html, pdf or json")
	p.StringVar(&language, "language", "en", "of html and pdf: en, ar or pt")
	p.StringVarP(&file, "output", "o", "", "write to this file")
	return c
}

// shown is a document in one form.
func (d *desk) shown(number, as, language string) ([]byte, error) {
	x, err := d.document(number)
	if err != nil {
		return nil, err
	}
	l := invoice.Language(language)
	if l != invoice.English && l != invoice.Arabic && l != invoice.Portuguese {
		return nil, input(fmt.Errorf("--language %q: use en, ar or pt", language))
	}
	zone := d.zone
	if k, ok := d.contracts[x.Lines[0].Contract]; ok {
		zone = k.Zone
	}
	switch as {
	case "text":
		if l != invoice.English {
			return nil, input(errors.New("--as text is in English: use --as html or --as pdf for other languages"))
		}
		return []byte(d.plainDocument(x, zone)), nil
	case "html":
		return x.HTML(l, zone)
	case "pdf":
		return x.PDF(l, zone)
	case "json":
		b, err := x.JSON(zone)
		return append(b, '\n'), err
	}
	return nil, input(fmt.Errorf("--as %q: use text, html, pdf or json", as))
}

// plainDocument is a document as text, with what became of it.
func (d *desk) plainDocument(x invoice.Document, zone *time.Location) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", strings.ToUpper(string(x.Kind[:1]))+string(x.Kind[1:]), x.Number)
	fmt.Fprintf(&b, "Issued %s, for %s to %s (%s), in %s\n", dayOf(x.Issued, zone), dayOf(x.From, zone), dayOf(x.To-1, zone), zone, x.Currency)
	if x.RefersTo != "" {
		fmt.Fprintf(&b, "Refers to %s: %s\n", x.RefersTo, harmless(x.Reason))
	}
	for _, p := range []struct {
		role string
		who  invoice.Party
	}{{"From", x.Entity}, {"To", x.Customer}} {
		line := append([]string{p.who.Name}, p.who.Address...)
		if p.who.Country != "" {
			line = append(line, p.who.Country)
		}
		if p.who.TaxID != "" {
			line = append(line, "tax ID "+p.who.TaxID)
		}
		fmt.Fprintf(&b, "%-5s %s\n", p.role, harmless(strings.Join(line, ", ")))
	}
	fmt.Fprintln(&b)
	printLines(&b, x.Lines, x.Taxes)
	fmt.Fprintf(&b, "  %-30s %-44s %20s\n", "rounding", "", exactly(x.Rounding))
	fmt.Fprintf(&b, "  %-30s %-44s %20s\n", "total to pay", "", payable(x))
	fmt.Fprintf(&b, "\n%s, open %s\n", d.history.State(x), d.text(d.history.Open(x)))
	for _, p := range d.history.Payments {
		for _, a := range p.Allocations {
			if a.Document == x.Number {
				fmt.Fprintf(&b, "   paid or set off on %s: %s, %s\n", p.At.In(zone).Format(time.DateOnly), d.text(a.Amount), harmless(p.Source))
			}
		}
	}
	for _, o := range d.history.WriteOffs {
		if o.Document == x.Number {
			fmt.Fprintf(&b, "   given up on %s: %s, %s\n", o.At.In(zone).Format(time.DateOnly), d.text(o.Amount), harmless(o.Source))
		}
	}
	for _, y := range d.history.Documents {
		if y.RefersTo == x.Number.String() {
			fmt.Fprintf(&b, "   %s %s of %s: %s, %s\n", y.Kind, y.Number, dayOf(y.Issued, zone), payable(y), harmless(y.Reason))
		}
	}
	if h, err := x.Hash(); err == nil {
		fmt.Fprintf(&b, "SHA-256 %x\n", h)
	}
	return b.String()
}
