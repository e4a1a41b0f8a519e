package faults

import (
	"time"

	"sluice/loop/actuate"
	"sluice/unit"
)

type kind uint8

const (
	polled kind = iota
	told
	newLimit
	arrived
	answered
	fell
	rose
	cleared
)

// happening is something that will be true at an instant.
type happening struct {
	at     time.Duration
	number int64 // ties are never left to chance
	kind   kind
	unit   int
	target unit.Power
	epoch  actuate.Epoch
}

func (h *happening) before(o *happening) bool {
	return h.at < o.at || h.at == o.at && h.number < o.number
}

func (w *world) push(h happening) {
	w.sequence++
	h.number = w.sequence
	w.queue = append(w.queue, h)
	for i := len(w.queue) - 1; i > 0; {
		up := (i - 1) / 2
		if !w.queue[i].before(&w.queue[up]) {
			break
		}
		w.queue[i], w.queue[up] = w.queue[up], w.queue[i]
		i = up
	}
}

func (w *world) pop() happening {
	first, last := w.queue[0], len(w.queue)-1
	w.queue[0] = w.queue[last]
	w.queue = w.queue[:last]
	for i := 0; ; {
		least := i
		for c := 2*i + 1; c <= 2*i+2 && c < last; c++ {
			if w.queue[c].before(&w.queue[least]) {
				least = c
			}
		}
		if least == i {
			return first
		}
		w.queue[i], w.queue[least] = w.queue[least], w.queue[i]
		i = least
	}
}
