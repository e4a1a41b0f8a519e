package telemetry

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/util/annotations"
)

// question is what somebody asked.
type question struct {
	form     url.Values
	name     string // of the label, from the path
	now      time.Time
	warnings []string
	infos    []string
}

func bad(format string, args ...any) error {
	return &apiError{http.StatusBadRequest, "bad_data", fmt.Sprintf(format, args...)}
}

// warn keeps at most ten notes of each kind.
func (q *question) warn(notes annotations.Annotations) {
	w, i := notes.AsStrings(q.form.Get("query"), 10, 10)
	q.warnings, q.infos = append(q.warnings, w...), append(q.infos, i...)
}

// query is the PromQL in the question.
func (q *question) query() (string, error) {
	text := q.form.Get("query")
	switch {
	case text == "":
		return "", bad("parameter query is missing")
	case len(text) > queryBytes:
		return "", bad("a query of %d bytes is longer than %d", len(text), queryBytes)
	}
	return text, nil
}

// instant reads a parameter as seconds since 1970 or as RFC 3339.
func (q *question) instant(key string, otherwise time.Time) (time.Time, error) {
	text := q.form.Get(key)
	if text == "" {
		return otherwise, nil
	}
	if s, err := strconv.ParseFloat(text, 64); err == nil {
		if math.IsNaN(s) || math.Abs(s) > 253402300799 { // the end of the year 9999
			return time.Time{}, bad("parameter %s: %s is out of range", key, clean(text))
		}
		return time.UnixMilli(int64(math.Round(s * 1000))), nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}, bad("parameter %s: %q is neither seconds nor RFC 3339", key, clean(text))
	}
	return t, nil
}

// span reads start and end, with everything as what holds otherwise.
func (q *question) span() (from, to time.Time, err error) {
	if from, err = q.instant("start", time.UnixMilli(0)); err != nil {
		return from, to, err
	}
	if to, err = q.instant("end", q.now.Add(time.Hour)); err != nil {
		return from, to, err
	}
	if to.Before(from) {
		return from, to, bad("parameter end: it lies before start")
	}
	return from, to, nil
}

// length reads a parameter as seconds or as a length of PromQL such as 5m.
func (q *question) length(key string) (time.Duration, error) {
	text := q.form.Get(key)
	if s, err := strconv.ParseFloat(text, 64); err == nil {
		if math.IsNaN(s) || s < 0 || s > math.MaxInt64/float64(time.Second) {
			return 0, bad("parameter %s: %s is out of range", key, clean(text))
		}
		return time.Duration(s * float64(time.Second)), nil
	}
	d, err := model.ParseDuration(text)
	if err != nil {
		return 0, bad("parameter %s: %q is no length of time", key, clean(text))
	}
	return time.Duration(d), nil
}

// limit is how many entries a listing may have: what was asked, within most.
func (q *question) limit(most int) (int, error) {
	text := q.form.Get("limit")
	if text == "" {
		return most, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, bad("parameter limit: %q is no count", clean(text))
	}
	if n == 0 || n > most {
		n = most
	}
	return n, nil
}

// selectors are the match[] of the question; asked is how many there must be at least.
func (q *question) selectors(p parser.Parser, least int) ([][]*labels.Matcher, error) {
	texts := q.form["match[]"]
	if len(texts) < least {
		return nil, bad("parameter match[] is missing")
	}
	if len(texts) > 64 {
		return nil, bad("%d selectors are more than 64", len(texts))
	}
	for _, t := range texts {
		if len(t) > queryBytes {
			return nil, bad("a selector of %d bytes is longer than %d", len(t), queryBytes)
		}
	}
	sets, err := p.ParseMetricSelectors(texts)
	if err != nil {
		return nil, bad("parameter match[]: %v", err)
	}
	for i, set := range sets {
		if !narrows(set) {
			return nil, bad("selector %d matches everything: name a metric or a label", i+1)
		}
	}
	return sets, nil
}

// narrows says whether at least one matcher refuses the absent label.
func narrows(set []*labels.Matcher) bool {
	for _, m := range set {
		if !m.Matches("") {
			return true
		}
	}
	return false
}
