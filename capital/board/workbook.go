package board

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// workbook is a file of sheets that is being written. The first failure stays, and
// nothing is written after it.
type workbook struct {
	*scribe
	f      *excelize.File
	style  map[look]int
	named  map[string]bool
	at     map[string]string // where an assumption stands, by its place in the plan
	months *grid
	err    error
}

// look is how a cell looks.
type look int

const (
	asText look = iota // written by people: it stays text, whatever it begins with
	asTitle
	asHead
	asNote
	asMoney
	asSum
	asShare
	asRatio
	asCount
	asFree // a number of any size
	asInput
	asCheck
)

// formats are how numbers of each look are shown.
//
//nolint:gochecknoglobals // a table that nobody writes
var formats = map[look]string{
	asText: "@", asNote: "@", asTitle: "@", asHead: "@",
	asMoney: "#,##0;-#,##0;0", asSum: "#,##0;-#,##0;0", asShare: "0.00%", asRatio: "0.00", asCount: "0", asFree: "#,##0.######", asInput: "#,##0.######", asCheck: "0.00",
}

// WriteXLSX writes a report as a workbook. What comes from the run of a plan stands
// in it as values; every sum, balance, ratio, NPV, IRR and payback is a formula over
// them, with the value that the run found beside or within. The same report has the
// same bytes. An error wraps ErrReport where the report does not hold together.
func WriteXLSX(w io.Writer, r Report) error {
	s, err := newScribe(&r)
	if err != nil {
		return err
	}
	b := &workbook{scribe: s, f: excelize.NewFile(), style: map[look]int{}, named: map[string]bool{}, at: map[string]string{}}
	defer func() { _ = b.f.Close() }() // it closes what was read from a disk: nothing
	b.styles()
	b.assumptionSheet()
	b.monthSheet()
	b.yearSheet()
	b.debtSheet()
	b.answerSheet()
	b.siteSheet()
	b.riskSheet()
	b.keep(b.f.DeleteSheet("Sheet1"))
	full := true
	b.keep(b.f.SetCalcProps(&excelize.CalcPropsOptions{FullCalcOnLoad: &full}))
	b.keep(b.f.SetDocProps(&excelize.DocProperties{Title: s.say("title", map[string]string{"plan": r.Plan.Name}), Creator: "Sluice", Created: "2000-01-01T00:00:00Z", Modified: "2000-01-01T00:00:00Z", Language: string(s.language)}))
	if b.err == nil {
		b.err = b.packed(w)
	}
	if b.err != nil {
		return fmt.Errorf("write the report of %q as a workbook: %w", r.Plan.Name, b.err)
	}
	return nil
}

// packed writes the file, its parts in the order of their names: the library packs
// them in the order in which it comes upon them.
func (b *workbook) packed(w io.Writer) error {
	var raw bytes.Buffer
	if err := b.f.Write(&raw); err != nil {
		return err
	}
	from, err := zip.NewReader(bytes.NewReader(raw.Bytes()), int64(raw.Len()))
	if err != nil {
		return err
	}
	slices.SortFunc(from.File, func(x, y *zip.File) int { return strings.Compare(x.Name, y.Name) })
	to := zip.NewWriter(w)
	for _, part := range from.File {
		if err := to.Copy(part); err != nil {
			return err
		}
	}
	return to.Close()
}

// keep notes the first failure.
func (b *workbook) keep(err error) {
	if b.err == nil {
		b.err = err
	}
}

// styles makes the looks.
func (b *workbook) styles() {
	for l := asText; l <= asCheck; l++ {
		format := formats[l]
		st := &excelize.Style{CustomNumFmt: &format, Font: &excelize.Font{Size: 10}}
		switch l {
		case asTitle:
			st.Font = &excelize.Font{Size: 14, Bold: true}
		case asHead:
			st.Font.Bold = true
			st.Border = []excelize.Border{{Type: "bottom", Color: "888888", Style: 1}}
		case asNote:
			st.Font.Color = "555555"
		case asSum, asCheck:
			st.Font.Bold = true
			st.Border = []excelize.Border{{Type: "top", Color: "BBBBBB", Style: 1}}
		case asInput:
			st.Font.Color = "0B4A8A"
			st.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"EAF3F8"}}
		case asText, asMoney, asShare, asRatio, asCount, asFree:
		}
		id, err := b.f.NewStyle(st)
		b.keep(err)
		b.style[l] = id
	}
}

// tab is a sheet that is being filled, row by row.
type tab struct {
	name string
	rows [][]any
}

// put adds a row and returns its number, from 1 on.
func (t *tab) put(cells ...any) int {
	t.rows = append(t.rows, cells)
	return len(t.rows)
}

// text is a cell that stays text: it has the format of text, so that an equals sign
// at its begin is not read as a formula, not even after it was edited.
func (b *workbook) text(l look, s string) excelize.Cell {
	s = strings.NewReplacer(isolate, "", leftward, "", done, "", thin, " ").Replace(s)
	if n := []rune(s); len(n) > excelize.TotalCellChars {
		s = string(n[:excelize.TotalCellChars])
	}
	return excelize.Cell{StyleID: b.style[l], Value: s}
}

// value is a cell with a number; what is none is left empty.
func (b *workbook) value(l look, v float64) excelize.Cell {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return excelize.Cell{StyleID: b.style[l]}
	}
	return excelize.Cell{StyleID: b.style[l], Value: v}
}

// formula is a cell that is computed, with the value that it has now.
func (b *workbook) formula(l look, f string, now float64) excelize.Cell {
	c := b.value(l, now)
	c.Formula = f
	return c
}

// write puts a sheet into the file. Columns to the left of split and rows above it stay.
func (b *workbook) write(t *tab, first float64, columns, rows int) {
	if b.err != nil {
		return
	}
	_, err := b.f.NewSheet(t.name)
	b.keep(err)
	rtl := b.rtl()
	b.keep(b.f.SetSheetView(t.name, -1, &excelize.ViewOptions{RightToLeft: &rtl}))
	w, err := b.f.NewStreamWriter(t.name)
	if err != nil {
		b.keep(err)
		return
	}
	b.keep(w.SetColWidth(1, 1, first))
	b.keep(w.SetColWidth(2, 260, 15))
	if columns > 0 {
		corner, _ := excelize.CoordinatesToCellName(columns+1, rows+1)
		b.keep(w.SetPanes(&excelize.Panes{Freeze: true, XSplit: columns, YSplit: rows, TopLeftCell: corner, ActivePane: "bottomRight"}))
	}
	for i, cells := range t.rows {
		if len(cells) > 0 {
			b.keep(w.SetRow(fmt.Sprintf("A%d", i+1), cells))
		}
	}
	b.keep(w.Flush())
}

// column is the letters of a column, from 1 on.
func column(n int) string {
	name, _ := excelize.ColumnNumberToName(n) // fails from column 16,385 on: a plan has 240 months
	return name
}
