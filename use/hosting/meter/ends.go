package meter

import (
	"cmp"
	"fmt"

	"sluice/gpu"
)

// Ends are the GPUs of servers as they stated themselves at the two ends of an interval.
type Ends struct {
	Cards  map[string][]*Card // by server
	Labels map[string]bool    // by server: who holds a GPU was read with it
}

// Paired puts the readings of the two ends together, GPU by GPU. Of one that was read at
// one end alone the other reading is without values.
func Paired(first, last []gpu.Reading) Ends {
	out := Ends{map[string][]*Card{}, map[string]bool{}}
	known := map[string]*Card{}
	for i, of := range [][]gpu.Reading{first, last} {
		for _, r := range of {
			id := cmp.Or(r.UUID, fmt.Sprintf("%s/%d", r.Node, r.Index))
			c := known[id]
			if c == nil {
				c = &Card{UUID: id}
				known[id], out.Cards[r.Node] = c, append(out.Cards[r.Node], c)
			}
			if i == 0 {
				c.First = r
			} else {
				c.Last = r
			}
			out.Labels[r.Node] = out.Labels[r.Node] || r.Job != ""
		}
	}
	return out
}
