package solve

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// call names a function of the module.
type call int

const (
	callMalloc call = iota
	callFree
	callCreate
	callDestroy
	callRun
	callPassLp
	callPassMip
	callSetBool
	callSetInt
	callSetDouble
	callSetString
	callModelStatus
	callIntInfo
	callInt64Info
	callDoubleInfo
	callGetSolution
	callSetSolution
	callGetBasis
	callSetBasis
	callChangeCosts
	callChangeColumnBounds
	callChangeRowBounds
	callClearIntegrality
	callClearSolver
	callZeroClocks
	callCount
)

// callNames are the C names of the calls.
//
//nolint:gochecknoglobals // A constant table; Go has no constant arrays.
var callNames = [callCount]string{
	callMalloc:             "malloc",
	callFree:               "free",
	callCreate:             "Highs_create",
	callDestroy:            "Highs_destroy",
	callRun:                "Highs_run",
	callPassLp:             "Highs_passLp",
	callPassMip:            "Highs_passMip",
	callSetBool:            "Highs_setBoolOptionValue",
	callSetInt:             "Highs_setIntOptionValue",
	callSetDouble:          "Highs_setDoubleOptionValue",
	callSetString:          "Highs_setStringOptionValue",
	callModelStatus:        "Highs_getModelStatus",
	callIntInfo:            "Highs_getIntInfoValue",
	callInt64Info:          "Highs_getInt64InfoValue",
	callDoubleInfo:         "Highs_getDoubleInfoValue",
	callGetSolution:        "Highs_getSolution",
	callSetSolution:        "Highs_setSolution",
	callGetBasis:           "Highs_getBasis",
	callSetBasis:           "Highs_setBasis",
	callChangeCosts:        "Highs_changeColsCostByRange",
	callChangeColumnBounds: "Highs_changeColsBoundsByRange",
	callChangeRowBounds:    "Highs_changeRowsBoundsByRange",
	callClearIntegrality:   "Highs_clearIntegrality",
	callClearSolver:        "Highs_clearSolver",
	callZeroClocks:         "Highs_zeroAllClocks",
}

// maxArgs is the largest number of arguments of a call: Highs_passMip.
const maxArgs = 16

// Instance is one running copy of the solver. It may be used by one goroutine
// at a time; a second gets ErrBusy. After a failure or a cancelled run, and when
// its memory has grown too large, it replaces itself at its next use.
type Instance struct {
	engine     *Engine
	mod        api.Module // nil when it must be made anew
	fn         [callCount]api.Function
	stack      [maxArgs]uint64
	generation uint64            // counts the modules this instance has had
	text       map[string]uint32 // addresses of NUL-terminated strings
	scratch    region
	ticks      int64 // readings of the virtual clock in this run
	busy       atomic.Bool
	closed     bool
	solo       Model // serves Solve
}

// region is a piece of module memory that is reused between calls. Memory is
// handed out from its start; reset takes everything back.
type region struct {
	base, size, used uint32
}

// Instance starts a copy of the solver with its own memory.
func (e *Engine) Instance(ctx context.Context) (*Instance, error) {
	in := &Instance{engine: e}
	in.solo.in = in
	if err := in.ready(quiet(ctx, in)); err != nil {
		return nil, err
	}
	return in, nil
}

// quiet derives the context for short calls: it finds the instance, and does
// not watch for the end of ctx, which would cost a goroutine per call.
func quiet(ctx context.Context, in *Instance) context.Context {
	return context.WithValue(context.WithoutCancel(ctx), instanceKey{}, in)
}

// Close ends the instance and frees its memory. Repeating it is harmless.
func (in *Instance) Close(ctx context.Context) error {
	if !in.busy.CompareAndSwap(false, true) {
		return ErrBusy
	}
	defer in.busy.Store(false)
	in.closed = true
	return in.discard(ctx)
}

// discard drops the module; the next use makes another.
func (in *Instance) discard(ctx context.Context) error {
	if in.mod == nil {
		return nil
	}
	mod := in.mod
	in.mod = nil
	if err := mod.Close(ctx); err != nil {
		return fmt.Errorf("solve: close instance: %w", err)
	}
	return nil
}

// begin takes the instance for one use and makes sure that it runs.
func (in *Instance) begin(ctx context.Context) (context.Context, error) {
	if !in.busy.CompareAndSwap(false, true) {
		return nil, ErrBusy
	}
	err := context.Cause(ctx)
	if err != nil {
		err = fmt.Errorf("solve: not started: %w", err)
	} else if in.closed {
		err = ErrClosed
	}
	q := quiet(ctx, in)
	if err == nil {
		err = in.ready(q)
	}
	if err != nil {
		in.busy.Store(false)
		return nil, err
	}
	in.ticks = 0
	return q, nil
}

// end gives the instance back after one use, and drops a module that has
// become too large.
func (in *Instance) end(ctx context.Context) {
	if in.mod != nil && in.mod.Memory().Size() > recycleBytes {
		_ = in.discard(ctx) // The replacement reports what matters.
	}
	in.busy.Store(false)
}

