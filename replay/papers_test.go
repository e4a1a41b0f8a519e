package replay

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestClaim: a run writes only where nobody else's papers are.
func TestClaim(t *testing.T) {
	t.Parallel()
	const mine = "abc+build1"
	for sentence, c := range map[string]struct {
		seals map[string]string // digest by month
		loose []string
		says  string
	}{
		"an empty folder":                    {},
		"files that are no papers":           {loose: []string{"report.html"}},
		"its own months":                     {seals: map[string]string{"2025-05": mine}},
		"its own months, by another build":   {seals: map[string]string{"2025-05": "abc+build2"}},
		"a month about to be sealed":         {seals: map[string]string{"2025-05": mine}, loose: []string{"papers-2025-06.jsonl.zst"}},
		"months of another run":              {seals: map[string]string{"2025-05": "other+build1", "2025-06": "other"}, says: "of 2025-05, 2025-06: name another folder"},
		"its own month beside another's":     {seals: map[string]string{"2025-05": mine, "2025-06": "other"}, says: "of 2025-06: "},
		"papers that nobody sealed":          {loose: []string{"papers-2025-06.jsonl.zst"}, says: "without a seal"},
		"a seal that cannot be read as such": {loose: []string{"papers-2025-06.seal.json"}, says: "of 2025-06: "},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			b := book{t.TempDir()}
			for month, digest := range c.seals {
				raw, err := json.Marshal(seal{Digest: digest, Month: month})
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(b.seal(month), raw, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for _, name := range c.loose {
				if err := os.WriteFile(filepath.Join(b.dir, name), []byte("x"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			err := b.claim(mine)
			switch {
			case c.says == "" && err != nil:
				t.Error(err)
			case c.says != "" && (!errors.Is(err, ErrOtherRun) || !strings.Contains(err.Error(), c.says)):
				t.Errorf("said %v, want %q", err, c.says)
			}
		})
	}
}
