package history

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"sluice/unit"
)

// Label says which end of its interval a stamp names.
type Label string

// The labels. An empty Label is IntervalStart.
const (
	IntervalStart Label = "start"
	IntervalEnd   Label = "end"
)

// Columns says how to read a file.
type Columns struct {
	// Time is the column of stamps. Empty: the one column called, in any case,
	// interval_start_utc, interval_start, start_utc, start, hour_start_utc,
	// hour_start_local, hour_start, hour_utc, hour, period_start,
	// delivery_start, interval_end_utc, interval_end, hour_ending, end, time,
	// time_utc, timestamp, timestamp_utc, utc_timestamp, datetime, datetime_utc,
	// utc, date_time, or date. A name with "end" or "ending" in it needs Label
	// IntervalEnd, one with "start" needs IntervalStart.
	Time string
	// Value is the column of values. Empty: for prices the one column whose name
	// is value or has the word price, lmp, spp, spot, mwh or kwh in it; for
	// temperatures temp, temperature, air, temp_c or one that has these words.
	Value string
	// Layout is the Go layout of stamps. Empty: RFC 3339, "2006-01-02 15:04",
	// the same with seconds, either with a T in the middle or an offset behind,
	// or seconds since 1970. "unix" asks for the last and nothing else.
	Layout string
	// Zone is the zone of stamps without an offset; nil is UTC.
	Zone *time.Location
	// Label says whether stamps name the start or the end of their interval.
	Label Label
	// Currency is what the prices are in. Empty: what the name of the value
	// column says. A column that names another currency is refused.
	Currency unit.Currency
	// PerKWh says that prices are per kWh and not per MWh.
	PerKWh bool
	// Minutes is an optional column with the length of the interval in minutes.
	Minutes string
}

// currencies are the codes looked for in column names. Codes that are also
// words of the trade or of English (all, try, top) stay out.
func currencies() []string {
	return strings.Fields("usd eur sek nok dkk gbp cad brl aud nzd jpy cny inr chf pln czk huf ron bgn isk mxn zar krw sgd clp")
}

func timeNames() []string {
	return strings.Fields(`interval_start_utc interval_start start_utc start hour_start_utc hour_start_local hour_start
		hour_utc hour period_start delivery_start interval_end_utc interval_end hour_ending end time time_utc timestamp
		timestamp_utc utc_timestamp datetime datetime_utc utc date_time date`)
}

// column finds the column a person named.
func (t *table) column(name, what string) (int, error) {
	var found []int
	for i, h := range t.header {
		if strings.EqualFold(h, strings.TrimSpace(name)) {
			found = append(found, i)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return 0, t.fault(1, t.suggest(name), "no column %s for %s; there are %s", quote(name), what, t.listed())
	}
	return 0, t.fault(1, "give the columns different names", "%d columns are called %s; there are %s", len(found), quote(name), t.listed())
}

// guess finds the one column that fits.
func (t *table) guess(what string, fits func(name string) bool) (int, error) {
	var found []int
	for i, h := range t.header {
		if fits(strings.ToLower(h)) {
			found = append(found, i)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return 0, t.fault(1, "name the column", "no column looks like %s; there are %s", what, t.listed())
	}
	var names []string
	for _, i := range found {
		names = append(names, quote(t.header[i]))
	}
	return 0, t.fault(1, "name the column", "%s could be %s; there are %s", strings.Join(names, " and "), what, t.listed())
}

// timeColumn finds the stamps and checks that their name and the label agree.
func (t *table) timeColumn(c Columns) (int, error) {
	i, err := t.named(c.Time, "the time", func(name string) bool { return slices.Contains(timeNames(), name) })
	if err != nil {
		return 0, err
	}
	words := wordsOf(t.header[i])
	ends := slices.Contains(words, "end") || slices.Contains(words, "ending")
	starts := slices.Contains(words, "start")
	switch {
	case c.Label != "" && c.Label != IntervalStart && c.Label != IntervalEnd:
		return 0, t.fault(0, "use start or end", "label %q is not known", string(c.Label))
	case ends && c.Label != IntervalEnd:
		return 0, t.fault(1, "set the label to end", "column %s names ends of intervals, but stamps are read as starts", quote(t.header[i]))
	case starts && c.Label == IntervalEnd:
		return 0, t.fault(1, "set the label to start", "column %s names starts of intervals, but stamps are read as ends", quote(t.header[i]))
	}
	return i, nil
}

func (t *table) named(name, what string, fits func(string) bool) (int, error) {
	if name != "" {
		return t.column(name, what)
	}
	return t.guess(what, fits)
}

// currencyOf settles what money a column is in.
func (t *table) currencyOf(column int, said unit.Currency) (unit.Currency, error) {
	said = unit.Currency(strings.ToUpper(strings.TrimSpace(string(said))))
	stated := statedCurrency(t.header[column])
	switch {
	case stated == "" && said == "":
		return "", t.fault(1, "say which currency the file is in", "column %s does not say its currency", quote(t.header[column]))
	case said == "":
		return stated, nil
	case stated != "" && stated != said:
		return "", t.fault(1, "name the right column, or say that the file is in "+string(stated)+"; nothing is converted here",
			"column %s is in %s, but the file is said to be in %s", quote(t.header[column]), stated, said)
	}
	return said, nil
}

func statedCurrency(name string) unit.Currency {
	for symbol, code := range map[string]unit.Currency{"€": "EUR", "£": "GBP"} {
		if strings.Contains(name, symbol) {
			return code
		}
	}
	for _, w := range wordsOf(name) {
		if slices.Contains(currencies(), w) {
			return unit.Currency(strings.ToUpper(w))
		}
	}
	return ""
}

// wordsOf splits a column name into its lower-case words.
func wordsOf(name string) []string {
	return strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func hasWord(name string, words ...string) bool {
	return slices.ContainsFunc(wordsOf(name), func(w string) bool { return slices.Contains(words, w) })
}

func (t *table) listed() string {
	out := make([]string, len(t.header))
	for i, h := range t.header {
		out[i] = quote(h)
	}
	return strings.Join(out, ", ")
}

// suggest names the column that was probably meant: one that a slip or two of
// the hand leads to. A farther one would be a guess at random.
func (t *table) suggest(name string) string {
	near := t.nearest(name)
	if strokes(strings.ToLower(near), strings.ToLower(name)) > max(1, len(name)/4) {
		return "name one of them"
	}
	return "did you mean " + quote(near) + "?"
}

// nearest is the column whose name takes the fewest strokes to reach from name.
func (t *table) nearest(name string) string {
	return slices.MinFunc(t.header, func(a, b string) int {
		return strokes(strings.ToLower(a), strings.ToLower(name)) - strokes(strings.ToLower(b), strings.ToLower(name))
	})
}

// strokes is the edit distance of Levenshtein.
func strokes(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			swap := diagonal
			if a[i] != b[j] {
				swap++
			}
			diagonal = row[j+1]
			row[j+1] = min(swap, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func quote(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "..."
	}
	return "\"" + s + "\""
}
