// Command fuzz finds every fuzz target of the module and runs each for a set
// time, several at once. It prints what each did and ends with 1 when one
// failed, with the place where the input that broke it was kept.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// target is one fuzz function.
type target struct{ folder, name string }

// outcome is what a run of a target came to.
type outcome struct {
	target
	execs  string // as the go command says it
	failed bool
	text   string // all that was said
}

func main() {
	each := flag.Duration("time", 2*time.Minute, "for how long each target runs")
	workers := flag.Int("workers", runtime.NumCPU(), "targets at the same time, one core each")
	only := flag.String("only", "", "only targets whose folder and name have this in them, such as driver/wire")
	list := flag.Bool("list", false, "list the targets and run none")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt) //nolint:forbidigo // the first context of a program
	err := work(ctx, os.Stdout, ".", *only, plan{*each, *workers, *list})
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "fuzz:", err)
		os.Exit(1)
	}
}

// plan is how targets are run.
type plan struct {
	each    time.Duration
	workers int
	list    bool
}

func work(ctx context.Context, w io.Writer, root, only string, p plan) error {
	all, err := targets(root)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(t target) bool { return !strings.Contains(t.folder+" "+t.name, only) })
	if len(all) == 0 {
		return errors.New("there are no fuzz targets here")
	}
	if p.list {
		for _, t := range all {
			_, _ = fmt.Fprintln(w, t.folder, t.name)
		}
		return nil
	}
	bad := 0
	for o := range p.run(ctx, root, all) {
		_, _ = fmt.Fprintf(w, "%-22s %-18s %s\n", o.folder, o.name, o.execs)
		if o.failed {
			bad++
			_, _ = fmt.Fprintln(w, o.text)
		}
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d targets failed: keep the inputs that are named above, they are tests from now on", bad, len(all))
	}
	_, _ = fmt.Fprintf(w, "%d targets, %s each, none failed\n", len(all), p.each)
	return nil
}

// targets finds the fuzz functions below a folder, in the order of their paths.
func targets(root string) ([]target, error) {
	var out []target
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && path != root && (name == "node_modules" || name == "testdata" || strings.HasPrefix(name, ".")) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		for _, name := range fuzzed(f) {
			out = append(out, target{filepath.ToSlash(folder), name})
		}
		return err
	})
	return out, err
}

// fuzzed lists the fuzz functions of a file: those whose one parameter is a *testing.F.
func fuzzed(f *ast.File) []string {
	var out []string
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Recv != nil || !strings.HasPrefix(fn.Name.Name, "Fuzz") || len(fn.Type.Params.List) != 1 {
			continue
		}
		star, ok := fn.Type.Params.List[0].Type.(*ast.StarExpr)
		if !ok {
			continue
		}
		if of, ok := star.X.(*ast.SelectorExpr); ok && of.Sel.Name == "F" {
			out = append(out, fn.Name.Name)
		}
	}
	return out
}

// run runs the targets, so many at once, and hands out what came of each.
func (p plan) run(ctx context.Context, root string, all []target) <-chan outcome {
	out := make(chan outcome)
	slots := make(chan struct{}, max(1, p.workers))
	var running sync.WaitGroup
	go func() {
		defer close(out)
		defer running.Wait()
		for _, t := range all {
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				return
			}
			running.Go(func() {
				out <- p.one(ctx, root, t)
				<-slots
			})
		}
	}()
	return out
}

// counts is how the go command says how many inputs were tried.
// It tries first what it kept of earlier runs.
var (
	counts = regexp.MustCompile(`execs: (\d+)`)
	corpus = regexp.MustCompile(`coverage: ([1-9]\d*/\d+)`)
)

// onlyLate reports whether a run failed for nothing but that its time ended while
// an input was under way, which the go command takes for a failure now and then
// (https://go.dev/issue/75804). A failure of the target names its input.
func onlyLate(said string) bool {
	return strings.Contains(said, "    context deadline exceeded\n") && !strings.Contains(said, "Failing input") && !strings.Contains(said, "panic")
}

// one runs one target on one core.
func (p plan) one(ctx context.Context, root string, t target) outcome {
	c := exec.CommandContext(ctx, "go", "test", "-run=^$", "-fuzz=^"+t.name+"$", "-fuzztime="+p.each.String(), "-fuzzminimizetime=10s", "-parallel=1", "./"+t.folder) //nolint:gosec // its own source names it
	c.Dir = root
	said, err := c.CombinedOutput()
	o := outcome{target: t, failed: err != nil && !onlyLate(string(said)), text: string(said), execs: "no inputs tried"}
	if all := counts.FindAllStringSubmatch(string(said), -1); len(all) > 0 {
		o.execs = all[len(all)-1][1] + " inputs"
	} else if all := corpus.FindAllStringSubmatch(string(said), -1); len(all) > 0 {
		o.execs = all[len(all)-1][1] + " of what was kept, nothing new: give it more time"
	} else {
		o.failed = true // a target that tries nothing finds nothing
	}
	if o.failed {
		o.execs += ", FAILED"
	}
	return o
}
