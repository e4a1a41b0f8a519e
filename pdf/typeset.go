package pdf

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"eliasnaur.com/font/noto/sans/arabic/regular"
	"eliasnaur.com/font/noto/sans/arabic/semibold"
	"eliasnaur.com/font/roboto/robotomedium"
	"eliasnaur.com/font/roboto/robotoregular"
	"github.com/go-text/typesetting/bidi"
	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/segmenter"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
)

// ErrLetter is a text with a letter that no font of the PDF has.
var ErrLetter = errors.New("no font has this letter")

// face is a font of the document and what was used of it.
type face struct {
	name string
	ttf  []byte
	font *font.Face
	used map[uint16]string // the text that a glyph stands for, for whoever copies or searches; empty: it stands in its run
}

// glyph is one shape of a line. Lengths are thousandths of the size of the type.
type glyph struct {
	id                uint16
	advance           int // to the next glyph
	natural           int // what the font says of it
	right, up, letter int // where it stands off the line; the letter that it begins with
}

// run is glyphs of one face and direction, from left to right.
type run struct {
	face   *face
	glyphs []glyph
	level  bidi.Level
	text   []rune // in the order of reading
}

// textLine is one line of a paragraph, its runs from left to right.
type textLine struct {
	runs  []run
	width int // thousandths of the size
}

// setter turns text into lines of glyphs. It is for one goroutine.
type setter struct {
	faces  []*face // regular, then bold; of each the Latin and the Arabic one
	lang   language.Language
	shaper shaping.HarfbuzzShaper
	split  shaping.Segmenter
	breaks segmenter.Segmenter
	order  bidi.Paragraph
	done   map[paragraph][]textLine // a document says most things many times
}

// paragraph is all that the lines of a text depend on.
type paragraph struct {
	text      string
	bold, rtl bool
	width     int
}

func newSetter(lang string) (*setter, error) {
	s := &setter{lang: language.NewLanguage(lang), done: map[paragraph][]textLine{}}
	for _, f := range []face{
		{name: "Roboto-Regular", ttf: robotoregular.TTF},
		{name: "NotoSansArabic-Regular", ttf: regular.TTF},
		{name: "Roboto-Medium", ttf: robotomedium.TTF},
		{name: "NotoSansArabic-SemiBold", ttf: semibold.TTF},
	} {
		parsed, err := font.ParseTTF(bytes.NewReader(f.ttf))
		if err != nil {
			return nil, fmt.Errorf("font %s: %w: %w", f.name, errFont, err)
		}
		f.font, f.used = parsed, map[uint16]string{}
		s.faces = append(s.faces, &f)
	}
	return s, nil
}

// weight is the faces of one weight; it chooses one for each letter.
type weight []*face

// ResolveFace is the first face that has the letter.
func (w weight) ResolveFace(r rune) *font.Face {
	for _, f := range w {
		if _, ok := f.font.NominalGlyph(r); ok {
			return f.font
		}
	}
	return w[0].font
}

// has reports whether a letter can be set; ends of lines and paragraphs cannot.
func (w weight) has(r rune) bool {
	if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) {
		return false
	}
	return invisible(r) || slices.ContainsFunc(w, func(f *face) bool {
		_, ok := f.font.NominalGlyph(r)
		return ok
	})
}

// invisible reports whether a letter only steers the others.
func invisible(r rune) bool { return unicode.Is(unicode.Cf, r) }

// of is the face of a parsed font.
func (w weight) of(f *font.Face) *face {
	return w[slices.IndexFunc(w, func(x *face) bool { return x.font == f })]
}

// em is the size at which text is shaped, so that lengths are thousandths of it.
const em = 1000

// pieceMost bounds the letters that are set at once, so that no length overflows
// and no text takes long.
const pieceMost = 1000

// set breaks a text into lines of at most a width, in thousandths of the size. rtl
// is the direction of the paragraph. An error wraps ErrLetter.
func (s *setter) set(text string, bold, rtl bool, width int) ([]textLine, error) {
	p := paragraph{text, bold, rtl, width}
	out, ok := s.done[p]
	if !ok {
		var err error
		if out, err = s.lines(p); err != nil {
			return nil, err
		}
		s.done[p] = out
	}
	return out, nil
}

