package live

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"sluice/driver/door"
	"sluice/store/sqlite"
	"sluice/unit"
)

// InstructionList is what was ordered of a site: limits, in the order in which they were
// entered.
type InstructionList struct {
	Now   time.Time     `json:"now"`  // on the site's clock
	From  time.Time     `json:"from"` // entered from here on
	Steps []Instruction `json:"steps"`
}

// Instruction is a limit that holds from an instant on, until the next one of its group.
type Instruction struct {
	Entered time.Time  `json:"entered"`
	By      string     `json:"by"`
	Group   string     `json:"group"` // the site's name, a feeder or a hall
	From    time.Time  `json:"from"`
	Limit   unit.Power `json:"limit_w"`
	Free    bool       `json:"free,omitempty"` // nothing is ordered any more: what the equipment bears
}

// instructionPrefix begins the subject of an instruction's record.
const instructionPrefix = "instruction/"

// The bounds of looking back at instructions.
const (
	instructionsFar  = 400 * 24 * time.Hour
	instructionsMost = 2000
)

// instructionsOf reads the instructions that were entered from an instant on: the last
// ones where there are too many.
func instructionsOf(ctx context.Context, p Papers, site string, from time.Time) ([]Instruction, error) {
	var out []Instruction
	r := sqlite.Range{Site: site, Kind: sqlite.Person, From: from}
	for {
		page, err := p.Read(ctx, r)
		if err != nil {
			return nil, fmt.Errorf("read what was ordered: %w", err)
		}
		for _, x := range page {
			if !strings.HasPrefix(x.Subject, instructionPrefix) {
				continue
			}
			var b instructed
			if err := json.Unmarshal(x.Body, &b); err != nil {
				return nil, fmt.Errorf("read %s: %w", x.Key, err)
			}
			out = append(out, Instruction{Entered: x.At.UTC(), By: b.By, Group: b.Group, From: b.From.UTC(), Limit: b.Limit, Free: b.Limit >= unlimited})
		}
		if len(page) == 0 {
			return slices.Clone(out[max(0, len(out)-instructionsMost):]), nil
		}
		r.After = page[len(page)-1].Seq
	}
}

// instructionList answers what was ordered, entered from ?from= on; without it all.
func (s *Site) instructionList(w http.ResponseWriter, r *http.Request) {
	now := s.plant.Clock.Now()
	from := now.Add(-instructionsFar)
	if text := r.URL.Query().Get("from"); text != "" {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			door.Write(w, http.StatusBadRequest, Answer{No: fmt.Sprintf("from %q: give an instant such as 2025-08-01T12:05:00Z", text)})
			return
		}
		from = at
	}
	if s.plant.Papers == nil {
		door.Write(w, http.StatusNotFound, Answer{No: "this site keeps no papers"})
		return
	}
	all, err := instructionsOf(r.Context(), s.plant.Papers, s.core.cfg.Site.Name, from)
	if err != nil {
		door.Write(w, http.StatusServiceUnavailable, Answer{No: err.Error()})
		return
	}
	if all == nil {
		all = []Instruction{}
	}
	door.Write(w, http.StatusOK, InstructionList{Now: now.UTC(), From: from.UTC(), Steps: all})
}

// Instructions are the limits that were entered from an instant on.
func (r *Remote) Instructions(ctx context.Context, from time.Time) (InstructionList, error) {
	return get[InstructionList](ctx, r, "instructions", url.Values{"from": {from.UTC().Format(time.RFC3339)}})
}
