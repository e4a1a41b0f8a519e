package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"
)

// file is a PDF file that is being written: objects by number, from 1 on. It
// holds no time and nothing random: the same objects are the same bytes.
//
// Source: ISO 32000-1.
type file struct {
	objects [][]byte
}

// reserve takes a number for an object that is written later.
func (p *file) reserve() int {
	p.objects = append(p.objects, nil)
	return len(p.objects)
}

func (p *file) put(n int, format string, about ...any) {
	p.objects[n-1] = fmt.Appendf(nil, format, about...)
}

// add writes an object and returns its number.
func (p *file) add(format string, about ...any) int {
	n := p.reserve()
	p.put(n, format, about...)
	return n
}

// stream writes bytes, packed; more is what its dictionary says beside.
func (p *file) stream(b []byte, more string) int {
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	_, _ = z.Write(b) // a buffer takes everything
	_ = z.Close()
	return p.add("<< /Length %d /Filter /FlateDecode%s >>\nstream\n%s\nendstream", packed.Len(), more, packed.Bytes())
}

// bytes is the file. The id of the document is made of what it shows.
func (p *file) bytes(root, info int, id [32]byte) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	at := make([]int, len(p.objects))
	for i, o := range p.objects {
		at[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /ID [<%x> <%x>] >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, root, info, id[:16], id[:16], start)
	return b.Bytes()
}

// wide is a text as PDF has those beyond ASCII.
func wide(text string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, u := range utf16.Encode([]rune(text)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	return b.String() + ">"
}

// font writes what a document used of a face and returns the number of its object.
func (p *file) font(f *face) (int, error) {
	ttf, err := subset(f.ttf, f.used)
	if err != nil {
		return 0, err
	}
	ids := slices.Sorted(maps.Keys(f.used))
	var widths strings.Builder
	h := sha256.New()
	for _, id := range ids {
		fmt.Fprintf(&widths, "%d [%d] ", id, f.natural(id))
		_, _ = fmt.Fprintf(h, "%d ", id) // a hash never fails
	}
	name := tag(h.Sum(nil)) + "+" + f.name
	file := p.stream(ttf, fmt.Sprintf(" /Length1 %d", len(ttf)))
	e, _ := f.font.FontHExtents()
	scale := float32(em) / float32(f.font.Upem())
	up, down := int(e.Ascender*scale), int(e.Descender*scale)
	about := p.add("<< /Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [-1000 %d 3000 %d] /ItalicAngle 0 /Ascent %d /Descent %d /CapHeight 711 /StemV 80 /FontFile2 %d 0 R >>",
		name, down, up, up, down, file)
	glyphs := p.add("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor %d 0 R /CIDToGIDMap /Identity /DW 0 /W [%s] >>",
		name, about, widths.String())
	return p.add("<< /Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>", name, glyphs, p.stream(letters(f.used, ids), "")), nil
}

// tag is six capital letters, as the name of a cut font begins with.
func tag(hash []byte) string {
	var b strings.Builder
	for _, c := range hash[:6] {
		b.WriteByte('A' + c%26)
	}
	return b.String()
}

// letters is the table by which glyphs are read as text again.
func letters(used map[uint16]string, ids []uint16) []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /Letters def\n/CMapType 2 def\n" +
		"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	ids = slices.DeleteFunc(slices.Clone(ids), func(id uint16) bool { return used[id] == "" })
	for part := range slices.Chunk(ids, 100) {
		fmt.Fprintf(&b, "%d beginbfchar\n", len(part))
		for _, id := range part {
			fmt.Fprintf(&b, "<%04X> <%s\n", id, strings.TrimPrefix(wide(used[id]), "<FEFF"))
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}
