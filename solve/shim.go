package solve

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"time"

	"github.com/tetratelabs/wazero/api"
)

// Error numbers of the module's C library.
const (
	errnoBadFile = 8
	errnoNoEntry = -44
)

// wasmPage is the unit of memory growth in bytes.
const wasmPage = 65536

// What the module does when it gives up. C++ exceptions are not caught inside.
var (
	errThrow = errors.New("the solver threw an exception")
	errAbort = errors.New("the solver aborted")
	errStop  = errors.New("the context ended")
)

// shim is one host function: parameters come in and results go out on the stack.
type shim = func(ctx context.Context, mod api.Module, stack []uint64)

// shims are the host functions by their unminified names. Only memory growth,
// clocks and log do anything: there are no files, no environment, no signals.
//
//nolint:gochecknoglobals // A constant table; Go has no constant maps.
var shims = map[string]shim{
	"___cxa_throw":            func(context.Context, api.Module, []uint64) { panic(errThrow) },
	"_exit":                   func(context.Context, api.Module, []uint64) { panic(errAbort) },
	"_proc_exit":              func(context.Context, api.Module, []uint64) { panic(errAbort) },
	"__abort_js":              func(context.Context, api.Module, []uint64) { panic(errAbort) },
	"_emscripten_get_now":     shimMillis,
	"_emscripten_date_now":    shimMillis,
	"_clock_time_get":         shimClock,
	"_emscripten_resize_heap": shimGrow,
	"_fd_write":               shimWrite,
	"_fd_close":               shimReturn(errnoBadFile),
	"_fd_read":                shimReturn(errnoBadFile),
	"_fd_seek":                shimReturn(errnoBadFile),
	"___syscall_openat":       shimReturn(errnoNoEntry),
	"___syscall_fcntl64":      shimReturn(errnoNoEntry),
	"___syscall_ioctl":        shimReturn(errnoNoEntry),
	"_environ_sizes_get":      shimNoEnviron,
	"_environ_get":            shimReturn(0),
	"__setitimer_js":          shimReturn(0),
	"__tzset_js":              func(context.Context, api.Module, []uint64) {},

	"__emscripten_runtime_keepalive_clear": func(context.Context, api.Module, []uint64) {},
}

// shimReturn makes a host function that answers with one number.
func shimReturn(code int32) shim {
	return func(_ context.Context, _ api.Module, stack []uint64) { stack[0] = api.EncodeI32(code) }
}

// instanceKey finds the calling instance in the context of a call.
type instanceKey struct{}

// caller returns the instance that runs the module.
func caller(ctx context.Context) *Instance {
	in, _ := ctx.Value(instanceKey{}).(*Instance)
	return in
}

// read answers the time, unless the context of the run has ended: then it
// unwinds the run. The solver reads the clock often because it always has a
// time limit.
func read(ctx context.Context) time.Duration {
	if ctx.Err() != nil {
		panic(errStop)
	}
	return caller(ctx).now()
}

// shimMillis answers the time in milliseconds. Wall time is the same clock,
// because the date must not reach a solve.
func shimMillis(ctx context.Context, _ api.Module, stack []uint64) {
	stack[0] = api.EncodeF64(float64(read(ctx)) / 1e6)
}

// shimClock writes the time in nanoseconds at the address in its third argument.
func shimClock(ctx context.Context, mod api.Module, stack []uint64) {
	mod.Memory().WriteUint64Le(api.DecodeU32(stack[2]), uint64(read(ctx)))
	stack[0] = 0
}

// shimNoEnviron reports an environment without variables.
func shimNoEnviron(_ context.Context, mod api.Module, stack []uint64) {
	mod.Memory().WriteUint32Le(api.DecodeU32(stack[0]), 0)
	mod.Memory().WriteUint32Le(api.DecodeU32(stack[1]), 0)
	stack[0] = 0
}

// shimGrow grows the memory to at least the wanted size in bytes, and by a
// fifth where that fits, so that growth stays rare. It answers 1 on success.
func shimGrow(_ context.Context, mod api.Module, stack []uint64) {
	mem := mod.Memory()
	size, want := uint64(mem.Size()), uint64(api.DecodeU32(stack[0]))
	stack[0] = 0
	for _, target := range []uint64{max(want, size+size/5), want} {
		if target > math.MaxInt32 {
			continue
		}
		if target <= size {
			stack[0] = 1
			return
		}
		if _, ok := mem.Grow(uint32((target - size + wasmPage - 1) / wasmPage)); ok {
			stack[0] = 1
			return
		}
	}
}

// shimWrite hands the text of a write to the log and reports all of it written.
func shimWrite(ctx context.Context, mod api.Module, stack []uint64) {
	mem, in := mod.Memory(), caller(ctx)
	vec, n, out := api.DecodeU32(stack[1]), api.DecodeU32(stack[2]), api.DecodeU32(stack[3])
	var total uint32
	for i := range n {
		pair, ok := mem.Read(vec+8*i, 8)
		if !ok {
			break
		}
		size := binary.LittleEndian.Uint32(pair[4:])
		if text, ok := mem.Read(binary.LittleEndian.Uint32(pair), size); ok {
			in.engine.writeLog(text)
		}
		total += size
	}
	mem.WriteUint32Le(out, total)
	stack[0] = 0
}
