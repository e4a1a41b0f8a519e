package meter

import (
	"encoding/csv"
	"encoding/hex"
	"io"
	"strings"

	"sluice/books"
	"sluice/books/rate"
)

// Minutes is the service of a contract in GPU-seconds, by condition.
type Minutes struct {
	Contracted int64
	Up         int64
	Down       int64
	Degraded   int64
	Excused    int64
	Unseen     int64
	Evidence   []books.Hash // of everything but what was up
}

// Sum adds up stretches of one contract.
func Sum(all []Stretch) (m Minutes) {
	for _, x := range all {
		n := x.GPUs * x.Span.Seconds()
		m.Contracted += n
		switch x.Condition {
		case Up:
			m.Up += n
			continue
		case Down:
			m.Down += n
		case Degraded:
			m.Degraded += n
		case Excused:
			m.Excused += n
		case Unseen:
			m.Unseen += n
		}
		m.Evidence = append(m.Evidence, x.Evidence)
	}
	return m
}

// Outages is when parts were out, as it is rated: excused or not.
func Outages(all []Stretch) (out []rate.Outage) {
	for _, x := range all {
		if x.Out {
			out = append(out, rate.Outage{Part: x.Part, From: x.Span.From, To: x.Span.To, Evidence: x.Evidence})
		}
	}
	return out
}

// Exclusions is what of it does not count, as it is rated.
func Exclusions(all []Stretch) (out []rate.Exclusion) {
	for _, x := range all {
		if x.Condition == Excused {
			out = append(out, rate.Exclusion{Part: x.Part, Cause: x.Cause, From: x.Span.From, To: x.Span.To, Announced: x.announced(), Evidence: x.Evidence})
		}
	}
	return out
}

// announced is the second of the notice; of what was never announced its end.
func (x Stretch) announced() int64 {
	if x.Announced.IsZero() {
		return x.Span.To
	}
	return x.Announced.Unix()
}

// WriteOutages writes the file in which outages are delivered to billing. The
// evidence of a line is the hash of its stretch.
func WriteOutages(w io.Writer, all []Stretch) error {
	rows := [][]string{{"contract", "part", "from", "to", "evidence"}}
	for _, x := range all {
		if x.Out {
			rows = append(rows, []string{x.Contract, x.Part, instant(x.Span.From), instant(x.Span.To), x.proof()})
		}
	}
	return csv.NewWriter(w).WriteAll(rows)
}

// WriteExclusions writes the file in which it is said what of them does not count.
func WriteExclusions(w io.Writer, all []Stretch) error {
	rows := [][]string{{"contract", "part", "cause", "from", "to", "announced", "evidence"}}
	for _, x := range all {
		if x.Condition == Excused {
			rows = append(rows, []string{x.Contract, x.Part, string(x.Cause), instant(x.Span.From), instant(x.Span.To), instant(x.announced()), x.proof()})
		}
	}
	return csv.NewWriter(w).WriteAll(rows)
}

// proof is what a line names as its evidence.
func (x Stretch) proof() string {
	return strings.Join(strings.Fields(hex.EncodeToString(x.Evidence[:])+" "+x.Event+" "+x.Why), " ")
}
