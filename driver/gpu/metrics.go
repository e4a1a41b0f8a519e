package gpu

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// sample is one line of metrics in the text format of Prometheus.
type sample struct {
	name   string
	labels map[string]string
	value  float64
}

const labelsMost = 64

var errSample = errors.New("is no sample")

// samples reads the lines whose names are wanted. Another line is none of ours; a
// wanted one that cannot be read is an error, with its number.
func samples(text []byte, wanted func(name string) bool) ([]sample, error) {
	var out []sample
	n := 0
	for raw := range bytes.Lines(text) {
		n++
		line := strings.TrimSpace(string(raw))
		end := strings.IndexAny(line, "{ \t")
		if line == "" || line[0] == '#' || end < 0 || !wanted(line[:end]) {
			continue
		}
		s, err := readSample(line[:end], line[end:])
		if err != nil {
			return nil, fmt.Errorf("metrics, line %d: %w", n, err)
		}
		out = append(out, s)
	}
	return out, nil
}

func readSample(name, rest string) (sample, error) {
	s := sample{name: name, labels: map[string]string{}}
	if rest[0] == '{' {
		var err error
		if rest, err = readLabels(rest[1:], s.labels); err != nil {
			return s, err
		}
	}
	fields := strings.Fields(rest)
	if len(fields) < 1 || len(fields) > 2 {
		return s, errSample
	}
	v, err := strconv.ParseFloat(fields[0], 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return s, errSample
	}
	s.value = v
	return s, nil
}

// readLabels reads name="value" pairs up to the closing brace and returns what follows.
func readLabels(rest string, into map[string]string) (string, error) {
	for {
		rest = strings.TrimLeft(rest, " \t,")
		if after, ok := strings.CutPrefix(rest, "}"); ok {
			return after, nil
		}
		name, after, ok := strings.Cut(rest, `="`)
		if !ok || name == "" || strings.ContainsAny(name, `"{} `) || len(into) >= labelsMost {
			return "", errSample
		}
		value, tail, ok := unquote(after)
		if _, twice := into[name]; !ok || twice {
			return "", errSample
		}
		into[name], rest = value, tail
	}
}

// unquote reads up to the closing quotation mark.
func unquote(text string) (value, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return b.String(), text[i+1:], true
		case c != '\\':
			b.WriteByte(c)
		case i+1 < len(text):
			i++
			if text[i] == 'n' {
				b.WriteByte('\n')
			} else {
				b.WriteByte(text[i])
			}
		}
	}
	return "", "", false
}

// missing reports whether a value is one of those by which DCGM says that it has
// none: the highest integers, their likes in 32 bits and in floats, and no number.
func missing(v float64) bool {
	const blank64, blank32, blankFloat = 9223372036854775792, 2147483632, 140737488355328
	return math.IsNaN(v) || math.IsInf(v, 0) || v >= blank64 || v >= blank32 && v <= blank32+16 || v >= blankFloat && v <= blankFloat+16
}
