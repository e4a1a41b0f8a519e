package room

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"sluice/driver/objectfile"
	"sluice/driver/sitefile"
	"sluice/object"
	"sluice/people"
)

// SiteFiles are the site files of the sites that the room runs. ErrNoProgram says that it
// runs no site of a name.
type SiteFiles interface {
	// SiteFile is the site file as it stands.
	SiteFile(name string) ([]byte, error)
	// ReplaceSiteFile puts another one in its place and has the program begin anew; false:
	// somebody ended it, and it stays so. After an error the site has the file that it had.
	ReplaceSiteFile(ctx context.Context, name string, yaml []byte) (bool, error)
}

// SiteEffect is what an apply of a Site object came to at the site.
type SiteEffect struct {
	Site  string `json:"site"`
	State string `json:"state" enum:"restarted,ended,elsewhere,unknown,stays" doc:"restarted: its program runs by the object. Else somebody has to do something."`
	Says  string `json:"says" doc:"What was done, or who has to do what."`
}

// siteFiles are those of the sites that the room runs; nil: it runs none.
func (r *Room) siteFiles() SiteFiles {
	if r.cfg.Setup == nil {
		return nil
	}
	f, _ := r.cfg.Setup.Programs.(SiteFiles)
	return f
}

// againstFiles judges what is planned for sites that the room runs by what their programs
// run by, too: a limit that the stored object does not know of is raised by it all the same.
func (r *Room) againstFiles(changes []object.Change) error {
	files := r.siteFiles()
	if files == nil {
		return nil
	}
	for i, c := range changes {
		if c.Kind != object.Site || !slices.Contains([]object.What{object.Create, object.Update, object.Unchanged}, c.What) {
			continue
		}
		text, err := files.SiteFile(c.Name)
		if errors.Is(err, ErrNoProgram) {
			continue
		}
		if err == nil {
			changes[i], err = r.against(c, text)
		}
		if err != nil {
			return problem(http.StatusConflict, "unread", fmt.Sprintf("the file by which site %s runs cannot be compared: %v", c.Name, err), "mend its site.yaml in the directory of the control room, then apply it again")
		}
	}
	return nil
}

// against adds to a change how it differs from the file that stands.
func (r *Room) against(c object.Change, text []byte) (object.Change, error) {
	reader, err := r.registry.read()
	if err != nil {
		return c, err
	}
	head := fmt.Sprintf("apiVersion: %s\nkind: %s\nmetadata: {name: %s}\nspec:\n  ", object.APIVersion, object.Site, c.Name)
	body := strings.ReplaceAll(strings.TrimPrefix(string(text), "---\n"), "\n", "\n  ")
	runs, err := reader.Read(siteFileName, []byte(head+body+"\n"))
	if err != nil {
		return c, err
	}
	was, is := runs[0].Object, c.After
	was.Metadata, is.Metadata.Version = is.Metadata, 0
	was.Metadata.Version = 0
	also, err := object.Plan([]object.Object{was}, []object.Object{is}, object.Prune{})
	if err != nil {
		return c, err
	}
	return joined(c, also[0]), nil
}

// joined is a change with what speaks in it of the file beside what speaks of the object.
func joined(c, file object.Change) object.Change {
	if file.What == object.Unchanged {
		return c
	}
	if c.What == object.Unchanged {
		c.What = object.Update // the object stands, and the site does not run by it
	}
	if c.What == object.Create {
		c.Fields, c.Needs, c.Risk = nil, nil, object.None // it is new here, and not at the site
	}
	fields := slices.Clone(file.Fields)
	for _, f := range c.Fields {
		if !slices.ContainsFunc(fields, func(x object.Field) bool { return x.Path == f.Path && x.Risk >= f.Risk }) {
			fields = append(fields, f)
		}
	}
	needs := slices.Clone(c.Needs)
	for _, n := range file.Needs {
		if !slices.Contains(needs, n) {
			needs = append(needs, n)
		}
	}
	slices.SortStableFunc(needs, func(a, b string) int { return cmp.Compare(weight(people.Verb(b)), weight(people.Verb(a))) })
	c.Fields, c.Needs, c.Risk = fields, needs, max(c.Risk, file.Risk)
	return c
}