// lines sets a paragraph.
func (s *setter) lines(of paragraph) ([]textLine, error) {
	w := weight(s.faces[:2])
	if of.bold {
		w = s.faces[2:]
	}
	for _, r := range of.text {
		if !w.has(r) {
			return nil, fmt.Errorf("text %.60q: %w: %q is in no font of the PDF: hand the page out as HTML", of.text, ErrLetter, r)
		}
	}
	var out []textLine
	for _, p := range pieces([]rune(of.text)) {
		t := shaped{text: p, levels: s.levels(p, of.rtl), weight: w}
		t.runs = s.shape(p, t.levels, w)
		t.measure()
		for _, l := range s.wrap(t, of.width) {
			out = append(out, t.line(l[0], l[1]))
		}
	}
	return out, nil
}

// shaped is a text with its glyphs, not in lines yet.
type shaped struct {
	text   []rune
	levels []bidi.Level
	weight weight
	runs   []shaping.Output // in the order of reading
	widths []int            // room of each letter; what is drawn together stands at its first one
	begins []bool           // where a letter begins something that is drawn
}

// measure finds how much room each letter takes.
func (t *shaped) measure() {
	t.widths, t.begins = make([]int, len(t.text)), make([]bool, len(t.text))
	for _, r := range t.runs {
		for _, g := range r.Glyphs {
			t.begins[g.TextIndex()] = true
			if !invisible(t.text[g.TextIndex()]) {
				t.widths[g.TextIndex()] += g.Advance.Round()
			}
		}
	}
}

// blank reports whether a letter shows nothing: a blank without an accent.
func (t *shaped) blank(at int) bool {
	return invisible(t.text[at]) || t.text[at] == ' ' && (at+1 == len(t.text) || t.begins[at+1])
}

// wrap is the lines of a text, from one letter to before another. A line ends where
// its language may end one, and within a word only where that alone is too long.
// The blanks at its end take no room.
//
// Source: Unicode Standard Annex 14.
func (s *setter) wrap(t shaped, most int) [][2]int {
	var out [][2]int
	from, x := 0, 0
	end := func(at int) { out, from, x = append(out, [2]int{from, at}), at, 0 }
	s.breaks.Init(t.text)
	for words := s.breaks.LineIterator(); words.Next(); {
		first := words.Line().Offset
		last, solid := first+len(words.Line().Text), 0
		for at := first; at < last; at++ {
			if !t.blank(at) {
				solid += t.widths[at]
			}
		}
		if solid > 0 && x+solid > most && first > from {
			end(first)
		}
		for at := first; at < last; at++ {
			if !t.blank(at) && t.begins[at] && x+t.widths[at] > most && at > from {
				end(at)
			}
			x += t.widths[at]
		}
	}
	if from < len(t.text) {
		end(len(t.text))
	}
	return out
}

// pieces cuts a very long text, where there is a blank.
func pieces(text []rune) [][]rune {
	var out [][]rune
	for len(text) > pieceMost {
		at := pieceMost
		for i := pieceMost; i > pieceMost/2; i-- {
			if text[i-1] == ' ' {
				at = i
				break
			}
		}
		out, text = append(out, text[:at]), text[at:]
	}
	if len(text) > 0 {
		out = append(out, text)
	}
	return out
}

func direction(rtl bool) di.Direction {
	if rtl {
		return di.DirectionRTL
	}
	return di.DirectionLTR
}

// levels is how deep each letter is embedded: odd ones are read from right to left.
//
// Source: Unicode Standard Annex 9.
func (s *setter) levels(text []rune, rtl bool) []bidi.Level {
	base, own := bidi.LeftToRight, bidi.Level(0)
	if rtl {
		base, own = bidi.RightToLeft, 1
	}
	runs := s.order.Segment(text, base)
	out := make([]bidi.Level, len(text))
	at := 0
	for i := range runs.NumRuns() {
		r := runs.Run(i)
		level, number := r.Level, r.Level == own+2
		for ; at < r.End; at++ {
			// Two depths of one direction come as one run: behind a number the line is itself again.
			if number && !inNumber(text, at) {
				number, level = false, own
			}
			out[at] = level
		}
	}
	return out
}

