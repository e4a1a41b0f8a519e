package board

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/xuri/excelize/v2"

	"sluice/capital"
)

// The sheets. Their names are the same in every language, as formulas name them.
const (
	assumptionTab = "Assumptions"
	monthTab      = "Months"
	yearTab       = "Years"
	debtTab       = "Debt"
	answerTab     = "Answer"
	siteTab       = "Sites"
	riskTab       = "Risk"
)

// live are the figures on which formulas of the workbook rest. A change of any other
// figure needs another run of the plan.
func (b *workbook) live() []string {
	out := []string{"discount_rate", "terminal_ebitda_multiple", "opening.cash", "opening.plant", "opening.btc", "revolver.limit"}
	for i, c := range b.plan.Covenants {
		out = append(out, covenantPlace(c, i))
	}
	return out
}

// covenantPlace is where the limit of a covenant stands in a plan.
func covenantPlace(c capital.Covenant, i int) string {
	return "covenants." + first(c.Name, strconv.Itoa(i)) + ".limit"
}

// assumptionSheet is every figure with its name, source and standing.
func (b *workbook) assumptionSheet() {
	w := b.words
	t := &tab{name: assumptionTab}
	t.put(b.text(asTitle, b.say("title", map[string]string{"plan": b.plan.Name})))
	t.put(b.text(asNote, w["assumptions.signs"]))
	t.put(b.text(asNote, w["xlsx.live"]))
	var heads []any
	for _, h := range []string{"head.figure", "head.value", "head.unit", "head.standing", "head.source", "xlsx.place", "xlsx.name", "xlsx.use"} {
		heads = append(heads, b.text(asHead, w[h]))
	}
	t.put(heads...)
	live := map[string]bool{}
	for _, p := range b.live() {
		live[p] = true
	}
	have := map[string]bool{}
	for _, f := range b.r.figures() {
		have[f.Place] = true
		b.assumption(t, f, live[f.Place])
	}
	for _, p := range b.live() { // what is nought is no figure of the plan, yet formulas rest on it
		if !have[p] {
			b.assumption(t, capital.Figure{Place: p, Source: capital.Source{Standing: capital.Assumed}}, true)
		}
	}
	b.write(t, 46, 1, 4)
}

// assumption is a row, whose value has a name.
func (b *workbook) assumption(t *tab, f capital.Figure, live bool) {
	k, _ := key(f.Place)
	kind := b.kindOf(k, f.Place)
	value := b.value(asFree, f.Value)
	if kind == calendar {
		value = b.text(asText, capital.Month(f.Value).String())
	}
	if kind == share || kind == shareYear {
		value = b.value(asShare, f.Value)
	}
	use := "xlsx.run"
	if live {
		use = "xlsx.formulas"
		if kind != share && kind != shareYear {
			value.StyleID = b.style[asInput]
		}
	}
	unit := b.unit(f)
	if kind == share || kind == shareYear { // the cell itself shows per cent
		unit = strings.TrimSpace(strings.TrimPrefix(unit, "%"))
	}
	name := b.name(f.Place)
	source := f.Source.From
	if f.Source.Base != "" && !strings.Contains(unit, f.Source.Base) {
		source += " (" + f.Source.Base + ")"
	}
	n := t.put(b.text(asText, b.placeName(f.Place)), value, b.text(asText, unit), b.text(asText, sign(known(f.Source.Standing))+" "+b.standingName(f.Source.Standing)),
		b.text(asText, source), b.text(asNote, f.Place), b.text(asNote, name), b.text(asNote, b.words[use]))
	b.at[f.Place] = fmt.Sprintf("%s!$B$%d", assumptionTab, n)
	b.keep(b.f.SetDefinedName(&excelize.DefinedName{Name: name, RefersTo: b.at[f.Place]}))
}

// name is what a cell is called: the place of its figure, in letters that names of
// cells may have.
func (b *workbook) name(place string) string {
	name := "in_" + strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return '_'
	}, place)
	name = name[:min(len(name), 200)]
	for n := 2; b.named[strings.ToLower(name)]; n++ {
		name = fmt.Sprintf("%s_%d", strings.TrimRight(name, "_0123456789"), n)
	}
	b.named[strings.ToLower(name)] = true
	return name
}
