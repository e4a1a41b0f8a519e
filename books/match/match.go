package match

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/books"
	"sluice/unit"
)

// Scheme is how a pool pays.
type Scheme string

// The schemes, by who bears the luck.
const (
	Expected Scheme = "expected" // FPPS: what the work is worth on average, whatever the pool finds
	Found    Scheme = "found"    // PPLNS, TIDES: a share of the blocks that the pool finds
)

// Terms are what was agreed with a pool, and how far its word may be off.
type Terms struct {
	Pool      string
	Scheme    Scheme
	OneDay    unit.Ratio    // of Expected: how far a day's credit may be off
	Week      unit.Ratio    // of Expected: how far seven days together may
	Deviation int64         // of Found: standard deviations that a day may be off
	Delay     time.Duration // within which a credit is paid out
	Fee       unit.Satoshi  // at most that a payout is short of the credits that it pays
	Confirmed int64         // confirmations from which a receipt counts
}

// Usual are terms with the tolerances that the formula page names.
func Usual(pool string, scheme Scheme) Terms {
	return Terms{Pool: pool, Scheme: scheme, OneDay: 5_000, Week: 2_000, Deviation: 3, Delay: 72 * time.Hour, Fee: 50_000, Confirmed: 3}
}

// Work is what a day of accepted shares is worth on average, net of the pool's fee.
type Work struct {
	Day       string // such as 2025-09-30, as the pool cuts its days
	Worth     unit.Satoshi
	Low, High unit.Satoshi // between which it is where nobody says at which hour the difficulty changed; both zero: Worth
	Gross     unit.Satoshi // before the pool's fee; for the audit only
	Blocks    int64        // that the pool is expected to find in the day, thousandths; for Found only
}

// bounds are between what the worth is.
func (w Work) bounds() (low, high unit.Satoshi) {
	if w.High == 0 {
		return w.Worth, w.Worth
	}
	return w.Low, w.High
}

// off is how far a credit is beyond what the work is worth; zero within its bounds.
func off(credited, low, high unit.Satoshi) unit.Satoshi {
	return credited - min(max(credited, low), high)
}

// Credit is a line of a pool's statement.
type Credit struct {
	ID       string // of the line; the same line twice is one
	Day      string
	At       time.Time
	Amount   unit.Satoshi // that it adds to what the pool owes
	Fee      unit.Satoshi // that the pool kept before; 0: the line does not say
	Evidence books.Hash
}

// same reports whether two lines of one id say the same.
func (c Credit) same(o Credit) bool { return c.Amount == o.Amount && c.Day == o.Day && c.Fee == o.Fee }

// Receipt is an output on the chain that pays us.
type Receipt struct {
	ID            string // transaction and output
	At            time.Time
	Amount        unit.Satoshi
	Confirmations int64
}

// Code names a difference.
type Code string

// The differences. Codes are only ever added.
const (
	ShortCredit   Code = "credit_below_work"
	HighCredit    Code = "credit_above_work"
	Drift         Code = "week_off"            // seven days together are off, although none alone is
	NoCredit      Code = "work_without_credit" // a day of work that no line credits
	NoWork        Code = "credit_without_work"
	TwoCredits    Code = "day_credited_twice" // by two lines
	Contradiction Code = "line_changed"       // a line of the same id says something else
	Late          Code = "payout_late"
	NoReason      Code = "receipt_without_credit"
	Unconfirmed   Code = "receipt_unconfirmed" // counts as soon as it is
	Unpaid        Code = "payout_not_received" // the statement has it, the chain does not
	WrongPaid     Code = "payout_amount"       // the chain has another amount than the statement
	Elsewhere     Code = "payout_elsewhere"    // to an address that is not ours
	NoPayout      Code = "receipt_without_payout"
	NotBooked     Code = "credit_not_booked"
	BookedOff     Code = "credit_booked_otherwise"
	OnlyBooked    Code = "booked_without_credit"
)

// Difference is one thing that does not agree.
type Difference struct {
	Code   Code
	On     string // day, line or receipt
	Amount unit.Satoshi
	Says   string
}

// Result is a match of one pool.
type Result struct {
	Work, Credited, Received unit.Satoshi
	Open                     unit.Satoshi // credited and not paid out
	Paid                     []Payout
	Differences              []Difference
}

