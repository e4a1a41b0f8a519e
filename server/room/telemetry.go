package room

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// measuredMost bounds an answer of telemetry, in bytes.
const measuredMost = 16 << 20

// sample is one value of telemetry.
type sample struct {
	at    time.Time
	value float64
}

// question is one about the telemetry of a site, over a stretch of time.
type question struct {
	query    string // in PromQL, whose answer is one series
	from, to time.Time
	step     time.Duration
}

// measured asks the telemetry of a site. Nothing is measured where the site keeps none.
func measured(ctx context.Context, a *attached, q question) ([]sample, error) {
	way, can := a.link.(http.RoundTripper)
	if !can {
		return nil, nil
	}
	seconds := func(t time.Time) string { return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64) }
	form := url.Values{"query": {q.query}, "start": {seconds(q.from)}, "end": {seconds(q.to)}, "step": {strconv.FormatFloat(q.step.Seconds(), 'f', 3, 64)}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://site/api/v1/query_range?"+form.Encode(), nil)
	if err != nil {
		return nil, err
	}
	res, err := way.RoundTrip(req)
	if err != nil {
		return nil, ofSite(a.name, err)
	}
	defer res.Body.Close() //nolint:errcheck // read only
	if res.StatusCode == http.StatusNotFound {
		return nil, nil // this site keeps no telemetry
	}
	text, err := io.ReadAll(io.LimitReader(res.Body, measuredMost))
	if err != nil {
		return nil, ofSite(a.name, err)
	}
	return samplesOf(text)
}

// samplesOf reads an answer of the read API of Prometheus. Values that are no numbers are
// left out.
func samplesOf(text []byte) ([]sample, error) {
	var said struct {
		Status string `json:"status"`
		Error  string `json:"error"`
		Data   struct {
			Result []struct {
				Values [][2]json.RawMessage `json:"values"`
			} `json:"result"`
		} `json:"data"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return nil, fmt.Errorf("telemetry: %w", err)
	}
	if said.Status != "success" {
		return nil, fmt.Errorf("telemetry: %.200s", said.Error)
	}
	var out []sample
	for _, one := range said.Data.Result {
		for _, v := range one.Values {
			var at float64
			var value string
			if err := json.Unmarshal(v[0], &at); err != nil {
				return nil, fmt.Errorf("telemetry: %w", err)
			}
			if err := json.Unmarshal(v[1], &value); err != nil {
				return nil, fmt.Errorf("telemetry: %w", err)
			}
			f, err := strconv.ParseFloat(value, 64)
			if err != nil || math.IsNaN(f) || math.IsInf(f, 0) || math.Abs(at) > 1e11 {
				continue
			}
			out = append(out, sample{time.UnixMilli(int64(math.Round(at * 1000))).UTC(), f})
		}
		break // the question is about one series
	}
	return out, nil
}
