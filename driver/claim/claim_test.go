package claim_test

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"sluice/driver/claim"
)

func of(site string, offset int, networks ...string) claim.Claim {
	c := claim.Claim{Site: site, Directory: "/data/" + site, Offset: offset, Process: 7}
	for _, n := range networks {
		c.Networks = append(c.Networks, netip.MustParsePrefix(n))
	}
	return c
}

// TestTake: a second site is let in unless it shares a network with the first,
// which the answer names.
func TestTake(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		second claim.Claim
		taken  bool
	}{
		"the same network":            {of("b", 0, "10.20.0.0/16"), true},
		"a part of it":                {of("b", 0, "10.9.0.0/16", "10.20.4.0/24"), true},
		"more than it":                {of("b", 0, "10.0.0.0/8"), true},
		"its own name does not help":  {of("a", 0, "10.20.0.0/16"), true},
		"another network":             {of("b", 0, "10.21.0.0/16"), false},
		"other ports, as of a second": {of("b", 5, "10.20.0.0/16"), false},
		"the other protocol":          {of("b", 0, "fd00::/8"), false},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			folder := filepath.Join(t.TempDir(), "networks")
			first, err := claim.Take(folder, of("a", 0, "10.20.0.0/16", "10.22.0.0/24"))
			if err != nil {
				t.Fatal(err)
			}
			second, err := claim.Take(folder, c.second)
			if errors.Is(err, claim.ErrTaken) != c.taken || !c.taken && err != nil {
				t.Fatalf("answered %v, want taken %v", err, c.taken)
			}
			if c.taken {
				for _, want := range []string{"site a", "/data/a", "10.20.0.0/16", "process 7", "stop it first"} {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("%q is missing in: %v", want, err)
					}
				}
			}
			if err := errors.Join(first.Release(), second.Release()); err != nil {
				t.Error(err)
			}
			third, err := claim.Take(folder, c.second)
			if err != nil {
				t.Errorf("after both went: %v", err)
			}
			if err := third.Release(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestLeftOver: what a dead process left, and what is no claim at all, keeps nobody out.
func TestLeftOver(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for name, text := range map[string]string{
		"1.claim": `{"Site":"dead","Networks":["10.20.0.0/16"]}`, "2.claim": "", "3.claim": "nonsense", "notes.txt": `{"Networks":["10.20.0.0/16"]}`,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	held, err := claim.Take(folder, of("b", 0, "10.20.0.0/16"))
	if err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(folder, "*.claim"))
	if err != nil || len(left) != 1 {
		t.Errorf("left over: %v %v", left, err)
	}
	if err := held.Release(); err != nil {
		t.Error(err)
	}
}

// TestAtOnce: of many that come at the same time one gets the network.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "networks")
	var got atomic.Int32
	var all sync.WaitGroup
	held := make([]*claim.Held, 20)
	for i := range held {
		all.Go(func() {
			var err error
			switch held[i], err = claim.Take(folder, of("x", 0, "10.20.0.0/16")); {
			case err == nil:
				got.Add(1)
			case !errors.Is(err, claim.ErrTaken):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got.Load() != 1 {
		t.Errorf("%d of 20 have it", got.Load())
	}
	for _, h := range held {
		if err := h.Release(); err != nil {
			t.Error(err)
		}
	}
}

// TestNoFolder: where nothing can be written the error says so, and is not ErrTaken.
func TestNoFolder(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := claim.Take(filepath.Join(file, "networks"), of("b", 0, "10.20.0.0/16")); err == nil || errors.Is(err, claim.ErrTaken) {
		t.Errorf("answered %v", err)
	}
	if claim.Folder() == "" {
		t.Error("there is no folder")
	}
}
