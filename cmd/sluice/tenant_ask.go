package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	counter "sluice/server/tenant"
	"sluice/use/hosting"
)

// asking is one thing that a tenant asks: how the request is made, and how its answer
// is told to people.
type asking[T any] struct {
	use, short, long, example string
	args                      cobra.PositionalArgs
	flags                     func(c *cobra.Command)
	request                   func(args []string) (method, path string, body any)
	check                     func() error // of the flags
	csv                       *bool
	tell                      func(w io.Writer, answer T)
}

func (a asking[T]) command() *cobra.Command {
	f := &askFlags{}
	c := &cobra.Command{
		Use: a.use, Short: a.short, Long: a.long + "\n" + tenantHelp, Example: a.example, Args: a.args,
		RunE: func(c *cobra.Command, args []string) error {
			if a.check != nil {
				if err := a.check(); err != nil {
					return input(err)
				}
			}
			accept := "application/json"
			if a.csv != nil && *a.csv {
				accept = "text/csv"
			}
			method, path, body := a.request(args)
			answer, err := f.ask(c.Context(), method, path, body, accept)
			if err != nil {
				return err
			}
			return a.show(c.OutOrStdout(), answer, accept, f)
		},
	}
	if c.Args == nil {
		c.Args = cobra.NoArgs
	}
	f.bind(c)
	if a.flags != nil {
		a.flags(c)
	}
	return c
}

// show prints an answer: as it came, or in words.
func (a asking[T]) show(w io.Writer, answer []byte, accept string, f *askFlags) error {
	if accept == "text/csv" {
		_, err := w.Write(answer)
		return err
	}
	if f.json {
		var b bytes.Buffer
		if err := json.Indent(&b, bytes.TrimSpace(answer), "", "  "); err != nil {
			return fmt.Errorf("what answers at %s is no server for tenants: %w: correct --server", f.server, err)
		}
		b.WriteByte('\n')
		_, err := w.Write(b.Bytes())
		return err
	}
	var v T
	if err := json.Unmarshal(answer, &v); err != nil {
		return fmt.Errorf("read the answer of %s: %w: is it a newer server? take the program of its version, or --json", f.server, err)
	}
	a.tell(w, v)
	return nil
}

// inquiryFlags say what GPUs are wanted, or how much power for other hardware.
type inquiryFlags struct {
	key, kind, hall, model, from, until, says string
	gpus, kw                                  int
	begin                                     time.Time
	end                                       *time.Time
	changed                                   func(flag string) bool
}

func (f *inquiryFlags) bind(c *cobra.Command) {
	f.changed = c.Flags().Changed
	c.Flags().StringVar(&f.kind, "kind", "", "reserved, flexible, on-demand, spot, batch or colocation (default: reserved; with --kw colocation)")
	c.Flags().IntVar(&f.gpus, "gpus", 0, "GPUs (they or --kw are required)")
	c.Flags().IntVar(&f.kw, "kw", 0, "kilowatts of IT power for hardware of your own: colocation")
	c.Flags().StringVar(&f.model, "model", "", "model of GPU (default: the only one there is)")
	c.Flags().StringVar(&f.hall, "hall", "", "hall (default: any that has it)")
	c.Flags().StringVar(&f.from, "from", "", "begin, in UTC unless an offset is given (required)")
	c.Flags().StringVar(&f.until, "until", "", "end (default: none)")
	c.MarkFlagsOneRequired("gpus", "kw")
	c.MarkFlagsMutuallyExclusive("gpus", "kw")
	_ = c.MarkFlagRequired("from")
}

func (f *inquiryFlags) check() (err error) {
	if f.kind == "" {
		f.kind = string(hosting.Reserved)
		if f.changed("kw") {
			f.kind = string(hosting.Colocation)
		}
	}
	if f.begin, err = parseInstant(f.from, time.UTC); err != nil {
		return fmt.Errorf("--from %q: %w", f.from, err)
	}
	if f.until == "" {
		return nil
	}
	end, err := parseInstant(f.until, time.UTC)
	if err != nil {
		return fmt.Errorf("--until %q: %w", f.until, err)
	}
	f.end = &end
	return nil
}

func newTenantQuote() *cobra.Command {
	f := &inquiryFlags{}
	return asking[counter.Quote]{
		use: "quote {--gpus N | --kw N} --from TIME", short: "Ask what GPUs or kilowatts cost, whether they can be had, and from when",
		long:    "It binds nobody, and keeps nothing free. --kw is colocation: power for hardware of\nyour own.",
		example: "  sluice tenant quote --server https://tenants.example:8443 --token-file acme.token --gpus 64 --model 'H100 SXM' --from 2026-12-01 --until 2027-03-01\n  sluice tenant quote --kw 120 --from 2026-12-01",
		flags:   f.bind, check: f.check, tell: sayQuote,
		request: func([]string) (string, string, any) {
			return http.MethodPost, "/v1/quote", counter.Inquiry{Kind: f.kind, Hall: f.hall, Model: f.model, GPUs: f.gpus, KW: f.kw, From: f.begin, Until: f.end}
		},
	}.command()
}

func newTenantReserve() *cobra.Command {
	f := &inquiryFlags{}
	return asking[counter.Reservation]{
		use: "reserve --key NAME {--gpus N | --kw N} --from TIME", short: "Ask to reserve GPUs, or power for hardware of your own",
		long: "What cannot be had is refused at once; all else is accepted, or waits for the\noperator. The same key and wish again is no second one.",
		flags: func(c *cobra.Command) {
			f.bind(c)
			c.Flags().StringVar(&f.key, "key", "", "name by which you know it (required)")
			c.Flags().StringVar(&f.says, "says", "", "words to the operator")
			_ = c.MarkFlagRequired("key")
		},
		check: f.check, tell: sayReservation,
		request: func([]string) (string, string, any) {
			return http.MethodPost, "/v1/reservations", counter.Wish{Key: f.key, Kind: f.kind, Hall: f.hall, Model: f.model, GPUs: f.gpus, KW: f.kw, From: f.begin, Until: f.end, Says: f.says}
		},
	}.command()
}

