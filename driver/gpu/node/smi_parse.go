package node

import (
	"encoding/csv"
	"fmt"
	"strings"

	"sluice/gpu"
	"sluice/unit"
)

// smiFields are asked of nvidia-smi, in this order; the last one is not known to old
// drivers.
func smiFields(short bool) []string {
	fields := []string{
		"index", "uuid", "name", "power.draw", "power.limit", "enforced.power.limit",
		"power.min_limit", "power.max_limit", "power.default_limit", "utilization.gpu", "clocks_event_reasons.sw_power_cap",
	}
	if short {
		return fields[:len(fields)-1]
	}
	return fields
}

// parseSMI reads what nvidia-smi answers to smiFields as CSV without heading and
// units. It takes a value, or one of the words for "not stated"; anything else is an
// error, and then there are no readings.
func parseSMI(text string, columns int) ([]gpu.Reading, error) {
	in := csv.NewReader(strings.NewReader(text))
	in.FieldsPerRecord = columns
	in.TrimLeadingSpace = true
	in.LazyQuotes = true // names are not quoted
	rows, err := in.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("nvidia-smi: %w", err)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%w: nvidia-smi lists none", ErrNoGPU)
	}
	out := make([]gpu.Reading, 0, len(rows))
	index, uuid := map[int]bool{}, map[string]bool{}
	for _, row := range rows {
		r, err := parseRow(row)
		if err != nil {
			return nil, fmt.Errorf("nvidia-smi: %w", err)
		}
		if index[r.Index] || r.UUID != "" && uuid[r.UUID] {
			return nil, fmt.Errorf("nvidia-smi: GPU %d (%s) is listed twice", r.Index, r.UUID)
		}
		index[r.Index], uuid[r.UUID] = true, true
		out = append(out, r)
	}
	return out, nil
}

func parseRow(row []string) (gpu.Reading, error) {
	p := rowParser{row: row}
	r := gpu.Reading{Index: p.index(), UUID: p.uuid(1), Model: p.words(2), Source: "nvidia-smi"}
	draw, hasDraw := p.milli(3)
	requested, hasRequested := p.milli(4)
	enforced, hasEnforced := p.milli(5)
	low, hasLow := p.milli(6)
	high, hasHigh := p.milli(7)
	standard, hasStandard := p.milli(8)
	r.Draw, r.Has.Draw = watts(draw), hasDraw
	r.Limit, r.Has.Limit = inForce(requested, hasRequested, enforced, hasEnforced)
	// The range is taken inwards to whole watts.
	r.Min, r.Max, r.Has.Range = unit.Power((low+999)/1000), unit.Power(high/1000), hasLow && hasHigh
	r.Default, r.Has.Default = watts(standard), hasStandard
	r.Busy, r.Has.Busy = p.percent(9)
	if len(row) > 10 {
		r.Capped, r.Has.Capped = p.active(10)
	}
	if !r.Has.Range {
		r.Min, r.Max = 0, 0
	}
	if p.err == nil {
		p.err = r.Validate()
	}
	return r, p.err
}

// inForce is the lower of the limit that software asked for and the one that is
// enforced: the BMC may hold it lower than software knows.
func inForce(requested int64, hasRequested bool, enforced int64, hasEnforced bool) (unit.Power, bool) {
	switch {
	case hasRequested && hasEnforced:
		return watts(min(requested, enforced)), true
	case hasEnforced:
		return watts(enforced), true
	case hasRequested:
		return watts(requested), true
	}
	return 0, false
}

func watts(milli int64) unit.Power { return unit.Power(unit.MulDiv(milli, 1, 1000)) }

// rowParser reads fields and keeps the first fault.
type rowParser struct {
	row []string
	err error
}

func (p *rowParser) fail(i int, what string) {
	if p.err == nil {
		p.err = fmt.Errorf("%s of GPU %q is %q, which is %s", smiFields(false)[i], short(p.row[0]), short(p.row[i]), what)
	}
}

func short(s string) string { return strings.ToValidUTF8(s[:min(len(s), 60)], "?") }

// stated is a field without blanks, false where it is one of the words for absence.
func (p *rowParser) stated(i int) (string, bool) {
	s := strings.TrimSpace(p.row[i])
	switch strings.ToLower(strings.Trim(s, "[]")) {
	case "n/a", "not supported", "unknown error", "gpu requires reset", "gpu is lost", "insufficient permissions", "not available":
		return "", false
	}
	return s, true
}

func (p *rowParser) index() int {
	v, err := unit.ParseDecimal(p.row[0], 0)
	if s, ok := p.stated(0); err != nil || !ok || strings.ContainsAny(s, ".eE+-") || v > 255 {
		p.fail(0, "no index")
	}
	return int(v)
}

func (p *rowParser) uuid(i int) string {
	s, ok := p.stated(i)
	if !ok {
		return ""
	}
	if !UUID(s) {
		p.fail(i, "no UUID")
	}
	return s
}

// UUID reports whether a text can be the UUID of a GPU. It may then stand on a
// command line: letters, digits and inner dashes only, and it begins with "GPU-".
func UUID(s string) bool {
	rest, ok := strings.CutPrefix(s, "GPU-")
	return ok && rest != "" && len(s) <= 80 && strings.Trim(rest, "0123456789abcdefABCDEF-") == ""
}

func (p *rowParser) words(i int) string {
	s, _ := p.stated(i)
	if !gpu.Sayable(s) {
		p.fail(i, "no plain name")
		return ""
	}
	return s
}

// milli is watts in thousandths.
func (p *rowParser) milli(i int) (int64, bool) {
	s, ok := p.stated(i)
	if !ok {
		return 0, false
	}
	v, err := unit.ParseDecimal(s, 3)
	if err != nil || v < 0 || v > 10_000_000 {
		p.fail(i, "no power of a GPU in watts")
		return 0, false
	}
	return v, true
}

func (p *rowParser) percent(i int) (unit.Ratio, bool) {
	s, ok := p.stated(i)
	if !ok {
		return 0, false
	}
	v, err := unit.ParseDecimal(s, 4)
	if err != nil || v < 0 || v > int64(unit.One) {
		p.fail(i, "no share in percent")
		return 0, false
	}
	return unit.Ratio(v), true
}

func (p *rowParser) active(i int) (value, known bool) {
	s, ok := p.stated(i)
	if !ok {
		return false, false
	}
	switch s {
	case "Active":
		return true, true
	case "Not Active":
		return false, true
	}
	p.fail(i, "neither Active nor Not Active")
	return false, false
}
