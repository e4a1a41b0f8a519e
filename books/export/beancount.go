package export

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"math/big"
	"time"

	"sluice/books"
)

// Method is how beancount is told which lots leave.
type Method string

// The methods.
const (
	Strict Method = "STRICT" // by name, as they were booked
	FIFO   Method = "FIFO"   // it chooses itself: books that chose otherwise do not balance there
)

// Beancount writes a period for bean-check, with the lots by name or, to prove
// that the oldest went first, without.
func Beancount(w io.Writer, p Period, m Method) error {
	if err := p.Validate(); err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	b := bean{Period: p, method: m, arrived: map[[2]string][]arrival{}}
	b.say = func(format string, a ...any) { _, _ = fmt.Fprintf(out, format, a...) } // Flush tells
	b.head()
	for _, a := range p.shown() {
		b.say("%s open %s %s", p.day(p.From.Add(-time.Second)), a.Name, a.Asset)
		if a.Holds() {
			b.say(" %q", m)
		}
		b.say("\n")
	}
	if begin := p.begin(); len(begin) > 0 {
		b.say("\n%s * \"balances at the beginning\"\n", p.first())
		b.lines(begin, nil, false)
	}
	for _, t := range p.sorted() {
		b.say("\n%s * \"%s\" ^%s\n  id: \"%s\"\n", p.day(t.At), plain(t.Kind+" "+t.Narration), link(t.ID), plain(t.ID))
		b.lines(p.lines(t), proceeds(t), t.Reverses != "")
	}
	b.say("\n")
	for _, x := range p.quoted() {
		b.say("%s price %s %s %s\n", p.day(x.At), x.Asset, books.Asset(x.Quote).Text(int64(x.Value)), x.Quote)
	}
	for _, a := range p.shown() {
		b.say("%s balance %s %s ~ 0 %s\n", p.day(p.To), a.Name, a.Asset.Text(p.Closing[a.Name]), a.Asset)
	}
	return out.Flush()
}

// bean writes one export.
type bean struct {
	Period
	method  Method
	say     func(string, ...any)
	arrived map[[2]string][]arrival // by account and lot: what is left of each arrival
}

// arrival is one arrival of a lot in an account. What comes twice, by two
// transfers, has two costs by piece, and beancount keeps it as two lots.
type arrival struct {
	label string
	left  int64
}

func (b *bean) head() {
	b.say("option \"title\" \"%s, %s to %s\"\n", plain(b.Chart.Entity), b.first(), b.last())
	b.say("option \"operating_currency\" \"%s\"\noption \"booking_method\" \"STRICT\"\n", b.Chart.Currency)
	b.say("option \"inferred_tolerance_default\" \"%s:0.00005\"\n", b.Chart.Currency)
	for _, x := range []string{"leafonly", "onecommodity", "noduplicates", "sellgains"} {
		b.say("plugin \"beancount.plugins.%s\"\n", x)
	}
	b.say("\n")
}

// link is an id as beancount writes links: by it two equal bookings of one day
// are told from one that was booked twice.
func link(id string) string {
	h := sha256.Sum256([]byte(id))
	return fmt.Sprintf("t%x", h[:10])
}

// proceeds is what came for the coins that a transaction takes out for good, by
// coin; nil where none leave.
func proceeds(t books.Transaction) *big.Rat {
	var coins, money int64
	sold := false
	for _, l := range t.Lines {
		switch {
		case l.Lot.ID != "" && l.Amount < 0:
			coins, money = coins-l.Amount, money-int64(l.Lot.Cost)
		case l.Lot.ID != "":
			return nil // a transfer
		case l.Account == books.RealisedGain:
			money, sold = money-l.Amount, true
		case l.Account == books.Conversion(books.Bitcoin):
			sold = true
		}
	}
	if coins == 0 || !sold || t.Reverses != "" {
		return nil
	}
	return big.NewRat(money*100, coins) // millionths by satoshi are a hundredth of money by coin
}

// lines writes those of a transaction. named coins leave by name whatever the
// method: what is taken back is not chosen.
func (b *bean) lines(lines []books.Line, price *big.Rat, named bool) {
	for _, l := range lines {
		a, _ := b.Chart.Find(l.Account)
		switch {
		case l.Lot.ID == "":
			b.say("  %s  %s %s\n", l.Account, a.Asset.Text(l.Amount), a.Asset)
			b.tags(l)
		case l.Amount > 0:
			b.arrive(l)
		default:
			b.leave(l, price, named)
		}
	}
}

func (b *bean) arrive(l books.Line) {
	at := [2]string{l.Account, l.Lot.ID}
	label := plain(l.Lot.ID)
	if n := len(b.arrived[at]); n > 0 {
		label = fmt.Sprintf("%s (%d)", label, n+1)
	}
	b.arrived[at] = append(b.arrived[at], arrival{label, l.Amount})
	b.say("  %s  %s BTC {{%s %s, %s, \"%s\"}}\n", l.Account, books.Bitcoin.Text(l.Amount),
		books.Asset(b.Chart.Currency).Text(int64(l.Lot.Cost)), b.Chart.Currency, b.day(l.Lot.Acquired), label)
	b.tags(l)
}

func (b *bean) leave(l books.Line, price *big.Rat, named bool) {
	at, left := [2]string{l.Account, l.Lot.ID}, -l.Amount
	for i := range b.arrived[at] {
		x := &b.arrived[at][i]
		n := min(left, x.left)
		if n == 0 {
			continue
		}
		x.left, left = x.left-n, left-n
		cost := "{}"
		if named || b.method == Strict {
			cost = fmt.Sprintf("{\"%s\"}", x.label)
		}
		b.say("  %s  %s BTC %s", l.Account, books.Bitcoin.Text(-n), cost)
		if price != nil {
			b.say(" @ %s %s", price.FloatString(12), b.Chart.Currency)
		}
		b.say("\n")
		b.tags(l)
	}
	if left > 0 { // bean-check says that the lot does not hold so much
		b.say("  %s  %s BTC {\"%s\"}\n", l.Account, books.Bitcoin.Text(-left), plain(l.Lot.ID))
	}
}

func (b *bean) tags(l books.Line) {
	for _, t := range tags(l.Tags) {
		b.say("    %s: \"%s\"\n", t[0], plain(t[1]))
	}
}
