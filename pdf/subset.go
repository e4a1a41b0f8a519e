package pdf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"

	ot "github.com/go-text/typesetting/font/opentype"
)

// errFont is a font that is not as the program was built with it.
var errFont = errors.New("the font cannot be cut")

// subset is a TrueType font with the shapes of the given glyphs only; every glyph
// keeps its number. The same glyphs give the same bytes.
//
// Source: OpenType 1.9, tables glyf, loca and head.
func subset(ttf []byte, glyphs map[uint16]string) ([]byte, error) {
	ld, err := ot.NewLoader(bytes.NewReader(ttf))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errFont, err)
	}
	tables := map[string][]byte{}
	for _, tag := range []string{"cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "prep"} {
		if b, err := ld.RawTable(ot.MustNewTag(tag)); err == nil {
			tables[tag] = b
		}
	}
	o := outlines{glyf: tables["glyf"], loca: tables["loca"]}
	if h := tables["head"]; len(h) < 54 || len(o.glyf) == 0 || len(o.loca) < 4 {
		return nil, fmt.Errorf("%w: a table is missing", errFont)
	}
	o.long = tables["head"][51] == 1
	if tables["glyf"], tables["loca"], err = o.only(glyphs); err != nil {
		return nil, err
	}
	tables["head"] = bytes.Clone(tables["head"])
	tables["head"][51] = 1 // loca has four bytes an entry
	var out []ot.Table
	for _, tag := range slices.Sorted(maps.Keys(tables)) {
		b := tables[tag]
		out = append(out, ot.Table{Tag: ot.MustNewTag(tag), Content: append(bytes.Clone(b), make([]byte, -len(b)&3)...)})
	}
	return ot.WriteTTF(out), nil
}

// outlines are the shapes of a font and where each stands.
type outlines struct {
	glyf, loca []byte
	long       bool
}

// only is the two tables with nothing but the given glyphs and what they are made of.
func (o outlines) only(glyphs map[uint16]string) (glyf, loca []byte, err error) {
	wanted := map[uint16]bool{0: true}
	for g := range glyphs {
		if err := o.gather(g, wanted); err != nil {
			return nil, nil, err
		}
	}
	for g := range o.count() {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf))) //nolint:gosec // a font is far below 4 GB
		if wanted[uint16(g)] {                                        //nolint:gosec // a font has at most 65,535 glyphs
			b, err := o.shape(uint16(g)) //nolint:gosec // as above
			if err != nil {
				return nil, nil, err
			}
			glyf = append(glyf, b...)
			glyf = append(glyf, make([]byte, -len(glyf)&3)...)
		}
	}
	return glyf, binary.BigEndian.AppendUint32(loca, uint32(len(glyf))), nil //nolint:gosec // as above
}

// count is how many glyphs the font has.
func (o outlines) count() int {
	if o.long {
		return len(o.loca)/4 - 1
	}
	return len(o.loca)/2 - 1
}

// shape is the outline of a glyph; empty where there is nothing to draw.
func (o outlines) shape(g uint16) ([]byte, error) {
	if int(g) >= o.count() {
		return nil, fmt.Errorf("glyph %d: %w: it has none of that number", g, errFont)
	}
	var from, to int
	if o.long {
		from, to = int(binary.BigEndian.Uint32(o.loca[4*int(g):])), int(binary.BigEndian.Uint32(o.loca[4*int(g)+4:]))
	} else {
		from, to = 2*int(binary.BigEndian.Uint16(o.loca[2*int(g):])), 2*int(binary.BigEndian.Uint16(o.loca[2*int(g)+2:]))
	}
	if from > to || to > len(o.glyf) {
		return nil, fmt.Errorf("glyph %d: %w: it ends outside of the font", g, errFont)
	}
	return o.glyf[from:to], nil
}

// The flags of a part of a composite glyph that say how long its entry is.
const (
	argsAreWords = 0x0001
	hasScale     = 0x0008
	hasMore      = 0x0020
	hasTwoScales = 0x0040
	hasMatrix    = 0x0080
)

// gather marks a glyph and the glyphs that it is composed of.
func (o outlines) gather(g uint16, wanted map[uint16]bool) error {
	if wanted[g] {
		return nil
	}
	wanted[g] = true
	b, err := o.shape(g)
	if err != nil || len(b) < 10 || b[0] < 0x80 { // a contour count that is not negative: a simple glyph
		return err
	}
	for at, more := 10, true; more; {
		if at+4 > len(b) {
			return fmt.Errorf("glyph %d: %w: it is cut short", g, errFont)
		}
		flags := binary.BigEndian.Uint16(b[at:])
		if err := o.gather(binary.BigEndian.Uint16(b[at+2:]), wanted); err != nil {
			return err
		}
		at, more = at+partSize(flags), flags&hasMore != 0
	}
	return nil
}

// partSize is how many bytes an entry of a composite glyph has.
func partSize(flags uint16) int {
	size := 6
	if flags&argsAreWords != 0 {
		size = 8
	}
	switch {
	case flags&hasScale != 0:
		size += 2
	case flags&hasTwoScales != 0:
		size += 4
	case flags&hasMatrix != 0:
		size += 8
	}
	return size
}
