package telemetry

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
)

// points is how many values an answer has.
func points(v parser.Value) int {
	switch v := v.(type) {
	case promql.Vector:
		return len(v)
	case promql.Matrix:
		n := 0
		for _, s := range v {
			n += len(s.Floats) + len(s.Histograms)
		}
		return n
	}
	return 1
}

// result writes the value of a query as Prometheus does: instants are seconds,
// values are text, so that no digit and no infinity is lost.
func result(v parser.Value) (json.RawMessage, error) {
	b := append([]byte(`{"resultType":"`), v.Type()...)
	b = append(b, `","result":`...)
	switch v := v.(type) {
	case promql.Scalar:
		b = appendPoint(b, v.T, v.V)
	case promql.String:
		b = append(append(b, '['), seconds(v.T)...)
		b = append(append(append(b, ','), quoted(v.V)...), ']')
	case promql.Vector:
		b = append(b, '[')
		for i, s := range v {
			if s.H != nil {
				return nil, errHistogram
			}
			b = append(appendMetric(b, i, s.Metric), `,"value":`...)
			b = append(appendPoint(b, s.T, s.F), '}')
		}
		b = append(b, ']')
	case promql.Matrix:
		b = append(b, '[')
		for i, s := range v {
			if len(s.Histograms) > 0 {
				return nil, errHistogram
			}
			b = append(appendMetric(b, i, s.Metric), `,"values":[`...)
			for j, p := range s.Floats {
				if j > 0 {
					b = append(b, ',')
				}
				b = appendPoint(b, p.T, p.F)
			}
			b = append(b, `]}`...)
		}
		b = append(b, ']')
	default:
		return nil, fmt.Errorf("a result of type %s cannot be written", v.Type())
	}
	return append(b, '}'), nil
}

// errHistogram cannot happen while nothing stores histograms.
var errHistogram = errors.New("native histograms are not stored and not shown")

// appendMetric begins one series of a result.
func appendMetric(b []byte, i int, set labels.Labels) []byte {
	if i > 0 {
		b = append(b, ',')
	}
	b = append(b, `{"metric":{`...)
	first := true
	set.Range(func(l labels.Label) {
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(append(append(b, quoted(l.Name)...), ':'), quoted(l.Value)...)
	})
	return append(b, '}')
}

func appendPoint(b []byte, ms int64, v float64) []byte {
	b = append(append(append(b, '['), seconds(ms)...), `,"`...)
	format, abs := byte('f'), math.Abs(v)
	if abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	return append(strconv.AppendFloat(b, v, format, -1, 64), `"]`...)
}

// seconds writes milliseconds as seconds without rounding.
func seconds(ms int64) []byte {
	var b []byte
	if ms < 0 {
		b, ms = append(b, '-'), -ms
	}
	b = strconv.AppendInt(b, ms/1000, 10)
	if f := ms % 1000; f != 0 {
		b = append(b, fmt.Sprintf(".%03d", f)...)
	}
	return b
}

// quoted is text as JSON. Text that is not UTF-8 comes out mended.
func quoted(s string) []byte {
	b, err := json.Marshal(s)
	if err != nil {
		return []byte(`""`)
	}
	return b
}
