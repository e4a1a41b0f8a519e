package oracle

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"sluice/solve"
)

// Numbers of models. The seeds are fixed, so every run sees the same models.
const (
	linearModels = 220
	mixedModels  = 100
	plainModels  = 40
	// peerModels are the plain models drawn when PyPSA is there to solve them: it
	// takes about a second for each, so the everyday run has fewer.
	peerModels = 300
)

// plainCount is how many plain models this run draws.
func plainCount() int {
	if os.Getenv("SLUICE_PEERS_PYTHON") != "" {
		return peerModels
	}
	return plainModels
}

// tolerance is the largest relative difference between two objectives.
const tolerance = 1e-6

// models draws all models of the comparison.
func models() []model {
	var all []model
	for seed := range uint64(linearModels) {
		all = append(all, generate(seed, false))
	}
	for seed := range uint64(mixedModels) {
		all = append(all, generate(10_000+seed, true))
	}
	for seed := range uint64(plainCount()) {
		all = append(all, generatePlain(20_000+seed))
	}
	return all
}

// line is a model as the scripts read it.
type line struct {
	Name     string    `json:"name"`
	Cost     []float64 `json:"cost"`
	Lower    []float64 `json:"lower"`
	Upper    []float64 `json:"upper"`
	Kind     []int     `json:"kind"`
	RowLower []float64 `json:"row_lower"`
	RowUpper []float64 `json:"row_upper"`
	Start    []int32   `json:"start"`
	Index    []int32   `json:"index"`
	Value    []float64 `json:"value"`
	Offset   float64   `json:"offset"`
	Plain    *plain    `json:"plain"`
}

// answer is what a script prints for a model.
type answer struct {
	Name      string   `json:"name"`
	Status    int      `json:"status"`
	Objective *float64 `json:"objective"`
}

// finite replaces infinities by numbers JSON can carry.
func finite(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = max(-1e30, min(1e30, x))
	}
	return out
}

// write puts the models into a file, one per line.
func write(t *testing.T, all []model) string {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for _, m := range all {
		p := m.problem
		var kind []int
		for _, k := range p.Kind {
			kind = append(kind, int(k))
		}
		err := enc.Encode(line{
			Name: m.name, Cost: p.Cost, Lower: finite(p.Lower), Upper: finite(p.Upper), Kind: kind,
			RowLower: finite(p.RowLower), RowUpper: finite(p.RowUpper), Start: p.Start, Index: p.Index, Value: p.Value, Offset: p.Offset, Plain: m.plain,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "models.jsonl")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// ask runs a script over a file of models in one process.
func ask(t *testing.T, python, script, path string) []answer {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), python, script, path)
	var errOut bytes.Buffer
	cmd.Stderr = &errOut
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", python, script, err, errOut.String())
	}
	var answers []answer
	dec := json.NewDecoder(bytes.NewReader(out))
	for dec.More() {
		var a answer
		if err := dec.Decode(&a); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, a)
	}
	return answers
}