// inNumber reports whether a letter belongs to a number that began before it.
func inNumber(text []rune, at int) bool {
	if unicode.IsDigit(text[at]) || strings.ContainsRune("%$€", text[at]) {
		return true
	}
	return strings.ContainsRune(".,:/+-", text[at]) && at+1 < len(text) && unicode.IsDigit(text[at+1])
}

// shape makes the runs of a paragraph, in the order of reading.
func (s *setter) shape(text []rune, levels []bidi.Level, w weight) []shaping.Output {
	var out []shaping.Output
	for from := 0; from < len(text); {
		to := from + 1
		for to < len(text) && levels[to] == levels[from] {
			to++
		}
		in := shaping.Input{Text: text, RunStart: from, RunEnd: to, Direction: direction(levels[from]%2 == 1), Size: fixed.I(em), Language: s.lang}
		for _, part := range s.split.Split(in, w) {
			out = append(out, s.shaper.Shape(part))
		}
		from = to
	}
	return out
}

// line is the letters of a text from one to before another, in a line.
func (t *shaped) line(from, to int) textLine {
	for to > from && t.blank(to-1) { // what is blank at the end of a line takes no room
		to--
	}
	var out textLine
	for _, o := range t.runs {
		if o.Runes.Offset >= to || o.Runes.Offset+o.Runes.Count <= from {
			continue
		}
		r := t.weight.of(o.Face).take(o, t.text, from, to)
		r.level = t.levels[o.Runes.Offset]
		out.runs = append(out.runs, r)
		for _, g := range r.glyphs {
			out.width += g.advance
		}
	}
	out.reorder()
	return out
}

// reorder turns runs in the order of reading into runs from left to right.
//
// Source: Unicode Standard Annex 9, rule L2.
func (t *textLine) reorder() {
	deepest := slices.MaxFunc(append([]run{{}}, t.runs...), func(a, b run) int { return cmp.Compare(a.level, b.level) }).level
	for level := deepest; level > 0; level-- {
		for from := 0; from < len(t.runs); from++ {
			to := from
			for to < len(t.runs) && t.runs[to].level >= level {
				to++
			}
			slices.Reverse(t.runs[from:to])
			from = max(from, to)
		}
	}
}

// take is the glyphs of a shaped run, those of the letters from one to before another.
func (f *face) take(o shaping.Output, text []rune, from, to int) run {
	part := text[max(from, o.Runes.Offset):min(to, o.Runes.Offset+o.Runes.Count)]
	r := run{face: f, text: slices.DeleteFunc(slices.Clone(part), invisible)}
	for _, g := range o.Glyphs {
		if g.TextIndex() < from || g.TextIndex() >= to || invisible(text[g.TextIndex()]) {
			continue
		}
		id := uint16(g.GlyphID) //nolint:gosec // a TrueType font has at most 65,535 glyphs
		r.glyphs = append(r.glyphs, glyph{
			id: id, advance: g.Advance.Round(), natural: f.natural(id), right: g.XOffset.Round(), up: g.YOffset.Round(), letter: g.TextIndex(),
		})
		if g.GlyphsCount() == 1 && f.used[id] == "" {
			f.used[id] = string(text[g.TextIndex() : g.TextIndex()+g.RunesCount()])
		}
		f.used[id] += "" // it is used, whatever it is read as
	}
	return r
}

// natural is the width of a glyph in the font, in thousandths of its size.
func (f *face) natural(id uint16) int {
	return fixed.Int26_6(f.font.HorizontalAdvance(font.GID(id)) * em * 64 / float32(f.font.Upem())).Round()
}

// fromRight reports whether a text is read from right to left: its first letter
// that has a direction says so.
//
// Source: Unicode Standard Annex 9, rules P2 and P3.
func fromRight(text string) bool {
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana) && unicode.IsLetter(r):
			return true
		case unicode.IsLetter(r):
			return false
		}
	}
	return false
}
