package hold_test

import (
	"errors"
	"io/fs"
	"path/filepath"
	"testing"

	"sluice/store/hold"
)

// TestFolder: one at a time, and again when it is let go.
func TestFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one, err := hold.Folder(dir, "lock")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hold.Folder(dir, "lock"); !errors.Is(err, hold.ErrHeld) {
		t.Errorf("two hold one folder: %v", err)
	}
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	two, err := hold.Folder(dir, "lock")
	if err != nil {
		t.Fatalf("nobody holds it any more: %v", err)
	}
	if err := two.Close(); err != nil {
		t.Error(err)
	}
	if _, err := hold.Folder(filepath.Join(dir, "none"), "lock"); !errors.Is(err, fs.ErrNotExist) || errors.Is(err, hold.ErrHeld) {
		t.Errorf("no folder: %v", err)
	}
}
