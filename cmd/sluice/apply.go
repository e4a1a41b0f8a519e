package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"sluice/server/room"
)

// The exit codes that only these commands have.
const (
	exitDiffers  = 1
	exitAwaiting = 3
)

// exitCode ends the program with a code of its own; all there is to say was said.
type exitCode int

// Error implements error.
func (exitCode) Error() string { return "" }

// applyFlags is the command line of apply and diff.
type applyFlags struct {
	roomAsk

	files  []string
	dry    bool
	prune  bool
	labels []string
	reason string
}

// bind declares what apply and diff share.
func (f *applyFlags) bind(c *cobra.Command) {
	f.roomAsk.bind(c)
	c.Flags().StringArrayVarP(&f.files, "file", "f", nil, "file or directory with YAML, or - for what is piped in; may be repeated (required)")
	c.Flags().BoolVar(&f.prune, "prune", false, "delete what has all of --label and does not stand in the files")
	c.Flags().StringArrayVar(&f.labels, "label", nil, "of --prune: a label as KEY=VALUE; may be repeated")
	_ = c.MarkFlagRequired("file")
}

func newApply() *cobra.Command {
	f := &applyFlags{}
	c := &cobra.Command{
		Use:   "apply -f FILE|DIR|-",
		Short: "Bring what the control room keeps to what YAML files say",
		Long: `Applies objects from YAML files: sites, entities, meter templates, quotes, contacts,
routes, policies and the roles of groups. All of it is done, or nothing. What raises a
limit or changes who is paid waits for a second person: the request is printed, and
'sluice apply' ends with 3.
` + roomHelp + `
Exit codes:
  0    done, or there was nothing to do
  1    it failed on the way, and nothing was changed
  2    bad input: the message names the file, the line and the remedy
  3    it waits for a second person, and nothing was changed yet
  130  interrupted`,
		Example: "  sluice apply -f site.yaml --reason 'row 2 is built'\n  sluice apply -f objects/ --prune --label team=houston --dry-run",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return f.apply(c) },
	}
	f.bind(c)
	c.Flags().BoolVar(&f.dry, "dry-run", false, "say what would be done, and do nothing")
	c.Flags().StringVar(&f.reason, "reason", "", "stays in the audit log; what takes two people needs one")
	return c
}

func newDiff() *cobra.Command {
	f := &applyFlags{}
	c := &cobra.Command{
		Use:   "diff -f FILE|DIR|-",
		Short: "Show what 'sluice apply' would change",
		Long: `Shows field by field what an apply of YAML files would change, how many people it
takes, and changes nothing.
` + roomHelp + `
Exit codes:
  0    there is no difference
  1    there are differences
  2    an error: the message says what to do
  130  interrupted`,
		Example: "  sluice diff -f objects/",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return f.diff(c) },
	}
	f.bind(c)
	return c
}

func newExport() *cobra.Command {
	f := &roomAsk{}
	var kind, site string
	var labels []string
	c := &cobra.Command{
		Use:     "export",
		Short:   "Write what the control room keeps as YAML",
		Long:    "Writes objects as YAML to standard output. Applied again they change nothing.\n" + roomHelp + exitHelp,
		Example: "  sluice export > all.yaml\n  sluice export --kind Contact --label team=houston",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			text, err := f.ask(c.Context(), "GET", "/v1/objects/export"+sought(kind, site, labels), nil)
			if err == nil {
				_, err = c.OutOrStdout().Write(text)
			}
			return err
		},
	}
	f.bind(c)
	c.Flags().StringVar(&kind, "kind", "", "of one kind, such as Site")
	c.Flags().StringVar(&site, "site", "", "of one site")
	c.Flags().StringArrayVar(&labels, "label", nil, "with a label, as KEY=VALUE; may be repeated")
	return c
}

// apply applies the files.
func (f *applyFlags) apply(c *cobra.Command) error {
	u, err := f.upload(c)
	if err != nil {
		return input(err)
	}
	body := struct {
		room.ObjectUpload
		DryRun bool `json:"dry_run,omitempty"`
	}{u, f.dry}
	var out room.ObjectApplied
	text, err := f.ask(c.Context(), "POST", "/v1/objects/apply", body)
	if err == nil {
		err = understood(text, &out)
	}
	if err != nil {
		return err
	}
	if f.json {
		_, err = fmt.Fprintf(c.OutOrStdout(), "%s\n", strings.TrimSpace(string(text)))
	} else {
		err = f.tell(c.OutOrStdout(), out)
	}
	if err == nil && out.Request != nil {
		err = exitCode(exitAwaiting)
	}
	return err
}

// diff shows what would change.
func (f *applyFlags) diff(c *cobra.Command) error {
	u, err := f.upload(c)
	if err != nil {
		return input(err)
	}
	var out room.ObjectPlan
	text, err := f.ask(c.Context(), "POST", "/v1/objects/diff", u)
	if err == nil {
		err = understood(text, &out)
	}
	if err != nil {
		return input(err) // 1 is for differences alone
	}
	differs := changing(out)
	switch {
	case f.json:
		_, err = fmt.Fprintf(c.OutOrStdout(), "%s\n", strings.TrimSpace(string(text)))
	case len(differs) == 0:
		_, err = fmt.Fprintln(c.OutOrStdout(), "no differences")
	default:
		err = errors.Join(changes(c.OutOrStdout(), differs), outlook(c.OutOrStdout(), out))
	}
	if err == nil && len(differs) > 0 {
		err = exitCode(exitDiffers)
	}
	return err
}

