package main

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"sluice/server/room"
)

// The world that stands ready to be added: machines and meters that no site runs yet.
const (
	spareName     = "delta"
	spareMachines = "127.45.0.0/27"
	spareMeters   = "127.46.0.0/29"
	spareCount    = 24
)

// example is what the pages offer to add.
func (f *demoFlags) example() *room.SetupExample {
	evening := time.Date(2025, 3, 24, 22, 45, 0, 0, time.UTC)
	return &room.SetupExample{
		Name: spareName, Zone: "America/Chicago", Currency: "USD", Point: "HB_HOUSTON", Prices: "houston_rt15_2021-2025.csv.gz",
		Limit: 90_000, Rating: 150_000, MustRun: 20_000, Machines: []string{spareMachines}, Meters: []string{spareMeters}, Offset: f.offset,
		Template: "schneider-pm5000", Meter: "127.46.0.1",
		Logins: []room.ExampleLogin{{Family: "whatsminer", User: "super", Password: demoPassword}, {Family: "*", User: "root", Password: demoPassword}},
		Run:    room.SiteRun{Interval: 15, From: &evening, Speed: f.speed, Trial: 2000},
	}
}

// spare starts that world, and watches over the sites that are added. They end with the
// demonstration.
func (f *demoFlags) spare(ctx context.Context, programs *sync.WaitGroup, h *house) error {
	dir := filepath.Join(h.data, "worlds", spareName)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "password"), []byte(demoPassword+"\n"), 0o600); err != nil {
		return err
	}
	world := program{name: "the world of " + spareName, log: filepath.Join(dir, "world.log"), args: []string{
		"world", "--miners", strconv.Itoa(spareCount), "--seed", "23", "--network", spareMachines, "--meters", spareMeters,
		"--feeders", "1", "--pue", "1.05", "--auxiliary-kw", "20", "--speed", strconv.Itoa(f.speed), "--port-offset", strconv.Itoa(f.offset),
		"--password-file", "password",
	}}
	programs.Go(func() { world.keep(ctx, func(text string) { h.errors.Warn(text, "site", spareName) }) })
	if err := h.sites.begin(ctx, h.room); err != nil {
		return err
	}
	programs.Go(func() {
		<-ctx.Done()
		h.sites.wait()
	})
	return nil
}
