package solve

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

//go:embed highs.*
var assets embed.FS

// hostModule is the module name all imports of the solver carry.
const hostModule = "a"

// Defaults of Config.
const (
	defaultPages = 16384            // 1 GiB
	defaultStep  = time.Microsecond // of the virtual clock
)

// recycleBytes is the memory size above which an instance is replaced before
// its next use, because the memory of a module never shrinks.
const recycleBytes = 256 << 20

// Config says how an [Engine] runs. The zero value works: no disk cache, a
// virtual clock, no log.
type Config struct {
	// CacheDir keeps compiled code between starts of the process; empty means
	// to compile every time. It holds machine code: nobody else may write there.
	CacheDir string
	// Now is a monotonic clock, called from every solving goroutine. Nil means
	// a virtual clock, which starts at zero in every run and advances by one
	// microsecond per reading: time limits then count readings, and equal runs
	// end equally.
	Now func() time.Duration
	// Log receives the solver's own report; nil keeps the solver silent. Writes
	// come one at a time.
	Log io.Writer
	// MemoryPages limits each instance, in pages of 64 KiB; zero means 1 GiB.
	MemoryPages uint32
	// Guarded adds a check to every loop of the compiled code, so that the end
	// of a context stops a run anywhere. It makes runs about five times slower.
	// Without it the end of a context stops a run when the solver next reads
	// the clock: at every simplex iteration, and at most 30 ms apart in what was
	// measured of dispatch problems.
	Guarded bool
}

// Engine is the compiled solver module. It is safe for concurrent use.
type Engine struct {
	cfg     Config
	names   names
	cache   wazero.CompilationCache
	runtime wazero.Runtime
	module  wazero.CompiledModule
	logMu   sync.Mutex // guards cfg.Log
}

// names is the content of highs.json, derived from the solver's glue code at
// build time because the names in the module are minified.
type names struct {
	Version     string            `json:"version"`
	WasmSHA256  string            `json:"wasm_sha256"`
	Constructor string            `json:"constructor"`
	Memory      string            `json:"memory"`
	Imports     map[string]string `json:"imports"`
	Exports     map[string]string `json:"exports"`
}

// New compiles the solver, or loads it from the cache. It fails with
// [ErrNoSolver] in a binary built without the solver, and with ErrEngine when
// the module and its table of names do not belong together.
func New(ctx context.Context, cfg Config) (*Engine, error) {
	wasm, n, err := loadAssets(assets)
	if err != nil {
		return nil, err
	}
	if cfg.MemoryPages == 0 {
		cfg.MemoryPages = defaultPages
	}
	e := &Engine{cfg: cfg, names: n}
	rc := wazero.NewRuntimeConfig().WithMemoryLimitPages(cfg.MemoryPages).WithCloseOnContextDone(cfg.Guarded)
	if cfg.CacheDir != "" {
		if e.cache, err = wazero.NewCompilationCacheWithDir(cfg.CacheDir); err != nil {
			return nil, fmt.Errorf("solve: open compile cache %s: %w (is the directory writable?)", cfg.CacheDir, err)
		}
		rc = rc.WithCompilationCache(e.cache)
	}
	e.runtime = wazero.NewRuntimeWithConfig(ctx, rc)
	if err := e.compile(ctx, wasm); err != nil {
		_ = e.Close(ctx) // The first failure is the one to report.
		return nil, err
	}
	return e, nil
}

// loadAssets reads and checks the embedded module and its names.
func loadAssets(files fs.ReadFileFS) ([]byte, names, error) {
	var n names
	wasm, err := files.ReadFile("highs.wasm")
	if err != nil || len(wasm) == 0 {
		return nil, n, ErrNoSolver
	}
	table, err := files.ReadFile("highs.json")
	if err != nil || len(table) == 0 {
		return nil, n, ErrNoSolver
	}
	if err := json.Unmarshal(table, &n); err != nil {
		return nil, n, fmt.Errorf("%w: read highs.json: %w (run make again)", ErrEngine, err)
	}
	if sum := sha256.Sum256(wasm); hex.EncodeToString(sum[:]) != n.WasmSHA256 {
		return nil, n, fmt.Errorf("%w: highs.json belongs to another highs.wasm (run make again)", ErrEngine)
	}
	return wasm, n, nil
}

// compile prepares the module and the host functions it imports.
func (e *Engine) compile(ctx context.Context, wasm []byte) error {
	var err error
	if e.module, err = e.runtime.CompileModule(ctx, wasm); err != nil {
		return fmt.Errorf("%w: compile: %w", ErrEngine, err)
	}
	exports := e.module.ExportedFunctions()
	for f := range callCount {
		if _, ok := exports[e.names.Exports[callNames[f]]]; !ok {
			return fmt.Errorf("%w: the module does not export %s (run make again)", ErrEngine, callNames[f])
		}
	}
	host := e.runtime.NewHostModuleBuilder(hostModule)
	for _, f := range e.module.ImportedFunctions() {
		_, key, _ := f.Import()
		fn, ok := shims[e.names.Imports[key]]
		if !ok {
			return fmt.Errorf("%w: the module imports %q, which is unknown", ErrEngine, e.names.Imports[key])
		}
		host.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(fn), f.ParamTypes(), f.ResultTypes()).Export(key)
	}
	if _, err := host.Instantiate(ctx); err != nil {
		return fmt.Errorf("%w: instantiate host functions: %w", ErrEngine, err)
	}
	return nil
}

// Version returns the version of the npm package the solver was taken from.
func (e *Engine) Version() string { return e.names.Version }

// Close frees the compiled code and ends all instances. No instance may be
// running.
func (e *Engine) Close(ctx context.Context) error {
	err := e.runtime.Close(ctx)
	if e.cache != nil {
		if ce := e.cache.Close(ctx); err == nil {
			err = ce
		}
	}
	if err != nil {
		return fmt.Errorf("solve: close engine: %w", err)
	}
	return nil
}

// writeLog hands solver text to the log, one writer at a time.
func (e *Engine) writeLog(b []byte) {
	if e.cfg.Log == nil {
		return
	}
	e.logMu.Lock()
	defer e.logMu.Unlock()
	_, _ = e.cfg.Log.Write(b) // A failing log must not fail a solve.
}
