package ledger_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/books"
	"sluice/books/invoice"
	"sluice/store/ledger"
	"sluice/unit"
)

// TestIssue: every draft gets the next number of its series, once; document, paper
// and posting stand together.
func TestIssue(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p place) {
		t.Helper()
		s := opened(t, p)
		with := ledger.Batch{Papers: []ledger.Paper{note("usage")}, Transactions: []books.Transaction{bill("a", 1, 5)}, Parked: []ledger.Parked{parked("p", 1, note("usage"))}}
		first, err := s.Issue(t.Context(), "HOU-2025", draft(t, 1, 7), noon(2), noon(2), with)
		if err != nil || first.Number != (invoice.Number{Series: "HOU-2025", Serial: 1}) || first.Issued != noon(2).Unix() {
			t.Fatal(first, err)
		}
		second := issue(t, s, "HOU-2025", draft(t, 2, 8), 3)
		other := issue(t, s, "ABI-2025", draft(t, 3, 9), 3)
		for n, want := range map[string]invoice.Document{"HOU-2025-000001": first, "HOU-2025-000002": second, "ABI-2025-000001": other} {
			number, err := invoice.ParseNumber(n)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := s.Document(t.Context(), us, number); err != nil || !cmp.Equal(got, want) {
				t.Error(got, err)
			}
		}
		closed(t, s)
		s = p.open(t)
		// Again, also in another series and at another time, it is what it was, and nothing comes with it.
		again, err := s.Issue(t.Context(), "ABI-2025", draft(t, 1, 7), noon(9), noon(9), ledger.Batch{Papers: []ledger.Paper{note("more")}, Transactions: []books.Transaction{bill("b", 1, 5)}})
		if err != nil || !cmp.Equal(again, first) {
			t.Error(again, err)
		}
		if diff := cmp.Diff([]invoice.Document{other, first, second}, collected(t, s.Documents(t.Context(), us))); diff != "" {
			t.Error(diff)
		}
		hash, err := first.Hash()
		if err != nil {
			t.Fatal(err)
		}
		paper, err := s.Paper(t.Context(), us, hash)
		if err != nil || paper.Kind != "invoice" || paper.Name != "HOU-2025-000001" {
			t.Error(paper, err)
		}
		posted := listed(t, s, ledger.Query{Entity: us, Limit: 2})
		if posted[0].ID != "a" || posted[1].Evidence != hash || posted[1].Source != "HOU-2025-000001" {
			t.Error(posted)
		}
		if v, err := s.Verify(t.Context(), us); err != nil || v.Documents != 3 || v.Papers != 4 || v.Transactions != 4 || v.Parked != 1 {
			t.Error(v, err)
		}
		if got := trial(t, s, all)[books.Customer("acme")]; got != 24e6 {
			t.Errorf("%d are owed", got)
		}
	})
}