// Payout is a receipt and the credits that it pays.
type Payout struct {
	Receipt string
	At      time.Time
	Amount  unit.Satoshi // that arrived
	Claim   string       // line of the statement that announces it; empty: none does
	Credits []string     // lines, the oldest first, where no statement announces payouts
	Fee     unit.Satoshi // by which the receipt is short of them
}

// Pool matches the three statements of one pool as of an instant.
//
// Source: docs/formula/match.md.
func Pool(t Terms, work []Work, credits []Credit, receipts []Receipt, at time.Time) (Result, error) {
	m := matching{terms: t, at: at}
	if err := m.check(work, credits, receipts); err != nil {
		return Result{}, fmt.Errorf("match pool %s: %w", t.Pool, err)
	}
	lines := m.once(credits)
	m.days(work, lines)
	m.payouts(lines, receipts)
	return m.out, nil
}

// ErrInput is the failure of figures that cannot be.
var ErrInput = errors.New("no such work, credit or receipt")

// coinsMost is all bitcoin that can ever be, beyond which no sum goes.
const coinsMost = 21_000_000 * unit.Bitcoin

type matching struct {
	terms Terms
	at    time.Time
	out   Result
}

func (m *matching) say(c Code, on string, amount unit.Satoshi, format string, a ...any) {
	m.out.Differences = append(m.out.Differences, Difference{c, on, amount, fmt.Sprintf(format, a...)})
}

// check refuses what cannot be, and sums up.
func (m *matching) check(work []Work, credits []Credit, receipts []Receipt) error {
	seen := map[string]bool{}
	for _, w := range work {
		if w.Worth < 0 || w.Day == "" || seen[w.Day] {
			return fmt.Errorf("%w: work of %q: %d sat: each day once, and not below zero", ErrInput, w.Day, w.Worth)
		}
		seen[w.Day] = true
		if m.out.Work += w.Worth; w.Worth > coinsMost || m.out.Work > coinsMost {
			return fmt.Errorf("%w: work of %q: with it more is worked for than all bitcoin", ErrInput, w.Day)
		}
	}
	var credited, received unit.Satoshi
	for _, c := range credits {
		if c.Amount < 0 || c.ID == "" || c.Day == "" || c.At.IsZero() {
			return fmt.Errorf("%w: credit %q of %q: %d sat: a line has an id, a day and a time, and is not below zero", ErrInput, c.ID, c.Day, c.Amount)
		}
		if credited += c.Amount; c.Amount > coinsMost || credited > coinsMost {
			return fmt.Errorf("%w: credit %q: with it more is credited than all bitcoin", ErrInput, c.ID)
		}
	}
	for _, r := range receipts {
		if r.Amount <= 0 || r.ID == "" || r.At.IsZero() || seen["receipt "+r.ID] {
			return fmt.Errorf("%w: receipt %q: %d sat: each once, with a time and above zero", ErrInput, r.ID, r.Amount)
		}
		seen["receipt "+r.ID] = true
		if received += r.Amount; r.Amount > coinsMost || received > coinsMost {
			return fmt.Errorf("%w: receipt %q: with it more arrived than all bitcoin", ErrInput, r.ID)
		}
	}
	return nil
}

