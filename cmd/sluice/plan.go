package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"sluice/capital"
	"sluice/driver/planfile"
)

// planFlags say which plan is computed and what of it is shown.
type planFlags struct {
	file, example, site, without string
	years, months, csv, json     bool
}

func newPlan() *cobra.Command {
	in := planFlags{}
	c := &cobra.Command{
		Use: "plan --file PLAN.yaml", Short: "Work a plan out: what converting sites brings, costs and needs, over years", Args: cobra.NoArgs,
		Long: `Works a plan of up to 20 years out on the path that it expects: net present value
and return with and without what is left at the end, payback, the most money it
needs and the first month without cash; for each project its return alone and
against the mining it displaces, what a delay costs, and the levelised cost of
what it sells; profit and loss, cash and balance sheet that tie; coverage of debt;
and figures that somebody published held against those of the plan. What no source
is named for is marked as assumed. docs/plan.md walks through one and lists all
keys, docs/formula/model.md has the formulas.

It is one path, and no promise: nothing is late and nobody defaults on it.
` + exitHelp,
		Example: `  sluice plan --file washington
  sluice plan --example operator > plan.yaml
  sluice plan --file plan.yaml --site fjord --months
  sluice plan --file plan.yaml --without "fjord colocation" --json`,
		RunE: func(c *cobra.Command, _ []string) error { return in.run(c.OutOrStdout()) },
	}
	f := c.Flags()
	f.StringVar(&in.file, "file", "", "plan file, or the name of a shipped example (washington, operator)")
	f.StringVar(&in.example, "example", "", "print the shipped example of this name, to be changed and used with --file")
	f.StringVar(&in.site, "site", "", "show what this site alone causes instead of the statements of the company")
	f.StringVar(&in.without, "without", "", "work the plan out without this project and what is borrowed for it")
	f.BoolVar(&in.years, "years", false, "statements by year (the default)")
	f.BoolVar(&in.months, "months", false, "statements by month")
	f.BoolVar(&in.csv, "csv", false, "print the statements as CSV, one amount a row")
	f.BoolVar(&in.json, "json", false, "print JSON")
	c.MarkFlagsMutuallyExclusive("years", "months")
	c.MarkFlagsMutuallyExclusive("csv", "json")
	return c
}

func (in planFlags) run(w io.Writer) error {
	if in.example != "" {
		text, err := planfile.Example(in.example)
		if err != nil {
			return input(err)
		}
		_, err = w.Write(text)
		return err
	}
	if in.file == "" {
		return input(errors.New("name the plan: --file with a plan file or a shipped example (washington, operator), see --help"))
	}
	s, err := in.load()
	if err != nil {
		return input(err)
	}
	if err := s.work(); err != nil {
		return err
	}
	switch {
	case in.csv:
		return s.csv(w)
	case in.json:
		return printJSON(w, s.view())
	}
	s.print(w)
	return nil
}

// load reads the plan and what it names.
func (in planFlags) load() (*planReport, error) {
	f, err := planfile.Load(in.file)
	if err != nil {
		return nil, err
	}
	s := &planReport{file: f, site: -1, monthly: in.months}
	if s.histories, s.told, err = readPlanHistories(f); err != nil {
		return nil, err
	}
	s.plan = f.Plan.Converted()
	if in.without != "" {
		if s.plan, err = planLeaveOut(s.plan, in.without); err != nil {
			return nil, err
		}
		s.left = in.without
	}
	if in.site != "" {
		s.site = slices.IndexFunc(s.plan.Sites, func(x capital.Site) bool { return x.Name == in.site })
		if s.site < 0 {
			return nil, fmt.Errorf("--site %q: there is no such site: there is %s", in.site, strings.Join(planSites(s.plan), ", "))
		}
	}
	if s.model, s.run, err = s.compute(s.plan); err != nil {
		return nil, s.file.Locate(err)
	}
	s.claims, err = s.holdAgainst()
	return s, err
}

func planSites(p capital.Plan) (out []string) {
	for _, s := range p.Sites {
		out = append(out, s.Name)
	}
	return out
}

// planLeaveOut is a plan without a project, its loans, what waits for them and what was
// published of it.
func planLeaveOut(p capital.Plan, project string) (capital.Plan, error) {
	if !slices.ContainsFunc(p.Projects, func(x capital.Project) bool { return x.Name == project }) {
		var names []string
		for _, x := range p.Projects {
			names = append(names, x.Name)
		}
		return p, fmt.Errorf("--without %q: there is no such project: there is %s", project, strings.Join(names, ", "))
	}
	return planWithout(p, project), nil
}

// planWithout is Plan.Without with the sources of what stays, and with what was
// published of it.
func planWithout(p capital.Plan, project string) capital.Plan {
	out := p.Without(project)
	gone := map[string]bool{}
	for _, l := range p.Loans {
		gone[l.Name] = l.For == project
	}
	of := "projects." + project
	out.Published = slices.DeleteFunc(slices.Clone(p.Published), func(x capital.Published) bool { return strings.HasPrefix(x.Our, of+".") })
	out.Sources = map[string]capital.Source{}
	for place, s := range p.Sources {
		if place != of && !strings.HasPrefix(place, of+".") && !gone[planLoanOf(place)] {
			out.Sources[place] = s
		}
	}
	return out
}

// planLoanOf is the loan that a place such as loans.north.rate is about.
func planLoanOf(place string) string {
	rest, ok := strings.CutPrefix(place, "loans.")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, ".")
	return name
}
