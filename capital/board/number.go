package board

import (
	"math"
	"strconv"
	"strings"

	"sluice/capital"
)

// thin is a space that neither breaks a line nor grows, between number and unit.
const thin = "\u00a0"

// none is what stands where there is no figure.
const none = "–"

// number writes v with so many digits behind the point and its thousands apart.
func (t tongue) number(v float64, digits int) string {
	switch {
	case math.IsNaN(v):
		return none
	case math.IsInf(v, 1):
		return "∞"
	case math.IsInf(v, -1):
		return "−∞"
	}
	text := strconv.FormatFloat(math.Abs(v), 'f', digits, 64)
	whole, part, has := strings.Cut(text, ".")
	var b strings.Builder
	if v < 0 && strings.ContainsAny(text, "123456789") {
		b.WriteString("−")
	}
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(t.thousands)
		}
		b.WriteRune(d)
	}
	if has {
		b.WriteString(t.decimal + part)
	}
	return b.String()
}

// trimmed is number without the noughts that say nothing, six digits at most.
func (t tongue) trimmed(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) || v == math.Trunc(v) {
		return t.number(v, 0)
	}
	text := strings.TrimRight(t.number(v, 6), "0")
	return strings.TrimSuffix(text, t.decimal)
}

// percent writes a share.
func (t tongue) percent(v float64, digits int) string {
	if math.IsNaN(v) {
		return none
	}
	return t.number(100*v, digits) + thin + "%"
}

// million is the size from which money is written in millions.
const million = 1e6

// money writes an amount with its currency, in millions from a million on.
func (s *scribe) money(v float64) string {
	if math.IsNaN(v) {
		return none
	}
	if math.Abs(v) >= million/2 && !math.IsInf(v, 0) {
		return s.apart(s.number(v/million, 2)) + thin + s.words["million"] + thin + s.plan.Currency
	}
	return s.apart(s.number(v, 0)) + thin + s.plan.Currency
}

// sized is the unit in which a table of money is written, and how many digits then.
type sized struct {
	per    float64
	digits int
	unit   string
}

// size chooses the unit of a table by its greatest amount.
func (s *scribe) size(greatest float64) sized {
	switch {
	case greatest >= 1e7:
		return sized{million, 2, s.words["million"] + thin + s.plan.Currency}
	case greatest >= 1e5:
		return sized{1e3, 1, s.words["thousand"] + thin + s.plan.Currency}
	}
	return sized{1, 0, s.plan.Currency}
}

func (s *scribe) in(z sized, v float64) string { return s.number(v/z.per, z.digits) }

// mixed keeps each stretch of a text that is read from the left together, in a line
// that is read from the right.
func (t tongue) mixed(text string) string {
	if !t.rtl() {
		return text
	}
	var out, run []string
	flush := func() {
		if len(run) > 0 {
			out, run = append(out, leftward+strings.Join(run, thin)+done), nil
		}
	}
	for word := range strings.FieldsSeq(text) {
		if strings.ContainsFunc(word, func(r rune) bool { return r >= 0x590 && r < 0x900 }) {
			flush()
			out = append(out, word)
			continue
		}
		run = append(run, word)
	}
	flush()
	return strings.Join(out, " ")
}

// month is a month as it is read; none where there is none.
func month(m capital.Month) string {
	if m == 0 {
		return none
	}
	return m.String()
}
