package law

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// root is the top of the module.
const root = "../.."

// Sizes that no file or function passes, comments and blank lines not counted.
const (
	fileMost     = 500
	functionMost = 70
	cycleMost    = 700
)

// file is one Go file of ours.
type file struct {
	path string // from the root, with slashes
	fset *token.FileSet
	tree *ast.File
	text []byte
}

func (f file) test() bool  { return strings.HasSuffix(f.path, "_test.go") }
func (f file) dir() string { return filepath.ToSlash(filepath.Dir(f.path)) }

// parse reads one file.
func parse(path string, text []byte) (file, error) {
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, path, text, parser.ParseComments)
	return file{path: path, fset: fset, tree: tree, text: text}, err
}

// sources reads every Go file of the module.
func sources(t *testing.T) []file {
	t.Helper()
	var out []file
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "testdata" || d.Name() == "bin") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		f, err := parse(filepath.ToSlash(name), text)
		out = append(out, f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestSources holds every Go file to the rules that a parser can check.
func TestSources(t *testing.T) {
	t.Parallel()
	files := sources(t)
	if len(files) < 100 {
		t.Fatalf("only %d files were found", len(files))
	}
	for _, f := range files {
		for _, c := range slices.Concat(f.size(), f.inits(), f.sleeps(), f.skips()) {
			t.Error(c)
		}
	}
	for _, c := range slices.Concat(packageComments(files), plainData(files)) {
		t.Error(c)
	}
}

// size reports a file or a function that is too long. A reasoned nolint excuses.
func (f file) size() []string {
	if f.test() || ast.IsGenerated(f.tree) {
		return nil
	}
	var found []string
	if n := f.code(1, f.fset.File(f.tree.Pos()).LineCount()); n > fileMost {
		found = append(found, fmt.Sprintf("%s has %d lines of code, at most %d", f.path, n, fileMost))
	}
	for _, d := range f.tree.Decls {
		if fn, is := d.(*ast.FuncDecl); is && fn.Body != nil {
			n := f.code(f.line(fn.Body.Lbrace)+1, f.line(fn.Body.Rbrace)-1)
			if n > functionMost && !strings.Contains(fn.Doc.Text()+f.lineText(f.line(fn.Pos())), "nolint:funlen") {
				found = append(found, fmt.Sprintf("%s: function %s has %d lines, at most %d", f.path, fn.Name.Name, n, functionMost))
			}
		}
	}
	return found
}

func (f file) line(p token.Pos) int { return f.fset.Position(p).Line }

func (f file) lineText(n int) string { return strings.Split(string(f.text), "\n")[n-1] }

// code counts the lines from first to last that hold more than a comment.
func (f file) code(first, last int) int {
	n := 0
	for i, l := range strings.Split(string(f.text), "\n") {
		l = strings.TrimSpace(l)
		if i+1 >= first && i+1 <= last && l != "" && !strings.HasPrefix(l, "//") {
			n++
		}
	}
	return n
}

// inits reports functions that run before main.
func (f file) inits() []string {
	for _, d := range f.tree.Decls {
		if fn, is := d.(*ast.FuncDecl); is && fn.Recv == nil && fn.Name.Name == "init" {
			return []string{f.path + " has an init: wire things where they can be seen"}
		}
	}
	return nil
}

// sleeps reports tests that wait for the clock.
func (f file) sleeps() []string {
	var found []string
	for _, i := range f.tree.Imports {
		if i.Path.Value == `"testing/synctest"` {
			return nil // its clock is false: such a sleep takes no time
		}
	}
	ast.Inspect(f.tree, func(n ast.Node) bool {
		if s, is := n.(*ast.SelectorExpr); is && f.test() && s.Sel.Name == "Sleep" {
			if x, is := s.X.(*ast.Ident); is && x.Name == "time" {
				found = append(found, fmt.Sprintf("%s:%d: a test sleeps: wait for what it waits for", f.path, f.line(n.Pos())))
			}
		}
		return true
	})
	return found
}

// skips reports tests that do not run and do not say so by the word that everybody
// looks for in what was printed.
func (f file) skips() []string {
	var found []string
	ast.Inspect(f.tree, func(n ast.Node) bool {
		c, is := n.(*ast.CallExpr)
		if is && testSkips(c.Fun) && (len(c.Args) == 0 || !strings.HasPrefix(opening(c.Args[0]), `"SKIPPED`)) {
			found = append(found, fmt.Sprintf("%s:%d: what a skipped test says begins with SKIPPED", f.path, f.line(n.Pos())))
		}
		return true
	})
	return found
}

// testSkips says whether a call leaves a test out; tests are named t, tb or b, as
// everywhere.
func testSkips(call ast.Expr) bool {
	s, is := call.(*ast.SelectorExpr)
	if !is || !strings.HasPrefix(s.Sel.Name, "Skip") {
		return false
	}
	x, is := s.X.(*ast.Ident)
	return is && slices.Contains([]string{"t", "tb", "b"}, x.Name)
}

// opening is the literal that a text begins with; empty where it begins with none.
func opening(text ast.Expr) string {
	switch e := text.(type) {
	case *ast.BinaryExpr:
		return opening(e.X)
	case *ast.BasicLit:
		return e.Value
	}
	return ""
}

// packageComments reports packages that do not have exactly one comment.
func packageComments(files []file) []string {
	comments := map[string]int{}
	for _, f := range files {
		if f.test() {
			continue
		}
		comments[f.dir()] += 0
		if f.tree.Doc != nil && !strings.HasPrefix(f.tree.Doc.Text(), "Code generated") {
			comments[f.dir()]++
		}
	}
	var found []string
	for dir, n := range comments {
		if n != 1 {
			found = append(found, fmt.Sprintf("package %s has %d comments instead of one", dir, n))
		}
	}
	slices.Sort(found)
	return found
}

// plainData reports what in loop/cycle could do more than be stored.
func plainData(files []file) []string {
	var found []string
	lines := 0
	for _, f := range files {
		if f.dir() != "loop/cycle" || f.test() {
			continue
		}
		lines += strings.Count(string(f.text), "\n")
		ast.Inspect(f.tree, func(n ast.Node) bool {
			what := ""
			switch n := n.(type) {
			case *ast.FuncType:
				what = "a function"
			case *ast.InterfaceType:
				if len(n.Methods.List) > 0 {
					what = "an interface"
				}
			case *ast.ChanType:
				what = "a channel"
			}
			if what != "" {
				found = append(found, fmt.Sprintf("%s:%d: papers are plain data: %s does not belong here", f.path, f.line(n.Pos()), what))
			}
			return true
		})
	}
	if lines > cycleMost {
		found = append(found, fmt.Sprintf("loop/cycle has %d lines, at most %d", lines, cycleMost))
	}
	return found
}

// TestRulesCatchCrimes feeds each rule a file that breaks it and one that does not.
func TestRulesCatchCrimes(t *testing.T) {
	t.Parallel()
	long := "package p\n\nfunc f() {\n" + strings.Repeat("\tg()\n", functionMost+1) + "}\n"
	for sentence, c := range map[string]struct{ path, text, says string }{
		"a sound file":                {"p/a.go", "// Package p is sound.\npackage p\n\n// f is short.\nfunc f() {}\n", ""},
		"a long function":             {"p/a.go", "// Package p.\n" + long, "function f has 71 lines"},
		"a long function with reason": {"p/a.go", "// Package p.\n" + strings.Replace(long, "f() {", "f() { //nolint:funlen // a table", 1), ""},
		"comments do not count":       {"p/a.go", "// Package p.\n" + strings.ReplaceAll(long, "\tg()", "\t// g"), ""},
		"a long test may be long":     {"p/a_test.go", long, ""},
		"a long file":                 {"p/a.go", "// Package p.\npackage p\n" + strings.Repeat("\ntype _ int\n", fileMost), "lines of code"},
		"an init":                     {"p/a.go", "// Package p.\npackage p\n\nfunc init() {}\n", "has an init"},
		"a method called init":        {"p/a.go", "// Package p.\npackage p\n\nfunc (t T) init() {}\n", ""},
		"a test that sleeps":          {"p/a_test.go", "package p\n\nfunc TestX() { time.Sleep(1) }\n", "a test sleeps"},
		"a driver that sleeps":        {"p/a.go", "// Package p.\npackage p\n\nfunc X() { time.Sleep(1) }\n", ""},
		"a skip that is found":        {"p/a_test.go", "package p\n\nfunc TestX(t *testing.T) { t.Skip(\"SKIPPED: \" + why) }\n", ""},
		"a skip that is not found":    {"p/a_test.go", "package p\n\nfunc TestX(t *testing.T) { t.Skipf(\"no %s\", why) }\n", "begins with SKIPPED"},
		"a joined skip, not found":    {"p/a_test.go", "package p\n\nfunc TestX(t *testing.T) { t.Skip(\"no \" + why) }\n", "begins with SKIPPED"},
		"a skip of a helper":          {"p/a.go", "// Package p.\npackage p\n\nfunc X(tb testing.TB) { tb.Skip() }\n", "begins with SKIPPED"},
		"a skip without a word":       {"p/a_test.go", "package p\n\nfunc TestX(t *testing.T) { t.SkipNow() }\n", "begins with SKIPPED"},
		"a bill that skips":           {"p/a_test.go", "package p\n\nfunc TestX(t *testing.T) { _ = bill.Skip(at) }\n", ""},
		"no package comment":          {"p/a.go", "package p\n", "0 comments"},
		"a paper with a function":     {"loop/cycle/a.go", "// Package cycle.\npackage cycle\n\ntype T struct{ F func() }\n", "a function does not belong"},
		"a paper with an interface":   {"loop/cycle/a.go", "// Package cycle.\npackage cycle\n\ntype T struct{ F interface{ M() } }\n", "does not belong"},
		"a type parameter is data":    {"loop/cycle/a.go", "// Package cycle.\npackage cycle\n\ntype T[V any] struct{ F V }\n", ""},
		"a paper that is too long":    {"loop/cycle/a.go", "// Package cycle.\npackage cycle\n" + strings.Repeat("// x\n", cycleMost), "at most 700"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			f, err := parse(c.path, []byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(slices.Concat(f.size(), f.inits(), f.sleeps(), f.skips(), packageComments([]file{f}), plainData([]file{f})), "; ")
			if got == "" != (c.says == "") || !strings.Contains(got, c.says) {
				t.Errorf("found %q, want %q", got, c.says)
			}
		})
	}
	a, _ := parse("p/a.go", []byte("// Package p.\npackage p\n"))
	b, _ := parse("p/b.go", []byte("// Package p again.\npackage p\n"))
	if got := packageComments([]file{a, b}); len(got) != 1 {
		t.Errorf("two comments of one package: %v", got)
	}
}

var citation = regexp.MustCompile(`docs/formula/[a-z]+\.md`)

// TestFormulasAreCited: every page of formulas that code cites exists, and every
// page is cited by the code that computes it.
func TestFormulasAreCited(t *testing.T) {
	t.Parallel()
	cited := map[string]string{}
	for _, f := range sources(t) {
		if strings.HasPrefix(f.path, "internal/law/") {
			continue
		}
		for _, page := range citation.FindAllString(string(f.text), -1) {
			cited[page] = f.path
		}
	}
	for page, by := range cited {
		if _, err := os.Stat(filepath.Join(root, page)); err != nil {
			t.Errorf("%s cites %s, which does not exist", by, page)
		}
	}
	pages, err := filepath.Glob(filepath.Join(root, "docs/formula/*.md"))
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages of formulas: %v", err)
	}
	for _, page := range pages {
		name := "docs/formula/" + filepath.Base(page)
		if _, used := cited[name]; !used && filepath.Base(page) != "README.md" {
			t.Errorf("%s is cited by no code: name the function that computes it, there and here", name)
		}
	}
}

// TestNothingIsReplaced: what is built is what go.mod names.
func TestNothingIsReplaced(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if regexp.MustCompile(`(?m)^\s*(replace|exclude)\b`).Match(text) {
		t.Error("go.mod replaces or excludes a module")
	}
}
