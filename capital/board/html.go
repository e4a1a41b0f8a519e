package board

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
)

// The parts of the page.
var (
	//go:embed page.html
	pageFile string
	//go:embed page.css
	styleFile string
)

// Widths at which drawings are made: for a phone, and for everything else.
const (
	phoneWide = 340
	pageWide  = 820
)

// page is what the template fills in.
type page struct {
	document
	Lang, Dir string
	Style     template.CSS
	W         map[string]string
}

// WriteHTML writes a report as one page without scripts and other files: it prints,
// fits a phone, and is written from right to left in Arabic. The same report has the
// same bytes. An error wraps ErrReport where the report does not hold together.
func WriteHTML(w io.Writer, r Report) error {
	s, err := newScribe(&r)
	if err != nil {
		return err
	}
	t, err := template.New("page").Funcs(template.FuncMap{
		"wide":  func(p *plate) template.HTML { return p.Draw(pageWide).svg("wide", p.Says) },
		"phone": func(p *plate) template.HTML { return p.Draw(phoneWide).svg("phone", p.Says) },
		"sign":  sign,
		"own":   s.apart,
	}).Parse(pageFile)
	if err != nil {
		return fmt.Errorf("read the page of the report: %w", err)
	}
	p := page{document: s.document(), Lang: string(s.language), Dir: "ltr", Style: template.CSS(styleFile), W: s.words} //nolint:gosec // our own file
	if s.rtl() {
		p.Dir = "rtl"
	}
	var out bytes.Buffer
	if err := t.Execute(&out, p); err != nil {
		return fmt.Errorf("write the report of %q as HTML: %w", r.Plan.Name, err)
	}
	if _, err := out.WriteTo(w); err != nil {
		return fmt.Errorf("write the report of %q as HTML: %w", r.Plan.Name, err)
	}
	return nil
}
