package match

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
	"time"
	"unicode"

	"sluice/books"
	"sluice/unit"
)

// Day is a day of hashing as we counted it.
type Day struct {
	Day      string // such as 2025-09-30
	Accepted unit.Work
	Stale    unit.Work
	Rejected unit.Work
}

// Lines are the credits and payouts of a pool's statement.
type Lines struct {
	Credits []Credit
	Claims  []Claim
}

// The heads of the files.
const (
	statementHead = "kind,id,day,time,amount_btc,fee_btc,txid,address"
	workHead      = "day,accepted_UNIT,stale_UNIT,rejected_UNIT" // UNIT is one of the units of work
	bankHead      = "date,amount,reference,balance"
)

const (
	rowsMost   = 100_000 // of a file
	faultsMost = 20      // told at once
	textMost   = 200     // bytes of an id or address
)

// ErrFile is the failure of a file that is not what it should be.
var ErrFile = errors.New("the file cannot be read")

// rows reads CSV with a head and gives every further row to each; faults are told
// with their line, the first twenty of them.
func rows(text []byte, head func([]string) error, each func([]string) error) error {
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
	in.TrimLeadingSpace, in.Comment, in.ReuseRecord = true, '#', true
	var faults []error
	for n := 0; len(faults) < faultsMost; n++ {
		row, err := in.Read()
		if errors.Is(err, io.EOF) && n > 0 {
			break
		}
		if p, is := errors.AsType[*csv.ParseError](err); is && n > 0 {
			faults = append(faults, fmt.Errorf("line %d: %w", p.StartLine, p.Err))
			continue
		}
		if n > rowsMost {
			return fmt.Errorf("%w: more than %d lines: cut it into parts", ErrFile, rowsMost)
		}
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		if n == 0 {
			if err = errors.Join(err, head(row)); err != nil {
				return fmt.Errorf("%w: %w", ErrFile, err)
			}
			continue
		}
		if err = each(row); err != nil {
			line, _ := in.FieldPos(0)
			faults = append(faults, fmt.Errorf("line %d: %w", line, err))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("%w: %w", ErrFile, err)
	}
	return nil
}

// headed wants a head as it is written.
func headed(want string) func([]string) error {
	return func(row []string) error {
		if got := strings.Join(row, ","); got != want {
			return fmt.Errorf("its first line is %q: it must be %s", got, want)
		}
		return nil
	}
}

// dayOf reads a day.
func dayOf(text string) (string, error) {
	if at, err := time.Parse(time.DateOnly, text); err != nil || at.Year() < 2009 {
		return "", fmt.Errorf("day %q: write it as 2025-09-30", text)
	}
	return text, nil
}

// named reads an id or address: no blanks, nothing that a terminal obeys.
func named(what, text string, must bool) error {
	if text == "" && !must {
		return nil
	}
	if text == "" || len(text) > textMost || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }) {
		return fmt.Errorf("%s %.40q: 1 to %d printable bytes without blanks", what, text, textMost)
	}
	return nil
}

