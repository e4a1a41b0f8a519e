package slurm

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sluice/engine"
)

// change makes one change by a command.
func (l *line) change(ctx context.Context, c change) error {
	words, err := command(c)
	if err != nil {
		return err
	}
	_, err = l.run(ctx, words...)
	return err
}

// command is the command of a change. Names in it are plain words, so that none
// can be taken for a key or an option.
func command(c change) ([]string, error) {
	if c.kind != putReservation && !word(c.name) {
		return nil, fmt.Errorf("slurm: %w: %.80q is no name", engine.ErrUnknown, c.name)
	}
	switch c.kind {
	case markJob:
		return []string{"scontrol", "update", "jobid=" + c.name, "admincomment=" + c.text}, nil
	case signalJob:
		return []string{"scancel", "--batch", "--signal=" + c.text, c.name}, nil
	case requeueJob:
		return []string{"scontrol", "requeuehold", c.name}, nil
	case holdJob:
		return []string{"scontrol", "hold", c.name}, nil
	case freeJob:
		return []string{"scontrol", "release", c.name}, nil
	case setPartition:
		words := []string{"scontrol", "update", "partitionname=" + c.name, "state=" + c.text}
		if c.deny.key != "" {
			words = append(words, c.deny.key+"="+strings.Join(c.deny.names, ","))
		}
		return words, nil
	case putReservation:
		return reservationWords(c)
	case dropReservation:
		return []string{"scontrol", "delete", "reservationname=" + c.name}, nil
	case sinkNode:
		return []string{"scontrol", "update", "nodename=" + c.name, "state=power_down_asap", "reason=" + c.text}, nil
	case raiseNode:
		return []string{"scontrol", "update", "nodename=" + c.name, "state=power_up"}, nil
	case keepNode:
		return []string{"scontrol", "update", "nodename=" + c.name, "state=undrain"}, nil
	case recordRuns, writeTenants:
	}
	return nil, fmt.Errorf("slurm: no command can %s: %w", c.kind, engine.ErrUnsupported)
}

func reservationWords(c change) ([]string, error) {
	p := c.put
	if !word(p.name) {
		return nil, errors.New("slurm: a reservation has a plain name")
	}
	verb := "update"
	if c.fresh {
		verb = "create"
	}
	words := []string{"scontrol", verb, "reservation", "reservationname=" + p.name}
	if c.fresh {
		words = append(words, "users="+p.users, "flags="+strings.ToLower(strings.Join(p.flags, ",")))
	}
	minutes := strconv.Itoa(int(p.until.Sub(p.from) / time.Minute))
	if c.fresh {
		words = append(words, "starttime="+p.from.UTC().Format("2006-01-02T15:04:05"), "duration="+minutes)
	} else {
		words = append(words, "duration="+minutes)
	}
	if len(p.nodes) > 0 {
		words = append(words, "nodes="+strings.Join(p.nodes, ","))
	}
	if len(p.licenses) > 0 {
		words = append(words, "licenses="+licensesText(p.licenses))
	}
	return words, nil
}
