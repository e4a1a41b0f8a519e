package jobs

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"sluice/gpu"
	"sluice/unit"
)

// The files that streams are made of, as package data names them.
const (
	TrainingFile  = "gavel_msr_jobs.csv.gz"
	InferenceFile = "azure_llm_minutes_2023.csv"
)

// most is more bytes than either file may have when unpacked.
const most = 4 << 20

// row is one recorded training job. A duration of zero was not recorded.
type row struct {
	arrive, gpus, duration int64
}

// Traces is what was recorded, in memory. It is never changed once loaded.
type Traces struct {
	rows   []row   // training jobs in order of arrival
	tokens []int64 // of both services by the minute, whole minutes only
	drawn  []gpu.Drawn
}

// Load reads the recorded files through open, such as data.Open. Every fault is
// reported with its file.
func Load(open func(name string) (io.Reader, error)) (*Traces, error) {
	t := &Traces{}
	var faults []error
	rows, err := table(open, TrainingFile, 3)
	if err == nil {
		t.rows, err = trainingRows(rows)
	}
	faults = append(faults, err)
	if rows, err = table(open, InferenceFile, 5); err == nil {
		t.tokens, err = minutes(rows)
	}
	faults = append(faults, err)
	drawn, err := gpu.StandardDrawn()
	t.drawn = []gpu.Drawn{drawn.Seren, drawn.Kalos}
	if err := errors.Join(append(faults, err)...); err != nil {
		return nil, fmt.Errorf("load recorded jobs: %w", err)
	}
	return t, nil
}

// table reads the rows of one file, plain or gzip, without its header.
func table(open func(string) (io.Reader, error), name string, columns int) ([][]string, error) {
	r, err := open(name)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(r, most))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if bytes.HasPrefix(text, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(bytes.NewReader(text))
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		if text, err = io.ReadAll(io.LimitReader(z, most)); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
	}
	c := csv.NewReader(bytes.NewReader(text))
	c.Comment, c.FieldsPerRecord = '#', columns
	rows, err := c.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(rows) < 3 {
		return nil, fmt.Errorf("read %s: it has no rows", name)
	}
	return rows[1:], nil
}

// The days of the training trace that are used: six whole weeks. Before them the
// cluster of the record was filling up.
const (
	day       = 24 * 3600
	traceFrom = 10 * day
	traceSpan = 42 * day
)

// gangMost is more GPUs than any recorded job has.
const gangMost = 10_000

// trainingRows parses arrival, GPUs and duration, and keeps the six weeks.
func trainingRows(rows [][]string) ([]row, error) {
	var out []row
	for i, r := range rows {
		var n [3]int64
		for k, text := range r {
			if text == "" && k == 2 {
				continue
			}
			v, err := strconv.ParseInt(text, 10, 32)
			if err != nil || v < 0 || k > 0 && v == 0 || k == 1 && v > gangMost {
				return nil, fmt.Errorf("%s: row %d: %q is not a whole positive number, or is more than %d GPUs", TrainingFile, i+1, text, gangMost)
			}
			n[k] = v
		}
		if n[0] >= traceFrom && n[0] < traceFrom+traceSpan {
			out = append(out, row{n[0] - traceFrom, n[1], n[2]})
		}
	}
	if !slices.ContainsFunc(out, func(r row) bool { return r.duration > 0 }) {
		return nil, fmt.Errorf("%s: no job in the six weeks that are used has a duration", TrainingFile)
	}
	slices.SortStableFunc(out, func(a, b row) int { return int(a.arrive - b.arrive) })
	return out, nil
}

// minutes sums the tokens of both services by the minute. The first and the last
// minute of each service are not whole and are left out; a minute in which a
// service had no request counts with the other's tokens alone.
func minutes(rows [][]string) ([]int64, error) {
	sums := map[string]int64{}
	for i, r := range rows {
		edge := i == 0 || i+1 == len(rows) || rows[i-1][1] != r[1] || rows[i+1][1] != r[1]
		if edge {
			continue
		}
		for _, text := range r[3:] {
			v, err := unit.ParseDecimal(text, 0)
			if err != nil || v < 0 {
				return nil, fmt.Errorf("%s: row %d: %q is no count of tokens", InferenceFile, i+1, text)
			}
			sums[r[0]] += v
		}
	}
	keys := make([]string, 0, len(sums))
	for k := range sums {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var out []int64
	for _, k := range keys {
		out = append(out, sums[k])
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: it has no whole minute", InferenceFile)
	}
	return out, nil
}
