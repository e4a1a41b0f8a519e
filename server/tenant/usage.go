package tenant

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"sluice/books"
	"sluice/store/tenants"
	"sluice/unit"
	"sluice/use/hosting/meter"
)

// How much is answered at once.
const (
	mostUsage = 62 * 24 * time.Hour
	mostRows  = 5000
	day       = 24 * time.Hour
)

// Usages is what a tenant used.
type Usages struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Sums   []Sum     `json:"sums" doc:"Of the rows of this page that count, by contract and component."`
	Rows   []Used    `json:"rows"`
	Next   *int      `json:"next" doc:"What to give as after for the next page; null: this is the last."`
	Held   []Held    `json:"held" doc:"What is not billed yet, and why."`
	Marked int       `json:"estimated_rows" doc:"How many of the rows are estimated."`
}

// Sum is one component of one contract.
type Sum struct {
	Contract  string `json:"contract"`
	Component string `json:"component"`
	Quantity  int64  `json:"quantity"`
	Measure   string `json:"measure" doc:"J or GPU-seconds."`
	In        string `json:"in" doc:"The same in kWh or GPU-hours."`
	Estimated bool   `json:"estimated" doc:"Some of it is."`
}

// Used is one interval of one component.
type Used struct {
	Contract  string    `json:"contract"`
	Meter     string    `json:"meter"`
	Component string    `json:"component"`
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	Quantity  int64     `json:"quantity"`
	Measure   string    `json:"measure"`
	Revision  int       `json:"revision" doc:"From 1; a correction is a higher one."`
	Estimated bool      `json:"estimated"`
	Evidence  string    `json:"evidence" doc:"SHA-256 of what it was made of."`
}

// Held is a component that is not billed yet.
type Held struct {
	Contract  string    `json:"contract"`
	Component string    `json:"component"`
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	Why       string    `json:"why"`
	Engine    int64     `json:"engine" doc:"GPU-seconds by the engine."`
	Witness   int64     `json:"witness" doc:"GPU-seconds by the other source."`
}

// inHours is a quantity in the unit in which people think.
func inHours(quantity int64, m meter.Measure) string {
	hour := int64(3600)
	if m == meter.Joules {
		hour = 3_600_000
	}
	v, ok := unit.TryMulDiv(quantity, int64(unit.One), hour)
	if !ok {
		return ""
	}
	return books.Asset("").Text(v)
}

func second(at int64) time.Time { return time.Unix(at, 0).UTC() }

func evidence(h books.Hash) string { return hex.EncodeToString(h[:]) }

func usage(c call) (any, error) {
	from, to, err := c.stretch(day, mostUsage)
	if err != nil {
		return nil, err
	}
	q := tenants.Query{From: from, To: to, Component: c.query.Get("component"), All: c.query.Get("all") == "true", Limit: mostRows + 1}
	if q.Contract, err = c.wanted(); err != nil {
		return nil, err
	}
	if text := c.query.Get("after"); text != "" {
		if q.After, err = strconv.Atoi(text); err != nil || q.After < 0 || q.After > 100_000_000 {
			return nil, wrong("after is no number of rows", "give what next said, or leave it out")
		}
	}
	rows, err := c.server.c.Desk.Usage(c.ctx, c.who, q)
	if err != nil {
		return nil, err
	}
	out := Usages{From: from, To: to, Sums: []Sum{}, Rows: []Used{}, Held: []Held{}}
	if len(rows) > mostRows {
		rows = rows[:mostRows]
		next := q.After + mostRows
		out.Next = &next
	}
	if c.csv {
		return csvUsage(rows)
	}
	for _, u := range rows {
		out.Rows = append(out.Rows, Used{u.Contract, u.Meter, u.Component, second(u.Span.From), second(u.Span.To), u.Quantity, string(u.Measure), u.Revision, u.Estimated, evidence(u.Evidence)})
		if u.Estimated {
			out.Marked++
		}
	}
	out.Sums = sums(meter.Current(rows))
	return out, c.held(&out)
}

func csvUsage(rows []meter.Usage) (any, error) {
	var b bytes.Buffer
	err := meter.WriteUsage(&b, rows)
	return table(b.Bytes()), err
}

// sums adds up what counts.
func sums(rows []meter.Usage) []Sum {
	out := []Sum{}
	for _, u := range rows {
		i := slices.IndexFunc(out, func(s Sum) bool { return s.Contract == u.Contract && s.Component == u.Component })
		if i < 0 {
			i = len(out)
			out = append(out, Sum{Contract: u.Contract, Component: u.Component, Measure: string(u.Measure)})
		}
		out[i].Quantity += u.Quantity
		out[i].Estimated = out[i].Estimated || u.Estimated
	}
	for i := range out {
		out[i].In = inHours(out[i].Quantity, meter.Measure(out[i].Measure))
	}
	return out
}

// held adds what is held back in the same stretch.
func (c call) held(out *Usages) error {
	all, err := c.server.c.Desk.Held(c.ctx, c.who)
	if err != nil {
		return err
	}
	only := c.query.Get("contract")
	for _, h := range all {
		if h.Released == nil && h.Span.From < out.To.Unix() && h.Span.To > out.From.Unix() && (only == "" || only == h.Contract) {
			out.Held = append(out.Held, Held{h.Contract, h.Component, second(h.Span.From), second(h.Span.To), h.Why, h.Engine, h.Witness})
		}
	}
	return nil
}