// coins reads bitcoin; empty is none.
func coins(what, text string) (unit.Satoshi, error) {
	if text == "" {
		return 0, nil
	}
	v, err := books.Bitcoin.Parse(text)
	if err == nil && (v < 0 || unit.Satoshi(v) > coinsMost) {
		err = fmt.Errorf("%q is below zero or more than there are", text)
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	return unit.Satoshi(v), nil
}

// ReadStatement reads a pool's statement: CSV with the columns kind (credit or
// payout), id, day (of a credit), time, amount_btc, fee_btc, txid and address (of a
// payout). The amount of a credit is what it adds to what the pool owes, after the
// pool's fee; that of a payout is what it takes off, of which the fee did not
// arrive. The time of a credit may be empty: it is then the end of its day in zone.
func ReadStatement(text []byte, zone *time.Location) (Lines, error) {
	var out Lines
	err := rows(text, headed(statementHead), func(row []string) error { return out.row(row, zone) })
	if err != nil {
		return Lines{}, fmt.Errorf("statement of a pool: %w", err)
	}
	return out, nil
}

// row reads one line of a statement.
func (l *Lines) row(row []string, zone *time.Location) error {
	amount, err := coins("amount_btc", row[4])
	fee, err2 := coins("fee_btc", row[5])
	if err := errors.Join(named("id", row[1], true), err, err2); err != nil {
		return err
	}
	var at time.Time
	if row[3] != "" {
		if at, err = time.Parse(time.RFC3339, row[3]); err != nil || at.Nanosecond() != 0 || at.Year() < 2009 {
			return fmt.Errorf("time %q: write it as 2025-09-30T06:00:00Z", row[3])
		}
	}
	switch row[0] {
	case "credit":
		day, err := dayOf(row[2])
		if err != nil {
			return err
		}
		if at.IsZero() {
			d, _ := time.ParseInLocation(time.DateOnly, day, zone)
			at = d.AddDate(0, 0, 1)
		}
		l.Credits = append(l.Credits, Credit{ID: row[1], Day: day, At: at.UTC(), Amount: amount, Fee: fee})
	case "payout":
		if amount <= fee || at.IsZero() || row[2] != "" {
			return errors.New("a payout has a time, no day, and an amount above its fee")
		}
		if row[6] != strings.ToLower(row[6]) || len(row[6]) != 64 || strings.Trim(row[6], "0123456789abcdef") != "" {
			return fmt.Errorf("txid %.70q: 64 hexadecimal digits in lower case are needed", row[6])
		}
		if err := named("address", row[7], false); err != nil {
			return err
		}
		l.Claims = append(l.Claims, Claim{ID: row[1], At: at.UTC(), Amount: amount, Fee: fee, Tx: row[6], Address: row[7]})
	default:
		return fmt.Errorf("kind %.40q: it is credit or payout", row[0])
	}
	return nil
}

// exponents are the units in which a file may state work, by the power of ten
// that makes hashes of them; a PH-day is 10^15 H/s for 86,400 seconds.
func exponents(name string) (scale int64, exponent int, known bool) {
	switch name {
	case "hashes":
		return 1, 0, true
	case "ph_days":
		return 86_400, 15, true
	}
	return 0, 0, false
}

// ReadWork reads days of work: CSV with the columns day, accepted_UNIT and, both or
// neither, stale_UNIT and rejected_UNIT, where UNIT is hashes or ph_days. Each day
// once; the days come back in order.
func ReadWork(text []byte) ([]Day, error) {
	var out []Day
	seen := map[string]bool{}
	unitName := ""
	head := func(row []string) error {
		if len(row) >= 2 {
			unitName = strings.TrimPrefix(row[1], "accepted_")
		}
		_, _, known := exponents(unitName)
		want := strings.Split(strings.ReplaceAll(workHead, "UNIT", unitName), ",")
		if !known || !slices.Equal(row, want) && !slices.Equal(row, want[:2]) {
			return fmt.Errorf("its first line is %q: it must be %s with hashes or ph_days for UNIT; the last two columns may both be left out", strings.Join(row, ","), workHead)
		}
		return nil
	}
	err := rows(text, head, func(row []string) error {
		day, err := dayOf(row[0])
		if err == nil && seen[day] {
			err = fmt.Errorf("day %s is there twice", day)
		}
		d := Day{Day: day}
		seen[day] = true
		for i, to := range []*unit.Work{&d.Accepted, &d.Stale, &d.Rejected}[:len(row)-1] {
			n, bad := hashes(row[i+1], unitName)
			*to, err = n, errors.Join(err, bad)
		}
		out = append(out, d)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("days of work: %w", err)
	}
	slices.SortFunc(out, func(a, b Day) int { return strings.Compare(a.Day, b.Day) })
	return out, nil
}

// digitsMost bounds a figure of work, digits.
const digitsMost = 40

// hashes reads an amount of work, in gigahashes rounded half to even.
func hashes(text, unitName string) (unit.Work, error) {
	whole, fraction, _ := strings.Cut(text, ".")
	if whole+fraction == "" || len(text) > digitsMost || strings.Trim(whole+fraction, "0123456789") != "" {
		return 0, fmt.Errorf("work %.50q: write plain digits, such as 1234.5", text)
	}
	n, _ := new(big.Int).SetString(whole+fraction, 10)
	scale, exponent, _ := exponents(unitName)
	n.Mul(n, big.NewInt(scale))
	ten := func(e int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(e)), nil) }
	n.Mul(n, ten(exponent))
	below := ten(9 + len(fraction)) // gigahashes, and what stood behind the point
	q, r := new(big.Int).QuoRem(n, below, new(big.Int))
	if c := r.Lsh(r, 1).Cmp(below); c > 0 || c == 0 && q.Bit(0) == 1 {
		q.Add(q, big.NewInt(1))
	}
	if !q.IsInt64() {
		return 0, fmt.Errorf("work %.50q: more than anybody can do", text)
	}
	return unit.Work(q.Int64()), nil
}
