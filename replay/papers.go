package replay

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"

	"sluice/loop/cycle"
	"sluice/store/whole"
)

// seal is what a finished month of papers says of itself. It is written last, so
// a month without a seal is not finished.
type seal struct {
	Digest   string // of the setup
	Month    string
	Standing string // of the plant before the month
	Turns    int
	Bytes    int64  // before compression
	SHA256   string // of the papers, before compression
}

// book is the folder of a run: one compressed file of papers and one seal per month.
type book struct{ dir string }

func (b book) papers(month string) string { return filepath.Join(b.dir, "papers-"+month+".jsonl.zst") }

func (b book) seal(month string) string { return filepath.Join(b.dir, "papers-"+month+".seal.json") }

// pen writes the papers of one month, one turn a line.
type pen struct {
	file  *os.File
	zip   *zstd.Encoder
	sum   hash.Hash
	lines *json.Encoder
	bytes int64
	turns int
}

// Write hashes and compresses; it makes pen the target of its own encoder.
func (p *pen) Write(b []byte) (int, error) {
	p.sum.Write(b)
	p.bytes += int64(len(b))
	return p.zip.Write(b)
}

// open begins a month under a temporary name.
func (b book) open(month string) (*pen, error) {
	f, err := os.CreateTemp(b.dir, "writing-"+month+"-*")
	if err != nil {
		return nil, fmt.Errorf("write papers of %s: %w: choose another folder with --run", month, err)
	}
	z, err := zstd.NewWriter(f, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	p := &pen{file: f, zip: z, sum: sha256.New()}
	p.lines = json.NewEncoder(p)
	return p, nil
}

// write adds one turn.
func (p *pen) write(t *cycle.Turn) error {
	p.turns++
	return p.lines.Encode(t)
}

// drop forgets an unfinished month.
func (p *pen) drop() {
	_ = p.zip.Close()
	_ = p.file.Close()
	_ = os.Remove(p.file.Name())
}

// finish gives the papers their name and seals them.
func (b book) finish(p *pen, s seal) (seal, error) {
	s.Turns, s.Bytes, s.SHA256 = p.turns, p.bytes, hex.EncodeToString(p.sum.Sum(nil))
	err := errors.Join(p.zip.Close(), p.file.Sync(), p.file.Close())
	if err == nil {
		err = os.Rename(p.file.Name(), b.papers(s.Month))
	}
	if err == nil {
		err = whole.Replace(b.seal(s.Month), whole.Public, func(w io.Writer) error {
			e := json.NewEncoder(w)
			e.SetIndent("", "  ")
			return e.Encode(s)
		})
	}
	if err != nil {
		return s, fmt.Errorf("finish papers of %s: %w", s.Month, err)
	}
	return s, nil
}

// sealed is the seal of a finished month of this setup, if there is one.
func (b book) sealed(month, digest string) (seal, bool) {
	var s seal
	raw, err := os.ReadFile(b.seal(month))
	if err != nil || json.Unmarshal(raw, &s) != nil {
		return seal{}, false
	}
	return s, s.Digest == digest && s.Month == month
}

// ErrOtherRun marks a folder that holds papers which are not of this run.
var ErrOtherRun = errors.New("papers of another run")

// claim refuses a folder whose papers another run wrote, or nobody knows who.
// Papers of the same inputs by another build of the program are this run's own.
func (b book) claim(digest string) error {
	entries, err := os.ReadDir(b.dir)
	if err != nil {
		return fmt.Errorf("replay into %s: %w: choose another folder with --run", b.dir, err)
	}
	var ours bool
	var foreign, loose []string
	for _, e := range entries {
		month, papers := strings.CutPrefix(e.Name(), "papers-")
		if !papers {
			continue
		}
		if m, sealed := strings.CutSuffix(month, ".seal.json"); !sealed {
			loose = append(loose, e.Name())
		} else if s, _ := b.sealed(m, digest); s.Month == m && inputs(s.Digest) == inputs(digest) {
			ours = true
		} else {
			foreign = append(foreign, m)
		}
	}
	const remedy = "name another folder with --run, or give the same command that made them"
	switch {
	case len(foreign) > 0:
		return fmt.Errorf("%s holds %w, of %s: %s", b.dir, ErrOtherRun, strings.Join(foreign, ", "), remedy)
	case !ours && len(loose) > 0: // beside a seal of ours they are a month that was about to be sealed
		return fmt.Errorf("%s holds %w without a seal, %s: name another folder with --run, or delete them", b.dir, ErrOtherRun, strings.Join(loose, ", "))
	}
	return nil
}

// inputs is the part of a digest that stands for the inputs; behind a plus sign
// stands the build of an unfinished program.
func inputs(digest string) string {
	digest, _, _ = strings.Cut(digest, "+")
	return digest
}

// read hands out the turns of a month in order and checks the seal: papers that
// were touched after they were sealed are refused.
func (b book) read(s seal, each func(line []byte) error) error {
	f, err := os.Open(b.papers(s.Month))
	if err != nil {
		return fmt.Errorf("read papers of %s: %w", s.Month, err)
	}
	defer f.Close() //nolint:errcheck // read only
	z, err := zstd.NewReader(f, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return err
	}
	defer z.Close()
	sum := sha256.New()
	lines := bufio.NewReaderSize(io.TeeReader(z, sum), 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			break
		}
		if err != nil {
			return fmt.Errorf("read papers of %s: %w", s.Month, err)
		}
		if err := each(line); err != nil {
			return err
		}
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != s.SHA256 {
		return fmt.Errorf("papers of %s: SHA-256 is %s, sealed as %s: they were changed; delete %s to make them again", s.Month, got, s.SHA256, b.papers(s.Month))
	}
	return nil
}
