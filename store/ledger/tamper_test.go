package ledger_test

import (
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"sluice/books"
	"sluice/store/ledger"
)

// only chooses the text for the database of the place.
func (p place) only(sqlite, postgres string) string {
	if p.driver == "sqlite" {
		return sqlite
	}
	return postgres
}

// zeroes is a hash of zeroes.
func (p place) zeroes() string { return p.only("zeroblob(32)", "decode(repeat('00', 32), 'hex')") }

func force(tb testing.TB, db *sql.DB, text string) {
	tb.Helper()
	if _, err := db.ExecContext(tb.Context(), text); err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
}

// untied is the database without the rules that keep it as it is: what somebody with
// the file or the server in hand can do.
func (p place) untied(tb testing.TB) *sql.DB {
	tb.Helper()
	db := p.raw(tb)
	if p.driver == "pgx" {
		force(tb, db, "SET session_replication_role = replica")
		return db
	}
	rows, err := db.QueryContext(tb.Context(), "SELECT name FROM sqlite_schema WHERE type = 'trigger'")
	if err != nil {
		tb.Fatal(err)
	}
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			tb.Fatal(err)
		}
		names = append(names, name)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil { //nolint:sqlclosecheck // the next statement needs the one connection
		tb.Fatal(err)
	}
	force(tb, db, "PRAGMA ignore_check_constraints = 1")
	for _, n := range names {
		force(tb, db, "DROP TRIGGER "+n)
	}
	return db
}

// filled has every kind of thing in its books.
func filled(t *testing.T, p place) *ledger.Store {
	t.Helper()
	s := opened(t, p)
	post(t, s, bill("a", 2, 5), coins("b", 2, "L1", 100, 9), pending(bill("p", 2, 3)), void("v", "p", 2), bill("c", 3, 4))
	post(t, s, reversal(t, bill("c", 3, 4), "d", 4), bill("e", 12, 1))
	if _, err := s.Lock(t.Context(), ledger.Period{Entity: us, From: noon(1), To: noon(10), At: noon(11), By: "ann"}); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestTriggers: who goes past the ledger is refused by the database.
func TestTriggers(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p place) {
		t.Helper()
		s := filled(t, p)
		raw := p.raw(t)
		begin := fmt.Sprintf(`INSERT INTO txn (entity, seq, id, kind, standing, at, booked, source, evidence, belongs, reverses, settles, narration, input, previous, hash, sealed)
			SELECT 1, 50, 'x', 'k', 'posted', %d, 0, '', h, '', '', '', '', h, h, h, 0 FROM (SELECT %s AS h) x`, noon(20).Unix(), p.zeroes())
		line := func(n, account, amount int) string {
			return fmt.Sprintf("INSERT INTO entry (entity, seq, line, account, amount, lot, cost, tags) VALUES (1, 50, %d, %d, %d, 0, 0, 1)", n, account, amount)
		}
		seal := "UPDATE txn SET sealed = 1 WHERE seq = 50"
		for sentence, c := range map[string]struct {
			says  string // part of the refusal; empty: none
			texts []string
		}{
			"a balanced transaction":         {"", []string{begin, line(1, 1, 5), line(2, 2, -5), seal}},
			"an unbalanced one":              {"do not sum to zero", []string{begin, line(1, 1, 5), line(2, 2, -4), seal}},
			"balanced over two assets":       {"do not sum to zero", []string{begin, line(1, 1, 5), strings.Replace(line(2, 57, -5), " 57,", " (SELECT max(id) FROM account WHERE asset = 2),", 1), seal}},
			"one line":                       {"two lines", []string{begin, line(1, 1, 5), seal}},
			"no line":                        {"two lines", []string{begin, seal}},
			"a void with lines":              {"two lines", []string{strings.Replace(begin, "posted", "void", 1), line(1, 1, 5), line(2, 2, -5), seal}},
			"a line of nothing":              {"constraint", []string{begin, line(1, 1, 0)}},
			"sealed from the start":          {"begins unsealed", []string{strings.Replace(begin, "h, h, h, 0", "h, h, h, 1", 1)}},
			"in a locked period":             {"locked", []string{strings.Replace(begin, strconv.FormatInt(noon(20).Unix(), 10), strconv.FormatInt(noon(9).Unix(), 10), 1)}},
			"changed while it is sealed":     {"never changed", []string{begin, line(1, 1, 5), line(2, 2, -5), "UPDATE txn SET sealed = 1, kind = 'x' WHERE seq = 50"}},
			"a line into a sealed one":       {"sealed", []string{strings.ReplaceAll(line(9, 1, 5), "1, 50", "1, 1")}},
			"a second reversal":              {"unique", []string{strings.Replace(begin, "h, '', ''", "h, '', 'c'", 1)}},
			"a second settlement":            {"unique", []string{strings.Replace(begin, "h, '', '', ''", "h, '', '', 'p'", 1)}},
			"a second transaction of its id": {"unique", []string{strings.Replace(begin, "'x'", "'a'", 1)}},
			"unlocked by one":                {"constraint", []string{"INSERT INTO period SELECT entity, 2, 1, since, until, at, 'ann', 'ann', 'r', root, balance FROM period"}},
			"unlocked without a reason":      {"constraint", []string{"INSERT INTO period SELECT entity, 2, 1, since, until, at, 'ann', 'bob', '', root, balance FROM period"}},
			"unsealed again":                 {"never changed", []string{"UPDATE txn SET sealed = 0"}},
			"transactions changed":           {"never changed", []string{"UPDATE txn SET kind = 'x'"}},
			"transactions removed":           {"never", []string{"DELETE FROM txn"}},
			"lines changed":                  {"never changed", []string{"UPDATE entry SET amount = amount * 2"}},
			"lines removed":                  {"never", []string{"DELETE FROM entry"}},
			"a lock changed":                 {"never changed", []string{"UPDATE period SET until = 0"}},
			"a lock removed":                 {"never", []string{"DELETE FROM period"}},
			"a lot changed":                  {"never changed", []string{"UPDATE lot SET acquired = 0"}},
			"a lot removed":                  {"never", []string{"DELETE FROM lot"}},
			"tags changed":                   {"never changed", []string{"UPDATE tags SET site = 'x'"}},
			"tags removed":                   {"never", []string{"DELETE FROM tags"}},
			"an account changed":             {"never changed", []string{"UPDATE account SET asset = 2"}},
			"an account removed":             {"never", []string{"DELETE FROM account"}},
			"an entity changed":              {"never changed", []string{"UPDATE entity SET currency = 'EUR'"}},
			"an entity removed":              {"never", []string{"DELETE FROM entity"}},
			"a scale changed":                {"never", []string{"UPDATE asset SET scale = 2"}},
			"an asset removed":               {"never", []string{"DELETE FROM asset"}},
		} {
			t.Run(sentence, func(t *testing.T) {
				tx, err := raw.BeginTx(t.Context(), nil)
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = tx.Rollback() }()
				for i, text := range c.texts {
					_, err = tx.ExecContext(t.Context(), text)
					if i < len(c.texts)-1 && err != nil {
						t.Fatal(text, err)
					}
				}
				if (err == nil) != (c.says == "") || err != nil && !strings.Contains(strings.ToLower(err.Error()), c.says) {
					t.Errorf("the database says %v, want %q", err, c.says)
				}
			})
		}
		if _, err := s.Verify(t.Context(), us); err != nil {
			t.Error(err)
		}
	})
}