// solved are all models with our solutions, computed once for all tests.
var solved = sync.OnceValues(func() ([]*solve.Solution, error) {
	ctx := context.Background()
	e, err := solve.New(ctx, solve.Config{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = e.Close(ctx) }()
	in, err := e.Instance(ctx)
	if err != nil {
		return nil, err
	}
	all := models()
	out := make([]*solve.Solution, len(all))
	for i, m := range all {
		if out[i], err = in.Solve(ctx, m.problem, solve.Options{}); err != nil {
			return nil, fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return out, nil
})

// ours returns our solutions of models().
func ours(t *testing.T) []*solve.Solution {
	t.Helper()
	out, err := solved()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// same says whether two objectives agree.
func same(a, b float64) bool {
	return math.Abs(a-b) <= tolerance*max(1, math.Abs(a), math.Abs(b))
}

// compare reports every model on which an oracle and we disagree.
func compare(t *testing.T, all []model, got []*solve.Solution, want []answer) {
	t.Helper()
	if len(want) != len(all) {
		t.Fatalf("%d answers for %d models", len(want), len(all))
	}
	for i, m := range all {
		switch w := want[i]; {
		case w.Name != m.name || w.Status != 0 || w.Objective == nil:
			t.Errorf("%s: the oracle answers %q with status %d", m.name, w.Name, w.Status)
		case got[i].Status != solve.Optimal:
			t.Errorf("%s: %v (%s), the oracle finds %v", m.name, got[i].Status, got[i].Detail, *w.Objective)
		case !same(got[i].Objective, *w.Objective):
			t.Errorf("%s: objective %.9f, the oracle finds %.9f", m.name, got[i].Objective, *w.Objective)
		}
	}
}

// TestScipyAgrees needs /usr/bin/python3 with scipy, because a check that
// silently does not run protects nobody.
func TestScipyAgrees(t *testing.T) {
	t.Parallel()
	if os.Getenv("SLUICE_ORACLE") == "skip" {
		t.Skip("SKIPPED, scipy was not asked: SLUICE_ORACLE=skip")
	}
	const python = "/usr/bin/python3"
	if out, err := exec.CommandContext(t.Context(), python, "-c", "import scipy.optimize").CombinedOutput(); err != nil {
		t.Fatalf("the oracle needs scipy in %s: apt-get install python3-scipy, or set SLUICE_ORACLE=skip\n%s", python, out)
	}
	all := models()
	compare(t, all, ours(t), ask(t, python, "oracle.py", write(t, all)))
}

// TestPeersAgree compares with highspy and PyPSA where they are installed; see
// test/peers/solve.sh.
func TestPeersAgree(t *testing.T) {
	t.Parallel()
	python := os.Getenv("SLUICE_PEERS_PYTHON")
	if python == "" {
		t.Skip("SKIPPED, highspy and PyPSA were not asked: make test-peers sets SLUICE_PEERS_PYTHON")
	}
	all := models()
	got := ours(t)
	path := write(t, all)
	var plainModels []model
	var plainGot []*solve.Solution
	for i, m := range all {
		if m.plain != nil {
			plainModels, plainGot = append(plainModels, m), append(plainGot, got[i])
		}
	}
	t.Run("highspy", func(t *testing.T) {
		compare(t, all, got, ask(t, python, "../peers/solve_highspy.py", path))
	})
	t.Run("pypsa", func(t *testing.T) {
		compare(t, plainModels, plainGot, ask(t, python, "../peers/solve_pypsa.py", path))
	})
}

// TestDualsProveTheOptimum computes the objective a second time from the duals
// alone. Agreement proves the optimum and the sign convention without another
// solver: a positive dual stands on a lower side, a negative one on an upper.
func TestDualsProveTheOptimum(t *testing.T) {
	t.Parallel()
	all := models()
	for i, s := range ours(t) {
		p := all[i].problem
		if p.Mixed() || s.Status != solve.Optimal {
			continue
		}
		sum := p.Offset
		var faults []error
		side := func(dual, lower, upper float64) {
			switch {
			case dual > 1e-7 && math.IsInf(lower, -1), dual < -1e-7 && math.IsInf(upper, 1):
				faults = append(faults, errors.New("a dual stands on an infinite bound"))
			case dual > 0 && !math.IsInf(lower, -1):
				sum += dual * lower
			case dual < 0 && !math.IsInf(upper, 1):
				sum += dual * upper
			}
		}
		for r, d := range s.RowDual {
			side(d, p.RowLower[r], p.RowUpper[r])
		}
		for j, d := range s.ColumnDual {
			side(d, p.Lower[j], p.Upper[j])
		}
		if err := errors.Join(faults...); err != nil || !same(sum, s.Objective) {
			t.Errorf("%s: primal %.9f, dual %.9f, %v", all[i].name, s.Objective, sum, err)
		}
	}
}

// TestBoundsMeet checks that the proven bound of a model meets its objective.
func TestBoundsMeet(t *testing.T) {
	t.Parallel()
	all := models()
	for i, s := range ours(t) {
		if !same(s.Bound, s.Objective) {
			t.Errorf("%s: bound %.9f, objective %.9f", all[i].name, s.Bound, s.Objective)
		}
	}
}

// TestModelsAreVaried makes sure that the comparison is worth its time.
func TestModelsAreVaried(t *testing.T) {
	t.Parallel()
	var whole, semi, negative int
	names := map[string]bool{}
	for _, m := range models() {
		if err := m.problem.Validate(); err != nil {
			t.Fatalf("%s: %v", m.name, err)
		}
		names[m.name] = true
		var hasWhole, hasSemi bool
		for _, k := range m.problem.Kind {
			hasWhole, hasSemi = hasWhole || k == solve.Integer, hasSemi || k == solve.SemiContinuous
		}
		if hasWhole {
			whole++
		}
		if hasSemi {
			semi++
		}
		if m.negative {
			negative++
		}
	}
	if len(names) < 300 || whole < 30 || semi < 20 || negative < 100 {
		t.Errorf("%d models, %d with integers, %d semi-continuous, %d with negative prices", len(names), whole, semi, negative)
	}
}
