package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	counter "sluice/server/tenant"
	"sluice/store/tenants"
)

// officeFlags are those of every command of the operator on tenants.
type officeFlags struct {
	data, site string
	accounts   []string
	until      string
	json       bool
	q          counter.Order
}

// tokenLife is how long a token lives that nobody says it of.
const tokenLife = 365 * 24 * time.Hour

// officeCommand is one thing that the operator orders.
func officeCommand(do, use, short, long string, tell func(io.Writer, counter.Report)) (*cobra.Command, *officeFlags) {
	f := &officeFlags{q: counter.Order{Do: do}}
	c := &cobra.Command{
		Use: use, Short: short, Long: long + "\n\nA server that runs on the data directory carries it out; otherwise this command does.\n" + exitHelp, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				f.q.Tenant, f.q.Reservation = args[0], args[0]
			}
			if len(args) > 1 {
				f.q.Token = args[1]
			}
			r, err := f.carry(c.Context())
			if err != nil {
				return err
			}
			if f.json {
				return printJSON(c.OutOrStdout(), r)
			}
			tell(c.OutOrStdout(), r)
			return nil
		},
	}
	c.Flags().StringVar(&f.data, "data", "", "data directory in which tenants are kept (required)")
	c.Flags().BoolVar(&f.json, "json", false, "print JSON")
	_ = c.MarkFlagRequired("data")
	return c, f
}

// sayDone tells what was done.
func sayDone(w io.Writer, r counter.Report) { fmt.Fprintln(w, harmless(r.Done)) }

func newTenantAdd() *cobra.Command {
	c, f := officeCommand("add", "add NAME --data DIR", "Make a tenant known",
		`Makes a tenant known; the same again changes its label and adds contracts. Contracts
of a site file are found by themselves, by their tenant. A contract is one
tenant's for ever, and an account of an engine is one tenant's alone.`, sayDone)
	c.Args = cobra.ExactArgs(1)
	c.Example = "  sluice tenant add acme --label 'Acme Research' --data /var/lib/sluice"
	c.Flags().StringVar(&f.q.Label, "label", "", "name for people")
	c.Flags().StringSliceVar(&f.q.Contracts, "contract", nil, "contracts that are the tenant's, beside those of the site file")
	c.Flags().StringSliceVar(&f.accounts, "account", nil, "accounts that the tenant has already, as ENGINE=ACCOUNT")
	return c
}

func newTenantToken() *cobra.Command {
	c, f := officeCommand("token", "token NAME --data DIR", "Issue a token to a tenant, and print it once",
		`Issues a token. It is printed once and kept nowhere: what is stored is a salted
hash. Hand it over on a way that others do not read.`, func(w io.Writer, r counter.Report) {
			fmt.Fprintf(w, "%s\n%s\n", harmless(r.Done), r.Secret)
		})
	c.Args = cobra.ExactArgs(1)
	c.Flags().StringVar(&f.q.Label, "label", "", "what it is for")
	c.Flags().StringVar(&f.until, "until", "", "when it ends, in UTC unless an offset is given (default: a year from now; never: it does not end)")
	return c
}

func newTenantRevoke() *cobra.Command {
	c, _ := officeCommand("revoke", "revoke NAME TOKEN-ID --data DIR", "End a token at once", "The id is the middle part of a token, and stands in the list.", sayDone)
	c.Args = cobra.ExactArgs(2)
	return c
}

func newTenantClose() *cobra.Command {
	c, _ := officeCommand("close", "close NAME --data DIR", "End all tokens of a tenant, for good", "All that is known of the tenant stays.", sayDone)
	c.Args = cobra.ExactArgs(1)
	return c
}

func newTenantList() *cobra.Command {
	c, f := officeCommand("list", "list --data DIR", "List tenants, and what waits for the operator", "Tokens are shown without their secrets.", listTenants)
	c.Flags().StringVar(&f.site, "site", "", "site file, to hold what waits against the calendar (a server that runs has its own)")
	return c
}

func newTenantAccept() *cobra.Command {
	c, f := officeCommand("accept", "accept RESERVATION --data DIR", "Let a reservation have what it asks for",
		`Accepts what fits, for its whole term, and keeps it free until it is entered in the
site file as the contract that is named.`, sayDone)
	c.Args = cobra.ExactArgs(1)
	f.deciding(c)
	c.Flags().StringVar(&f.q.Contract, "contract", "", "contract that it becomes (default: TENANT-KEY)")
	c.Flags().BoolVar(&f.q.Despite, "despite", false, "accept it although it does not fit")
	return c
}

func newTenantRefuse() *cobra.Command {
	c, f := officeCommand("refuse", "refuse RESERVATION --why TEXT --data DIR", "Refuse a reservation, or end an accepted one", "The tenant reads why.", sayDone)
	c.Args = cobra.ExactArgs(1)
	f.deciding(c)
	c.Flags().StringVar(&f.q.Why, "why", "", "the reason, for the tenant (required)")
	_ = c.MarkFlagRequired("why")
	return c
}

