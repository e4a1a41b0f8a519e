package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"sluice/device"
	"sluice/store/whole"
	"sluice/unit"
)

// foundState is what a machine was doing before it was curtailed by hand.
type foundState struct {
	Address string `json:"address"`
	MAC     string `json:"mac,omitempty"`
	Mode    string `json:"mode,omitempty"`
	LimitW  int64  `json:"limit_w,omitempty"`
	PowerW  int64  `json:"power_w,omitempty"` // zero: it did not say
}

// power is what the machine drew.
func (s foundState) power() device.Value[unit.Power] {
	return device.Value[unit.Power]{Value: unit.Power(s.PowerW), Known: s.PowerW > 0, Source: device.FromFirmware}
}

// foundBefore is the oldest record of a machine: what came later was ours.
func foundBefore(kept []foundState, t *task) (foundState, bool) {
	for _, s := range kept {
		if s.Address == t.found.Address.Host {
			return s, true
		}
	}
	return foundState{}, false
}

// readRecord reads a file of found states; one that does not exist is empty.
func readRecord(name string) ([]foundState, error) {
	if name == "" {
		return nil, nil
	}
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("--record: %w", err)
	}
	var out []foundState
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		var s foundState
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil || s.Address == "" {
			return nil, fmt.Errorf("%s:%d: no record of a machine: remove the line, and restore that machine by hand", name, n)
		}
		out = append(out, s)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("--record %s: %w", name, err)
	}
	return out, nil
}

// writeRecord adds what machines do now, and has it on the disk before the
// first of them is told anything.
func writeRecord(name string, tasks []*task) error {
	if name == "" {
		return nil
	}
	var text []byte
	for _, t := range tasks {
		if t.command.Verb == "" {
			continue
		}
		s := foundState{Address: t.found.Address.Host, MAC: t.found.Identity.MAC, Mode: t.before.Mode.Value, LimitW: int64(t.before.Limit.Value), PowerW: int64(t.before.Power.Value)}
		line, err := json.Marshal(s)
		if err != nil {
			return fmt.Errorf("record %s: %w", s.Address, err)
		}
		text = append(append(text, line...), '\n')
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("--record: %w", err)
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("--record %s: %w", name, err)
	}
	return nil
}

// dropRecord takes the machines out that proved to be as they were.
func dropRecord(name string, kept []foundState, tasks []*task) error {
	if name == "" {
		return nil
	}
	var done []string
	for _, t := range tasks {
		if t.outcome == wasProven {
			done = append(done, t.found.Address.Host)
		}
	}
	var text []byte
	for _, s := range kept {
		if slices.Contains(done, s.Address) {
			continue
		}
		line, err := json.Marshal(s)
		if err != nil {
			return fmt.Errorf("record %s: %w", s.Address, err)
		}
		text = append(append(text, line...), '\n')
	}
	return whole.Replace(name, whole.Private, whole.Text(text))
}
