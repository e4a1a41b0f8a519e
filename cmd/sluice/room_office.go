package main

import (
	"context"
	"errors"
	"fmt"

	"sluice/live/hall"
	"sluice/server/room"
	counter "sluice/server/tenant"
)

// roomOffice is the office of tenants of a hall that runs, for a control room: the same
// one that 'sluice tenant' and the tenants themselves reach, through the socket in the
// hall's data directory.
type roomOffice struct{ dir string }

// Wishes implements room.Office.
func (o roomOffice) Wishes(ctx context.Context) ([]room.Wish, error) {
	r, err := counter.Tell(ctx, o.dir, counter.Order{Do: "list"})
	if err != nil {
		return nil, ofOffice(err)
	}
	out := []room.Wish{}
	for _, w := range r.Open {
		out = append(out, room.Wish{
			ID: w.ID, Tenant: w.Tenant, Key: w.Key, Kind: w.Kind, Hall: w.Hall, Model: w.Model, GPUs: w.GPUs, Kilowatts: w.KW,
			From: w.From, Until: w.Until, Says: w.Says, Fits: w.Fits,
		})
	}
	return out, nil
}

// Decide implements room.Office.
func (o roomOffice) Decide(ctx context.Context, d room.Decision) (string, error) {
	q := counter.Order{Do: "refuse", By: d.By, Reservation: d.Wish, Why: d.Why}
	if d.Accept {
		q = counter.Order{Do: "accept", By: d.By, Reservation: d.Wish, Contract: d.Contract, Despite: d.Despite}
	}
	r, err := counter.Tell(ctx, o.dir, q)
	return r.Done, ofOffice(err)
}

// Ask implements room.TenantDesk.
func (o roomOffice) Ask(ctx context.Context, tenant string, q room.TenantAsk) (int, []byte, error) {
	return counter.Ask(ctx, o.dir, counter.Errand{Tenant: tenant, Method: q.Method, Path: q.Path, Query: q.Query, Body: q.Body})
}

// ofOffice is an error of the office as the control room knows it.
func ofOffice(err error) error {
	switch {
	case errors.Is(err, counter.ErrNobody):
		return fmt.Errorf("%w: %w", room.ErrNoOffice, err)
	case errors.Is(err, counter.ErrNo):
		return fmt.Errorf("%w: %w", room.ErrOffice, err)
	}
	return err
}

// hallAt is a running hall and the office of its tenants, by the hall's data directory.
func hallAt(name, site, dir string) room.HallAt {
	return room.HallAt{Name: name, Site: site, Link: hall.NewClient(dir), Office: roomOffice{dir}, Desk: roomOffice{dir}}
}
