package room

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"sluice/books/invoice"
)

// ReadingNow is one interval that a meter reported.
type ReadingNow struct {
	Meter     string    `json:"meter"`
	Component string    `json:"component"`
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	Quantity  string    `json:"quantity" doc:"In base units, whole: joules, GPU-seconds, pieces."`
	Revision  int       `json:"revision" doc:"The highest of an interval counts."`
	Estimated bool      `json:"estimated" doc:"Substituted by a declared rule, not read."`
	Evidence  string    `json:"evidence" doc:"SHA-256 of the paper on which it came."`
}

// LineReadings is one line of an invoice with the readings under it.
type LineReadings struct {
	InvoiceLine
	Intervals []ReadingNow `json:"intervals" doc:"All revisions, in the order of their delivery."`
	More      bool         `json:"more,omitempty" doc:"There are more than are shown."`
}

// mostReadings of a line are shown.
const mostReadings = 10_000

type invoiceLineIn struct {
	InvoiceIn

	Line int `path:"line" minimum:"1" maximum:"100000" doc:"Its place, from 1."`
}

func (r *Room) invoiceLine(ctx context.Context, v Visit, in *invoiceLineIn) (LineReadings, error) {
	d, err := r.desk(ctx, v, in.BookIn)
	if err != nil {
		return LineReadings{}, err
	}
	x, err := d.document(in.Number)
	if err != nil {
		return LineReadings{}, err
	}
	if in.Line > len(x.Lines) {
		return LineReadings{}, missing("line", itoa(in.Line))
	}
	l := x.Lines[in.Line-1]
	all, err := d.readings(ctx, l)
	if err != nil {
		return LineReadings{}, d.ofBooks(err)
	}
	out := LineReadings{InvoiceLine: d.line(in.Line, l), Intervals: []ReadingNow{}, More: len(all) > mostReadings}
	out.Readings = new(len(all))
	for _, x := range all[:min(len(all), mostReadings)] {
		out.Intervals = append(out.Intervals, ReadingNow{
			x.Meter, x.Component, unixTime(x.From), unixTime(x.To), strconv.FormatInt(x.Quantity, 10), x.Revision, x.Estimated, hashText(x.Paper),
		})
	}
	return out, nil
}

type invoicePDFIn struct {
	InvoiceIn

	Language string `query:"language" enum:"en,ar,pt" default:"en"`
}

// invoicePage is an invoice as it is sent.
type invoicePage struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

// invoicePDF is a document in PDF; its days are those of the zone of its contract.
func (r *Room) invoicePDF(ctx context.Context, v Visit, in *invoicePDFIn) (*invoicePage, error) {
	d, err := r.desk(ctx, v, in.BookIn)
	if err != nil {
		return nil, err
	}
	x, err := d.document(in.Number)
	if err != nil {
		return nil, err
	}
	zone := d.zone
	if k, filed := d.terms[x.Lines[0].Contract]; filed {
		zone = k.file.Zone
	}
	page, err := x.PDF(invoice.Language(in.Language), zone)
	if errors.Is(err, invoice.ErrLetter) {
		return nil, problem(http.StatusConflict, "letter", "a name on it has a letter that the PDF has no font for", "print it as a page: 'sluice invoice show "+x.Number.String()+" --as html'")
	}
	if err != nil {
		return nil, d.ofBooks(err)
	}
	return &invoicePage{"application/pdf", `attachment; filename="` + x.Number.String() + `.pdf"`, page}, nil
}
