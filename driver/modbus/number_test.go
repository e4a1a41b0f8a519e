package modbus

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"sluice/unit"
)

func one() *big.Rat { return big.NewRat(1, 1) }

// TestValues decodes hand-written registers of every type in every order.
func TestValues(t *testing.T) {
	t.Parallel()
	cent := Decimal{Digits: 1, Places: 2}
	cases := map[string]struct {
		r     Register
		words []uint16
		want  int64
	}{
		"int16":                            {Register{Type: Int16}, []uint16{0xFFFE}, -2},
		"int16, bytes turned":              {Register{Type: Int16, LittleEnd: true}, []uint16{0xFEFF}, -2},
		"uint16":                           {Register{Type: Uint16}, []uint16{0xFFFE}, 65534},
		"uint16, low first is no matter":   {Register{Type: Uint16, LowFirst: true}, []uint16{0x0102}, 258},
		"int32":                            {Register{Type: Int32}, []uint16{0xFFFF, 0xD04A}, -12214},
		"int32, low first":                 {Register{Type: Int32, LowFirst: true}, []uint16{0xD04A, 0xFFFF}, -12214},
		"int32, low first, bytes turned":   {Register{Type: Int32, LowFirst: true, LittleEnd: true}, []uint16{0x4AD0, 0xFFFF}, -12214},
		"int32, bytes turned":              {Register{Type: Int32, LittleEnd: true}, []uint16{0xFFFF, 0x4AD0}, -12214},
		"uint32":                           {Register{Type: Uint32}, []uint16{0x8000, 1}, 1<<31 + 1},
		"int64":                            {Register{Type: Int64}, []uint16{0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF}, -1},
		"uint64, low first":                {Register{Type: Uint64, LowFirst: true}, []uint16{4, 3, 2, 1}, 1<<48 | 2<<32 | 3<<16 | 4},
		"float32 1234.5":                   {Register{Type: Float32, Scale: Decimal{Digits: 10}}, []uint16{0x449A, 0x5000}, 12345},
		"float32 1234.5, low first":        {Register{Type: Float32, LowFirst: true, Scale: Decimal{Digits: 10}}, []uint16{0x5000, 0x449A}, 12345},
		"float64 -2.5 rounds half to even": {Register{Type: Float64}, []uint16{0xC004, 0, 0, 0}, -2},
		"float64 3.5 rounds half to even":  {Register{Type: Float64}, []uint16{0x400C, 0, 0, 0}, 4},
		"turned sign":                      {Register{Type: Int16, Negated: true}, []uint16{7}, -7},
		"kilowatts":                        {Register{Type: Uint16, Unit: "kW"}, []uint16{18}, 18_000},
		"the maker's example of the A43: 125156 hundredths are 1251.56 W": {Register{Type: Int32, Scale: cent}, []uint16{0x0001, 0xE8E4}, 1252},
		"the maker's example of the A43: 4995 hundredths are 49.95 Hz":    {Register{Quantity: Frequency, Unit: "Hz", Type: Uint16, Scale: cent}, []uint16{0x1383}, 49_950},
		"the maker's example of the A43: 972 thousandths":                 {Register{Quantity: PowerFactor, Unit: "one", Type: Int16, Scale: Decimal{1, 3}}, []uint16{0x03CC}, 972_000},
	}
	for name, c := range cases {
		r := c.r
		if r.Quantity == "" {
			r.Quantity = ActivePower
		}
		if r.Unit == "" {
			r.Unit = "W"
		}
		if r.Scale == (Decimal{}) {
			r.Scale = Decimal{Digits: 1}
		}
		if got, err := r.value(c.words, false, one()); err != nil || got != c.want {
			t.Errorf("%s: got %d, %v; want %d", name, got, err, c.want)
		}
	}
}

// TestMakersAnswer ties the template to the answer that the maker's manual
// prints with its values.
func TestMakersAnswer(t *testing.T) {
	t.Parallel()
	tpl, err := Shipped("abb-a43")
	if err != nil {
		t.Fatal(err)
	}
	for q, c := range map[Quantity]struct {
		words []uint16
		want  int64
	}{ActivePower: {[]uint16{0x0001, 0xE8E4}, 1252}, Frequency: {[]uint16{0x1383}, 49_950}, PowerFactor: {[]uint16{0x03CC}, 972_000}} {
		r, _ := tpl.Register(q)
		if got, err := r.value(c.words, tpl.Extremes, one()); err != nil || got != c.want {
			t.Errorf("%s: got %d, %v; want %d", q, got, err, c.want)
		}
	}
	r, _ := tpl.Register(EnergyImport)
	if c, err := r.counter([]uint16{0, 0, 3, 0x1292}, tpl.Extremes, one()); err != nil || c.Energy != 201_362*unit.KilowattHour/100 {
		t.Errorf("energy %+v, %v; want 2013.62 kWh", c, err)
	}
}

