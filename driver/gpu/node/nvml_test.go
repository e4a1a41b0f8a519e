//go:build cgo

package node

import (
	"errors"
	"testing"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
	"github.com/NVIDIA/go-nvml/pkg/nvml/mock"
	"github.com/google/go-cmp/cmp"

	"sluice/gpu"
)

// device is a GPU of the library's own mock; its limit lies in *limit, milliwatts.
func device(uuid string, limit *uint32) *mock.Device {
	return &mock.Device{
		GetUUIDFunc:                            func() (string, nvml.Return) { return uuid, nvml.SUCCESS },
		GetNameFunc:                            func() (string, nvml.Return) { return "NVIDIA H100 80GB HBM3", nvml.SUCCESS },
		GetPowerUsageFunc:                      func() (uint32, nvml.Return) { return min(690_370, *limit), nvml.SUCCESS },
		GetPowerManagementLimitFunc:            func() (uint32, nvml.Return) { return *limit, nvml.SUCCESS },
		GetEnforcedPowerLimitFunc:              func() (uint32, nvml.Return) { return *limit, nvml.SUCCESS },
		GetPowerManagementDefaultLimitFunc:     func() (uint32, nvml.Return) { return 700_000, nvml.SUCCESS },
		GetPowerManagementLimitConstraintsFunc: func() (uint32, uint32, nvml.Return) { return 200_000, 700_000, nvml.SUCCESS },
		GetTotalEnergyConsumptionFunc:          func() (uint64, nvml.Return) { return 12_345_678, nvml.SUCCESS },
		GetUtilizationRatesFunc:                func() (nvml.Utilization, nvml.Return) { return nvml.Utilization{Gpu: 98}, nvml.SUCCESS },
		GetCurrentClocksEventReasonsFunc:       func() (uint64, nvml.Return) { return nvml.ClocksEventReasonSwPowerCap | 1, nvml.SUCCESS },
		SetPowerManagementLimitFunc:            func(mw uint32) nvml.Return { *limit = mw; return nvml.SUCCESS },
	}
}

// library is the library's own mock over some devices; nil is a GPU that is lost.
func library(devices ...*mock.Device) *mock.Interface {
	return &mock.Interface{
		InitFunc:           func() nvml.Return { return nvml.SUCCESS },
		ShutdownFunc:       func() nvml.Return { return nvml.SUCCESS },
		DeviceGetCountFunc: func() (int, nvml.Return) { return len(devices), nvml.SUCCESS },
		DeviceGetHandleByIndexFunc: func(i int) (nvml.Device, nvml.Return) {
			if devices[i] == nil {
				return nil, nvml.ERROR_GPU_IS_LOST
			}
			return devices[i], nvml.SUCCESS
		},
	}
}

