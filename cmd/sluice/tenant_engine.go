package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"sluice/driver/kueue"
	"sluice/driver/sitefile"
	"sluice/driver/slurm"
	"sluice/engine"
	"sluice/replay"
	counter "sluice/server/tenant"
	room "sluice/world/hall"
)

// engineFlags say which engine tenants come to.
type engineFlags struct {
	engine, queue, tokenFile, authority string
}

// stations opens the engine that is named, if one is.
func (f engineFlags) stations(file *sitefile.File, at time.Time) ([]counter.Station, error) {
	kind, url, _ := strings.Cut(f.engine, "=")
	switch {
	case kind == "" && f.queue+f.tokenFile+f.authority == "":
		return nil, nil
	case kind == "virtual" && url == "":
		return virtualStations(file, at)
	case kind == "slurm" && url == "" && f.queue != "":
		s, err := slurm.New(slurm.Config{Line: slurm.Line{Commands: true}})
		return []counter.Station{{Name: kind, Viewer: s, Registrar: s, Queue: f.queue}}, err
	case kind == "kueue" && url != "" && f.queue != "":
		c := kueue.Config{Server: url, TokenFile: f.tokenFile}
		if f.authority != "" {
			var err error
			if c.Authority, err = os.ReadFile(f.authority); err != nil {
				return nil, fmt.Errorf("--engine-ca: %w", err)
			}
		}
		d, err := kueue.New(c)
		return []counter.Station{{Name: kind, Viewer: d, Registrar: d, Queue: f.queue}}, err
	}
	return nil, errors.New("--engine is virtual, slurm, or kueue=https://HOST:PORT; slurm and kueue need --queue, through which tenants come")
}

// virtualStations are halls in virtual time, with recorded jobs, at the pace of the clock.
func virtualStations(file *sitefile.File, at time.Time) ([]counter.Station, error) {
	s := &replay.Setup{From: at.Truncate(time.Hour)}
	if err := readHalls(s, file); err != nil {
		return nil, err
	}
	var out []counter.Station
	for _, c := range s.Halls {
		c.Start = s.From.Add(-replay.WarmUp)
		h, err := room.New(c)
		if err != nil {
			return nil, err
		}
		v := &virtualHall{hall: h}
		name := "virtual"
		if len(s.Halls) > 1 {
			name += "-" + c.Hall.Name
		}
		out = append(out, counter.Station{Name: name, Viewer: v, Registrar: v, Queue: "as contracted"})
	}
	return out, nil
}

// virtualHall is a virtual hall that goes with the clock.
type virtualHall struct {
	mu   sync.Mutex // guards hall
	hall *room.Hall
}

// View implements counter.Viewer.
func (v *virtualHall) View(ctx context.Context) (engine.View, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.hall.Advance(time.Since(v.hall.Now()))
	return v.hall.View(ctx)
}

// Admit implements engine.Registrar: whoever has a contract may come.
func (v *virtualHall) Admit(_ context.Context, t engine.Tenant) (engine.Access, error) {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return engine.Access{Engine: "virtual", Account: t.Name, Queue: t.Queue, Secret: "virtual-" + hex.EncodeToString(b), Hint: "nothing is submitted to a virtual hall: its jobs are recorded ones"}, nil
}

// Dismiss implements engine.Registrar.
func (v *virtualHall) Dismiss(context.Context, string) error { return nil }