// TestValuesNotKnown: what is marked, unreal or beyond reason is never a number.
func TestValuesNotKnown(t *testing.T) {
	t.Parallel()
	most := Decimal{Digits: 70}
	w := Register{Quantity: ActivePower, Unit: "W", Scale: Decimal{Digits: 1}}
	as := func(ty Type) Register { r := w; r.Type = ty; return r }
	cases := map[string]struct {
		r     Register
		words []uint16
		want  error
	}{
		"all ones, unsigned":      {as(Uint32), []uint16{0xFFFF, 0xFFFF}, errAbsent},
		"the greatest signed":     {as(Int32), []uint16{0x7FFF, 0xFFFF}, errAbsent},
		"the least signed":        {as(Int64), []uint16{0x8000, 0, 0, 0}, errAbsent},
		"not a number":            {as(Float32), []uint16{0x7FC0, 0}, errUnreal},
		"infinite":                {as(Float64), []uint16{0x7FF0, 0, 0, 0}, errUnreal},
		"a float beyond integers": {as(Float64), []uint16{0x7FE0, 0, 0, 0}, errOverflow},
		"beyond the template":     {Register{Quantity: Frequency, Unit: "Hz", Type: Uint16, Scale: Decimal{Digits: 1}, Most: &most}, []uint16{71}, errOutOfRange},
	}
	for name, c := range cases {
		if got, err := c.r.value(c.words, true, one()); !errors.Is(err, c.want) {
			t.Errorf("%s: got %d, %v; want %v", name, got, err, c.want)
		}
	}
	if v, err := as(Int32).value([]uint16{0x7FFF, 0xFFFF}, false, one()); err != nil || v != math.MaxInt32 {
		t.Errorf("without marks the greatest number is a number: %d, %v", v, err)
	}
}

// TestRounding compares with the rounding of package unit.
func TestRounding(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64Range(-1<<40, 1<<40).Draw(t, "a"), rapid.Int64Range(1, 1000).Draw(t, "b")
		got, err := rounded(big.NewRat(a, b))
		if want := unit.MulDiv(a, 1, b); err != nil || got != want {
			t.Fatalf("%d/%d: got %d, %v; want %d", a, b, got, err, want)
		}
	})
}

func TestUnwrap(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		previous, now uint64
		width         Width
		want          uint64
		err           error
	}{
		"nothing moved":                    {5, 5, Never, 0, nil},
		"it rose":                          {5, 9, Never, 4, nil},
		"16 bits begin again":              {65_530, 4, 1 << 16, 10, nil},
		"32 bits begin again":              {math.MaxUint32, 0, 1 << 32, 1, nil},
		"64 bits begin again":              {math.MaxUint64, 1, Wide, 2, nil},
		"a dial of six digits":             {999_999, 0, 1_000_000, 1, nil},
		"a fall without a way around":      {9, 5, Never, 0, ErrReset},
		"more than its dial shows":         {5, 1_000_000, 1_000_000, 0, errBeyond},
		"it had more than its dial before": {1_000_001, 5, 1_000_000, 0, errBeyond},
	}
	for name, c := range cases {
		if got, err := Unwrap(c.previous, c.now, c.width); got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: got %d, %v; want %d, %v", name, got, err, c.want, c.err)
		}
	}
}

// TestUnwrapUndoesTheDial: whatever is added to a dial is found again.
func TestUnwrapUndoesTheDial(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := rapid.Uint64Range(1000, math.MaxUint64-1).Draw(t, "width")
		start, rise := rapid.Uint64Range(0, w-1).Draw(t, "start"), rapid.Uint64Range(0, w-1).Draw(t, "rise")
		now := new(big.Int).Add(new(big.Int).SetUint64(start), new(big.Int).SetUint64(rise))
		now.Mod(now, new(big.Int).SetUint64(w))
		if got, err := Unwrap(start, now.Uint64(), Width(w)); err != nil || got != rise {
			t.Fatalf("%d + %d on a dial of %d: got %d, %v", start, rise, w, got, err)
		}
	})
}

