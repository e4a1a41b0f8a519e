package alarm

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// The bounds of what is kept.
const (
	mostAlarms  = 5000
	mostRings   = 2000
	mostHistory = 500
	mostDigest  = 20
)

// Ring is an alarm that came up.
type Ring struct {
	At    time.Time `json:"at"`
	Point Point     `json:"point"`
}

// Mailbox is what a contact got lately.
type Mailbox struct {
	Contact string      `json:"contact"`
	Sent    []time.Time `json:"sent,omitempty"`  // single messages of the last 10 minutes
	Digest  time.Time   `json:"digest,omitzero"` // the last one
}

// Memory is what must outlive the process, as plain data. Keep it together with the
// messages of the same Step, whole or not at all, so that none is lost and none is told
// twice.
type Memory struct {
	Version   int       `json:"version"`
	At        time.Time `json:"at"`
	Last      int64     `json:"last"`  // number given last
	Tells     int64     `json:"tells"` // number of the last message
	Operators int       `json:"operators"`
	Flood     bool      `json:"flood"`
	Lost      bool      `json:"lost,omitempty"` // something did not fit
	Alarms    []Alarm   `json:"alarms,omitempty"`
	Rings     []Ring    `json:"rings,omitempty"`
	History   []Entry   `json:"history,omitempty"`
	Mailboxes []Mailbox `json:"mailboxes,omitempty"`
}

// version is that of Memory.
const version = 1

// ParseMemory reads a memory that was kept as JSON. Empty text is a first start.
func ParseMemory(text []byte) (Memory, error) {
	if len(text) == 0 {
		return Memory{}, nil
	}
	var m Memory
	if err := json.Unmarshal(text, &m); err != nil {
		return Memory{}, fmt.Errorf("alarm: read the memory of alarms: %w: keep the file, and start without it", err)
	}
	return m, m.check()
}

func (m Memory) check() error {
	if m.Version != version && (m.Version != 0 || len(m.Alarms) > 0) {
		return fmt.Errorf("alarm: the memory has version %d, this program knows %d: start the program that wrote it", m.Version, version)
	}
	seen, points := map[int64]bool{}, map[Point]bool{}
	for i := range m.Alarms {
		a := &m.Alarms[i]
		if seen[a.Number] || points[a.Point] || a.Number > m.Last || a.Number < 1 {
			return errors.New("alarm: the memory names an alarm twice or has wrong numbers: keep the file, and start without it")
		}
		seen[a.Number], points[a.Point] = true, true
	}
	return nil
}

// Memory is what to keep now. It shares nothing with the kernel.
func (k *Kernel) Memory() Memory {
	m := k.m
	m.Version = version
	m.Alarms = make([]Alarm, 0, len(k.m.Alarms))
	for i := range k.m.Alarms {
		m.Alarms = append(m.Alarms, k.m.Alarms[i].copied())
	}
	m.Rings, m.History = slices.Clone(m.Rings), slices.Clone(m.History)
	for i := range m.History {
		m.History[i].Params = maps.Clone(m.History[i].Params)
	}
	m.Mailboxes = slices.Clone(m.Mailboxes)
	for i := range m.Mailboxes {
		m.Mailboxes[i].Sent = slices.Clone(m.Mailboxes[i].Sent)
	}
	return m
}

// keepLast cuts a list to its last most entries.
func keepLast[T any](s []T, most int) []T {
	if over := len(s) - most; over > 0 {
		return slices.Delete(s, 0, over)
	}
	return s
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.SortedFunc(maps.Keys(m), cmp.Compare[string])
}
