package room

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sluice/driver/entityfile"
	"sluice/driver/modbus"
	"sluice/driver/objectfile"
	"sluice/driver/planfile"
	"sluice/driver/quotefile"
	"sluice/driver/sitefile"
	"sluice/driver/yamlfile"
	"sluice/object"
	"sluice/people"
)

// CheckSpec is what the reader of a spec says of it: the same that reads the file by
// which a program starts.
func CheckSpec(s objectfile.Spec) error {
	var err error
	switch s.Kind {
	case object.Site:
		_, err = sitefile.Read(bytes.NewReader(s.Text), s.File)
	case object.Entity:
		_, err = entityfile.Read(bytes.NewReader(s.Text), s.File)
	case object.Quote:
		_, err = quotefile.Read(quotefile.Request{Name: s.File, Text: string(s.Text)})
	case object.CapitalPlan:
		err = checkPlan(s)
	case object.MeterTemplate:
		_, err = modbus.Parse(s.File, s.Text)
	case object.Contact, object.Route, object.Policy, object.GroupRole: // objects check these
	}
	return err
}

// checkPlan reads a plan, and refuses power prices in files: a control room opens none
// that somebody names.
func checkPlan(s objectfile.Spec) error {
	f, err := planfile.Read(s.File, s.Text)
	if err != nil {
		return placed(s.File, err)
	}
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(f.Histories)) {
		if _, inside := f.Prices(name); !inside {
			what := fmt.Errorf("a control room reads no files of power prices: write one of %s, or the price by year at the site: %w", strings.Join(planfile.Shipped(), ", "), planfile.ErrFile)
			faults = append(faults, f.Fault("$.histories."+name, what))
		}
	}
	return placed(s.File, errors.Join(faults...))
}

// placed writes the line of each fault of a plan as readers of objects expect it.
func placed(file string, err error) error {
	parts := yamlfile.Parts(err)
	for i, e := range parts {
		rest, found := strings.CutPrefix(e.Error(), file+": line ")
		number, text, both := strings.Cut(rest, ": ")
		if line, no := strconv.Atoi(number); found && both && no == nil {
			parts[i] = fmt.Errorf("%s:%d:1: %s", file, line, text)
		}
	}
	return errors.Join(parts...)
}

// seesObject reports whether the visitor may look at an object: with the right of its
// kind where rights to it are judged.
func (v Visit) seesObject(o object.Object) bool {
	row, _ := o.Kind.Row()
	return v.Sees(people.Verb(row.Looks()), o.At())
}
