package board

import (
	"slices"
	"strings"

	"sluice/capital"
)

// standings are all that a figure may have, the surest first.
func standings() []capital.Standing {
	return []capital.Standing{capital.Measured, capital.Signed, capital.PublicFig, capital.Press, capital.Assumed}
}

// sign marks a standing beside its word, so that neither colour nor language is needed.
func sign(x capital.Standing) string {
	switch x {
	case capital.Measured:
		return "="
	case capital.Signed:
		return "§"
	case capital.PublicFig:
		return "†"
	case capital.Press:
		return "‡"
	case capital.Assumed:
	}
	return "?"
}

// standingName is a standing in words; one that is not known is assumed.
func (s *scribe) standingName(x capital.Standing) string {
	return s.or("standing."+string(x), s.words["standing.assumed"])
}

// assumptions are all figures of the plan, each with its source and standing.
func (s *scribe) assumptions() section {
	figures := s.r.figures()
	if len(figures) == 0 {
		return section{}
	}
	count := map[capital.Standing]int{}
	for _, f := range figures {
		count[f.Source.Standing]++
	}
	var have []string
	for _, x := range standings() {
		if n := count[x]; n > 0 {
			have = append(have, sign(x)+" "+s.standingName(x)+": "+s.apart(s.number(float64(n), 0)))
		}
	}
	says := s.say("assumptions.says", map[string]string{"count": s.number(float64(len(figures)), 0)}) + " " + strings.Join(have, " · ")
	return s.section("assumptions", block{Text: says}, s.quiet("assumptions.signs", nil), block{Table: s.figureTable(figures)})
}

func (s *scribe) figureTable(figures []capital.Figure) *table {
	t := &table{
		Caption: s.words["assumptions.caption"], Numbers: 9, Cards: true,
		Heads: []string{s.words["head.figure"], s.words["head.value"], s.words["head.standing"], s.words["head.source"]},
	}
	last := ""
	for _, f := range figures {
		if p := part1(f.Place); p != last {
			last = p
			t.Rows = append(t.Rows, row{Name: s.or("part."+p, p), Group: true})
		}
		t.Rows = append(t.Rows, row{
			Name: s.placeName(f.Place), Cells: []string{s.mixed(s.shown(f)), s.standingName(f.Source.Standing), s.apart(first(f.Source.From, none))},
			Sign: known(f.Source.Standing),
		})
	}
	return t
}

// known is a standing; one that is not known is assumed.
func known(x capital.Standing) capital.Standing {
	if slices.Contains(standings(), x) {
		return x
	}
	return capital.Assumed
}

// placeName is where a figure stands, in words: the names of the plan, then the key.
func (s *scribe) placeName(place string) string {
	k, n := key(place)
	name := s.or("key."+k, strings.ReplaceAll(k, "_", " "))
	if n > 0 {
		name += " " + s.apart(s.number(float64(n), 0))
	}
	rest := strings.TrimPrefix(place, part1(place)+".")
	at := strings.TrimSuffix(rest, k)
	if n > 0 {
		at = rest[:max(strings.LastIndex(rest, k), 0)]
	}
	at = strings.Trim(at, ".")
	if at == "" {
		return name
	}
	return s.apart(strings.ReplaceAll(at, ".", " › ")) + ": " + name
}
