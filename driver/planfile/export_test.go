package planfile

import (
	"errors"

	"sluice/capital"
)

// Decode is a text as it is read, before the plan is checked.
func Decode(text []byte) (capital.Plan, map[string]string, error) {
	d := decoder{file: &File{Name: "x", lines: map[string]int{}}}
	in := d.parse(text)
	if len(d.faults) > 0 || in == nil {
		return capital.Plan{}, nil, errors.Join(d.faults...)
	}
	return in.Plan, in.Histories, nil
}