// once leaves each line of a statement once, in the order of their time. A line
// that comes again with another content is told, and the first counts.
func (m *matching) once(credits []Credit) []Credit {
	var out []Credit
	first := map[string]Credit{}
	for _, c := range credits {
		was, twice := first[c.ID]
		switch {
		case !twice:
			first[c.ID] = c
			out = append(out, c)
			m.out.Credited += c.Amount
		case !was.same(c):
			m.say(Contradiction, c.ID, c.Amount-was.Amount, "said %d sat for %s before, and %d for %s now", was.Amount, was.Day, c.Amount, c.Day)
		}
	}
	slices.SortStableFunc(out, func(a, b Credit) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return out
}

// days holds each day's credit against its work.
func (m *matching) days(work []Work, lines []Credit) {
	credited, count := map[string]unit.Satoshi{}, map[string]int{}
	for _, c := range lines {
		credited[c.Day] += c.Amount
		if count[c.Day]++; count[c.Day] == 2 {
			m.say(TwoCredits, c.Day, c.Amount, "line %s is the second for this day", c.ID)
		}
	}
	sorted := slices.Clone(work)
	slices.SortFunc(sorted, func(a, b Work) int { return cmp.Compare(a.Day, b.Day) })
	worked := map[string]bool{}
	for i, w := range sorted {
		worked[w.Day] = true
		m.day(w, credited[w.Day], count[w.Day] > 0)
		m.week(sorted, i, credited)
	}
	for _, c := range lines {
		if n := credited[c.Day]; !worked[c.Day] && n > 0 {
			m.say(NoWork, c.Day, n, "credited by line %s, and nothing was done that day", c.ID)
			worked[c.Day] = true
		}
	}
}

// day holds one day's credit against its work.
func (m *matching) day(w Work, credited unit.Satoshi, known bool) {
	low, high := w.bounds()
	switch d := off(credited, low, high); {
	case !known && w.Worth > 0:
		m.say(NoCredit, w.Day, -w.Worth, "worked for %d sat, and no line credits it", w.Worth)
	case !known:
	case m.far(d, w) && low != high:
		m.say(sided(d), w.Day, d, "worked for %d to %d sat, as difficulty or reward changed, credited %d", low, high, credited)
	case m.far(d, w):
		m.say(sided(d), w.Day, d, "worked for %d sat, credited %d", w.Worth, credited)
	}
}

func sided(off unit.Satoshi) Code {
	if off < 0 {
		return ShortCredit
	}
	return HighCredit
}

// week holds seven days that follow one another against their credits, of pools
// that pay the expected value. It speaks once for each seventh day.
func (m *matching) week(sorted []Work, i int, credited map[string]unit.Satoshi) {
	if m.terms.Scheme != Expected || i%7 != 6 {
		return
	}
	var low, high, sum unit.Satoshi
	for _, w := range sorted[i-6 : i+1] {
		l, h := w.bounds()
		low, high, sum = low+l, high+h, sum+credited[w.Day]
	}
	if d := off(sum, low, high); high > 0 && beyond(d, high, m.terms.Week) {
		m.say(Drift, sorted[i].Day, d, "seven days worked for %d sat, credited %d", low+(high-low)/2, sum)
	}
}

// payouts lets receipts pay the oldest credits first.
func (m *matching) payouts(lines []Credit, receipts []Receipt) {
	open := slices.Clone(lines)
	for _, r := range m.confirmed(receipts) {
		m.out.Received += r.Amount
		open = m.pay(r, open)
	}
	m.owed(open)
}

// confirmed are the receipts that count, the oldest first; the others are told.
func (m *matching) confirmed(receipts []Receipt) (out []Receipt) {
	sorted := slices.Clone(receipts)
	slices.SortFunc(sorted, func(a, b Receipt) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	for _, r := range sorted {
		if r.Confirmations < m.terms.Confirmed {
			m.say(Unconfirmed, r.ID, r.Amount, "%d of %d confirmations", r.Confirmations, m.terms.Confirmed)
			continue
		}
		out = append(out, r)
	}
	return out
}

// owed adds up what is open, and tells what is open too long.
func (m *matching) owed(open []Credit) {
	for _, c := range open {
		m.out.Open += c.Amount
		if c.Amount > 0 && m.at.Sub(c.At) > m.terms.Delay {
			m.say(Late, c.ID, -c.Amount, "credited on %s, and not paid out within %v", c.At.UTC().Format(time.DateOnly), m.terms.Delay)
		}
	}
}

// pay takes out of the open credits what a receipt pays, and returns what is left.
// A credit that is paid in part stays with its rest.
func (m *matching) pay(r Receipt, open []Credit) []Credit {
	p, left := Payout{Receipt: r.ID, At: r.At, Amount: r.Amount}, r.Amount
	for len(open) > 0 && left > 0 {
		c := &open[0]
		p.Credits = append(p.Credits, c.ID)
		if c.Amount > left && c.Amount-left <= m.terms.Fee {
			p.Fee, left = c.Amount-left, 0
			open = open[1:]
			break
		}
		n := min(left, c.Amount)
		left, c.Amount = left-n, c.Amount-n
		if c.Amount > 0 {
			break
		}
		open = open[1:]
	}
	if left > 0 {
		m.say(NoReason, r.ID, left, "more than the pool has credited and not paid yet")
	}
	if len(p.Credits) > 0 {
		m.out.Paid = append(m.out.Paid, p)
	}
	return open
}
