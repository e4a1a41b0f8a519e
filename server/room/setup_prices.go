package room

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"sluice/data"
	"sluice/driver/history"
	"sluice/people"
	"sluice/series"
	"sluice/unit"
	"sluice/use/mining"
)

// PriceSource is where the prices of a site come from: a shipped history, or a file.
type PriceSource struct {
	Shipped  string `json:"shipped,omitempty" maxLength:"100" doc:"Name of a shipped history."`
	CSV      string `json:"csv,omitempty" maxLength:"12000000" doc:"A file of one's own, with a header, instead."`
	Column   string `json:"column,omitempty" maxLength:"100" doc:"Of the prices; absent: found by its name."`
	Time     string `json:"time_column,omitempty" maxLength:"100"`
	Zone     string `json:"time_zone,omitempty" maxLength:"60" doc:"Of stamps without an offset; absent: UTC."`
	End      bool   `json:"stamps_end,omitempty" doc:"Stamps name the end of their interval."`
	Currency string `json:"currency,omitempty" maxLength:"3" doc:"Absent: what the column says."`
	PerKWh   bool   `json:"per_kwh,omitempty"`
	Fill     string `json:"fill,omitempty" enum:",refuse,hold-last,same-hour-day" doc:"What to do about gaps; absent: refuse them."`
}

// PriceShown is a price history in short.
type PriceShown struct {
	Name     string       `json:"name"`
	Rows     int          `json:"rows"`
	From     time.Time    `json:"from"`
	Until    time.Time    `json:"until"`
	Seconds  int64        `json:"interval_seconds"`
	Currency string       `json:"currency"`
	Column   string       `json:"column"`
	Old      bool         `json:"old" doc:"It ended before now: a real site needs one that somebody keeps up to date."`
	Points   []PricePoint `json:"points" doc:"Its last two weeks."`
}

// PricePoint is a price.
type PricePoint struct {
	At    time.Time `json:"at"`
	Price *Micro    `json:"micro_per_mwh,omitempty"`
}

// ShippedPrice is a history that is shipped.
type ShippedPrice struct {
	Name      string `json:"name"`
	Content   string `json:"content"`
	Units     string `json:"units"`
	Span      string `json:"span"`
	Licence   string `json:"licence"`
	Synthetic bool   `json:"synthetic" doc:"Made up: a record of no market."`
}

// ShippedPrices are all of them.
type ShippedPrices struct {
	Prices []ShippedPrice `json:"prices"`
}

// KnownModel is a machine model of the catalogue.
type KnownModel struct {
	Name  string `json:"name"`
	Power *int64 `json:"power_w,omitempty"`
	Hash  *int64 `json:"hash_ghs,omitempty"`
}

// KnownModels is the catalogue.
type KnownModels struct {
	Models []KnownModel `json:"models"`
}

func (r *Room) shippedPrices(context.Context, Visit, *struct{}) (ShippedPrices, error) {
	out := ShippedPrices{Prices: []ShippedPrice{}}
	for _, name := range data.Names() {
		f, err := data.Facts(name)
		if err != nil {
			return out, err
		}
		if strings.Contains(f.Units, "price") && strings.Contains(f.Units, "mwh") {
			out.Prices = append(out.Prices, ShippedPrice{f.Name, f.Content, f.Units, f.Span, f.Licence, f.Synthetic})
		}
	}
	return out, nil
}

func (r *Room) machineModels(context.Context, Visit, *struct{}) (KnownModels, error) {
	c, err := mining.Standard()
	if err != nil {
		return KnownModels{}, err
	}
	out := KnownModels{Models: []KnownModel{}}
	for _, name := range c.Names() {
		m, err := c.Lookup(name)
		if err != nil {
			return out, err
		}
		k := KnownModel{Name: m.Name}
		if m.Rated() {
			k.Power, k.Hash = new(int64(m.Power)), new(int64(m.Hashrate))
		}
		out.Models = append(out.Models, k)
	}
	return out, nil
}

type pricesIn struct {
	Body struct {
		PriceSource

		Site string `json:"site_currency,omitempty" maxLength:"3" doc:"Currency of the site, for a column that names none."`
	}
}

// tryPrices shows what a site would get.
func (r *Room) tryPrices(ctx context.Context, v Visit, in *pricesIn) (PriceShown, error) {
	p, err := in.Body.read(in.Body.Site)
	if err != nil {
		return PriceShown{}, listed(wrong("these prices cannot be read", "correct the file, or say what its columns mean; nothing was kept"), err)
	}
	if err := r.setUp(ctx, v, people.Entry{Subject: p.Source.Name, Effects: "reads prices"}); err != nil {
		return PriceShown{}, err
	}
	g := p.Series.Grid
	out := PriceShown{
		Name: p.Source.Name, Rows: p.Source.Rows, From: g.Start(0), Until: g.End(), Seconds: int64(g.Step() / time.Second),
		Currency: string(p.Source.Currency), Column: p.Source.Column, Old: g.End().Before(v.at), Points: []PricePoint{},
	}
	for i := max(0, g.Len()-int(14*24*time.Hour/g.Step())); i < g.Len(); i++ {
		x, known := p.Series.Value(i)
		out.Points = append(out.Points, PricePoint{g.Start(i), priced(x, known)})
	}
	return out, nil
}

// ownPrices is the name of a file of prices beside the site file.
const ownPrices = "prices.csv"

// read reads the prices as a site will.
func (s PriceSource) read(site string) (*history.Prices, error) {
	c := history.Columns{Time: s.Time, Value: s.Column, PerKWh: s.PerKWh, Currency: unit.Currency(s.Currency)}
	if s.End {
		c.Label = history.IntervalEnd
	}
	if s.Zone != "" {
		zone, err := time.LoadLocation(s.Zone)
		if err != nil {
			return nil, err
		}
		c.Zone = zone
	}
	name, from := ownPrices, io.Reader(bytes.NewReader([]byte(s.CSV)))
	switch {
	case s.Shipped != "" && s.CSV != "":
		return nil, errors.New("name a shipped history or give a file, one of the two")
	case s.Shipped != "":
		var err error
		if name, from, err = shippedFile(s.Shipped); err != nil {
			return nil, err
		}
	case s.CSV == "":
		return nil, errors.New("there are no prices: name a shipped history, or give a file")
	}
	p, err := history.ReadPrices(from, name, c, history.Options{Fill: series.Fill(s.Fill)})
	if err == nil || c.Currency != "" || site == "" || s.Shipped != "" {
		return p, err
	}
	c.Currency = unit.Currency(site) // the column names none
	return history.ReadPrices(bytes.NewReader([]byte(s.CSV)), name, c, history.Options{Fill: series.Fill(s.Fill)})
}

func shippedFile(name string) (string, io.Reader, error) {
	f, err := data.Open(name)
	return name, f, err
}
