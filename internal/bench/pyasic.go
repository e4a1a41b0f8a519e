package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"sluice/device"
)

// shared is how many machines both programs command.
const shared = 500

// paused is what the script of pyasic prints.
type paused struct {
	Machines, Found, Good int
	Wall, CPU             float64 // seconds
}

// common reports whether pyasic can pause a machine: test/peers/pyasic.sh says
// which families it manages.
func common(v virtual) bool {
	return v.Family == device.Antminer || v.Family == device.WhatsMiner && v.API == 2
}

// twin starts a world on the ports of real machines, since pyasic knows no
// others, and keeps of its list what both programs can command.
func (b *bench) twin(ctx context.Context) (*town, error) {
	w, err := b.settle(ctx, 0, "-miners", strconv.Itoa(shared*3/2), "-families", "antminer antminer whatsminer")
	if err != nil {
		return nil, err
	}
	all, err := readVirtual(w.list)
	if err != nil {
		return nil, err
	}
	var kept []virtual
	for _, v := range all {
		if common(v) && len(kept) < shared {
			kept = append(kept, v)
		}
	}
	return w, writeVirtual(w.list, kept)
}

// besidePyasic lets pyasic and Sluice order the same machines of two equal
// worlds, one after the other.
func (b *bench) besidePyasic(ctx context.Context, t *table) error {
	python, err := filepath.Abs(b.pyasic)
	if err != nil {
		return err
	}
	if _, err := os.Stat(python); err != nil {
		t.note("pyasic is left out: %s does not exist: test/peers/pyasic.sh makes it from PyPI", b.pyasic)
		return nil //nolint:nilerr // said in the table
	}
	w, err := b.twin(ctx)
	if err != nil {
		t.note("pyasic is left out: the ports of real machines could not be opened: %v", err)
		return nil
	}
	if err := w.late(lateness); err != nil {
		return err
	}
	theirs, err := askPyasic(ctx, python, w.list)
	if err := errors.Join(err, w.end()); err != nil {
		return err
	}
	if w, err = b.twin(ctx); err != nil {
		return err
	}
	got, err := b.client(ctx, w, 2, "child-command", "-count", strconv.Itoa(shared), "-phases", fmt.Sprintf("0-%d", shared))
	if err := errors.Join(err, w.end()); err != nil {
		return err
	}
	t.add(pyasicFigures(got[1], theirs)...)
	return nil
}

func askPyasic(ctx context.Context, python, list string) (paused, error) {
	var out bytes.Buffer
	var said paused
	c := exec.CommandContext(ctx, python, "test/peers/pyasic_control.py", list)
	c.Stdout = &out
	if _, err := execute(c); err != nil {
		return said, err
	}
	if err := json.Unmarshal(out.Bytes(), &said); err != nil {
		return said, fmt.Errorf("pyasic said %q: %w", out.Bytes(), err)
	}
	return said, nil
}

// pyasicFigures hold both programs against each other, by machine that said yes.
func pyasicFigures(ours phased, theirs paused) []figure {
	each := func(seconds float64, good int) float64 { return seconds / float64(max(1, good)) * 1e3 }
	of := func(name string) string { return fmt.Sprintf("%d machines beside pyasic: %s", ours.Machines, name) }
	return []figure{
		{Name: of("commanded"), Value: float64(ours.Good), Unit: "machines", Yardstick: "pyasic", Against: float64(theirs.Good), How: "said yes; stock Antminer and WhatsMiner with API 2, which both can pause"},
		figure{Name: of("processor by machine"), Value: each(ours.CPU.Seconds(), ours.Good), Unit: "ms", How: "of the commanding process alone"}.below("pyasic", each(theirs.CPU, theirs.Good)),
		figure{Name: of("wall by machine"), Value: each(ours.Last.Seconds(), ours.Good), Unit: "ms", How: "until the last said yes, all asked at once"}.below("pyasic", each(theirs.Wall, theirs.Good)),
	}
}