// TestTampering: whatever is changed under the ledger, Verify finds it.
func TestTampering(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p place) {
		t.Helper()
		s := filled(t, p)
		if v, err := s.Verify(t.Context(), us); err != nil || v.Transactions != 7 || v.Lines != 14 {
			t.Fatal(v, err)
		}
		raw := p.untied(t)
		text := func(column string) string { return column + " = " + column + " || 'x'" }
		hash := func(column string) string {
			return p.only(column+" = CAST(substr("+column+", 1, 31) || X'07' AS BLOB)", column+" = set_byte("+column+", 31, 7)")
		}
		number := func(column string) string { return column + " = " + column + " + 1" }
		var crimes []string
		for _, c := range []string{
			text("id"), text("kind"), text("source"), text("belongs"), text("narration"), text("reverses"), text("settles"),
			number("at"), number("booked"), hash("evidence"), hash("input"), hash("previous"), hash("hash"),
			"standing = CASE standing WHEN 'posted' THEN 'pending' ELSE 'posted' END", "seq = seq + 100", "sealed = 0",
		} {
			for _, seq := range []int{1, 2, 7} {
				crimes = append(crimes, fmt.Sprintf("UPDATE txn SET %s WHERE seq = %d", c, seq))
			}
		}
		for _, c := range []string{number("amount"), number("account"), number("cost"), "lot = 1 - lot", "tags = 3 - tags", "line = line + 7", "seq = seq + 100", "lot = 99", "tags = 99", "account = 0"} {
			for _, seq := range []int{1, 2, 5} {
				crimes = append(crimes, fmt.Sprintf("UPDATE entry SET %s WHERE seq = %d AND line = 1", c, seq))
			}
		}
		crimes = append(crimes,
			"UPDATE tags SET "+text("site")+" WHERE id = 1", "UPDATE lot SET "+number("acquired"), "UPDATE lot SET "+text("name"),
			"UPDATE account SET "+text("name")+" WHERE name = '"+books.PowerEnergy+"'",
			"UPDATE account SET asset = 2 WHERE name = '"+books.PowerEnergy+"'", "UPDATE account SET asset = 99 WHERE id = 1",
			"UPDATE entity SET "+text("name"), "UPDATE period SET "+hash("root"), "UPDATE period SET "+hash("balance"), "UPDATE period SET "+number("until")+" + 300000",
			"DELETE FROM entry WHERE seq = 1 AND line = 1", "DELETE FROM entry WHERE seq = 7", "DELETE FROM txn WHERE seq = 1", "DELETE FROM txn WHERE seq = 7",
			"INSERT INTO entry SELECT entity, seq, 9, account, amount, lot, cost, tags FROM entry WHERE seq = 1 AND line = 1",
			"DELETE FROM tags WHERE id = 1", "DELETE FROM account WHERE id = 1",
		)
		for _, c := range crimes {
			t.Run(c, func(t *testing.T) {
				restore := keep(t, p, raw)
				force(t, raw, c)
				if v, err := s.Verify(t.Context(), us); !errors.Is(err, books.ErrChanged) && !errors.Is(err, ledger.ErrUnknown) {
					t.Errorf("nobody noticed: %v, %v", v, err)
				}
				restore()
			})
		}
		if _, err := s.Verify(t.Context(), us); err != nil {
			t.Error(err)
		}
	})
}

// keep copies all tables and returns what puts them back.
func keep(t *testing.T, p place, db *sql.DB) func() {
	t.Helper()
	if p.driver == "sqlite" {
		force(t, db, "PRAGMA foreign_keys = 0")
	}
	tables := []string{"asset", "entity", "account", "tags", "lot", "txn", "entry", "period"}
	for _, n := range tables {
		force(t, db, "CREATE TEMP TABLE kept_"+n+" AS SELECT * FROM "+n)
	}
	return func() {
		for _, n := range tables {
			force(t, db, "DELETE FROM "+n)
			force(t, db, "INSERT INTO "+n+" SELECT * FROM kept_"+n)
			force(t, db, "DROP TABLE kept_"+n)
		}
	}
}
