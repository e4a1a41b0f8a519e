package pdf

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	ot "github.com/go-text/typesetting/font/opentype"
	"pgregory.net/rapid"
)

// typed sets a text in one line.
func typed(tb testing.TB, text string, rtl bool) textLine {
	tb.Helper()
	s, err := newSetter("ar")
	if err != nil {
		tb.Fatal(err)
	}
	lines, err := s.set(text, false, rtl, 1<<24)
	if err != nil || len(lines) != 1 {
		tb.Fatal(len(lines), err)
	}
	return lines[0]
}

// seen is the runs of a line from left to right, each in its order of reading.
func (t textLine) seen() string {
	var out []string
	for _, r := range t.runs {
		if text := strings.TrimSpace(string(r.text)); text != "" {
			out = append(out, text)
		}
	}
	return strings.Join(out, "|")
}

// TestOrder: words of both directions stand on a line as their readers expect.
func TestOrder(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		text string
		rtl  bool
		want string // from left to right
	}{
		"a Latin line":                         {"hall 3", false, "hall 3"},
		"an Arabic line":                       {"فرق التقريب", true, "فرق التقريب"},
		"a number in an Arabic line":           {"المراجعة 3", true, "3|المراجعة"},
		"a name in an Arabic line":             {"قاعة 3 شمال A-12", true, "A-12|شمال|3|قاعة"},
		"a number behind Arabic in Latin":      {"main قاعة 12 hall", false, "main|12|قاعة|hall"},
		"a decimal behind Arabic in Latin":     {"main قاعة 12.5, hall", false, "main|12.5|قاعة|, hall"},
		"Arabic on both sides of a number":     {"a قاعة 12 شمال b", false, "a|شمال|12|قاعة|b"},
		"a negative amount in an Arabic line":  {"المبلغ \u2068-1,234.50\u2069", true, "-1,234.50|المبلغ"},
		"a name that stands alone keeps order": {"العقد \u2068c-1 (2)\u2069", true, "c-1 (2)|العقد"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if got := typed(t, c.text, c.rtl).seen(); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// TestJoined: every Arabic word is joined: but for its last letters and those that
// never join, no letter has the shape that it has alone; and no letter is missing.
func TestJoined(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"فاتورة", "إشعار دائن", "تاريخ الإصدار", "الرقم الضريبي", "بالإشارة إلى", "المجموع قبل الضريبة", "فرق التقريب", "المبلغ المستحق", "موزع حسب الزمن", "البصمة",
		"الطاقة بسعر الشراء", "القدرة المحجوزة", "ما فوق الالتزام", "تعويض مستوى الخدمة", "ميغاواط ساعة", "كيلوواط شهر", "صافي القيمة الحالية", "معدل العائد الداخلي",
	} {
		for word := range strings.FieldsSeq(text) {
			l := typed(t, word, true)
			var drawn []rune
			for _, r := range l.runs {
				for _, g := range r.glyphs {
					drawn = append(drawn, []rune(word)[g.letter])
					if alone, ok := r.face.font.NominalGlyph([]rune(word)[g.letter]); ok && uint16(alone) == g.id && joins(word, g.letter) { //nolint:gosec // glyphs of a TrueType font
						t.Errorf("%s: letter %d stands alone", word, g.letter)
					}
				}
			}
			if len(drawn) == 0 || slices.Index([]rune(word), drawn[len(drawn)-1]) != 0 {
				t.Errorf("%s: it does not begin at the right", word)
			}
		}
	}
}

// joins reports whether a letter of a word is connected to the next one.
func joins(word string, at int) bool {
	letters := []rune(word)
	return at+1 < len(letters) && !strings.ContainsRune("اأإآدذرزوؤةىء", letters[at]) && letters[at+1] != 'ء'
}

// TestMirrored: a bracket in an Arabic line opens to the side from which it is read.
func TestMirrored(t *testing.T) {
	t.Parallel()
	alone := typed(t, "(", false).runs[0].glyphs[0].id
	for _, r := range typed(t, "قاعة (شمال)", true).runs {
		for _, g := range r.glyphs {
			if g.letter == 5 && g.id == alone {
				t.Error("the opening bracket opens to the right")
			}
		}
	}
}

// TestWrapped: no line is wider than its box, and none of a text is lost.
func TestWrapped(t *testing.T) {
	t.Parallel()
	s, err := newSetter("en")
	if err != nil {
		t.Fatal(err)
	}
	letters := rapid.StringOfN(rapid.SampledFrom([]rune("abcWM-,./ 0123456789()éÉ€قاعةشمال  ")), 1, 300, -1)
	rapid.Check(t, func(t *rapid.T) {
		text, rtl, width := letters.Draw(t, "text"), rapid.Bool().Draw(t, "rtl"), rapid.IntRange(2_000, 20_000).Draw(t, "width")
		lines, err := s.set(text, rapid.Bool().Draw(t, "bold"), rtl, width)
		if err != nil {
			t.Fatal(err)
		}
		kept := 0
		for _, l := range lines {
			if l.width > width {
				t.Fatalf("a line of %d in a box of %d", l.width, width)
			}
			for _, r := range l.runs {
				kept += len(strings.ReplaceAll(string(r.text), " ", ""))
			}
		}
		if want := len(strings.ReplaceAll(text, " ", "")); kept != want {
			t.Fatalf("%d bytes of %d are on the page", kept, want)
		}
	})
}

// TestBroken: a line ends between words, within one only where it is too long, and
// what is blank at its end takes no room.
func TestBroken(t *testing.T) {
	t.Parallel()
	s, err := newSetter("en")
	if err != nil {
		t.Fatal(err)
	}
	room := typed(t, "three four", false).width
	for text, want := range map[string]string{
		"one two three four":         "one two/three four",
		"three four":                 "three four",
		"three four ":                "three four",
		"three four \u2069":          "three four",
		"a three-fourfive b":         "a three-/fourfive b",
		"wwwwwwwwwwwwwww three four": "wwwww/wwwww/wwwww/three four",
		"قاعة الشمال والجنوب قاعة الشمال": "قاعة/الشمال/والجنوب/قاعة/الشمال",
	} {
		lines, err := s.set(text, false, false, room)
		var got []string
		for _, l := range lines {
			var b strings.Builder
			for _, r := range l.runs {
				b.WriteString(string(r.text))
			}
			got = append(got, strings.TrimSpace(b.String()))
		}
		if err != nil || strings.Join(got, "/") != want {
			t.Errorf("%q is %q, want %q, %v", text, strings.Join(got, "/"), want, err)
		}
	}
}

// FuzzSet: any text is set, in its box, or refused.
func FuzzSet(f *testing.F) {
	for _, text := range []string{"", "a", "قاعة 3", "\u2068\u2067a\u2069", "e\u0301", strings.Repeat("a b", 3000), "\u2029", "\U0010ffff"} {
		f.Add(text, true)
	}
	s, err := newSetter("ar")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string, rtl bool) {
		clear(s.done)
		lines, err := s.set(text[:min(len(text), 4_000)], rtl, rtl, 20_000)
		for _, l := range lines {
			if l.width > 20_000 || err != nil {
				t.Errorf("a line of %d, %v", l.width, err)
			}
		}
	})
}