// ready instantiates the module unless it runs.
func (in *Instance) ready(ctx context.Context) error {
	if in.mod != nil && !in.mod.IsClosed() {
		return nil
	}
	e := in.engine
	mod, err := e.runtime.InstantiateModule(ctx, e.module, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err != nil {
		return fmt.Errorf("%w: instantiate: %w", ErrEngine, err)
	}
	in.mod = mod
	in.generation++
	in.text, in.scratch = map[string]uint32{}, region{}
	for f := range callCount {
		in.fn[f] = mod.ExportedFunction(e.names.Exports[callNames[f]])
	}
	if _, err := mod.ExportedFunction(e.names.Constructor).Call(ctx); err != nil {
		return in.fail(ctx, "start", err)
	}
	return nil
}

// now is the clock the module sees.
func (in *Instance) now() time.Duration {
	if in.engine.cfg.Now != nil {
		return in.engine.cfg.Now()
	}
	in.ticks++
	return time.Duration(in.ticks) * defaultStep
}

// fail discards the module after a trap and wraps the cause.
func (in *Instance) fail(ctx context.Context, what string, cause error) error {
	_ = in.discard(ctx) // It has failed already.
	return fmt.Errorf("%w: %s: %w", ErrEngine, what, cause)
}

// call runs a function of the module and returns its first result.
func (in *Instance) call(ctx context.Context, f call, args ...uint64) (uint64, error) {
	if in.mod == nil {
		return 0, fmt.Errorf("%w: %s: the module is gone", ErrEngine, callNames[f])
	}
	copy(in.stack[:], args)
	if err := in.fn[f].CallWithStack(ctx, in.stack[:]); err != nil {
		return 0, in.fail(ctx, callNames[f], err)
	}
	return in.stack[0], nil
}

// highs runs a function that answers with a HiGHS return code and turns an
// error code into an error. The module stays usable.
func (in *Instance) highs(ctx context.Context, f call, args ...uint64) error {
	r, err := in.call(ctx, f, args...)
	if err != nil {
		return err
	}
	if int32(r) < 0 {
		return fmt.Errorf("%w: %s refused its arguments", ErrEngine, callNames[f])
	}
	return nil
}

// reserve makes the scratch region at least size bytes large and empty.
func (in *Instance) reserve(ctx context.Context, size int) error {
	in.scratch.used = 0
	if size <= int(in.scratch.size) {
		return nil
	}
	if in.scratch.base != 0 {
		if _, err := in.call(ctx, callFree, uint64(in.scratch.base)); err != nil {
			return err
		}
		in.scratch = region{}
	}
	base, err := in.malloc(ctx, size)
	if err != nil {
		return err
	}
	in.scratch = region{base: base, size: uint32(size)}
	return nil
}

// errMemory means that the module found no memory within its limit.
var errMemory = errors.New("out of memory (raise Config.MemoryPages)")

// malloc asks the module for memory. A refusal discards the module, because
// the solver behaves badly without memory.
func (in *Instance) malloc(ctx context.Context, size int) (uint32, error) {
	if size > math.MaxInt32 {
		return 0, in.fail(ctx, "malloc", errMemory)
	}
	r, err := in.call(ctx, callMalloc, uint64(uint32(size)))
	if err != nil {
		return 0, err
	}
	if uint32(r) == 0 {
		return 0, in.fail(ctx, "malloc", errMemory)
	}
	return uint32(r), nil
}

// take hands out n bytes of the scratch region as address and view. The view
// dies at the next call, which may move the memory. Sizes were reserved before.
func (in *Instance) take(n int) (uint32, []byte) {
	p := in.scratch.base + in.scratch.used
	in.scratch.used += uint32(n+7) &^ 7
	view, ok := in.mod.Memory().Read(p, uint32(n))
	if !ok || in.scratch.used > in.scratch.size {
		panic("solve: scratch region is smaller than reserved for")
	}
	return p, view
}

// putFloats copies v into the scratch region and returns its address.
func (in *Instance) putFloats(v []float64) uint64 {
	p, view := in.take(8 * len(v))
	for i, x := range v {
		binary.LittleEndian.PutUint64(view[8*i:], math.Float64bits(x))
	}
	return uint64(p)
}

// putInts copies v into the scratch region and returns its address.
func (in *Instance) putInts(v []int32) uint64 {
	p, view := in.take(4 * len(v))
	for i, x := range v {
		binary.LittleEndian.PutUint32(view[4*i:], uint32(x))
	}
	return uint64(p)
}

// putBytes copies small numbers as 32-bit integers and returns their address.
func putBytes[T ~int8 | ~uint8](in *Instance, v []T) uint64 {
	p, view := in.take(4 * len(v))
	for i, x := range v {
		binary.LittleEndian.PutUint32(view[4*i:], uint32(int32(x)))
	}
	return uint64(p)
}

// floats copies n numbers out of the module.
func (in *Instance) floats(p uint64, n int) []float64 {
	out := make([]float64, n)
	view, _ := in.mod.Memory().Read(uint32(p), uint32(8*n))
	for i := range out {
		out[i] = math.Float64frombits(binary.LittleEndian.Uint64(view[8*i:]))
	}
	return out
}

// states copies n basis states out of the module.
func (in *Instance) states(p uint64, n int) []int8 {
	out := make([]int8, n)
	view, _ := in.mod.Memory().Read(uint32(p), uint32(4*n))
	for i := range out {
		out[i] = int8(binary.LittleEndian.Uint32(view[4*i:]))
	}
	return out
}

// cstring returns the address of s as a C string, which stays for the life of
// the module. Only names of options, their values and infos come here.
func (in *Instance) cstring(ctx context.Context, s string) (uint64, error) {
	if p, ok := in.text[s]; ok {
		return uint64(p), nil
	}
	p, err := in.malloc(ctx, len(s)+1)
	if err != nil {
		return 0, err
	}
	view, _ := in.mod.Memory().Read(p, uint32(len(s)+1))
	copy(view, s)
	view[len(s)] = 0
	in.text[s] = p
	return uint64(p), nil
}