func (f *officeFlags) deciding(c *cobra.Command) {
	c.Flags().StringVar(&f.q.By, "by", "", "who you are (default: your login)")
	c.Flags().StringVar(&f.site, "site", "", "site file, to hold it against the calendar (a server that runs has its own)")
}

// carry has the order carried out by the server that runs, or here.
func (f *officeFlags) carry(ctx context.Context) (counter.Report, error) {
	if err := f.fill(); err != nil {
		return counter.Report{}, input(err)
	}
	r, err := counter.Tell(ctx, f.data, f.q)
	if errors.Is(err, counter.ErrNobody) {
		r, err = f.here(ctx)
	}
	if errors.Is(err, counter.ErrNo) {
		err = input(err)
	}
	return r, err
}

// fill completes the order from the flags.
func (f *officeFlags) fill() error {
	if f.q.By == "" {
		f.q.By = "operator"
		if u, err := user.Current(); err == nil {
			f.q.By = u.Username
		}
	}
	for _, text := range f.accounts {
		engine, account, cut := strings.Cut(text, "=")
		if !cut || engine == "" || account == "" {
			return fmt.Errorf("--account %q: write ENGINE=ACCOUNT, such as slurm=acme", text)
		}
		if f.q.Accounts == nil {
			f.q.Accounts = map[string]string{}
		}
		f.q.Accounts[engine] = account
	}
	if f.q.Do != "token" || f.until == "never" {
		return nil
	}
	f.q.Until = now().Add(tokenLife)
	if f.until == "" {
		return nil
	}
	var err error
	if f.q.Until, err = parseInstant(f.until, time.UTC); err != nil {
		return fmt.Errorf("--until %q: %w", f.until, err)
	}
	return nil
}

// here carries the order out on the data directory itself.
func (f *officeFlags) here(ctx context.Context) (r counter.Report, err error) {
	if _, err := os.Stat(filepath.Join(f.data, "tenants.db")); err != nil && f.q.Do != "add" {
		return r, input(fmt.Errorf("%s: no tenants are kept here: correct --data, or begin with 'sluice tenant add'", f.data))
	}
	store, err := tenants.Open(ctx, f.data)
	if errors.Is(err, tenants.ErrLocked) {
		err = fmt.Errorf("%w: it takes no orders about tenants: stop it first", err)
	}
	if err != nil {
		return r, input(err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	o := counter.Office{Store: store, Now: now}
	if f.site != "" {
		book, err := newSiteBook(f.site, store, io.Discard)
		if err != nil {
			return r, input(err)
		}
		o.Books = book
	}
	return o.Carry(ctx, f.q)
}

// listTenants shows tenants and what waits.
func listTenants(w io.Writer, r counter.Report) {
	for _, t := range r.Tenants {
		fmt.Fprintln(w, strings.TrimSpace(t.Name+"  "+harmless(t.Label)))
		if t.Closed != nil {
			fmt.Fprintf(w, "  closed     %s\n", dateOf(*t.Closed))
		}
		fmt.Fprintf(w, "  contracts  %s\n", orNone(t.Contracts))
		fmt.Fprintf(w, "  accounts   %s\n", orNone(t.Accounts))
		for _, x := range t.Tokens {
			fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("  token      %s  %s  %s", x.ID, standing(x), harmless(x.Label)), " "))
		}
	}
	if len(r.Tenants) == 0 {
		fmt.Fprintln(w, "no tenants: begin with 'sluice tenant add'")
	}
	if len(r.Open) == 0 {
		return
	}
	fmt.Fprintln(w, "\nWaiting for you: sluice tenant accept or refuse")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, x := range r.Open {
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%s\t%s to %s\n", x.ID, x.Tenant, x.Kind, sizeText(x.GPUs, x.KW, x.Model), x.Hall, dateOf(x.From), dayOrNone(x.Until))
		fmt.Fprintf(t, "  \tfits: %s\n", harmless(x.Fits))
	}
	_ = t.Flush()
}

// standing is how a token stands.
func standing(x counter.Token) string {
	switch {
	case x.Revoked != nil:
		return "revoked " + dateOf(*x.Revoked)
	case x.Until != nil:
		return "until " + dateOf(*x.Until)
	}
	return "does not end"
}

func orNone(all []string) string {
	if len(all) == 0 {
		return "none"
	}
	return harmless(strings.Join(all, ", "))
}

func dateOf(t time.Time) string { return t.UTC().Format(time.DateOnly) }

func dayOrNone(t *time.Time) string {
	if t == nil {
		return "open end"
	}
	return dateOf(*t)
}
