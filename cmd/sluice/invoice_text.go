package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"sluice/books"
	"sluice/books/accrual"
	"sluice/books/invoice"
	"sluice/loop/billing"
	"sluice/unit"
)

// print shows a month for people.
func (b *bill) print(w io.Writer, r billing.Result) {
	k := b.file
	fmt.Fprintf(w, "%s: %s, %s (%s), in %s\n", harmless(k.ID), harmless(k.Customer.Name), b.month(), k.Zone, k.Currency)
	printLines(w, r.Lines, r.Taxes)
	b.printService(w, r)
	b.printOpen(w, r)
	b.printCleared(w, "To be taken back")
	for _, x := range r.Documents {
		fmt.Fprintf(w, "Issued before: %s, %s of %s, %s\n", x.Number, x.Kind, dayOf(x.Issued, k.Zone), payable(x))
	}
	switch {
	case r.Draft != nil:
		fmt.Fprintf(w, "To be issued: %s of %s%s\n", r.Draft.Kind, payable(*r.Draft), b.then(r))
	default:
		fmt.Fprintln(w, "To be issued: nothing is new")
	}
	for _, a := range k.Assumed {
		fmt.Fprintf(w, "Assumed: %s\n", harmless(a))
	}
}

// then is what follows on an invoice.
func (b *bill) then(r billing.Result) string {
	if s := r.Availability; s != nil && s.Rate > 0 && r.Draft.Kind == invoice.Invoice && b.file.Service.Credit == billing.OnNote {
		return ", and a credit note for the service level"
	}
	return ""
}

// printIssued shows what a run issued, and what stands.
func (b *bill) printIssued(w io.Writer, r billing.Result, issued []invoice.Document) {
	for _, x := range issued {
		fmt.Fprintf(w, "%s  %s of %s for %s, %s\n", x.Number, x.Kind, dayOf(x.Issued, b.file.Zone), harmless(x.Customer.Name), payable(x))
		if x.Reason != "" {
			fmt.Fprintf(w, "   refers to %s: %s\n", x.RefersTo, harmless(x.Reason))
		}
	}
	if len(issued) == 0 {
		what := "nothing is new"
		if len(r.Lines)+len(r.Documents) == 0 {
			what = "nothing is owed: the contract does not charge in this month, or nothing was used"
		}
		fmt.Fprintf(w, "%s, %s: %s\n", harmless(b.file.ID), b.month(), what)
		for _, x := range r.Documents {
			fmt.Fprintf(w, "   issued before: %s, %s of %s, %s\n", x.Number, x.Kind, dayOf(x.Issued, b.file.Zone), payable(x))
		}
	}
	b.printOpen(w, r)
	b.printCleared(w, "Taken back")
	if n := len(r.Settled); n > 0 {
		fmt.Fprintf(w, "Out of suspense, since it is billed now or its contract is known: %d\n", n)
	}
}

// printService shows the availability and what is credited for it.
func (b *bill) printService(w io.Writer, r billing.Result) {
	s := r.Availability
	if s == nil {
		return
	}
	fmt.Fprintf(w, "Availability %s: ", billing.Percent(s.Availability))
	if s.Rate == 0 {
		fmt.Fprintln(w, "no credit")
	} else {
		fmt.Fprintf(w, "%s of the fee are credited, on %s\n", s.Credit.Price, map[billing.CreditOn]string{billing.OnInvoice: "the invoice", billing.OnNote: "a note"}[b.file.Service.Credit])
	}
	for _, x := range s.Refused {
		fmt.Fprintf(w, "   not taken as an excuse: %s of %q from %s to %s: %s\n", x.Exclusion.Cause, harmless(x.Exclusion.Part), minute(x.Exclusion.From, b.file.Zone), minute(x.Exclusion.To, b.file.Zone), x.Why)
	}
}

// shownMost lines of what is missing or parked are printed.
const shownMost = 10

// printCleared shows what sites had accrued of the month and the bill takes back, or
// that they accrued it under other names only.
func (b *bill) printCleared(w io.Writer, what string) {
	if len(b.strange) > 0 {
		fmt.Fprintf(w, "Look at: sites accrued nothing of %s in %s, and something of %s, under which nothing was billed: a bill takes the place of what was accrued under its own name\n",
			harmless(b.file.ID), b.month(), harmless(strings.Join(b.strange, ", ")))
	}
	if len(b.cleared) == 0 {
		return
	}
	var sites []string
	for _, t := range b.cleared {
		if s := t.Lines[0].Tags.Site; !slices.Contains(sites, s) {
			sites = append(sites, s)
		}
	}
	fmt.Fprintf(w, "%s: %s %s, which were accrued at %s from %s to %s; the bill is what the month earned\n", what, exactly(b.takenBack()), b.file.Currency,
		harmless(strings.Join(sites, ", ")), dayOf(b.cleared[0].At.Unix(), b.file.Zone), dayOf(b.cleared[len(b.cleared)-1].At.Unix(), b.file.Zone))
}

// takenBack is what had been accrued, less credits.
func (b *bill) takenBack() unit.Amount { return -accrual.Earned(b.cleared) }

