package export

import (
	"bufio"
	"fmt"
	"io"

	"sluice/books"
)

// Hledger writes a period as a journal of hledger. Coins stand at their exact
// total cost, so that a millionth too much is an error there, and every account
// is held against its balance at the end.
func Hledger(w io.Writer, p Period) error {
	if err := p.Validate(); err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	say := func(format string, a ...any) { _, _ = fmt.Fprintf(out, format, a...) } // Flush tells
	say("; %s, %s to %s\n\n", plain(p.Chart.Entity), p.first(), p.last())
	seen := map[books.Asset]bool{}
	for _, a := range p.shown() {
		if !seen[a.Asset] {
			say("commodity %s %s\n", "1"+a.Asset.Text(0)[1:], a.Asset)
			seen[a.Asset] = true
		}
	}
	say("\n")
	for _, a := range p.shown() {
		say("account %s  ; code:%s\n", a.Name, plain(a.Code))
	}
	if len(p.Prices) > 0 {
		say("\n")
	}
	for _, x := range p.quoted() {
		say("P %s %s %s %s\n", p.day(x.At), x.Asset, books.Asset(x.Quote).Text(int64(x.Value)), x.Quote)
	}
	if begin := p.begin(); len(begin) > 0 {
		say("\n%s * balances at the beginning\n", p.first())
		p.hledgerLines(say, begin)
	}
	for _, t := range p.sorted() {
		say("\n%s * %s  ; id:%s\n", p.day(t.At), plain(t.Kind+" "+t.Narration), plain(t.ID))
		p.hledgerLines(say, p.lines(t))
	}
	say("\n%s * balances at the end\n", p.last())
	for _, a := range p.shown() {
		say("    %s  %s %s = %s %s\n", a.Name, a.Asset.Text(0), a.Asset, a.Asset.Text(p.Closing[a.Name]), a.Asset)
	}
	return out.Flush()
}

func (p Period) hledgerLines(say func(string, ...any), lines []books.Line) {
	own := books.Asset(p.Chart.Currency)
	for _, l := range lines {
		a, _ := p.Chart.Find(l.Account)
		say("    %s  %s %s", l.Account, a.Asset.Text(l.Amount), a.Asset)
		if l.Lot.ID != "" {
			say(" @@ %s %s", own.Text(magnitude(int64(l.Lot.Cost))), own)
		}
		for i, t := range tags(l.Tags) {
			say("%s%s:%s", []string{"  ; ", ", "}[min(i, 1)], t[0], plain(t[1]))
		}
		if l.Lot.ID != "" {
			say("%slot:%s", []string{"  ; ", ", "}[min(len(tags(l.Tags)), 1)], plain(l.Lot.ID))
		}
		say("\n")
	}
}

func magnitude(v int64) int64 { return max(v, -v) }
