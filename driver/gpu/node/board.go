package node

import (
	"context"
	"errors"

	"sluice/gpu"
	"sluice/unit"
)

// Board is a way to the GPUs of this node. One goroutine uses it at a time.
type Board interface {
	// Read reads every GPU. One that states nothing is there all the same, with
	// nothing known. Node, At and Job are left to the caller.
	Read(ctx context.Context) ([]gpu.Reading, error)
	// Limit sets the limit of one GPU, by what Read stated of it.
	Limit(ctx context.Context, g gpu.Reading, limit unit.Power) error
	// Route names the way: "nvml" or "nvidia-smi".
	Route() string
}

// What a failure to reach or set a GPU may wrap.
var (
	ErrNoGPU  = errors.New("no NVIDIA driver or GPU was found")
	ErrDenied = errors.New("no permission: limits are set by root")
	ErrRange  = errors.New("the limit is outside the range of the GPU")
	ErrCannot = errors.New("the GPU does not support it")
)
