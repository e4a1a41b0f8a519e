package gpu

import (
	"context"
	"time"

	"sluice/unit"
)

// Reading is what one GPU states about its power. Has says which values it states:
// absent is not zero.
type Reading struct {
	Node    string
	Index   int
	UUID    string
	Model   string
	Draw    unit.Power  // by its sensor, an average over a window of its own
	Limit   unit.Power  // in force
	Min     unit.Power  // lowest limit that may be set
	Max     unit.Power  // highest limit that may be set
	Default unit.Power  // after a reload of the driver
	Energy  unit.Energy // counter since the driver was loaded; a fall is a reset
	Busy    unit.Ratio  // share of the time in which something ran
	Capped  bool        // the limit slows it down now
	Job     string      // that holds it, where the exporter knows
	Shared  bool        // several jobs share it: no split of its energy can be trusted
	Has     Has
	At      time.Time
	Source  string // "nvml", "nvidia-smi", "dcgm"
}

// Has says which values of a Reading are known.
type Has struct{ Draw, Limit, Range, Default, Energy, Busy, Capped bool }

// Setting is one limit for some GPUs of one node.
type Setting struct {
	Node  string     `json:"node"`
	UUIDs []string   `json:"uuids,omitempty"` // empty: all GPUs of the node
	Limit unit.Power `json:"limit_w"`         // for each GPU; 0: the default limit
	Epoch int64      `json:"epoch"`           // a node that saw a higher epoch refuses
	// Until, where it is not zero, is when the setting ends unless something newer came.
	// What expires, expires downwards: a limit that was lowered stays where it is, and
	// one that was raised goes back to the lower one before it.
	Until time.Time `json:"until,omitzero"`
}

// Answer is what a node said to a Setting. It is no proof: proof is a later Reading.
type Answer struct {
	Node  string    `json:"node"`
	Taken bool      `json:"taken"`
	Why   string    `json:"why,omitempty"` // not taken
	At    time.Time `json:"at"`
}

// Agent reads and limits the GPUs of nodes. One goroutine asks it at a time; ctx
// carries the timeout. Set refuses what lies outside the range of a GPU, and never
// sets part of a node: all GPUs named take the limit or those changed are put back.
type Agent interface {
	Read(ctx context.Context) ([]Reading, error)
	Set(ctx context.Context, s Setting) (Answer, error)
}