func TestCounters(t *testing.T) {
	t.Parallel()
	kwh := Register{Quantity: EnergyImport, Unit: "kWh", Scale: Decimal{Digits: 1}}
	of := func(ty Type, w Width) Register { r := kwh; r.Type, r.Width = ty, w; return r }
	hundredth := of(Uint64, Wide)
	hundredth.Scale = Decimal{1, 2}
	cases := map[string]struct {
		r     Register
		words []uint16
		want  Counter
		err   error
	}{
		"the maker's example of the A43: 2013.62 kWh": {
			hundredth,
			[]uint16{0, 0, 3, 0x1292},
			Counter{Known: true, Raw: 201_362, Width: Wide, Energy: 7_249_032_000, Step: 36_000, num: 36_000, den: 1},
			nil,
		},
		"a float of 1234.5 kWh moves in eighths of a watt-hour": {
			of(Float32, Never),
			[]uint16{0x449A, 0x5000},
			Counter{Known: true, Raw: 4_444_200_000, Energy: 4_444_200_000, Step: 439, num: 1, den: 1},
			nil,
		},
		"a negative counter":        {of(Int32, 1<<31), []uint16{0xFFFF, 0xFFF0}, Counter{}, errNegative},
		"a counter beyond its dial": {of(Uint32, 1000), []uint16{0, 1000}, Counter{}, errBeyond},
		"a float that is no number": {of(Float32, Never), []uint16{0xFFC0, 0}, Counter{}, errUnreal},
		"more than the house holds": {of(Uint64, Wide), []uint16{0xFFFF, 0, 0, 0}, Counter{}, errOverflow},
	}
	for name, c := range cases {
		if got, err := c.r.counter(c.words, false, one()); got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: got %+v, %v; want %+v, %v", name, got, err, c.want, c.err)
		}
	}
}

// TestNextFloat: the step of a float counter is found in every order of registers.
func TestNextFloat(t *testing.T) {
	t.Parallel()
	for _, r := range []Register{{Type: Float32}, {Type: Float32, LowFirst: true}, {Type: Float32, LittleEnd: true}, {Type: Float32, LowFirst: true, LittleEnd: true}} {
		words := []uint16{0x44FF, 0xFFFF} // high word first, big end first
		if r.LittleEnd {
			words = []uint16{0xFF44, 0xFFFF}
		}
		if r.LowFirst {
			words[0], words[1] = words[1], words[0]
		}
		v, err := r.raw(words, false)
		next, err2 := r.raw(r.next(words), false)
		f, _ := v.Float32()
		if n, _ := next.Float32(); err != nil || err2 != nil || n != math.Nextafter32(f, math.MaxFloat32) {
			t.Errorf("%+v: after %v comes %v", r, f, n)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for want, words := range map[string][]uint16{"AB12": {0x4142, 0x3132, 0, 0}, "AB": {0x4142, 0x07FF}, "": {0, 0}, "X": {0x2058, 0x2020}} {
		if got := (Register{Type: ASCII}).text(words); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestSpans(t *testing.T) {
	t.Parallel()
	at := func(kind Kind, address uint16, length int) Register {
		return Register{Kind: kind, Address: address, Length: length}
	}
	all := []Register{at(Holding, 10, 2), at(Holding, 0, 2), at(Holding, 2, 2), at(Input, 2, 1), at(Holding, 14, 2), at(Holding, 65534, 2)}
	for _, c := range []struct {
		largest, gap int
		want         string
	}{
		{125, 0, "[holding 0+4 holding 10+2 holding 14+2 holding 65534+2 input 2+1]"},
		{125, 1, "[holding 0+4 holding 10+2 holding 14+2 holding 65534+2 input 2+1]"},
		{125, 2, "[holding 0+4 holding 10+6 holding 65534+2 input 2+1]"},
		{125, 125, "[holding 0+16 holding 65534+2 input 2+1]"},
		{2, 125, "[holding 0+2 holding 2+2 holding 10+2 holding 14+2 holding 65534+2 input 2+1]"},
	} {
		var got []string
		for _, s := range spans(all, c.largest, c.gap) {
			got = append(got, fmt.Sprintf("%s %d+%d", s.kind, s.address, s.count))
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("at most %d, gap %d: %v, want %s", c.largest, c.gap, got, c.want)
		}
	}
}
