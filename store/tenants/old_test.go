package tenants

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/store/file"
	"sluice/store/storetest"
)

// oldStore makes a store as the first version of this program left it, with a wish.
func oldStore(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	steps, err := file.Texts(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	if err := storetest.Climb(t.Context(), layout(dir).Database(), steps[0]); err != nil {
		t.Fatal(err)
	}
	err = edit(
		t.Context(), dir,
		"INSERT INTO tenant VALUES ('alpha', 'Alpha', 1756684800000000, NULL)",
		"INSERT INTO wish VALUES ('00000000000000aa', 'alpha', 'k', 'reserved', 'hall-1', 'H100', 8, 1756771200000000, NULL, 'words')",
		"INSERT INTO wish_state VALUES ('00000000000000aa', 1, 'asked', 1756684800000000, 'alpha', '')",
	)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestOldStore: a store of the first version keeps what it holds, learns kilowatts, and
// stands beside a copy of what it was.
func TestOldStore(t *testing.T) {
	t.Parallel()
	dir := oldStore(t)
	was := filepath.Join(dir, fileName+".before-2")
	if err := os.WriteFile(was, []byte("a copy that somebody made"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := openAt(t, dir)
	alpha, err := s.Office().Tenant(t.Context(), "alpha")
	if err != nil {
		t.Fatal(err)
	}
	old := Reservation{ID: "00000000000000aa", Wish: Wish{Key: "k", Kind: "reserved", Hall: "hall-1", Model: "H100", GPUs: 8, From: at(86_400), Says: "words"}, Tenant: "alpha", State: Asked, At: at(0), By: "alpha"}
	again, err := s.Desk().Ask(t.Context(), alpha, old.Wish, at(5))
	if diff := cmp.Diff(old, again); diff != "" || err != nil {
		t.Error(diff, err)
	}
	racks, err := s.Desk().Ask(t.Context(), alpha, Wish{Key: "racks", Kind: "colocation", Hall: "hall-1", Kilowatts: 120, From: at(90_000)}, at(5))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, dir)
	all, err := s.Desk().Reservations(t.Context(), alpha)
	if diff := cmp.Diff([]Reservation{old, racks}, all); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if text, err := os.ReadFile(was); err != nil || string(text) != "a copy that somebody made" {
		t.Errorf("a copy was written over: %q, %v", text, err)
	}
	other := t.TempDir()
	if err := os.Rename(was+".2", filepath.Join(other, fileName)); err != nil {
		t.Fatal(err)
	}
	all, err = openAt(t, other).Desk().Reservations(t.Context(), alpha)
	if diff := cmp.Diff([]Reservation{old}, all); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// TestUnits: a wish is for GPUs or for kilowatts.
func TestUnits(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	alpha := enrol(t, s, "alpha")
	for sentence, c := range map[string]struct {
		gpus, kilowatts int
		model           string
		kept            bool
	}{
		"GPUs":               {8, 0, "H100", true},
		"kilowatts":          {0, 120, "", true},
		"both":               {8, 120, "", false},
		"neither":            {0, 0, "", false},
		"GPUs below zero":    {-8, 0, "H100", false},
		"power below zero":   {0, -120, "", false},
		"both below zero":    {-8, -120, "", false},
		"GPUs less power":    {8, -120, "H100", false},
		"too many GPUs":      {1_000_001, 0, "H100", false},
		"too much power":     {0, 1_000_001, "", false},
		"kilowatts of a GPU": {0, 120, "H100", false},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w := Wish{Key: sentence, Kind: "reserved", Hall: "hall-1", Model: c.model, GPUs: c.gpus, Kilowatts: c.kilowatts, From: at(86_400)}
			r, err := s.Desk().Ask(t.Context(), alpha.Tenant, w, at(0))
			if c.kept != (err == nil) || err != nil && !errors.Is(err, ErrInvalid) || c.kept && r.Wish != w {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
}