// siteFileName is that of a site file, for messages.
const siteFileName = "site.yaml"

// takeEffect has the programs of sites begin anew by their objects. After an error none
// has: those that did run by their old files again, as after undo.
func (r *Room) takeEffect(ctx context.Context, changes []object.Change, s signed) (out []SiteEffect, undo func(), err error) {
	files := r.siteFiles()
	before := map[string][]byte{}
	undo = func() {
		for name, text := range before {
			_, err := files.ReplaceSiteFile(ctx, name, text)
			r.noted(ctx, "have site "+name+" run by the file that it had", err)
		}
	}
	for _, c := range changes {
		if c.Kind != object.Site {
			continue
		}
		old, no := []byte(nil), ErrNoProgram
		if files != nil {
			old, no = files.SiteFile(c.Name)
		}
		if no != nil || c.What == object.Delete {
			out = append(out, r.byHand(c, no == nil))
			continue
		}
		text, err := siteText(c, s)
		began := false
		if err == nil {
			began, err = files.ReplaceSiteFile(ctx, c.Name, text)
		}
		if err != nil {
			undo()
			p := problem(http.StatusConflict, "not_in_effect", fmt.Sprintf("site %s does not run by this, so nothing was changed: %v", c.Name, err), "mend what is named, and apply it again; the site runs by the file that it had")
			p.cause = err
			return nil, nil, p
		}
		before[c.Name] = old
		out = append(out, inEffect(c.Name, began))
	}
	return out, undo, nil
}

func inEffect(site string, began bool) SiteEffect {
	if !began {
		return SiteEffect{site, "ended", "somebody ended the program of site " + site + ": it runs by this object once it is started under Set-up"}
	}
	return SiteEffect{site, "restarted", "the program of site " + site + " began anew by this object"}
}

// siteText is the site file that an object comes to. What keeps a program from running by
// it is said as `sluice site check` says it.
func siteText(c object.Change, s signed) ([]byte, error) {
	head := fmt.Sprintf("# Written by the control room: %s/%s version %d, by %s. Change the object, not this file.\n", c.Kind, c.Name, c.Version+1, s.name())
	text := append([]byte(head), objectfile.Plain(c.After.Spec)...)
	_, err := runnable(text, c.Name)
	return text, err
}

// runnable is a site file by which the room can run a site.
func runnable(text []byte, name string) (*sitefile.File, error) {
	file, err := sitefile.Read(bytes.NewReader(text), siteFileName)
	if err == nil {
		_, err = file.Rigs()
	}
	if err != nil {
		return nil, listed(wrong("this site file cannot be used", "correct each fault; nothing was started"), err)
	}
	switch {
	case file.Site.Name != name:
		return nil, wrong(fmt.Sprintf("the file calls the site %q, and here it is %q", file.Site.Name, name), "keep the name, or draft it anew; nothing was started")
	case file.Control == nil || len(file.Groups) == 0:
		return nil, wrong("the file says no machines and meters", "keep its sections control and groups; nothing was started")
	case file.Prices == nil:
		return nil, wrong("the file names no prices", "keep its section prices; nothing was started")
	}
	return file, nil
}

// byHand says who has to do what where the room changes nothing at a site.
func (r *Room) byHand(c object.Change, runs bool) SiteEffect {
	switch {
	case runs:
		return SiteEffect{c.Name, "stays", "the object is gone, and the program of site " + c.Name + " runs on by its file: end it under Set-up, where it is not wanted any more"}
	case c.What == object.Delete:
		return SiteEffect{c.Name, "stays", "the object is gone; nothing changes at site " + c.Name}
	case r.has(c.Name):
		return SiteEffect{c.Name, "elsewhere", "the program of site " + c.Name + " is started elsewhere and runs on as it was: whoever runs it writes the spec of this object into its site file and starts 'sluice serve' anew"}
	}
	return SiteEffect{c.Name, "unknown", "no site " + c.Name + " is attached here: add it under Set-up, or attach it with --site, and it runs by its own file until then"}
}

// sayEffects is what applies came to at sites, in words.
func sayEffects(all []SiteEffect) string {
	var b strings.Builder
	for _, e := range all {
		b.WriteString("; " + e.Says)
	}
	return b.String()
}
