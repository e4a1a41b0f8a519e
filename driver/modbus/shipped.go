package modbus

import (
	"embed"

	"sluice/driver/template"
)

//go:embed template/*.yaml
var shipped embed.FS

func shelf() template.Shelf { return template.Shelf{Files: shipped, Kind: "meter"} }

// Names lists the templates inside the program, in order.
func Names() []string { return shelf().Names() }

// File returns the text of the template of that name inside the program, to
// show, to copy and to change.
func File(name string) ([]byte, error) { return shelf().File(name) }

// Shipped returns the template of that name inside the program.
func Shipped(name string) (Template, error) {
	b, err := File(name)
	if err != nil {
		return Template{}, err
	}
	return Parse(name+".yaml", b)
}
