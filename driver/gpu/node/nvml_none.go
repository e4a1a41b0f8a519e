//go:build !cgo

package node

import "fmt"

// NVML is the maker's library. This binary was built without cgo and has no way to it.
type NVML struct{ Board }

// OpenNVML says that there is no way to the library.
func OpenNVML() (*NVML, error) {
	return nil, fmt.Errorf("%w by NVML: this binary was built with CGO_ENABLED=0 and has no way to it; use nvidia-smi", ErrNoGPU)
}

// Close does nothing.
func (*NVML) Close() error { return nil }
