package board

import (
	"sluice/capital"
)

// document is a report in words, before it is a page or a sheet: both show the same.
type document struct {
	Title, When, Made string
	Sections          []section
}

// section is a part of a report under a heading.
type section struct {
	ID, Title string
	Blocks    []block
}

// block is one thing of a section: what of it is set is shown, in this order.
type block struct {
	Text    string // a paragraph
	Quiet   bool   // the paragraph explains, it does not report
	Warn    []string
	List    []string
	Tiles   []tile
	Picture *plate
	Heat    *heat
	Table   *table
}

// tile is one figure of the answer, large.
type tile struct{ Name, Value, Note string }

// plate is a drawing that fits any width, with a title and what it says in words.
type plate struct {
	ID, Title string
	Says      string // for who does not see it
	Legend    []legend
	Draw      func(width float64) picture
}

// legend says what a colour of a drawing means.
type legend struct{ Class, Text string }

// table is rows under heads. Its columns from Numbers on hold numbers, but for the
// last ones.
type table struct {
	Caption string
	Heads   []string
	Numbers int
	Tail    int  // columns at the end that hold texts again
	Tight   bool // few columns, each narrow
	Cards   bool // on a phone each row is a card
	Rows    []row
}

// row is one line of a table.
type row struct {
	Name  string
	Own   bool // the name was written by people
	Group bool // a heading over the rows below
	Sum   bool
	Cells []string
	Sign  capital.Standing // of an assumption; empty: none
}

// heat is a covenant: a year a row, a quarter a column.
type heat struct {
	Caption string
	Heads   []string
	Rows    []heatRow
}

type heatRow struct {
	Name  string
	Cells []heatCell
}

// heatCell is a quarter: how likely it is breached, and how far the limit is.
type heatCell struct {
	Text, Note string
	Level      int // 0: never, to 4: more likely than not; -1: not tested
}

// scribe writes a report in a language.
type scribe struct {
	tongue
	r    *Report
	plan capital.Plan
}

// newScribe checks a report and takes it up.
func newScribe(r *Report) (*scribe, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	t, err := speak(r.Language)
	if err != nil {
		return nil, err
	}
	return &scribe{tongue: t, r: r, plan: r.Plan}, nil
}

// document is the report in its order: what is assumed, the answer, and what may
// become of it.
func (s *scribe) document() document {
	last := s.r.begin().Add(len(s.r.Months) - 1)
	d := document{
		Title: s.say("title", map[string]string{"plan": s.plan.Name}),
		When:  s.apart(s.r.begin().String()+" – "+last.String()) + " · " + s.apart(s.plan.Currency),
		Made:  s.r.Made,
	}
	if s.plan.Version > 0 {
		d.When += " · " + s.say("version", map[string]string{"version": s.number(float64(s.plan.Version), 0)})
	}
	all := []section{s.assumptions(), s.answer(), s.checks(), s.statements(), s.bridgeSection()}
	if s.r.Risk != nil {
		all = append(all, s.riskSections()...)
	}
	for _, x := range all {
		if len(x.Blocks) > 0 {
			d.Sections = append(d.Sections, x)
		}
	}
	return d
}

// section begins a part by its id, which is also that of its title.
func (s *scribe) section(id string, blocks ...block) section {
	return section{ID: id, Title: s.words["section."+id], Blocks: blocks}
}

// quiet is a paragraph that explains.
func (s *scribe) quiet(id string, values map[string]string) block {
	return block{Text: s.say(id, values), Quiet: true}
}

// Num reports whether a cell, counted behind the name of its row, holds a number.
func (t *table) Num(cell int) bool { return t.NumHead(cell + 1) }

// NumHead reports whether a column holds numbers.
func (t *table) NumHead(column int) bool {
	return column > 0 && column >= t.Numbers && column < len(t.Heads)-t.Tail
}
