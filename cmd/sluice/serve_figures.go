package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"sluice/store/telemetry"
)

// telemetry opens the database of what machines say. Without it everything else
// goes on.
func (b *builder) telemetry(ctx context.Context) error {
	b.metrics = telemetry.NewMetrics(version)
	db, err := telemetry.Open(ctx, filepath.Join(b.flags.data, "telemetry"), telemetry.Options{Now: b.clock.Now})
	if err != nil {
		fmt.Fprintf(b.out, "warning: what machines say is not kept: %v\n", err)
		return nil // control needs no telemetry
	}
	b.figures = db
	return b.metrics.Watch(db)
}

// arrivalPace is how often the addresses are asked at which nobody was.
const arrivalPace = 10 * time.Minute

// arrivals looks for machines that were switched on since, until one is found.
func (b *builder) arrivals(ctx context.Context) error {
	tick := time.NewTicker(max(time.Second, b.clock.Wall(arrivalPace)))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
			if len(b.found.Missing) == 0 {
				continue
			}
			if found, err := b.finding.Arrived(ctx, b.found.Missing); found && err == nil {
				return errArrived
			}
		}
	}
}

// close closes what the steps opened.
func (b *builder) close() {
	if b.page != nil {
		_ = b.page.Close() // its server has closed it already, unless a step failed
	}
	if b.figures == nil {
		return
	}
	if err := b.figures.Close(); err != nil {
		fmt.Fprintf(b.out, "warning: close the telemetry: %v\n", err)
	}
}

// pages opens the address of the figures, so that a busy one is told of before
// anything runs.
func (b *builder) pages(ctx context.Context) error {
	if b.flags.listen == "" {
		return nil
	}
	var err error
	if b.page, err = (&net.ListenConfig{}).Listen(ctx, "tcp", b.flags.listen); err != nil {
		return input(fmt.Errorf("--listen: %w", err))
	}
	return nil
}

// answer serves the figures on this computer until ctx ends.
func (b *builder) answer(ctx context.Context) error {
	if b.flags.listen == "" {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", b.metrics.Handler())
	if b.figures != nil {
		mux.Handle("/api/v1/", b.figures.Handler())
	}
	fmt.Fprintf(b.out, "figures at http://%s/metrics, and for Prometheus and Grafana at http://%[1]s/api/v1/\n", b.page.Addr())
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, WriteTimeout: time.Minute}
	stop := context.AfterFunc(ctx, func() { _ = srv.Close() })
	defer stop()
	if err := srv.Serve(b.page); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("--listen: %w", err)
	}
	return context.Cause(ctx)
}
