package report

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
)

// Trace is one integer per interval; the field's name says the unit.
type Trace []int32

// Gap stands in a Trace where the value is not known. A gap is never zero; in
// JSON it is null.
const Gap int32 = math.MinInt32

// MarshalJSON writes the values without spaces, gaps as null.
func (t Trace) MarshalJSON() ([]byte, error) {
	out := make([]byte, 0, 6*len(t)+2)
	out = append(out, '[')
	for i, v := range t {
		if i > 0 {
			out = append(out, ',')
		}
		if v == Gap {
			out = append(out, "null"...)
			continue
		}
		out = strconv.AppendInt(out, int64(v), 10)
	}
	return append(out, ']'), nil
}

// UnmarshalJSON reads what MarshalJSON wrote; values that are no int32 and the
// one that means a gap are errors.
func (t *Trace) UnmarshalJSON(text []byte) error {
	text = bytes.TrimSpace(text)
	if string(text) == "null" {
		return nil
	}
	if len(text) < 2 || text[0] != '[' || text[len(text)-1] != ']' {
		return fmt.Errorf("read a trace: want a list of whole numbers, have %.20q", text)
	}
	*t = nil
	inner := bytes.TrimSpace(text[1 : len(text)-1])
	if len(inner) == 0 {
		return nil
	}
	for field := range bytes.SplitSeq(inner, []byte(",")) {
		v, err := traceValue(string(bytes.TrimSpace(field)))
		if err != nil {
			return fmt.Errorf("read value %d of a trace: %w", len(*t), err)
		}
		*t = append(*t, v)
	}
	return nil
}

func traceValue(field string) (int32, error) {
	if field == "null" {
		return Gap, nil
	}
	v, err := strconv.ParseInt(field, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%q is no whole number of 32 bits: %w", field, err)
	}
	if int32(v) == Gap {
		return 0, fmt.Errorf("%d stands for a gap; write null", v)
	}
	return int32(v), nil
}