// TestAligned: in a column the points of all numbers stand one above the other, at
// the side of the page that its readers expect.
func TestAligned(t *testing.T) {
	t.Parallel()
	for l, all := range map[string][]string{
		"en": {"1", "-12.5", "123,456.789012", "0.000001"}, "pt": {"1", "-12,5", "123.456,789012", "0,000001"}, "ar": {"1", "-12.5", "123,456.789012", "0.000001"},
	} {
		s, err := New(l, l == "ar")
		if err != nil {
			t.Fatal(err)
		}
		c, b := Column{Point: "."}, Box{X: 10_000, Width: 15_000, End: true}
		if l == "pt" {
			c.Point = ","
		}
		for _, n := range all {
			s.Room(&c, n, Plain())
		}
		points, widest := map[int]bool{}, b.Left(s.RTL)
		for _, n := range all {
			m := s.Number(c, b, n, Plain())[0]
			whole, _, _ := strings.Cut(n, c.Point)
			points[(m.x+s.Wide(whole, Plain(), Forward))/4] = true // to a twenty-fifth of a point
			_, right := m.Ends()
			widest = max(widest, right)
			if m.x < b.Left(s.RTL) {
				t.Errorf("%s: %s begins before its box", l, n)
			}
		}
		if end := b.Left(s.RTL) + b.Width; len(points) > 2 || s.RTL == (widest > end-100) || widest > end+5 {
			t.Errorf("%s: points at %v, the longest ends at %d of %d", l, points, widest, end)
		}
	}
}