// tell says what came of an apply.
func (f *applyFlags) tell(w io.Writer, out room.ObjectApplied) error {
	differs := changing(out.ObjectPlan)
	if len(differs) == 0 {
		_, err := fmt.Fprintln(w, "nothing to change")
		return err
	}
	err := changes(w, differs)
	switch {
	case out.Request != nil:
		_, no := fmt.Fprintf(w, "\nnothing was changed yet: somebody else has to approve request %s until %s\n", harmless(out.Request.ID), out.Request.Until.Format(time.RFC3339))
		err = errors.Join(err, no)
	case f.dry:
		err = errors.Join(err, outlook(w, out.ObjectPlan))
	default:
		_, no := fmt.Fprintf(w, "\napplied: %d changed\n", len(differs))
		err = errors.Join(err, no)
		for _, s := range out.Sites {
			_, no := fmt.Fprintln(w, harmless(s.Says))
			err = errors.Join(err, no)
		}
	}
	return err
}

// changing are the changes that change something.
func changing(p room.ObjectPlan) (out []room.ObjectChange) {
	for _, c := range p.Changes {
		if c.What != "unchanged" {
			out = append(out, c)
		}
	}
	return out
}

// changes is a table of changes, a line for each field.
func changes(w io.Writer, all []room.ObjectChange) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "CHANGE\tFIELD\tBEFORE\tAFTER\tRISK")
	for _, c := range all {
		fmt.Fprintf(t, "%s %s/%s\t\t\t\t%s: needs %s\n", c.What, clean(c.Kind), clean(c.Name), c.Risk, strings.Join(c.Needs, ", "))
		for _, f := range c.Fields {
			fmt.Fprintf(t, "\t%s\t%s\t%s\t%s\n", clean(f.Path), clean(f.Before), clean(f.After), f.Risk)
		}
	}
	return t.Flush()
}

// outlook says what an apply would take.
func outlook(w io.Writer, p room.ObjectPlan) error {
	says := "\nan apply takes one person\n"
	if p.Two {
		says = "\nan apply takes two people: it becomes a request\n"
	}
	if len(p.Lacks) > 0 {
		says += "you lack: " + harmless(strings.Join(p.Lacks, ", ")) + "\n"
	}
	_, err := fmt.Fprint(w, says)
	return err
}

// mostFile bounds one file, bytes, as the control room does.
const mostFile = 4 << 20

// upload reads the files.
func (f *applyFlags) upload(c *cobra.Command) (room.ObjectUpload, error) {
	u := room.ObjectUpload{Prune: f.prune, Reason: f.reason}
	if len(f.labels) > 0 && !f.prune {
		return u, errors.New("--label is for --prune: add that, or leave it out")
	}
	for _, l := range f.labels {
		k, v, both := strings.Cut(l, "=")
		if !both || k == "" {
			return u, fmt.Errorf("--label %q: write KEY=VALUE, such as team=houston", l)
		}
		if u.Labels == nil {
			u.Labels = map[string]string{}
		}
		u.Labels[k] = v
	}
	for _, name := range f.files {
		all, err := objectFiles(c.InOrStdin(), name)
		if err != nil {
			return u, err
		}
		u.Files = append(u.Files, all...)
	}
	return u, nil
}

// objectFiles reads a file, the YAML files of a directory, or what is piped in.
func objectFiles(in io.Reader, name string) ([]room.ObjectFile, error) {
	if name == "-" {
		text, err := io.ReadAll(io.LimitReader(in, mostFile+1))
		return []room.ObjectFile{{Name: "standard input", YAML: string(text)}}, err
	}
	about, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("-f: %w", err)
	}
	names := []string{name}
	if about.IsDir() {
		if names, err = yamlFiles(name); err != nil {
			return nil, err
		}
	}
	var out []room.ObjectFile
	for _, name := range names {
		text, err := readFile(name)
		if err != nil {
			return nil, err
		}
		out = append(out, room.ObjectFile{Name: name, YAML: text})
	}
	return out, nil
}

func readFile(name string) (text string, err error) {
	file, err := os.Open(name)
	if err != nil {
		return "", fmt.Errorf("-f: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	b, err := io.ReadAll(io.LimitReader(file, mostFile+1))
	if err == nil && len(b) > mostFile {
		err = fmt.Errorf("-f %s: it has more than %d bytes: split it", name, mostFile)
	}
	return string(b), err
}

// yamlFiles are those of a directory and below it, by name; hidden ones are left out.
func yamlFiles(dir string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(d.Name(), ".") && name != dir && d.IsDir():
			return fs.SkipDir
		case d.IsDir() || strings.HasPrefix(d.Name(), "."):
		case slices.Contains([]string{".yaml", ".yml"}, filepath.Ext(name)):
			out = append(out, name)
		}
		return nil
	})
	if err == nil && len(out) == 0 {
		err = errors.New("it holds no file that ends in .yaml or .yml")
	}
	if err != nil {
		return nil, fmt.Errorf("-f %s: %w", dir, err)
	}
	return out, nil
}

// understood reads an answer of the control room.
func understood(text []byte, into any) error {
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("what answers is no control room of this version: %w: correct --server", err)
	}
	return nil
}
