package alarm

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestEveryAlarmIsWhole: no alarm without cause, consequence, action and time; what
// needs no action is no alarm.
func TestEveryAlarmIsWhole(t *testing.T) {
	t.Parallel()
	respond := map[Priority]time.Duration{Critical: 15 * time.Minute, High: 8 * time.Hour, Medium: 24 * time.Hour, Low: 24 * time.Hour}
	codes, keys := map[string]bool{}, map[string]bool{}
	for _, d := range Definitions() {
		for _, c := range append(slices.Clone(d.Witnesses), d.Code) {
			if codes[c] {
				t.Errorf("%s is listed twice", c)
			}
			codes[c] = true
			if slices.Contains(Events(), c) {
				t.Errorf("%s is an alarm and an event", c)
			}
		}
		for _, x := range []Text{d.Title, d.Cause, d.Consequence, d.Action} {
			if x.English == "" || !strings.HasPrefix(x.Key, "alarm."+d.Code+".") || keys[x.Key] || strings.HasSuffix(x.English, ".") {
				t.Errorf("%s: text %+v", d.Code, x)
			}
			keys[x.Key] = true
		}
		if d.Respond <= 0 || d.Respond > respond[d.Priority] || d.Family == "" {
			t.Errorf("%s: priority %d within %s, family %q", d.Code, d.Priority, d.Respond, d.Family)
		}
	}
	if !slices.IsSorted(Events()) {
		t.Error("events are not in order")
	}
}

// TestRootsGoDownwards: what explains comes before what it explains wherever both
// explain, so that nothing hides itself, and no alarm of priority 1 is explained.
func TestRootsGoDownwards(t *testing.T) {
	t.Parallel()
	b := NewBook()
	for i, d := range Definitions() {
		for _, x := range d.Explains {
			e, ok := b.Definition(x)
			if !ok || e.Code != x || e.Priority == Critical {
				t.Errorf("%s explains %s: %+v", d.Code, x, e)
			}
			if len(e.Explains) > 0 && b.byCode[x] <= i {
				t.Errorf("%s explains %s, which stands before it", d.Code, x)
			}
		}
	}
}

// TestMostAlarmsAreLow: few may claim to be the gravest.
func TestMostAlarmsAreLow(t *testing.T) {
	t.Parallel()
	n := map[Priority]int{}
	for _, d := range Definitions() {
		n[d.Priority]++
	}
	t.Log(n)
	if all := len(Definitions()); n[Critical]*8 > all || (n[Critical]+n[High])*2 > all {
		t.Errorf("of %d alarms %d have priority 1 and %d priority 2", all, n[Critical], n[High])
	}
}

// constants are the values of the constants of one type in a file of this repository.
func constants(t *testing.T, file, kind string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "../"+file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(f, func(n ast.Node) bool {
		if v, is := n.(*ast.ValueSpec); is {
			if id, is := v.Type.(*ast.Ident); is && id.Name == kind && len(v.Values) == 1 {
				out = append(out, unquoted(v.Values[0])...)
			}
		}
		return true
	})
	return out
}

// noticed are the codes of notices that a file writes.
func noticed(t *testing.T, file string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "../"+file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			if id, is := n.Key.(*ast.Ident); is && id.Name == "Code" {
				out = append(out, unquoted(n.Value)...)
			}
		case *ast.CallExpr:
			if s, is := n.Fun.(*ast.SelectorExpr); is && (s.Sel.Name == "illHall" || s.Sel.Name == "note") {
				for _, a := range n.Args[:min(2, len(n.Args))] {
					out = append(out, unquoted(a)...)
				}
			}
		}
		return true
	})
	return slices.DeleteFunc(out, func(s string) bool { return strings.ContainsAny(s, " %:") })
}

func unquoted(e ast.Expr) []string {
	if l, is := e.(*ast.BasicLit); is && l.Kind == token.STRING {
		if s, err := strconv.Unquote(l.Value); err == nil && s != "" {
			return []string{s}
		}
	}
	return nil
}

// TestEveryCodeOfTheHouseIsListed: a trouble or notice that somebody adds elsewhere gets a
// row here, as an alarm or as an event.
func TestEveryCodeOfTheHouseIsListed(t *testing.T) {
	t.Parallel()
	b := NewBook()
	found := 0
	check := func(file string, codes []string) {
		if len(codes) == 0 {
			t.Errorf("no codes were found in %s: look for them where they went", file)
		}
		for _, c := range codes {
			found++
			if _, ok := b.Definition(c); !ok && !b.IsEvent(c) {
				t.Errorf("%s says %q: give it a row in alarm/list.go, or name it among the events", file, c)
			}
		}
	}
	for file, kind := range map[string]string{
		"live/trouble.go": "Trouble", "live/hall/trouble.go": "Code", "loop/actuate/effect.go": "AlarmCode", "loop/curtail/trouble.go": "Ill", "loop/verify/finding.go": "Code",
	} {
		check(file, constants(t, file, kind))
	}
	guards := slices.DeleteFunc(constants(t, "loop/trust/effect.go", "Code"), func(c string) bool {
		d, ok := b.Definition(c)
		return !ok || d.Code != "demoted" && d.Code != "clock" && d.Code != "kernel_invariant"
	})
	if len(guards) != 9 {
		t.Errorf("guards of the modes: %v", guards)
	}
	for _, file := range []string{
		"live/account.go", "live/adopt.go", "live/attend.go", "live/budget.go", "live/door.go", "live/site.go", "live/trustee.go", "live/turn.go", "live/witness_memory.go",
		"live/hall/carry.go", "live/hall/drain.go", "live/hall/market.go", "live/hall/learn.go", "live/hall/ledger.go", "live/hall/propose.go", "live/hall/rank.go",
	} {
		check(file, noticed(t, file))
	}
	t.Logf("%d codes", found)
}
