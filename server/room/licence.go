package room

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"sync"
)

// licenceFile is among the pages: internal/licences writes it.
const licenceFile = "licences.json"

// LicenceRow is something by others that is in the program.
type LicenceRow struct {
	Number  int    `json:"number" doc:"Under which its licence is read."`
	Name    string `json:"name"`
	Version string `json:"version,omitempty" doc:"Absent: that of the program."`
	From    string `json:"from" enum:"go,npm" doc:"A module of Go, or a package of npm."`
	Licence string `json:"licence" doc:"By its SPDX name; see text: it is not known by its words."`
	Text    string `json:"text,omitempty" doc:"Of one alone; absent: its package says no more than the name."`
}

// Licences are those of all that is in the program.
type Licences struct {
	Packages []LicenceRow `json:"packages"`
}

func (r *Room) serveLicences() {
	r.licences = sync.OnceValues(func() ([]LicenceRow, error) { return licencesOf(r.cfg.Pages) })
	of := func(path, id, says string) route {
		return route{method: http.MethodGet, path: path, id: id, says: says, group: "session", reach: open}
	}
	serve(r, of("/v1/licences", "listLicences", "What is in the program by others, and under which licence."), r.listLicences)
	serve(r, of("/v1/licences/{number}", "getLicence", "One of them, with the text of its licence."), r.licence)
}

// licencesOf reads what the build gathered.
func licencesOf(pages fs.FS) ([]LicenceRow, error) {
	none := problem(http.StatusNotFound, "unknown", "this program was built without the licences of what is in it", "build it with make build")
	if pages == nil {
		return nil, none
	}
	text, err := fs.ReadFile(pages, licenceFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, none
	}
	var all Licences
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil {
		return nil, fmt.Errorf("read the licences: %w", err)
	}
	for i := range all.Packages {
		all.Packages[i].Number = i + 1
	}
	return all.Packages, nil
}

func (r *Room) listLicences(context.Context, Visit, *struct{}) (Licences, error) {
	all, err := r.licences()
	out := Licences{Packages: make([]LicenceRow, len(all))}
	for i, x := range all {
		x.Text = ""
		out.Packages[i] = x
	}
	return out, err
}

func (r *Room) licence(_ context.Context, _ Visit, in *struct {
	Number int `path:"number" minimum:"1" maximum:"100000" example:"1"`
},
) (LicenceRow, error) {
	all, err := r.licences()
	if err == nil && in.Number > len(all) {
		err = missing("licence", itoa(in.Number))
	}
	if err != nil {
		return LicenceRow{}, err
	}
	return all[in.Number-1], nil
}
