package curtail

// tighten takes an order that asks more of the event that runs than it did, or again
// what was being given back: from now on its power counts, and what lacks is taken at
// the next look at the meter.
func (k *Kernel) tighten(o Order) {
	k.st.Order.To, k.st.Order.At, k.st.Order.Within = o.To, k.now, o.Within
	if k.st.Phase != Shedding {
		k.phase(Shedding)
	}
	k.holdAll(false)
	k.st.Checked = k.now.Add(-k.cfg.Timing.Period)
	k.dirty = true
}
