package ledger_test

import (
	"bytes"
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
	b := ledger.Batch{
		Entity: us, Papers: []ledger.Paper{note("one"), {Kind: "price", Name: "long", Body: []byte(strings.Repeat("0123456789", 9))}},
		Parked: []ledger.Parked{parked("p1", 12, note("one")), parked("p2", 12, note("one"))},
	}
	for i, series := range []string{"HOU", "HOU", "ABI"} {
		if _, err := s.Issue(t.Context(), series, draft(t, 10+i, 7), noon(12), noon(13), b); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Release(t.Context(), us, "p2", ledger.Released{At: noon(14), By: "ann", Why: "read again"}); err != nil {
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
		document := func(series string, serial int) string {
			return fmt.Sprintf("INSERT INTO document SELECT t.entity, 9, '%s', %d, %s, t.paper, t.txn FROM document t WHERE number = 1", series, serial, p.zeroes())
		}
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
			"a paper changed":                {"never changed", []string{"UPDATE paper SET name = 'x'"}},
			"a paper removed":                {"never", []string{"DELETE FROM paper"}},
			"a document changed":             {"never changed", []string{"UPDATE document SET serial = 9"}},
			"a document removed":             {"never", []string{"DELETE FROM document"}},
			"what is parked changed":         {"never changed", []string{"UPDATE parked SET says = 'x'"}},
			"what is parked removed":         {"never", []string{"DELETE FROM parked"}},
			"a release changed":              {"never changed", []string{"UPDATE released SET why = 'x'"}},
			"a release removed":              {"never", []string{"DELETE FROM released"}},
			"a filing changed":               {"never changed", []string{"UPDATE filing SET subject = 9"}},
			"a filing removed":               {"never", []string{"DELETE FROM filing"}},
			"a number left out":              {"left out", []string{document("HOU", 4)}},
			"a number given twice":           {"given twice", []string{document("HOU", 2)}},
			"a series that begins with two":  {"left out", []string{document("NEW", 2)}},
			"the next number":                {"", []string{document("HOU", 3)}},
			"a document without posting":     {"foreign key", []string{strings.Replace(document("HOU", 3), "t.txn", "'none'", 1)}},
			"a filing left out":              {"left out", []string{"INSERT INTO filing SELECT entity, 99, 'paper', 99, content, hash FROM filing WHERE number = 1"}},
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
		if v, err := s.Verify(t.Context(), us); err != nil || v.Transactions != 10 || v.Lines != 20 {
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
			"UPDATE entity SET "+text("name"), "UPDATE entity SET zone = 'UTC'", "UPDATE entity SET currency = 'EUR'", "UPDATE period SET "+hash("root"), "UPDATE period SET "+hash("balance"), "UPDATE period SET "+number("until")+" + 300000",
			"DELETE FROM entry WHERE seq = 1 AND line = 1", "DELETE FROM entry WHERE seq = 10", "DELETE FROM txn WHERE seq = 1", "DELETE FROM txn WHERE seq = 10",
			"INSERT INTO entry SELECT entity, seq, 9, account, amount, lot, cost, tags FROM entry WHERE seq = 1 AND line = 1",
			"DELETE FROM tags WHERE id = 1", "DELETE FROM account WHERE id = 1",
			"DELETE FROM account WHERE id = (SELECT max(id) FROM account)", "UPDATE account SET entity = entity + 1 WHERE id = (SELECT max(id) FROM account)",
			"INSERT INTO account SELECT id + 1, entity, code, name || ':x', asset, level FROM account WHERE id = (SELECT max(id) FROM account)",
			"DELETE FROM period", "DELETE FROM filing", "DELETE FROM filing WHERE what = 'chart'", "DELETE FROM filing WHERE number = (SELECT max(number) FROM filing)",
			"DELETE FROM paper WHERE kind = 'usage'", "DELETE FROM paper WHERE kind = 'price'", "DELETE FROM paper WHERE kind = 'invoice'",
			"DELETE FROM document WHERE number = 1", "DELETE FROM document WHERE number = 3", "DELETE FROM document", "DELETE FROM parked WHERE number = 1", "DELETE FROM parked", "DELETE FROM released",
			"DELETE FROM txn WHERE seq = 9", "INSERT INTO released SELECT entity, 2, 1, at, person, why FROM released",
			"INSERT INTO paper SELECT entity, number + 50, 'x', name, hash, packed, body FROM paper", "INSERT INTO parked SELECT entity, number + 50, id || 'x', kind, reason, says, at, booked, paper FROM parked",
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
	tables := []string{"asset", "entity", "account", "tags", "lot", "txn", "entry", "period", "filing", "paper", "document", "parked", "released"}
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

// TestFlippedBytes: not a bit of what is kept beside the journal, of the chart or of a
// lock, changes unseen.
func TestFlippedBytes(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, p place) {
		t.Helper()
		s := filled(t, p)
		raw := p.untied(t)
		if p.driver == "sqlite" {
			force(t, raw, "PRAGMA foreign_keys = 0")
		}
		for table, which := range map[string]string{ // some rows of each, which take long enough
			"filing": "number < 5", "paper": "number < 4", "document": "number > 2", "parked": "number < 3", "released": "number = 1",
			"period": "number = 1", "account": "id IN (1, 40)", "entity": "id = 1",
		} {
			key := "number"
			if table == "account" || table == "entity" {
				key = "id"
			}
			for _, c := range cells(t, raw, table, key, which) {
				for _, forged := range forgeries(c.value, p.driver == "sqlite") {
					change := fmt.Sprintf("UPDATE %s SET %s = $1 WHERE %s = $2", table, c.column, key)
					if _, err := raw.ExecContext(t.Context(), change, forged, c.row); err != nil {
						continue // the database itself refuses it: there is one of that number
					}
					if v, err := s.Verify(t.Context(), us); !errors.Is(err, books.ErrChanged) && !errors.Is(err, ledger.ErrUnknown) {
						t.Errorf("%s %d, %s: %q became %q, and nobody noticed: %v, %v", table, c.row, c.column, c.value, forged, v, err)
					}
					row := c.row
					if n, ok := forged.(int64); ok && c.column == key {
						row = n
					}
					if _, err := raw.ExecContext(t.Context(), change, c.value, row); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		if _, err := s.Verify(t.Context(), us); err != nil {
			t.Error(err)
		}
	})
}

// cell is one value of a table.
type cell struct {
	row    int64
	column string
	value  any
}

// cells are all values of some rows of a table, told apart by a column.
func cells(t *testing.T, db *sql.DB, table, key, which string) (out []cell) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT "+key+" AS row_key, * FROM "+table+" WHERE "+which)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values, to := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			to[i] = &values[i]
		}
		if err := rows.Scan(to...); err != nil {
			t.Fatal(err)
		}
		row, ok := values[0].(int64)
		if !ok {
			t.Fatalf("%v is no number", values[0])
		}
		for i, v := range values[1:] {
			out = append(out, cell{row, names[i+1], v})
		}
	}
	if err := rows.Err(); err != nil || len(out) == 0 {
		t.Fatalf("table %s has %d values: %v", table, len(out), err)
	}
	return out
}

// forgeries are values that differ in a bit of one byte, for each byte. PostgreSQL takes only texts of UTF-8.
func forgeries(v any, anyText bool) (out []any) {
	switch v := v.(type) {
	case int64:
		return []any{v + 1, v - 1, v ^ 1<<40}
	case string:
		for i := range len(v) {
			b := []byte(v)
			if b[i] ^= 1; !anyText && b[i] >= 0x80 {
				continue
			}
			out = append(out, string(b))
		}
	case []byte:
		for i := range v {
			b := bytes.Clone(v)
			b[i] ^= 1 << (i % 8)
			out = append(out, b)
		}
	}
	return out
}
