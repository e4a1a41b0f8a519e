package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"sluice/books"
	"sluice/books/invoice"
	"sluice/internal/victim"
	"sluice/store/ledger"
)

// issueForEver issues invoices, with a batch of its own each, and tells of every one that
// was acknowledged, until it is killed. Its order is with which to begin and where the
// books are.
func issueForEver(ctx context.Context, order string, out io.Writer) error {
	part := strings.SplitN(order, "|", 3)
	next, err := strconv.Atoi(part[0])
	if err != nil {
		return err
	}
	s, err := ledger.Open(ctx, ledger.Config{Directory: part[1], DSN: part[2]})
	if err != nil {
		return err
	}
	for n := next; ; n++ {
		draft, err := makeDraft(us, n%20, int64(n)+1)
		if err != nil {
			return err
		}
		number, err := issueVictim(ctx, s, draft, n)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(out, n, number); err != nil {
			return err
		}
	}
}

// issueVictim issues the n-th invoice with its batch, and books one without invoice.
func issueVictim(ctx context.Context, s *ledger.Store, draft invoice.Document, n int) (invoice.Number, error) {
	evidence := note(fmt.Sprint("usage ", n))
	d, err := s.Issue(ctx, "HOU", draft, noon(25), noon(25), ledger.Batch{
		Papers: []ledger.Paper{evidence}, Transactions: []books.Transaction{bill(fmt.Sprint("with-", n), 1, int64(n)+1)}, Parked: []ledger.Parked{parked(fmt.Sprint("p", n), 1, evidence)},
	})
	if err == nil {
		_, err = s.Book(ctx, ledger.Batch{
			Entity: us, Papers: []ledger.Paper{note(fmt.Sprint("alone ", n))}, Transactions: []books.Transaction{bill(fmt.Sprint("alone-", n), 1, 1)},
			Parked: []ledger.Parked{parked(fmt.Sprint("q", n), 1, note(fmt.Sprint("alone ", n)))},
		})
	}
	return d.Number, err
}

// TestKilled: a program that issues invoices is killed again and again. No number is
// left out, none is given twice, all that was acknowledged is there, and what
// belongs together stands together.
func TestKilled(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p place) {
		t.Helper()
		s := opened(t, p)
		dice := rand.New(rand.NewPCG(7, 11))
		var told []string // the number of every invoice that was acknowledged
		for round := range 20 {
			closed(t, s)
			told = append(told, killed(t, p, len(told), time.Duration(dice.IntN(150_000))*time.Microsecond)...)
			s = survivor(t, p)
			whole(t, s, told)
			if t.Failed() {
				t.Fatalf("after %d kills and %d acknowledged invoices", round+1, len(told))
			}
		}
		t.Logf("20 kills, %d invoices acknowledged", len(told))
	})
}

// killed kills a victim that begins with the n-th invoice, and returns the numbers of
// which it told.
func killed(t *testing.T, p place, n int, after time.Duration) (told []string) {
	t.Helper()
	for _, line := range victim.Killed(t, fmt.Sprintf("%d|%s|%s", n, p.config.Directory, p.config.DSN), after) {
		at, number, _ := strings.Cut(line, " ")
		if at != strconv.Itoa(n+len(told)) {
			t.Fatalf("it told %q, not of invoice %d", line, n+len(told))
		}
		told = append(told, number)
	}
	return told
}

// survivor opens books whose program was killed. PostgreSQL needs a moment to see it.
func survivor(t *testing.T, p place) *ledger.Store {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		s, err := ledger.Open(ctx, p.config)
		if err == nil {
			t.Cleanup(func() { closed(t, s) })
			return s
		}
		if !errors.Is(err, ledger.ErrHeld) || ctx.Err() != nil {
			t.Fatal(err)
		}
	}
}

// whole checks books of which so many invoices were acknowledged; one more may be there.
func whole(t *testing.T, s *ledger.Store, told []string) {
	t.Helper()
	documents := collected(t, s.Documents(t.Context(), us))
	if len(documents) != len(told) && len(documents) != len(told)+1 {
		t.Errorf("%d documents, %d were acknowledged", len(documents), len(told))
		return
	}
	for i, d := range documents {
		if d.Number.Serial != int64(i)+1 || i < len(told) && d.Number.String() != told[i] || int(d.Total) != 100*(i+1) {
			t.Errorf("document %d is %s over %d", i, d.Number, d.Total)
		}
	}
	v, err := s.Verify(t.Context(), us)
	if err != nil {
		t.Error(err)
	}
	// Invoice, its paper and what came with it are one commit, what is booked beside it another.
	issued, alone := int64(len(documents)), v.Transactions-2*int64(len(documents))
	if v.Documents != issued || alone > issued || alone < int64(len(told)) || v.Papers != v.Transactions || v.Parked != issued+alone {
		t.Errorf("%d invoices, %d booked beside them: %+v", issued, alone, v)
	}
	sum := int64(0)
	for _, amount := range trial(t, s, all) {
		sum += amount
	}
	if sum != 0 {
		t.Errorf("the journal is %d apart", sum)
	}
}
