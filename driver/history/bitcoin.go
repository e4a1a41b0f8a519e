package history

import (
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"sluice/unit"
	"sluice/use/mining"
)

// bitcoinColumns are the columns of a file of daily network figures; fee is -1
// when reward is the whole of what a block pays, standing -1 when no day is
// marked.
type bitcoinColumns struct{ date, price, difficulty, reward, fee, standing int }

// ReadBitcoin reads one row per UTC day: date (or day), price_<currency>,
// difficulty, and what the average block pays in bitcoin, either as
// reward_per_block_btc or as subsidy_btc plus fee_per_block_btc. An optional
// column price_standing marks days as published or estimated; estimated ones
// are counted and listed in Source.Estimated and EstimatedDays. Days follow each other without a gap.
func ReadBitcoin(r io.Reader, name string, currency unit.Currency) ([]mining.Network, Source, error) {
	t, err := openTable(r, name)
	if err != nil {
		return nil, Source{}, err
	}
	currency = unit.Currency(strings.ToUpper(string(currency)))
	columns, err := t.bitcoinColumns(currency)
	if err != nil {
		return nil, Source{}, err
	}
	src := Source{Name: name, Column: t.header[columns.price], Currency: currency, Zone: "UTC", Label: IntervalStart, Step: 24 * time.Hour, Steps: []time.Duration{24 * time.Hour}}
	var days []mining.Network
	for {
		fields, line, err := t.next()
		if fields == nil {
			if err = pastEnd(err); err != nil {
				return nil, Source{}, err
			}
			break
		}
		n, err := t.networkDay(fields, line, columns)
		if err != nil {
			return nil, Source{}, err
		}
		src.Rows++
		fresh, err := t.follows(days, n, line)
		switch {
		case err != nil:
			return nil, Source{}, err
		case !fresh:
			src.Duplicates++
			continue
		case columns.standing >= 0 && strings.EqualFold(strings.TrimSpace(fields[columns.standing]), "estimated"):
			src.Estimated++
			src.EstimatedDays = append(src.EstimatedDays, n.Day)
		}
		days = append(days, n)
	}
	src.First, src.Last = days[0].Day, days[len(days)-1].Day.AddDate(0, 0, 1)
	src.SHA256, err = t.digest()
	return days, src, err
}

// BitcoinFile is ReadBitcoin on the file at path.
func BitcoinFile(path string, currency unit.Currency) ([]mining.Network, Source, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, Source{}, unreadable(path, err)
	}
	defer f.Close() //nolint:errcheck // read only: nothing is lost
	return ReadBitcoin(f, path, currency)
}

// bitcoinColumns finds the columns by their names.
func (t *table) bitcoinColumns(currency unit.Currency) (c bitcoinColumns, err error) {
	is := func(names ...string) func(string) bool {
		return func(h string) bool { return slices.Contains(names, h) }
	}
	if c.date, err = t.guess("the date (date or day)", is("date", "day")); err != nil {
		return c, err
	}
	exact := "price_" + strings.ToLower(string(currency))
	priced := func(h string) bool {
		return strings.HasPrefix(h, "price_") && statedCurrency(h) != "" || h == "price"
	}
	if c.price, err = t.guess("the price ("+exact+")", is(exact)); err != nil {
		if c.price, err = t.guess("the price ("+exact+")", priced); err != nil {
			return c, err
		}
	}
	if _, err = t.currencyOf(c.price, currency); err != nil {
		return c, err
	}
	if c.difficulty, err = t.guess("the difficulty", is("difficulty")); err != nil {
		return c, err
	}
	c.standing = slices.IndexFunc(t.header, func(h string) bool { return strings.EqualFold(h, "price_standing") })
	if c.reward, err = t.guess("the reward (reward_per_block_btc)", is("reward_per_block_btc")); err == nil {
		c.fee = -1
		return c, nil
	}
	if c.reward, err = t.guess("the reward (reward_per_block_btc, or subsidy_btc with fee_per_block_btc)", is("subsidy_btc")); err != nil {
		return c, err
	}
	c.fee, err = t.guess("the fees (fee_per_block_btc)", is("fee_per_block_btc"))
	return c, err
}

// networkDay reads one row.
func (t *table) networkDay(fields []string, line int, c bitcoinColumns) (n mining.Network, err error) {
	at, dateErr := time.Parse(time.DateOnly, strings.TrimSpace(fields[c.date]))
	if dateErr != nil || at.Year() < 2009 || at.Year() > lastYear {
		return n, t.fault(line, "write 2006-01-02", "%s is not a day of the Bitcoin network", quote(fields[c.date]))
	}
	price, err := t.figure(fields[c.price], line, 6, "price")
	if err != nil {
		return n, err
	}
	difficulty, err := t.figure(fields[c.difficulty], line, 0, "difficulty")
	if err != nil {
		return n, err
	}
	reward, err := t.figure(fields[c.reward], line, 8, "reward")
	if err != nil {
		return n, err
	}
	if c.fee >= 0 {
		fee, err := t.figure(fields[c.fee], line, 8, "fee")
		if err != nil {
			return n, err
		}
		reward += fee
	}
	n = mining.Network{Day: at, Price: unit.Amount(price), Difficulty: difficulty, Reward: unit.Satoshi(reward)}
	switch {
	case n.Price <= 0 || n.Price > 1_000_000_000*unit.Unit:
		return n, t.fault(line, "correct the line", "a price of %s for a bitcoin is beyond all reason", quote(fields[c.price]))
	case n.Difficulty <= 0:
		return n, t.fault(line, "correct the line", "a difficulty of %s is beyond all reason", quote(fields[c.difficulty]))
	case n.Reward <= 0 || n.Reward > 1000*unit.Bitcoin:
		return n, t.fault(line, "rewards are read in bitcoin per block; are these satoshi, or the sum of a day?", "a block that pays %s is beyond all reason", quote(fields[c.reward]))
	}
	return n, nil
}

// figure reads one number that must be there and must not be negative.
func (t *table) figure(text string, line, digits int, noun string) (int64, error) {
	if unknown(text) {
		return 0, t.fault(line, "repair the file: a day without figures cannot be filled", "the %s of this day is missing", noun)
	}
	v, err := unit.ParseDecimal(t.point(text), digits)
	if err != nil || v < 0 {
		return 0, t.fault(line, "write a plain decimal number", "the %s %s is not a number of zero or more", noun, quote(text))
	}
	return v, nil
}

// follows checks that n is the day after the last one; false: an equal copy of it.
func (t *table) follows(days []mining.Network, n mining.Network, line int) (bool, error) {
	if len(days) == 0 {
		return true, nil
	}
	last := days[len(days)-1]
	switch due := last.Day.AddDate(0, 0, 1); {
	case n.Day.Equal(due):
		return true, nil
	case n == last:
		return false, nil
	case n.Day.Equal(last.Day):
		return false, t.fault(line, "keep the right row", "%s is given twice with different values", n.Day.Format(time.DateOnly))
	case n.Day.Before(last.Day):
		return false, t.fault(line, "sort the file by date", "%s comes after %s: the days are not in order", n.Day.Format(time.DateOnly), last.Day.Format(time.DateOnly))
	default:
		return false, t.fault(line, "repair the file: days must follow each other without a gap", "%s is expected here, not %s", due.Format(time.DateOnly), n.Day.Format(time.DateOnly))
	}
}
