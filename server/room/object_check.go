package room

import (
	"bytes"

	"sluice/driver/entityfile"
	"sluice/driver/modbus"
	"sluice/driver/objectfile"
	"sluice/driver/quotefile"
	"sluice/driver/sitefile"
	"sluice/object"
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
	case object.MeterTemplate:
		_, err = modbus.Parse(s.File, s.Text)
	case object.Contact, object.Route, object.Policy, object.GroupRole: // objects check these
	}
	return err
}
