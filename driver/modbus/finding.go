package modbus

import (
	"time"

	"sluice/device"
	"sluice/unit"
)

// Finding names a fault in the wiring or working of a meter.
type Finding string

// The findings. Codes are stable.
const (
	SwappedCT     Finding = "swapped_ct"     // a load that is certain is shown as feed-in
	UnderMeasured Finding = "under_measured" // less than half of a certain load: one current transformer turned around shows a third, a dead phase two thirds
	StuckMeter    Finding = "stuck_meter"    // nothing moves under a load that is certain
)

// Witness is what a meter said over a stretch of time.
type Witness struct {
	Length time.Duration
	Power  device.Value[unit.Power]  // at the end
	Import device.Value[unit.Energy] // risen over Length
	Export device.Value[unit.Energy]
	Fell   bool        // the import counter went back without beginning again
	Step   unit.Energy // the least change that the import counter shows
}

// Between is the witness of two readings of one meter.
func Between(before, after Reading) Witness {
	w := Witness{Length: after.Asked.Sub(before.Asked), Power: after.Power, Step: after.Import.Step}
	w.Import, w.Fell = rise(before.Import, after.Import)
	w.Export, _ = rise(before.Export, after.Export)
	return w
}

// rise is what was added between two states of a counter, and whether it fell.
func rise(before, after Counter) (device.Value[unit.Energy], bool) {
	if !before.Known || !after.Known || !before.sameScale(after) {
		return device.Value[unit.Energy]{}, false
	}
	counts, err := Unwrap(before.Raw, after.Raw, after.Width)
	if err != nil {
		return device.Value[unit.Energy]{}, true
	}
	e, err := after.energyOf(counts)
	if err != nil {
		return device.Value[unit.Energy]{}, false
	}
	return metered(e), false
}

// sameScale reports whether the counts of both are worth the same.
func (c Counter) sameScale(d Counter) bool {
	return c.num == d.num && c.den == d.den && c.Width == d.Width
}

// Examine compares what a meter says with a load of which it is certain that at
// least so much was drawn through it, net of all generation behind it. It finds
// nothing when nothing is certain. It is pure.
func Examine(w Witness, certain unit.Power) []Finding {
	if certain <= 0 {
		return nil
	}
	drawn := certain.Over(max(0, w.Length))
	var out []Finding
	backwards := w.Export.Known && drawn > 0 && w.Export.Value >= drawn/2 && (!w.Import.Known || w.Import.Value < drawn/10)
	switch {
	case w.Power.Known && w.Power.Value <= -certain/2, backwards, w.Fell:
		out = append(out, SwappedCT)
	case w.Power.Known && w.Power.Value < certain/2 && w.Import.Known && w.Import.Value < drawn/2:
		out = append(out, UnderMeasured)
	}
	still := w.Import.Known && w.Import.Value == 0 && w.Export.Known && w.Export.Value == 0
	if still && drawn/2 > w.Step {
		out = append(out, StuckMeter)
	}
	return out
}
