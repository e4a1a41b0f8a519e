package whole_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"sluice/store/whole"
)

var errHalfway = errors.New("halfway")

// halfway writes a little and fails.
func halfway(w io.Writer) error {
	_, err := io.WriteString(w, "hal")
	return errors.Join(err, errHalfway)
}

// TestWholeOrNotAtAll: a file holds what was there or what is new, and nothing
// else stays in its folder.
func TestWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	type writer func(string, fs.FileMode, func(io.Writer) error) error
	for sentence, c := range map[string]struct {
		was   string // what is there before; empty: nothing
		write writer
		fill  func(io.Writer) error
		err   error
		want  string
	}{
		"a new file":                            {"", whole.Replace, whole.Text([]byte("new")), nil, "new"},
		"a new file in the place of an old one": {"old", whole.Replace, whole.Text([]byte("new")), nil, "new"},
		"a failure leaves the old one":          {"old", whole.Replace, halfway, errHalfway, "old"},
		"a failure leaves nothing":              {"", whole.Replace, halfway, errHalfway, ""},
		"a file that must be new":               {"", whole.Create, whole.Text([]byte("new")), nil, "new"},
		"a file that must be new, and is not":   {"old", whole.Create, whole.Text([]byte("new")), fs.ErrExist, "old"},
		"a failure of what must be new":         {"", whole.Create, halfway, errHalfway, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			name := filepath.Join(folder, "file")
			if c.was != "" {
				if err := os.WriteFile(name, []byte(c.was), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if err := c.write(name, whole.Private, c.fill); !errors.Is(err, c.err) {
				t.Fatalf("error %v, want %v", err, c.err)
			}
			if got, _ := os.ReadFile(name); string(got) != c.want {
				t.Errorf("%q is there, want %q", got, c.want)
			}
			about, err := os.Stat(name)
			if c.err == nil && (err != nil || about.Mode().Perm() != whole.Private) {
				t.Errorf("%v, %v, want a file for its owner alone", about, err)
			}
			if left, _ := os.ReadDir(folder); len(left) > 1 || c.want == "" && len(left) > 0 {
				t.Errorf("%v stay in the folder", left)
			}
		})
	}
}

// TestNoFolder: an error names the file that was wanted.
func TestNoFolder(t *testing.T) {
	t.Parallel()
	err := whole.Replace(filepath.Join(t.TempDir(), "none", "file"), whole.Public, whole.Text(nil))
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}
