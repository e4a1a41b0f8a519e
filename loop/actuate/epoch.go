package actuate

import "cmp"

// Epoch orders all orders: a later controller, a later plan, a later order to
// the same unit. An order of an earlier epoch never wins.
type Epoch struct {
	Term, Plan, Sequence int64
}

// Compare is negative when e came before o.
func (e Epoch) Compare(o Epoch) int {
	return cmp.Or(cmp.Compare(e.Term, o.Term), cmp.Compare(e.Plan, o.Plan), cmp.Compare(e.Sequence, o.Sequence))
}
