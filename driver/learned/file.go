package learned

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"sluice/loop/commission"
	"sluice/store/whole"
	"sluice/unit"
	"sluice/use/mining"
)

// lineMost bounds one record, bytes.
const lineMost = 1 << 20

// Add appends one record to a file, which need not exist. It is there whole and on
// the disk when Add returns without error; after an error, or a power cut on the
// way, the file is as it was. Two programs must not add to one file at once.
func Add(name string, r commission.Record) error {
	line, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("add to %s: %w", name, err)
	}
	text, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("add to what was learned: %w", err)
	}
	if n := len(text); n > 0 && text[n-1] != '\n' {
		text = append(text, '\n')
	}
	text = append(append(text, line...), '\n')
	return whole.Replace(name, whole.Public, whole.Text(text))
}

// Load reads a file of records.
func Load(name string) ([]commission.Record, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read what was learned: %w", err)
	}
	return Read(name, bytes.NewReader(text))
}

// Read reads records, one a line; empty lines are passed over. Every fault is
// reported with its line, and then no record is returned.
func Read(name string, src io.Reader) ([]commission.Record, error) {
	var out []commission.Record
	var faults []error
	lines := bufio.NewScanner(src)
	lines.Buffer(nil, lineMost)
	n := 0
	for lines.Scan() {
		n++
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var r commission.Record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			faults = append(faults, fmt.Errorf("%s:%d: no record: %w: remove the line", name, n, err))
			continue
		}
		if why := nonsense(r); why != "" {
			faults = append(faults, fmt.Errorf("%s:%d: %s: remove the line, and commission the machine again", name, n, why))
			continue
		}
		out = append(out, r)
	}
	if err := lines.Err(); err != nil {
		faults = append(faults, fmt.Errorf("%s:%d: %w", name, n+1, err))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return out, nil
}

// nonsense says what in a record cannot be, or nothing.
func nonsense(r commission.Record) string {
	switch {
	case strings.TrimSpace(r.Model) == "":
		return "no model"
	case r.Verdict == "":
		return "no verdict"
	case r.At.IsZero():
		return "no date"
	case r.Standing != commission.ByMeter && r.Standing != commission.ByWordOnly:
		return fmt.Sprintf("standing %q is neither %q nor %q", r.Standing, commission.ByMeter, commission.ByWordOnly)
	case r.Cooling != "" && r.Cooling != mining.Air && r.Cooling != mining.Hydro && r.Cooling != mining.Immersion:
		return fmt.Sprintf("cooling %q is not known", r.Cooling)
	case r.Standing == commission.ByMeter && r.Verdict == commission.Learned && r.Resolution <= 0:
		return "measured without a resolution"
	}
	for name, v := range map[string]*int64{"sleep_ms": r.Sleep, "residual_w": r.Residual, "bias_millionths": r.Bias} {
		if v != nil && *v < 0 {
			return fmt.Sprintf("%s is %d", name, *v)
		}
	}
	for _, w := range r.Wakes {
		if w.Dark < 0 || w.Steady < 0 || w.Overshoot < 0 {
			return "a wake that took less than no time"
		}
	}
	return oddPoint(r)
}

// oddPoint says which point of a record no machine can have.
func oddPoint(r commission.Record) string {
	for i, p := range r.Points {
		for name, v := range map[string]*int64{"metered_w": p.Metered, "stated_w": p.Stated} {
			if v != nil && (*v <= 0 || *v > int64(100*unit.Kilowatt)) {
				return fmt.Sprintf("point %d: %s is %d", i+1, name, *v)
			}
		}
		if p.Hash != nil && *p.Hash < 0 || p.Spread < 0 {
			return fmt.Sprintf("point %d: a hash rate or a spread below zero", i+1)
		}
		if r.Verdict != commission.Learned {
			continue
		}
		q, ok := point(r, p)
		if !ok {
			continue
		}
		if !plausible(q) {
			return fmt.Sprintf("point %d: %s is no efficiency that a machine has", i+1, q)
		}
	}
	return ""
}

// plausible reports whether a curve may hold the point.
func plausible(p mining.Point) bool {
	return mining.Model{Name: "any", Cooling: mining.Air, Curves: []mining.Curve{{Points: []mining.Point{p}}}}.Validate() == nil
}
