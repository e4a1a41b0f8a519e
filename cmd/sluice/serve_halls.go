package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sluice/live"
	gpuhall "sluice/live/hall"
	"sluice/loop/settle"
	"sluice/use/hosting"
)

// halls reaches the halls that were named by their data directories, each of which
// runs by itself. A hall that nobody named draws what it draws.
func (b *builder) halls(ctx context.Context) error {
	b.attended, b.ports, b.tenancies = nil, nil, nil // the site may have begun before
	if len(b.flags.halls) == 0 {
		if h := b.file.Hosting; h != nil {
			fmt.Fprintf(b.out, "warning: %s sells GPU capacity, and no hall was named with --hall: its halls draw what they draw, and the market steers none of them\n", b.file.Site.Name)
		}
		return nil
	}
	if b.file.Hosting == nil {
		return input(fmt.Errorf("--hall: %s has no hosting section: it says what is sold there; see docs/site-file.md", b.file.Name))
	}
	all, err := b.file.Tenancies()
	if err != nil {
		return input(err)
	}
	for _, folder := range b.flags.halls {
		port := gpuhall.NewClient(folder)
		asked, cancel := context.WithTimeout(ctx, b.flags.timeout)
		r, err := port.Report(asked)
		cancel()
		if err != nil {
			return input(fmt.Errorf("--hall: %w", err))
		}
		h := live.GPUHall{Name: r.Hall}
		for _, t := range all {
			if t.Contract().Hall == r.Hall {
				h.Tenancies = append(h.Tenancies, t)
			}
		}
		switch {
		case !slices.ContainsFunc(b.file.Hosting.Halls, func(x hosting.Hall) bool { return x.Name == r.Hall }):
			return input(fmt.Errorf("--hall %s: hall %q runs there, which %s does not have", folder, r.Hall, b.file.Name))
		case slices.ContainsFunc(b.attended, func(x live.GPUHall) bool { return x.Name == r.Hall }):
			return input(fmt.Errorf("--hall %s: hall %q was named before", folder, r.Hall))
		}
		b.attended, b.ports, b.tenancies = append(b.attended, h), append(b.ports, port), append(b.tenancies, h.Tenancies...)
		fmt.Fprintf(b.out, "hall %s: %d contracts, its engine was seen at %s\n", r.Hall, len(h.Tenancies), r.Seen.UTC().Format(time.TimeOnly))
	}
	return nil
}

// served is whom the halls serve; nil: nobody.
func (b *builder) served() *settle.Tenants {
	if len(b.attended) == 0 {
		return nil
	}
	return settle.NewTenants(b.tenancies)
}
