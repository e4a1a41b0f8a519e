package board

import (
	"fmt"
	"html/template"
	"strings"
)

// svg writes a picture for a page. Its texts are read in their own direction, while
// places are counted from the left in every language.
func (p picture) svg(class, label string) template.HTML {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="%s" viewBox="0 0 %s %s" role="img" aria-label="%s" direction="ltr">`, class, trace(p.W), trace(p.H), template.HTMLEscapeString(label))
	for _, x := range p.Shapes {
		switch x.Kind {
		case areaShape:
			fmt.Fprintf(&b, `<polygon class="%s" points="%s"/>`, x.Class, points(x.Points))
		case strokeShape:
			fmt.Fprintf(&b, `<polyline class="%s" points="%s"/>`, x.Class, points(x.Points))
		case textShape:
			fmt.Fprintf(&b, `<text class="%s" x="%s" y="%s" text-anchor="%s">%s</text>`, x.Class, trace(x.Points[0].X), trace(x.Points[0].Y), x.Anchor.Name(), template.HTMLEscapeString(isolate+x.Text+done))
		}
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) //nolint:gosec // every text is escaped above
}

func points(all []point) string {
	var out []string
	for _, p := range all {
		out = append(out, trace(p.X)+","+trace(p.Y))
	}
	return strings.Join(out, " ")
}
