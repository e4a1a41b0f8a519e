package report

import (
	"encoding/json"
	"fmt"
	"io"
)

// JSON writes r for programs: whole numbers only, the unit last in each name,
// times in UTC. The same report is always the same bytes.
func JSON(w io.Writer, r Report) error {
	if err := r.Check(); err != nil {
		return err
	}
	r.Version = Version
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return fmt.Errorf("write report of %q as JSON: %w", r.Site.Name, err)
	}
	return nil
}

// Read reads what JSON wrote. Unknown names, another format version and every
// fault that Check finds are errors.
func Read(from io.Reader) (Report, error) {
	d := json.NewDecoder(from)
	d.DisallowUnknownFields()
	var r Report
	if err := d.Decode(&r); err != nil {
		return Report{}, fmt.Errorf("read report from JSON (was it written by this program?): %w", err)
	}
	return r, r.Check()
}