// printOpen shows what is missing and what is parked.
func (b *bill) printOpen(w io.Writer, r billing.Result) {
	for i, g := range r.Gaps {
		if i == shownMost {
			fmt.Fprintf(w, "Missing: and %d stretches more\n", len(r.Gaps)-i)
			break
		}
		fmt.Fprintf(w, "Missing: %s\n", harmless(b.gap(g)))
	}
	for i, p := range r.Parked {
		if i == shownMost {
			fmt.Fprintf(w, "In suspense: and %d more, see 'sluice invoice suspense'\n", len(r.Parked)-i)
			break
		}
		fmt.Fprintf(w, "In suspense: %s\n", harmless(p.Says))
	}
}

// printLines shows lines, taxes and their sum, with all their decimals.
func printLines(w io.Writer, lines []invoice.Line, taxes []invoice.Tax) {
	var sum unit.Amount
	for _, l := range lines {
		sum += l.Amount
		what := l.Component
		if l.Kind == invoice.Credit {
			what = "Service level credit"
		}
		var marks []string
		for _, m := range []struct {
			is   bool
			says string
		}{{l.Apportioned, "apportioned by time"}, {l.Estimated, "estimated"}, {l.Meter != "", "meter " + l.Meter}, {l.Revision > 1, fmt.Sprintf("revision %d", l.Revision)}} {
			if m.is {
				marks = append(marks, m.says)
			}
		}
		how := ""
		if l.Base > 0 {
			how = quantityText(l) + " " + l.Unit
		}
		switch {
		case l.Kind == invoice.Credit:
			how = l.Price + " of the fee"
		case l.Kind == invoice.Percentage:
			r, _ := unit.ParseMicro(l.Price) // rating wrote it
			how = billing.Percent(unit.Ratio(r)) + " of " + exactly(unit.Amount(l.Quantity))
		case l.Price != "" && l.Base > 0:
			how += " at " + plainPrice(l.Price)
		}
		fmt.Fprintf(w, "  %-30s %-44s %20s\n", clip(harmless(what), 30), clip(how, 44), exactly(l.Amount))
		if len(marks) > 0 {
			fmt.Fprintf(w, "  %-30s %s\n", "", harmless(strings.Join(marks, ", ")))
		}
	}
	for _, t := range taxes {
		sum += t.Amount
		fmt.Fprintf(w, "  %-30s %-44s %20s\n", clip(harmless(t.Code), 30), billing.Percent(t.Rate)+" of "+exactly(t.Base), exactly(t.Amount))
	}
	fmt.Fprintf(w, "  %-30s %-44s %20s\n", "", "", strings.Repeat("-", 18))
	fmt.Fprintf(w, "  %-30s %-44s %20s\n", "sum", "", exactly(sum))
}

// clip cuts a text to a width; what is cut is told by dots.
func clip(s string, width int) string {
	r := []rune(s)
	if len(r) <= width {
		return s
	}
	return string(r[:width-3]) + "..."
}

// quantityText is the quantity of a line in its unit, to three decimals.
func quantityText(l invoice.Line) string {
	v, ok := unit.TryMulDiv(l.Quantity, 1000, l.Base)
	if !ok {
		return fmt.Sprintf("%d/%d", l.Quantity, l.Base)
	}
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	text := fmt.Sprintf("%s%d.%03d", sign, v/1000, v%1000)
	return commas(strings.TrimSuffix(strings.TrimRight(text, "0"), "."))
}

// plainPrice writes a price without the zeros behind the cents.
func plainPrice(text string) string {
	parts := strings.Split(text, "; ")
	for i, p := range parts {
		ends := strings.Split(p, "..")
		for j, e := range ends {
			whole, fraction, _ := strings.Cut(e, ".")
			fraction = strings.TrimRight(fraction, "0")
			for len(fraction) < 2 {
				fraction += "0"
			}
			ends[j] = whole + "." + fraction
		}
		parts[i] = strings.Join(ends, " to ")
	}
	return strings.Join(parts, "; ")
}

// exactly is an amount with all its decimals.
func exactly(v unit.Amount) string { return commas(books.Asset("").Text(int64(v))) }

// commas groups the digits of a number by thousands.
func commas(number string) string {
	sign := ""
	if digits, negative := strings.CutPrefix(number, "-"); negative {
		sign, number = "-", digits
	}
	whole, fraction, point := strings.Cut(number, ".")
	var b strings.Builder
	b.WriteString(sign)
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	if point {
		b.WriteString("." + fraction)
	}
	return b.String()
}

// payable is what is payable of a document, in the currency.
func payable(d invoice.Document) string {
	return commas(amountText(d.Payable(), d.Currency)) + " " + string(d.Currency)
}

// amountText is an amount in the decimals of the currency's smallest coin.
func amountText(v unit.Amount, c unit.Currency) string {
	text := books.Asset(c).Text(int64(v))
	for coin := invoice.Coin(c); coin > 1 && strings.HasSuffix(text, "0"); coin /= 10 {
		text = strings.TrimSuffix(text, "0")
	}
	return strings.TrimSuffix(text, ".")
}

func dayOf(at int64, zone *time.Location) string {
	return time.Unix(at, 0).In(zone).Format(time.DateOnly)
}

func minute(at int64, zone *time.Location) string {
	return time.Unix(at, 0).In(zone).Format("2006-01-02 15:04 MST")
}
