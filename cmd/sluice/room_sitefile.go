package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"sluice/driver/sitefile"
	"sluice/server/room"
	"sluice/store/whole"
)

// standsWithin is how long a program has to answer after it began anew.
const standsWithin = 20 * time.Second

// program is that of a site that the room runs.
func (s *roomSites) program(name string) (*siteProgram, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.all[name]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("%w: %s", room.ErrNoProgram, name)
}

// SiteFile implements room.SiteFiles.
func (s *roomSites) SiteFile(name string) ([]byte, error) {
	p, err := s.program(name)
	if err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(p.dir, siteYAML))
}

// ReplaceSiteFile implements room.SiteFiles. A program that does not begin by the new file
// gets its old one again.
func (s *roomSites) ReplaceSiteFile(ctx context.Context, name string, yaml []byte) (bool, error) {
	p, err := s.program(name)
	if err != nil {
		return false, err
	}
	if err := p.mayRun(yaml); err != nil {
		return false, err
	}
	file := filepath.Join(p.dir, siteYAML)
	old, err := os.ReadFile(file) //nolint:gosec // below the directory of the room
	if err != nil {
		return false, err
	}
	if err := whole.Replace(file, whole.Private, whole.Text(yaml)); err != nil {
		return false, err
	}
	if p.hasEnded() {
		return false, nil
	}
	err = s.anew(ctx, p)
	if err == nil {
		return true, nil
	}
	back := whole.Replace(file, whole.Private, whole.Text(old))
	if back == nil {
		back = s.Turn(ctx, name, room.RestartProgram)
	}
	return false, errors.Join(err, back)
}

// mayRun refuses real machines where time is not: a program of virtual machines runs by
// another clock.
func (p *siteProgram) mayRun(yaml []byte) error {
	f, err := sitefile.Read(bytes.NewReader(yaml), siteYAML)
	if err != nil || !p.run.Virtual || f.Control == nil {
		return err
	}
	var networks []string
	for _, n := range f.Control.Networks {
		networks = append(networks, n.String())
	}
	if !ofThisComputer(networks) {
		return errors.New("control.device_networks: this site was added with virtual machines and runs by their clock: add real ones as a site of their own")
	}
	return nil
}

// anew starts a program anew, and waits until it answers or ends. One that does neither
// for long is still beginning.
func (s *roomSites) anew(ctx context.Context, p *siteProgram) error {
	if err := s.Turn(ctx, p.run.Name, room.RestartProgram); err != nil {
		return err
	}
	return s.stands(ctx, p, standsWithin, "running")
}
