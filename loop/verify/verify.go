// Package verify says what happened: it believes the meters and compares them
// with the plan, interval by interval.
package verify

import (
	"time"

	"sluice/loop/cycle"
	"sluice/unit"
)

// Deliver compares two readings of the meters with the plan of the interval
// between them. limit is the import that the connection allowed. The receipts
// only serve to name causes.
func Deliver(p cycle.Plan, before, after cycle.Registers, limit unit.Power, receipts []cycle.Receipt) cycle.Delivery {
	length := after.At.Sub(before.At)
	d := cycle.Delivery{
		Head: p.Head, Length: length, Source: after.Source,
		Import: after.Import - before.Import, Export: after.Export - before.Export,
		Peak: after.Peak, Over: max(0, after.Peak-limit),
	}
	for _, o := range after.Own {
		g := o.Generated - registered(before.Own, o.Source)
		d.Own, d.Plants = d.Own+g, append(d.Plants, g)
	}
	for o, s := range p.Supply {
		if !p.Offers[o].BehindMeter {
			d.Planned += s.Power[0].Over(length)
		}
	}
	for _, u := range after.Uses {
		d.Uses = append(d.Uses, useDelivery(p, u, before))
	}
	for i := range d.Uses {
		d.Uses[i].Cause = cause(d.Uses[i], length, receipts)
	}
	return d
}

// registered is what the register of source showed before; a register that was
// not there before began at zero.
func registered(own []cycle.OwnRegister, source string) unit.Energy {
	for _, o := range own {
		if o.Source == source {
			return o.Generated
		}
	}
	return 0
}

// useDelivery is what one use drew and hashed between the readings.
func useDelivery(p cycle.Plan, after cycle.UseRegister, before cycle.Registers) cycle.UseDelivery {
	d := cycle.UseDelivery{Use: after.Use, IT: after.IT, Meter: after.Meter, Work: after.Work, Started: after.Started, Service: after.Service}
	for _, b := range before.Uses {
		if b.Use == after.Use {
			d.IT, d.Meter, d.Work, d.Started = d.IT-b.IT, d.Meter-b.Meter, d.Work-b.Work, d.Started-b.Started
			d.Service = d.Service.Since(b.Service)
		}
	}
	for _, u := range p.Uses {
		if u.Use == after.Use {
			d.Planned = u.Draw[0].Over(p.Mesh.Lengths[0])
		}
	}
	return d
}

// classShare is the part of the energy by which a delivery may differ before it
// needs a cause: meters of class 0.5 on both sides.
//
// Source: docs/formula/settle.md.
const classShare = 100

// cause names why a use drew other than planned, as far as the papers tell.
func cause(d cycle.UseDelivery, length time.Duration, receipts []cycle.Receipt) cycle.Cause {
	gap := d.IT - d.Planned
	if gap < 0 {
		gap = -gap
	}
	if gap <= max(d.Planned, d.IT)/classShare || gap <= unit.Kilowatt.Over(length) {
		if d.Started > 0 {
			return cycle.StartingUp
		}
		return cycle.AsPlanned
	}
	for _, r := range receipts {
		if r.Use == d.Use && !r.Accepted {
			return cycle.OrderNotTaken
		}
	}
	switch {
	case d.Started > 0:
		return cycle.StartingUp
	case d.IT > d.Planned:
		return cycle.RampingDown
	}
	return cycle.EquipmentOut
}
