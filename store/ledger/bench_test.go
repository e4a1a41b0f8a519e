package ledger_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"sluice/books"
	"sluice/store/ledger"
)

// many are n transactions from that number on: two bills, then a payout of coins.
func many(from, n int) []books.Transaction {
	out := make([]books.Transaction, n)
	for i := range out {
		id, day := fmt.Sprintf("posting-%012d", from+i), 1+(from+i)/1000%28
		if i%3 == 2 {
			out[i] = coins(id, day, fmt.Sprint("2025-09-", day), 50_000, 55)
		} else {
			out[i] = bill(id, day, 1000)
		}
		out[i].Lines[0].Tags.Model = fmt.Sprint("m", i%50)
	}
	return out
}

func entries(all []books.Transaction) (n int) {
	for _, t := range all {
		n += len(t.Lines)
	}
	return n
}

// BenchmarkPost posts one call of so many transactions at a time, each call on the disk before it returns.
func BenchmarkPost(b *testing.B) {
	for _, size := range []int{1, 10, 1000} {
		for name, at := range map[string]func(testing.TB) place{"sqlite": onSQLite, "postgres": onPostgres} {
			b.Run(fmt.Sprint(name, "/", size), func(b *testing.B) {
				p := at(b)
				s := p.open(b)
				if _, err := s.OpenEntity(b.Context(), chartOf(us)); err != nil {
					b.Fatal(err)
				}
				post(b, s, many(0, 100)...)
				done, lines := 100, 0
				for b.Loop() {
					b.StopTimer()
					some := many(done, size)
					done, lines = done+size, lines+entries(some)
					b.StartTimer()
					post(b, s, some...)
				}
				b.ReportMetric(float64(lines)/b.Elapsed().Seconds(), "entries/s")
				if name == "sqlite" {
					closed(b, s)
					info, err := os.Stat(filepath.Join(p.config.Directory, "books.db"))
					if err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(float64(info.Size())/float64(lines+entries(many(0, 100))), "B/entry")
				}
			})
		}
	}
}

// BenchmarkIssue issues one invoice at a time, with a paper and what was earned, each
// on the disk before the next.
func BenchmarkIssue(b *testing.B) {
	for name, at := range map[string]func(testing.TB) place{"sqlite": onSQLite, "postgres": onPostgres} {
		b.Run(name, func(b *testing.B) {
			s := at(b).open(b)
			if _, err := s.OpenEntity(b.Context(), chartOf(us)); err != nil {
				b.Fatal(err)
			}
			n := 0
			for b.Loop() {
				n++
				d := draft(b, 1+n%20, int64(n))
				with := ledger.Batch{Papers: []ledger.Paper{note(fmt.Sprint("usage ", n))}, Transactions: many(n, 1)}
				if _, err := s.Issue(b.Context(), "HOU", d, noon(25), noon(25), with); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "invoices/s")
		})
	}
}

// BenchmarkVerify verifies, and sums up, a million entries.
func BenchmarkVerify(b *testing.B) {
	million := 1_000_000
	if testing.Short() {
		million /= 10
	}
	for name, at := range map[string]func(testing.TB) place{"sqlite": onSQLite, "postgres": onPostgres} {
		b.Run(name, func(b *testing.B) {
			s := at(b).open(b)
			if _, err := s.OpenEntity(b.Context(), chartOf(us)); err != nil {
				b.Fatal(err)
			}
			lines, done := 0, 0
			for lines < million {
				some := many(done, 15_000)
				post(b, s, some...)
				lines, done = lines+entries(some), done+len(some)
			}
			b.Run("chain", func(b *testing.B) {
				for b.Loop() {
					if v, err := s.Verify(b.Context(), us); err != nil || v.Lines != int64(lines) {
						b.Fatal(v, err)
					}
				}
				b.ReportMetric(float64(lines)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
			})
			b.Run("balances", func(b *testing.B) {
				for b.Loop() {
					if _, err := s.Balances(b.Context(), ledger.Query{Entity: us}); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(lines)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
			})
		})
	}
}