func open(t *testing.T, devices ...*mock.Device) *NVML {
	t.Helper()
	b, err := openNVML(library(devices...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func TestNVMLReads(t *testing.T) {
	t.Parallel()
	a, b := uint32(700_000), uint32(700_000)
	poor := device("GPU-2", &b)
	poor.GetPowerUsageFunc = func() (uint32, nvml.Return) { return 0, nvml.ERROR_NOT_SUPPORTED }
	poor.GetTotalEnergyConsumptionFunc = func() (uint64, nvml.Return) { return 0, nvml.ERROR_NOT_SUPPORTED }
	poor.GetPowerManagementLimitConstraintsFunc = func() (uint32, uint32, nvml.Return) { return 0, 0, nvml.ERROR_NOT_SUPPORTED }
	poor.GetEnforcedPowerLimitFunc = func() (uint32, nvml.Return) { return 500_000, nvml.SUCCESS }
	got, err := open(t, device("GPU-1", &a), poor, nil).Read(t.Context())
	want := []gpu.Reading{
		{
			Index: 0, UUID: "GPU-1", Model: "NVIDIA H100 80GB HBM3", Draw: 690, Limit: 700, Min: 200, Max: 700, Default: 700, Energy: 12_345, Busy: 980_000, Capped: true, Source: "nvml",
			Has: gpu.Has{Draw: true, Limit: true, Range: true, Default: true, Energy: true, Busy: true, Capped: true},
		},
		{
			Index: 1, UUID: "GPU-2", Model: "NVIDIA H100 80GB HBM3", Limit: 500, Default: 700, Busy: 980_000, Capped: true, Source: "nvml",
			Has: gpu.Has{Limit: true, Default: true, Busy: true, Capped: true},
		},
		{Index: 2, Source: "nvml"},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}

func TestNVMLSets(t *testing.T) {
	t.Parallel()
	one, two := uint32(700_000), uint32(700_000)
	second := device("GPU-2", &two)
	agent := New(open(t, device("GPU-1", &one), second), Options{Node: "n1", Dir: t.TempDir()})
	if a, err := agent.Set(t.Context(), gpu.Setting{Limit: 450}); err != nil || !a.Taken || one != 450_000 || two != 450_000 {
		t.Fatalf("%+v %v: %d %d", a, err, one, two)
	}
	if a, err := agent.Set(t.Context(), gpu.Setting{Limit: 100}); err != nil || a.Taken {
		t.Errorf("outside the range: %+v %v", a, err)
	}
	second.SetPowerManagementLimitFunc = func(uint32) nvml.Return { return nvml.ERROR_NO_PERMISSION }
	if a, err := agent.Set(t.Context(), gpu.Setting{Limit: 300}); err != nil || a.Taken || one != 450_000 {
		t.Errorf("half a setting: %+v %v: %d", a, err, one)
	}
	second.SetPowerManagementLimitFunc = func(mw uint32) nvml.Return { two = mw; return nvml.SUCCESS }
	if a, err := agent.Restore(t.Context(), 0); err != nil || !a.Taken || one != 700_000 || two != 700_000 {
		t.Errorf("%+v %v: %d %d", a, err, one, two)
	}
}

func TestNVMLRefusals(t *testing.T) {
	t.Parallel()
	limit := uint32(700_000)
	d := device("GPU-1", &limit)
	b := open(t, d)
	g := gpu.Reading{UUID: "GPU-1"}
	for r, want := range map[nvml.Return]error{nvml.ERROR_NO_PERMISSION: ErrDenied, nvml.ERROR_INVALID_ARGUMENT: ErrRange, nvml.ERROR_NOT_SUPPORTED: ErrCannot} {
		d.SetPowerManagementLimitFunc = func(uint32) nvml.Return { return r }
		if err := b.Limit(t.Context(), g, 300); !errors.Is(err, want) {
			t.Errorf("%v is not %v", err, want)
		}
	}
	d.SetPowerManagementLimitFunc = func(uint32) nvml.Return { t.Error("it was set"); return nvml.SUCCESS }
	if b.Limit(t.Context(), gpu.Reading{UUID: "GPU-9"}, 300) == nil || b.Limit(t.Context(), gpu.Reading{Index: 4, UUID: "GPU-1"}, 300) == nil ||
		b.Limit(t.Context(), g, 5_000_000) == nil || b.Limit(t.Context(), g, 0) == nil {
		t.Error("another GPU, none, or a limit that none takes")
	}
	if _, err := openNVML(&mock.Interface{InitFunc: func() nvml.Return { return nvml.ERROR_LIBRARY_NOT_FOUND }}); !errors.Is(err, ErrNoGPU) {
		t.Errorf("no library: %v", err)
	}
	if _, err := openNVML(library()); err != nil {
		t.Error(err)
	}
}

// TestNVMLHere loads the real library where there is one.
func TestNVMLHere(t *testing.T) {
	t.Parallel()
	b, err := OpenNVML()
	if errors.Is(err, ErrNoGPU) {
		t.Skipf("SKIPPED, NOTHING WAS CHECKED: this machine has no NVIDIA driver: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	rs, err := b.Read(t.Context())
	t.Logf("%+v %v", rs, err)
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}