// TestDrawn: areas and strokes stand where they were drawn, in their colours, and a
// text is written from, around or up to its point.
func TestDrawn(t *testing.T) {
	t.Parallel()
	s, err := New("en", false)
	if err != nil {
		t.Fatal(err)
	}
	s.Page()
	s.Area("1 0.5 0", Point{0, 0}, Point{100, 0}, Point{100, High})
	s.Stroke("0.3", 50, true, Point{100, 200}, Point{300, 400})
	s.Area("0", Point{0, 0})
	s.Stroke("0", 50, false, Point{0, 0})
	want := "1 0.5 0 rg 0.00 841.89 m 1.00 841.89 l 1.00 0.00 l h f\n0.3 G 0.50 w [4 3] 0 d 1.00 839.89 m 3.00 837.89 l S [] 0 d\n"
	if got := s.pages[0].String(); got != want {
		t.Errorf("drawn as\n%s, want\n%s", got, want)
	}
	var at []int
	for _, a := range []Anchor{FromLeft, Middle, ToRight} {
		s.pages[0].Reset()
		s.Say(Point{20_000, 500}, a, "abc", Plain())
		var x, y float64
		if _, err := fmt.Sscanf(s.pages[0].String(), "BT 0.1 g /Roboto-Regular 8.5 Tf %f %f Td", &x, &y); err != nil || y != 836.89 {
			t.Fatalf("%v in %s", err, s.pages[0].String())
		}
		at = append(at, int(x*100+0.5))
	}
	if wide := s.Wide("abc", Plain(), Auto) - slack; at[0] != 20_000 || at[1] != 20_000-wide/2 || at[2] != 20_000-wide {
		t.Errorf("texts begin at %v", at)
	}
}

// TestSubset: a cut font has the shapes of what is used, and of what those are made
// of, unchanged, and no others.
func TestSubset(t *testing.T) {
	t.Parallel()
	s, err := newSetter("en")
	if err != nil {
		t.Fatal(err)
	}
	f := s.faces[0]
	accented, ok := f.font.NominalGlyph('é')
	if !ok {
		t.Fatal("the font has no é")
	}
	read := func(b []byte) outlines {
		ld, err := ot.NewLoader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		glyf, _ := ld.RawTable(ot.MustNewTag("glyf"))
		loca, _ := ld.RawTable(ot.MustNewTag("loca"))
		head, _ := ld.RawTable(ot.MustNewTag("head"))
		return outlines{glyf, loca, head[51] == 1}
	}
	small, err := subset(f.ttf, map[uint16]string{uint16(accented): "é"}) //nolint:gosec // a glyph of a TrueType font
	if err != nil {
		t.Fatal(err)
	}
	was, is := read(f.ttf), read(small)
	shape := func(o outlines, g uint16) []byte {
		b, err := o.shape(g)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	whole := shape(was, uint16(accented)) //nolint:gosec // as above
	if whole[0] < 0x80 {
		t.Fatal("é is one shape in this font: look at another letter")
	}
	for _, g := range []uint16{uint16(accented), binary.BigEndian.Uint16(whole[12:])} { //nolint:gosec // as above
		if got := shape(is, g); !bytes.HasPrefix(got, shape(was, g)) || len(got) == 0 {
			t.Errorf("the shape of glyph %d was changed", g)
		}
	}
	if z, _ := f.font.NominalGlyph('z'); len(shape(is, uint16(z))) > 0 { //nolint:gosec // as above
		t.Error("z is there, and nobody uses it")
	}
	if len(small) > len(f.ttf)/4 {
		t.Errorf("%d of %d bytes are left", len(small), len(f.ttf))
	}
	if _, err := subset(f.ttf[:len(f.ttf)/2], map[uint16]string{1: ""}); err == nil {
		t.Error("half a font was cut")
	}
}

// TestShown: a reader that goes on by the width of each glyph in the font, less the
// numbers between them, finds every glyph where it was shaped: pairs that are set
// closer, and marks above their letters.
func TestShown(t *testing.T) {
	t.Parallel()
	moved, raised := 0, 0
	for _, text := range []string{"AVATAR To", "Ação", "الطاقة بسعر الشراء", "مُحَمَّد"} {
		for _, r := range typed(t, text, fromRight(text)).runs {
			var b bytes.Buffer
			width := r.show(&b, 100)
			pen, begin, i := 0, 0, 0
			for f := range strings.FieldsSeq(strings.NewReplacer("<", " <", ">", "> ", "[", " ", "]", " ", "TJ", "").Replace(b.String())) {
				switch {
				case strings.HasPrefix(f, "<"):
					g := r.glyphs[i]
					if want := fmt.Sprintf("<%04X>", g.id); f != want || pen != begin+g.right {
						t.Errorf("%s: glyph %d is %s at %d, want %s at %d", text, i, f, pen, want, begin+g.right)
					}
					pen, begin, i = pen+g.natural, begin+g.advance, i+1
				case f == "Ts":
					raised++
				case !strings.Contains(f, "."): // a height has a point
					n, err := strconv.Atoi(f)
					if err != nil {
						t.Fatal(err)
					}
					pen, moved = pen-n, moved+1
				}
			}
			if i != len(r.glyphs) || begin != width {
				t.Errorf("%s: %d of %d glyphs, width %d, want %d", text, i, len(r.glyphs), width, begin)
			}
		}
	}
	if moved < 5 || raised < 2 {
		t.Errorf("%d moves and %d heights: this test shows nothing", moved, raised)
	}
}