func newTenantCancel() *cobra.Command {
	return asking[counter.Reservation]{
		use: "cancel RESERVATION", short: "Take a reservation back that waits for its answer", long: "What was accepted is a contract: the operator ends it.",
		args: cobra.ExactArgs(1), tell: sayReservation,
		request: func(args []string) (string, string, any) {
			return http.MethodDelete, "/v1/reservations/" + url.PathEscape(args[0]), nil
		},
	}.command()
}

func newTenantReservations() *cobra.Command {
	return asking[[]counter.Reservation]{
		use: "reservations", short: "List what you asked for, and what became of it", long: "The one that begins first comes first.", tell: sayReservations,
		request: func([]string) (string, string, any) { return http.MethodGet, "/v1/reservations", nil },
	}.command()
}

func newTenantQueue() *cobra.Command {
	return asking[[]counter.Job]{
		use: "queue", short: "Show where your jobs stand, and why they wait",
		long: "The reason is in plain words: quota, power, price, contract, capacity, order.", tell: sayJobs,
		request: func([]string) (string, string, any) { return http.MethodGet, "/v1/jobs", nil },
	}.command()
}

// usageFlags narrow usage.
type usageFlags struct {
	from, to, contract, month string
	jobs, all, csv            bool
}

func (f *usageFlags) query() string {
	q := url.Values{}
	for name, v := range map[string]string{"from": f.from, "to": f.to, "contract": f.contract, "month": f.month} {
		if v != "" {
			q.Set(name, v)
		}
	}
	if f.all {
		q.Set("all", "true")
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

func newTenantUsage() *cobra.Command {
	f := &usageFlags{}
	rows := asking[counter.Usages]{csv: &f.csv, tell: sayUsage}
	return asking[json.RawMessage]{
		use: "usage", short: "Show what you used: GPU-hours and energy, as they are billed",
		long:    "By default the last day. A figure that is not read but estimated is marked.",
		example: "  sluice tenant usage --from 2026-11-01 --to 2026-12-01 --csv > november.csv\n  sluice tenant usage --jobs",
		csv:     &f.csv,
		flags: func(c *cobra.Command) {
			c.Flags().StringVar(&f.from, "from", "", "begin: an instant, or a day in UTC")
			c.Flags().StringVar(&f.to, "to", "", "end")
			c.Flags().StringVar(&f.contract, "contract", "", "one contract")
			c.Flags().BoolVar(&f.jobs, "jobs", false, "by job")
			c.Flags().BoolVar(&f.all, "all", false, "corrected revisions too")
			c.Flags().BoolVar(&f.csv, "csv", false, "print CSV")
		},
		check: func() error {
			if f.jobs && f.all {
				return errors.New("--all is of intervals: leave --jobs out")
			}
			return nil
		},
		request: func([]string) (string, string, any) {
			if f.jobs {
				return http.MethodGet, "/v1/usage/jobs" + f.query(), nil
			}
			return http.MethodGet, "/v1/usage" + f.query(), nil
		},
		tell: func(w io.Writer, answer json.RawMessage) {
			if f.jobs {
				sayJobUse(w, answer)
				return
			}
			var u counter.Usages
			if json.Unmarshal(answer, &u) == nil {
				rows.tell(w, u)
			}
		},
	}.command()
}

func newTenantLevel() *cobra.Command {
	f := &usageFlags{}
	return asking[[]counter.Level]{
		use: "level", short: "Show how you were served this month: availability, what counts against it, the credit so far",
		long: "The credit is that of the month if nothing more goes wrong.",
		flags: func(c *cobra.Command) {
			c.Flags().StringVar(&f.month, "month", "", "month such as 2026-11 (default: the present one)")
			c.Flags().StringVar(&f.contract, "contract", "", "one contract")
		},
		tell:    sayLevel,
		request: func([]string) (string, string, any) { return http.MethodGet, "/v1/level" + f.query(), nil },
	}.command()
}

func newTenantNotices() *cobra.Command {
	f := &usageFlags{}
	return asking[[]counter.Curtailment]{
		use: "notices", short: "List curtailments that come, are on, and were", long: "Times are UTC. By default from 30 days ago.",
		flags:   func(c *cobra.Command) { c.Flags().StringVar(&f.from, "from", "", "those that end after it") },
		tell:    sayNotices,
		request: func([]string) (string, string, any) { return http.MethodGet, "/v1/curtailments" + f.query(), nil },
	}.command()
}

func newTenantAccess() *cobra.Command {
	var issue bool
	var engine string
	return asking[json.RawMessage]{
		use: "access", short: "Show your accounts in the engine, or have one issued with --issue",
		long: "The secret of a new account is printed once.",
		flags: func(c *cobra.Command) {
			c.Flags().BoolVar(&issue, "issue", false, "make the account, or renew its secret")
			c.Flags().StringVar(&engine, "engine", "", "with --issue: the engine (default: the only one)")
		},
		request: func([]string) (string, string, any) {
			if issue {
				return http.MethodPost, "/v1/access", counter.Admission{Engine: engine}
			}
			return http.MethodGet, "/v1/access", nil
		},
		tell: func(w io.Writer, answer json.RawMessage) { sayAccess(w, issue, answer) },
	}.command()
}
