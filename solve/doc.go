// Package solve minimises linear and mixed-integer programs with HiGHS, which
// runs as a WebAssembly module inside the process. It knows nothing of energy:
// columns, rows and costs are plain numbers whose units the caller owns.
//
//	engine, err := solve.New(ctx, solve.Config{CacheDir: dir, Now: now})
//	inst, err := engine.Instance(ctx)
//	solution, err := inst.Solve(ctx, problem, solve.Options{})
//
// The words:
//
//   - [Problem]: minimise Offset + Cost·x subject to RowLower <= A x <= RowUpper
//     and Lower <= x <= Upper, with the matrix A in compressed sparse rows.
//   - [Engine]: the compiled module. One per process; safe for concurrent use.
//   - [Instance]: one running copy of it. One goroutine at a time; make several
//     from one engine to solve in parallel.
//   - [Model]: a problem kept inside an instance, whose costs, bounds and
//     coefficients change between runs.
//   - [Basis]: where a solved linear program stands, to start the next from.
//
// A status of the solver is not evidence. Every primal is checked again in Go
// against all rows and bounds before it leaves this package, and objective and
// row activities are computed in Go from the primal.
//
// Time comes in: the module reads [Config].Now, or without it a virtual clock
// that advances by a fixed step at every reading, which makes even time limits
// repeatable. The module has no access to files, network, threads or environment.
//
// The form, the sign of the duals, the rule of acceptance and a worked number
// are in docs/formula/solve.md.
package solve
