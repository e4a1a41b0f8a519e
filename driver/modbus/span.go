package modbus

import (
	"cmp"
	"slices"
)

// span is one request: neighbouring registers of one kind.
type span struct {
	kind    Kind
	address uint16
	count   int
	members []Register
}

// spans groups registers into few requests: no request asks for more than
// largest registers or bridges more than gap unused ones.
func spans(all []Register, largest, gap int) []span {
	sorted := slices.Clone(all)
	slices.SortFunc(sorted, func(a, b Register) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Address, b.Address))
	})
	var out []span
	for _, r := range sorted {
		if n := len(out) - 1; n >= 0 && out[n].takes(r, largest, gap) {
			out[n].count = int(r.Address) + r.Length - int(out[n].address)
			out[n].members = append(out[n].members, r)
			continue
		}
		out = append(out, span{kind: r.Kind, address: r.Address, count: r.Length, members: []Register{r}})
	}
	return out
}

// takes reports whether the request may be stretched to hold r.
func (s span) takes(r Register, largest, gap int) bool {
	end := int(s.address) + s.count
	return r.Kind == s.kind && int(r.Address)-end <= gap && int(r.Address)+r.Length-int(s.address) <= largest
}

// words are those of r in the answer to the request.
func (s span) words(answer []uint16, r Register) []uint16 {
	from := int(r.Address) - int(s.address)
	return answer[from : from+r.Length]
}
