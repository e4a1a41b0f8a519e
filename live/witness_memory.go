package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"sluice/loop/actuate"
	"sluice/loop/verify"
	"sluice/store/whole"
)

// WitnessFile is the file in the data directory that holds what the witnesses
// learned. Losing it costs hours of steps and nothing else: it is no record.
const WitnessFile = "witness.json"

const (
	courtVersion = 1
	courtPace    = time.Hour // between two times that it is kept
	courtMost    = 256 << 20 // bytes of it
)

// courtMemory is what is kept of all witnesses.
type courtMemory struct {
	Version int          `json:"version"`
	Site    string       `json:"site"`
	Seats   []seatMemory `json:"seats"`
}

// seatMemory is what the witness of one meter learned of those behind it.
type seatMemory struct {
	Meter   string        `json:"meter"`
	Units   []string      `json:"units"` // names, in the order of Learned
	Learned verify.Memory `json:"learned"`
}

// archive is where a court keeps what it learned; the zero value keeps nothing.
type archive struct {
	dir  string
	note func(code, text string)
	last time.Time // site clock
}

// recall takes up what the witnesses learned before now. Without it, or where it
// does not fit, they begin anew, which is told.
func (t *court) recall(a archive, now time.Time) {
	t.archive = a
	t.archive.last = now
	if a.dir == "" {
		return
	}
	kept, err := readCourt(filepath.Join(a.dir, WitnessFile))
	if err == nil && kept.Site != t.site {
		err = fmt.Errorf("it is of site %q", kept.Site)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		a.note("witness_anew", WitnessFile+": "+err.Error()+": the witnesses begin anew")
		return
	}
	for _, s := range t.seats {
		if err := s.recall(kept, now); err != nil {
			a.note("witness_anew", "meter "+s.name+": "+err.Error()+": its witness begins anew")
		}
	}
}

// recall takes up what the witness of a seat learned. One that was not there
// before has nothing to take up, which is no error.
func (s *seat) recall(kept courtMemory, now time.Time) error {
	i := slices.IndexFunc(kept.Seats, func(x seatMemory) bool { return x.Meter == s.name })
	if i < 0 {
		return nil
	}
	k := &kept.Seats[i]
	if k.Learned.At.After(now) {
		return fmt.Errorf("what it learned ends at %s, which is still to come: was the clock set back?", k.Learned.At.UTC().Format(time.RFC3339))
	}
	if len(k.Units) != k.Learned.Units {
		return fmt.Errorf("%w: %d names of %d units", verify.ErrMemory, len(k.Units), k.Learned.Units)
	}
	of, same := s.mapped(k.Units)
	if 2*same < len(s.units) {
		return fmt.Errorf("only %d of %d behind it were there when it learned", same, len(s.units))
	}
	m, err := k.Learned.Pick(of)
	if err != nil {
		return err
	}
	w, err := verify.Restore(s.config, m)
	if err != nil {
		return err
	}
	s.witness = w
	return nil
}

// mapped is which of the names each unit of a seat had, and how many had one.
func (s *seat) mapped(names []string) (of []int, same int) {
	at := map[string]int{}
	for i, n := range names {
		at[n] = i
	}
	for _, n := range s.units {
		i, known := at[n]
		if !known {
			i = -1
		} else {
			same++
		}
		of = append(of, i)
	}
	return of, same
}

// keep writes what all witnesses learned, once in an hour of the site's clock or
// where it must. It is for the goroutine that owns them.
func (t *court) keep(now time.Time, must bool) {
	a := &t.archive
	if a.dir == "" || !must && now.Sub(a.last) < courtPace {
		return
	}
	a.last = now
	kept := courtMemory{Version: courtVersion, Site: t.site}
	for _, s := range t.seats {
		if m := s.witness.Memory(); !m.At.IsZero() {
			kept.Seats = append(kept.Seats, seatMemory{s.name, s.units, m})
		}
	}
	if len(kept.Seats) == 0 {
		return
	}
	if err := whole.Replace(filepath.Join(a.dir, WitnessFile), whole.Private, func(w io.Writer) error { return json.NewEncoder(w).Encode(kept) }); err != nil {
		a.note("witness_unkept", "what the witnesses learned is not kept: "+err.Error())
	}
}

func readCourt(name string) (courtMemory, error) {
	var m courtMemory
	f, err := os.Open(name)
	if err != nil {
		return m, err
	}
	text, err := io.ReadAll(io.LimitReader(f, courtMost+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return m, err
	}
	if len(text) > courtMost {
		return m, fmt.Errorf("more than %d bytes", courtMost)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, err
	}
	if m.Version != courtVersion {
		return m, fmt.Errorf("version %d, this program keeps version %d", m.Version, courtVersion)
	}
	return m, nil
}

// forgive lets the witnesses forget what a machine did that a person has looked
// at: else they name it again at once, for what it did before.
func (t *court) forgive(e Event) {
	s, _ := e.(Said)
	cleared, is := s.What.(actuate.Cleared)
	if t == nil || !is {
		return
	}
	for _, s := range t.seats {
		if k := slices.Index(s.members, cleared.Unit); k >= 0 && !s.meters && !slices.Contains(s.cleared, k) {
			s.cleared = append(s.cleared, k)
		}
	}
}

// forgiven is the machines of which a hearing let everything be forgotten.
func (h *hearing) forgiven() []int {
	var out []int
	for _, k := range h.cleared {
		out = append(out, h.seat.members[k])
	}
	return out
}

// take lets the witness of a hearing think about it.
func (h *hearing) take() (verify.Report, error) {
	for _, k := range h.cleared {
		h.seat.witness.Clear(k)
	}
	return h.seat.witness.Round(h.round)
}

// close keeps what was learned at a clean stop. The last round says when that is.
func (t *court) close(ctx context.Context) error {
	t.keep(time.Time{}, true)
	return context.Cause(ctx)
}
