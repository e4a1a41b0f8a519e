package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"sluice/device"
	"sluice/driver/audit"
	"sluice/driver/scan"
)

// auditFlags is what device audit takes.
type auditFlags struct {
	deviceFlags
	try      bool
	attempts int
	pools    []string
}

func newDeviceAudit() *cobra.Command {
	var f auditFlags
	c := &cobra.Command{
		Use:   "audit CIDR",
		Short: "Look for open doors before machines are admitted",
		Long: `Finds the machines of a network and reports what is to be mended before they
are commanded: those that obey whoever reaches them, one MAC at two addresses,
an interface for orders that is switched off, pools that are not on the list,
and firmware that does not state its version. Nothing is written.

With --try-defaults it also attempts to log in with the passwords that machines
leave the factory with, each once a machine and at most --attempts a second.
Some firmware checks its password with orders only; it is listed as untold.
` + deviceHelp + exitHelp + `

A finding of high severity counts as failed: exit code 1.`,
		Example: `  sluice device audit 10.20.1.0/24 --network 10.20.0.0/16 --try-defaults
  sluice device audit 10.20.1.0/24 --network 10.20.0.0/16 --credentials miners.sealed --seal-key seal.key \
    --pool 'stratum+tcp://pool.example:3333,site.*'`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return f.run(c, args[0]) },
	}
	f.bind(c)
	c.Flags().BoolVar(&f.try, "try-defaults", false, "attempt to log in with published passwords")
	c.Flags().IntVar(&f.attempts, "attempts", 5, "such attempts a second")
	c.Flags().StringArrayVar(&f.pools, "pool", nil, "a pool that machines may mine at, as url,worker; * stands for any characters")
	return c
}

// allowed reads the pools.
func (f *auditFlags) allowed() (func(device.Pool) bool, error) {
	var a audit.Allow
	for _, text := range f.pools {
		url, worker, ok := strings.Cut(text, ",")
		if !ok || url == "" || worker == "" {
			return nil, fmt.Errorf("--pool %q: write url,worker such as stratum+tcp://pool.example:3333,site.*", text)
		}
		a = append(a, struct{ URL, Worker string }{url, worker})
	}
	if len(a) == 0 {
		return nil, nil //nolint:nilnil // pools are not judged
	}
	return a.Holds, nil
}

// run audits what it finds, and prints also after an interruption.
func (f *auditFlags) run(c *cobra.Command, target string) error {
	if f.attempts < 1 {
		return input(errors.New("--attempts is above zero"))
	}
	pool, err := f.allowed()
	if err != nil {
		return input(err)
	}
	b, err := f.bench()
	if err != nil {
		return err
	}
	r, err := b.look(c.Context(), target, progress(c.ErrOrStderr()))
	if err != nil {
		return err
	}
	machines := subjects(r)
	found, err := audit.Audit(c.Context(), machines, audit.Options{
		Key: b.key, TryDefaults: f.try, Rate: f.attempts, Timeout: f.timeout, Parallel: f.parallel, Pool: pool,
	})
	if e := f.tell(c.OutOrStdout(), len(machines), found); e != nil {
		return e
	}
	if err != nil {
		return err
	}
	return graves(found)
}

// subjects are the machines of a scan.
func subjects(r scan.Report) []audit.Subject {
	var out []audit.Subject
	for _, f := range r.Found {
		if f.Err == nil {
			out = append(out, audit.Subject{Address: f.Address, Identity: f.Identity, Driver: f.Driver})
		}
	}
	return out
}

// graves is the failure that findings of high severity are.
func graves(found []audit.Finding) error {
	high := 0
	for _, x := range found {
		if x.Severity == audit.High {
			high++
		}
	}
	if high > 0 {
		return fmt.Errorf("%d findings of high severity: mend them before these machines are admitted", high)
	}
	return nil
}

// findingJSON is a finding as scripts read it.
type findingJSON struct {
	Addresses []string       `json:"addresses"`
	Severity  audit.Severity `json:"severity"`
	Kind      audit.Kind     `json:"kind"`
	Text      string         `json:"text"`
	Remedy    string         `json:"remedy"`
}

// auditJSON is an audit as scripts read it.
type auditJSON struct {
	Machines int           `json:"machines"`
	Tried    bool          `json:"tried_defaults"`
	Findings []findingJSON `json:"findings"`
}

func (f *auditFlags) tell(w io.Writer, machines int, found []audit.Finding) error {
	if f.asJSON {
		out := auditJSON{machines, f.try, []findingJSON{}}
		for _, x := range found {
			out.Findings = append(out.Findings, findingJSON{strings.Fields(x.Host), x.Severity, x.Kind, clean(x.Text), x.Remedy})
		}
		return encode(w, out)
	}
	at := map[audit.Finding][]string{} // what is alike at many machines is said once
	var order []audit.Finding
	for _, x := range found {
		what := x
		what.Host = ""
		if at[what] == nil {
			order = append(order, what)
		}
		at[what] = append(at[what], x.Host)
	}
	for _, x := range order {
		fmt.Fprintf(w, "%-6s  %s: %s\n        %s\n", x.Severity, clean(x.Text), x.Remedy, strings.Join(at[x], ", "))
	}
	fmt.Fprintf(w, "%d machines, %d findings", machines, len(found))
	if !f.try {
		fmt.Fprint(w, "; passwords of the factory were not tried: --try-defaults")
	}
	fmt.Fprintln(w)
	return nil
}