// TestIssueRefusals: what is not issued takes no number and leaves nothing.
func TestIssueRefusals(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p place) {
		t.Helper()
		s := opened(t, p)
		issued := issue(t, s, "HOU", draft(t, 1, 7), 1)
		post(t, s, bill("a", 1, 5))
		if _, err := s.Lock(t.Context(), ledger.Period{Entity: us, From: noon(1), To: noon(3), At: noon(4), By: "ann"}); err != nil {
			t.Fatal(err)
		}
		stranger := draft(t, 2, 7)
		stranger.Customer.ID = "stranger"
		nothing := draft(t, 2, 0)
		for sentence, c := range map[string]struct {
			series string
			draft  invoice.Document
			day    int
			with   ledger.Batch
			want   error
		}{
			"a series of small letters":        {"hou", draft(t, 2, 7), 4, ledger.Batch{}, invoice.ErrNumber},
			"no series":                        {"", draft(t, 2, 7), 4, ledger.Batch{}, invoice.ErrNumber},
			"in a locked period":               {"HOU", draft(t, 2, 7), 2, ledger.Batch{}, ledger.ErrLocked},
			"a customer without an account":    {"HOU", stranger, 4, ledger.Batch{}, books.ErrAccount},
			"a document over nothing":          {"HOU", nothing, 4, ledger.Batch{}, invoice.ErrNothing},
			"what was issued":                  {"HOU", issued, 4, ledger.Batch{}, invoice.ErrDocument},
			"an entity whose books are closed": {"HOU", draftOf(t, "Other", 2, 7), 4, ledger.Batch{}, ledger.ErrUnknown},
			"with something of another":        {"HOU", draft(t, 2, 7), 4, ledger.Batch{Entity: "Other"}, ledger.ErrInvalid},
			"with a conflict":                  {"HOU", draft(t, 2, 7), 4, ledger.Batch{Transactions: []books.Transaction{bill("a", 1, 6)}}, ledger.ErrConflict},
			"with a wrong paper":               {"HOU", draft(t, 2, 7), 4, ledger.Batch{Papers: []ledger.Paper{{}}}, ledger.ErrInvalid},
			"with something parked wrongly":    {"HOU", draft(t, 2, 7), 4, ledger.Batch{Parked: []ledger.Parked{parked("p", 1, note("one"))}}, ledger.ErrUnknown},
		} {
			// One after the other: they share the books.
			t.Run(sentence, func(t *testing.T) {
				if d, err := s.Issue(t.Context(), c.series, c.draft, noon(c.day), noon(c.day), c.with); !errors.Is(err, c.want) {
					t.Errorf("issued %s, error %v, want %v", d.Number, err, c.want)
				}
				if v, err := s.Verify(t.Context(), us); err != nil || v.Documents != 1 || v.Papers != 1 || v.Parked != 0 || v.Transactions != 2 {
					t.Errorf("it left a trace: %v, %v", v, err)
				}
			})
		}
		if _, err := s.Issue(t.Context(), "HOU", draft(t, 2, 7), noon(4).Add(1), noon(4), ledger.Batch{}); !errors.Is(err, ledger.ErrInvalid) {
			t.Error(err)
		}
		if d := issue(t, s, "HOU", draft(t, 2, 7), 4); d.Number.Serial != 2 {
			t.Errorf("the next one is %s", d.Number)
		}
		for _, n := range []invoice.Number{{Series: "HOU", Serial: 3}, {Series: "ABI", Serial: 1}, {}} {
			if _, err := s.Document(t.Context(), us, n); !errors.Is(err, ledger.ErrUnknown) {
				t.Errorf("found %s: %v", n, err)
			}
		}
	})
}

// TestInvoiced: each month of a contract that an invoice was issued of stands once,
// in the zone of the entity; a note makes none.
func TestInvoiced(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p place) {
		t.Helper()
		s := opened(t, p)
		if got, err := s.Invoiced(t.Context(), us); err != nil || len(got) != 0 {
			t.Errorf("before there is any: %v, %v", got, err)
		}
		of := issue(t, s, "HOU", draft(t, 1, 7), 4)
		issue(t, s, "HOU", draft(t, 2, 8), 5)
		note := draft(t, 3, 9)
		note.Kind, note.RefersTo, note.Reason, note.Lines[0].Amount = invoice.CreditNote, of.Number.String(), "less", -unit.Unit
		note, err := invoice.Draft(note)
		if err != nil {
			t.Fatal(err)
		}
		issue(t, s, "HOU", note, 6)
		got, err := s.Invoiced(t.Context(), us)
		if err != nil || len(got) != 2 {
			t.Fatalf("%v, %v", got, err)
		}
		chart, err := s.Chart(t.Context(), us)
		if err != nil {
			t.Fatal(err)
		}
		for i, x := range got {
			if x.Contract != "c1" || !x.From.Equal(noon(i+1)) || !x.To.Equal(noon(i+2)) || x.From.Location().String() != chart.Zone {
				t.Errorf("%+v", x)
			}
		}
		if _, err := s.Invoiced(t.Context(), "Nobody"); !errors.Is(err, ledger.ErrUnknown) {
			t.Errorf("of nobody: %v", err)
		}
	})
}

// TestIssueAtOnce: eight at once issue the same drafts, and each has one number.
func TestIssueAtOnce(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p place) {
		t.Helper()
		s := opened(t, p)
		const issuers, drafts = 8, 10
		var got [issuers][drafts]string
		var crew sync.WaitGroup
		for i := range issuers {
			crew.Go(func() {
				for j := range drafts {
					n := (i + j) % drafts
					d, err := s.Issue(t.Context(), "HOU", draft(t, n+1, 5), noon(20+i%5), noon(25), ledger.Batch{})
					if err != nil {
						t.Error(err)
						return
					}
					got[i][n] = d.Number.String()
				}
			})
		}
		crew.Wait()
		for i := range issuers {
			if got[i] != got[0] {
				t.Errorf("issuer %d was told something else", i)
			}
		}
		for i, d := range collected(t, s.Documents(t.Context(), us)) {
			if want := fmt.Sprintf("HOU-%06d", i+1); d.Number.String() != want {
				t.Errorf("%s stands where %s is due", d.Number, want)
			}
		}
		if v, err := s.Verify(t.Context(), us); err != nil || v.Documents != drafts {
			t.Error(v, err)
		}
	})
}
