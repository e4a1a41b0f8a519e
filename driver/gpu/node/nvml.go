//go:build cgo

package node

import (
	"context"
	"errors"
	"fmt"

	"github.com/NVIDIA/go-nvml/pkg/nvml"

	"sluice/gpu"
	"sluice/unit"
)

// NVML reaches the GPUs through the maker's library, which is loaded when it is opened.
type NVML struct {
	devices []nvml.Device
	close   func() error
}

// OpenNVML loads the library and finds the GPUs.
func OpenNVML() (*NVML, error) { return openNVML(nvml.New()) }

func openNVML(lib nvml.Interface) (*NVML, error) {
	if r := lib.Init(); r != nvml.SUCCESS {
		return nil, fmt.Errorf("%w: NVML does not start: %s", ErrNoGPU, word(r))
	}
	b := &NVML{close: func() error { return nvmlFault(lib.Shutdown()) }}
	n, r := lib.DeviceGetCount()
	if r != nvml.SUCCESS || n < 0 || n > 255 {
		return nil, errors.Join(fmt.Errorf("%w: NVML counts %d GPUs: %s", ErrNoGPU, n, word(r)), b.close())
	}
	for i := range n {
		d, r := lib.DeviceGetHandleByIndex(i)
		if r != nvml.SUCCESS {
			d = nil // lost: it is listed, and states nothing
		}
		b.devices = append(b.devices, d)
	}
	return b, nil
}

// Close gives the library back.
func (b *NVML) Close() error { return b.close() }

// Route implements Board.
func (b *NVML) Route() string { return "nvml" }

// Read implements Board.
func (b *NVML) Read(ctx context.Context) ([]gpu.Reading, error) {
	if len(b.devices) == 0 {
		return nil, fmt.Errorf("%w: NVML lists none", ErrNoGPU)
	}
	out := make([]gpu.Reading, len(b.devices))
	for i, d := range b.devices {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out[i] = gpu.Reading{Index: i, Source: "nvml"}
		if d == nil {
			continue
		}
		read(d, &out[i])
		if err := out[i].Validate(); err != nil {
			return nil, fmt.Errorf("NVML: %w", err)
		}
	}
	return out, nil
}

// read asks one GPU for all it may state. What it refuses is not known.
func read(d nvml.Device, g *gpu.Reading) {
	if s, r := d.GetUUID(); r == nvml.SUCCESS && UUID(s) {
		g.UUID = s
	}
	if s, r := d.GetName(); r == nvml.SUCCESS && gpu.Sayable(s) {
		g.Model = s
	}
	draw, r := d.GetPowerUsage()
	g.Draw, g.Has.Draw = stated(draw, r)
	requested, r1 := d.GetPowerManagementLimit()
	enforced, r2 := d.GetEnforcedPowerLimit()
	g.Limit, g.Has.Limit = inForce(int64(requested), r1 == nvml.SUCCESS, int64(enforced), r2 == nvml.SUCCESS)
	standard, r := d.GetPowerManagementDefaultLimit()
	g.Default, g.Has.Default = stated(standard, r)
	if low, high, r := d.GetPowerManagementLimitConstraints(); r == nvml.SUCCESS {
		g.Min, g.Max, g.Has.Range = unit.Power((int64(low)+999)/1000), unit.Power(high/1000), true
	}
	if e, r := d.GetTotalEnergyConsumption(); r == nvml.SUCCESS && e < 1<<60 {
		g.Energy, g.Has.Energy = unit.Energy(e/1000), true
	}
	if u, r := d.GetUtilizationRates(); r == nvml.SUCCESS && u.Gpu <= 100 {
		g.Busy, g.Has.Busy = unit.Ratio(u.Gpu)*10_000, true
	}
	if bits, r := d.GetCurrentClocksEventReasons(); r == nvml.SUCCESS {
		g.Capped, g.Has.Capped = bits&nvml.ClocksEventReasonSwPowerCap != 0, true
	}
}

func stated(milliwatts uint32, r nvml.Return) (unit.Power, bool) {
	if r != nvml.SUCCESS {
		return 0, false
	}
	return watts(int64(milliwatts)), true
}

// Limit implements Board.
func (b *NVML) Limit(_ context.Context, g gpu.Reading, limit unit.Power) error {
	if g.Index < 0 || g.Index >= len(b.devices) || b.devices[g.Index] == nil || limit <= 0 || limit > 10*unit.Kilowatt {
		return fmt.Errorf("set GPU %d to %d W: NVML has no such GPU, or no GPU takes that", g.Index, int64(limit))
	}
	d := b.devices[g.Index]
	if s, r := d.GetUUID(); r != nvml.SUCCESS || s != g.UUID {
		return fmt.Errorf("set GPU %d to %d W: it is %q now and was %q: read again", g.Index, int64(limit), s, g.UUID)
	}
	if err := nvmlFault(d.SetPowerManagementLimit(uint32(limit) * 1000)); err != nil { //nolint:gosec // bounded above
		return fmt.Errorf("set GPU %d (%s) to %d W: %w", g.Index, g.UUID, int64(limit), err)
	}
	return nil
}

func nvmlFault(r nvml.Return) error {
	switch r { //nolint:exhaustive // the rest is said in the library's words
	case nvml.SUCCESS:
		return nil
	case nvml.ERROR_NO_PERMISSION:
		return fmt.Errorf("%w: NVML says %s", ErrDenied, word(r))
	case nvml.ERROR_INVALID_ARGUMENT:
		return fmt.Errorf("%w: NVML says %s", ErrRange, word(r))
	case nvml.ERROR_NOT_SUPPORTED:
		return fmt.Errorf("%w: NVML says %s", ErrCannot, word(r))
	}
	return fmt.Errorf("NVML says %s", word(r))
}

// word names a return code. The library's own function for it needs the library.
func word(r nvml.Return) string {
	names := map[nvml.Return]string{
		nvml.ERROR_UNINITIALIZED: "not started", nvml.ERROR_INVALID_ARGUMENT: "invalid argument", nvml.ERROR_NOT_SUPPORTED: "not supported",
		nvml.ERROR_NO_PERMISSION: "no permission", nvml.ERROR_NOT_FOUND: "not found", nvml.ERROR_DRIVER_NOT_LOADED: "driver not loaded",
		nvml.ERROR_TIMEOUT: "timeout", nvml.ERROR_LIBRARY_NOT_FOUND: "library not found", nvml.ERROR_GPU_IS_LOST: "GPU is lost",
		nvml.ERROR_LIB_RM_VERSION_MISMATCH: "library and driver are of different versions",
	}
	if s, ok := names[r]; ok {
		return s
	}
	return fmt.Sprintf("code %d", int32(r))
}
