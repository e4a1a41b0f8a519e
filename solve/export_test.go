package solve

import (
	"testing"
	"testing/fstest"
)

// Corrupt breaks the solver object behind Solve the way a bug in the module
// would: its next use reads memory that does not exist.
func (in *Instance) Corrupt(tb testing.TB) {
	tb.Helper()
	in.solo.handle = 0x7fff0000
}

// CorruptModel does the same to a kept model.
func (m *Model) CorruptModel(tb testing.TB) {
	tb.Helper()
	m.handle = 0x7fff0000
}

// Generation counts the modules an instance has had.
func (in *Instance) Generation() uint64 { return in.generation }

// Running says whether the instance holds a module.
func (in *Instance) Running() bool { return in.mod != nil }

// MemoryBytes is the size of the module's memory.
func (in *Instance) MemoryBytes() uint32 { return in.mod.Memory().Size() }

// LoadAssetsFrom reads the embedded files from elsewhere.
func LoadAssetsFrom(tb testing.TB, files fstest.MapFS) error {
	tb.Helper()
	_, _, err := loadAssets(files)
	return err
}

// Recheck runs the recheck on a hand-made answer.
func Recheck(tb testing.TB, p *Problem, column []float64) *Solution {
	tb.Helper()
	s := &Solution{Status: Optimal, Column: column}
	p.recheck(s, p.Mixed())
	return s
}
