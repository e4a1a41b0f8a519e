package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	gpuhall "sluice/live/hall"
	"sluice/loop/curtail"
	"sluice/unit"
)

// wishFlags is what a curtailment is asked for with.
type wishFlags struct {
	hallFlags
	to, by       float64
	within, hold time.Duration
	keepFirm     bool
	why, who     string
	event        string
	yes, noWatch bool
	every        time.Duration
}

const wishHelp = `
Levers are pulled in the order of their damage: no new jobs are admitted, power
limits are lowered to the knee at most, preemptible jobs are evicted by what a
watt of them costs, empty nodes are switched off, and firm tenants come last,
unless --keep-firm. What a job loses is its work since the last proven save, its
restart and the time that it waits. Watts are those of the hall's meter; where no
meter stands in front of the hall, the sum of the GPUs' own sensors is taken and
nothing is called proven.
`

func hallPreview() *cobra.Command {
	f := &wishFlags{}
	c := f.bindWish(&cobra.Command{
		Use: "preview --to-mw X | --by-mw Y --within 10m", Short: "Show the plan of a curtailment with its price; nothing is done", Args: cobra.NoArgs,
		Long:    "Shows who would give up power, when the meter would show it, and what it would\ncost.\n" + wishHelp + exitHelp,
		Example: "  sluice hall preview --data /var/lib/sluice-hall --by-mw 0.5 --within 10m --hold 1h",
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := f.propose(c.Context())
			if err != nil {
				return err
			}
			if f.asJSON {
				return encode(c.OutOrStdout(), p)
			}
			tellProposal(c.OutOrStdout(), p)
			return nil
		},
	})
	return c
}

func hallCurtail() *cobra.Command {
	f := &wishFlags{}
	c := f.bindWish(&cobra.Command{
		Use: "curtail --to-mw X | --by-mw Y --within 10m", Short: "Bring the hall to a power, and show the outcome at the meters", Args: cobra.NoArgs,
		Long: `Shows the plan with its price, asks for a yes unless --yes is given, and begins.
Then it tells how far it is until the meter shows what was ordered, or the time is
over. The hall goes on by itself: leaving this command with Ctrl-C stops nothing.
Exit code 1 says that the meter did not show it in time.
` + wishHelp + exitHelp,
		Example: "  sluice hall curtail --data /var/lib/sluice-hall --to-mw 6 --within 10m --hold 1h --why 'grid operator, order 17'",
		RunE:    func(c *cobra.Command, _ []string) error { return f.run(c) },
	})
	l := c.Flags()
	l.BoolVar(&f.yes, "yes", false, "do not ask for confirmation")
	l.BoolVar(&f.noWatch, "no-watch", false, "return as soon as it has begun")
	l.StringVar(&f.who, "by", "", "who you are (default: your login)")
	l.StringVar(&f.event, "event", "", "name of the curtailment: lower-case letters, digits and dashes (default: by its time)")
	l.DurationVar(&f.every, "every", time.Second, "wait between two looks at how far it is")
	return c
}

// bindWish declares what preview and curtail share.
func (f *wishFlags) bindWish(c *cobra.Command) *cobra.Command {
	f.bind(c)
	l := c.Flags()
	l.Float64Var(&f.to, "to-mw", -1, "power at the hall's meter to come to")
	l.Float64Var(&f.by, "by-mw", -1, "power by which it shall fall")
	l.DurationVar(&f.within, "within", 10*time.Minute, "time until the meter shows it")
	l.DurationVar(&f.hold, "hold", 0, "how long it lasts; 0: until sluice hall release, priced as an hour")
	l.BoolVar(&f.keepFirm, "keep-firm", false, "firm tenants are not evicted even where nothing else can give the power")
	l.StringVar(&f.why, "why", "", "reason, for the tenants")
	c.MarkFlagsOneRequired("to-mw", "by-mw")
	c.MarkFlagsMutuallyExclusive("to-mw", "by-mw")
	return c
}

// wish is what the flags ask for.
func (f *wishFlags) wish() (gpuhall.Wish, error) {
	w := gpuhall.Wish{Within: f.within, Hold: f.hold, KeepFirm: f.keepFirm, Why: f.why, Who: me(f.who), Event: f.event}
	const most = 100_000
	switch {
	case f.to >= 0 && f.to <= most:
		w.To = unit.Power(f.to * float64(unit.Megawatt))
	case f.by > 0 && f.by <= most:
		w.By = unit.Power(f.by * float64(unit.Megawatt))
	default:
		return w, input(errors.New("--to-mw is 0 or more and --by-mw above 0, in megawatts"))
	}
	return w, nil
}

func (f *wishFlags) propose(ctx context.Context) (gpuhall.Proposal, error) {
	var p gpuhall.Proposal
	w, err := f.wish()
	if err == nil {
		err = f.post(ctx, "preview", w, &p)
	}
	return p, err
}

// run previews, asks, begins and watches.
func (f *wishFlags) run(c *cobra.Command) error {
	p, err := f.propose(c.Context())
	if err != nil {
		return err
	}
	out := c.OutOrStdout()
	if !f.asJSON {
		tellProposal(out, p)
	}
	if !f.yes {
		if f.asJSON {
			return input(errors.New("nothing was done: with --json give --yes too"))
		}
		if !agreed(c) {
			return input(errors.New("not confirmed, nothing was done: answer yes, or give --yes"))
		}
	}
	w, err := f.wish()
	if err != nil {
		return err
	}
	var a gpuhall.Answer
	if err := f.post(c.Context(), "curtail", w, &a); err != nil {
		return err
	}
	if !f.asJSON {
		fmt.Fprintln(out, a.Done)
	}
	if f.noWatch {
		if f.asJSON {
			return encode(out, a)
		}
		return nil
	}
	return f.watch(c, a.Event)
}

// agreed asks a person. The end of the input is no yes.
func agreed(c *cobra.Command) bool {
	fmt.Fprint(c.OutOrStdout(), "Do it? Type yes: ")
	line, _ := bufio.NewReader(io.LimitReader(c.InOrStdin(), 64)).ReadString('\n')
	return strings.TrimSpace(line) == "yes"
}

// errLate says that the meter did not show it in time.
var errLate = errors.New("the meter did not show it in time: sluice hall status says what stands in the way")

// watch tells how far an event is until it is there, or late.
func (f *wishFlags) watch(c *cobra.Command, event string) error {
	ctx, last := c.Context(), ""
	look := time.NewTicker(f.every)
	defer look.Stop()
	for {
		var s gpuhall.Status
		if err := f.ask(ctx, http.MethodGet, "status", nil, &s); err != nil {
			return err
		}
		e := s.Event
		if e == nil || e.Order.Event != event {
			return fmt.Errorf("the hall knows nothing of %s any more", event)
		}
		if line := progressLine(s); line != last && !f.asJSON {
			fmt.Fprintln(c.OutOrStdout(), line)
			last = line
		}
		late := s.At.After(e.By)
		if e.Phase != curtail.Shedding || late {
			return f.finish(c, s, late && e.Phase == curtail.Shedding)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-look.C:
		}
	}
}

// finish prints the outcome at the meters.
func (f *wishFlags) finish(c *cobra.Command, s gpuhall.Status, late bool) error {
	var err error
	if f.asJSON {
		err = encode(c.OutOrStdout(), s.Event)
	} else {
		tellCurtailment(c.OutOrStdout(), s)
	}
	if late {
		err = errors.Join(err, errLate)
	}
	return err
}

func hallRelease() *cobra.Command {
	f := &hallFlags{}
	var limit float64
	a := gpuhall.Ask{}
	c := f.bind(&cobra.Command{
		Use: "release", Short: "Give back what the running curtailment took", Args: cobra.NoArgs,
		Long: "In reverse order and in steps, each only after the hall's meter has shown room for\nit. Only what Sluice stopped is started again.\n" + exitHelp,
		RunE: func(c *cobra.Command, _ []string) error {
			if limit < 0 || limit > 100_000 {
				return input(fmt.Errorf("--limit-mw %g: give megawatts, 0 or more", limit))
			}
			a.Limit = unit.Power(limit * float64(unit.Megawatt))
			return f.act(c, "release", &a)
		},
	})
	c.Flags().Float64Var(&limit, "limit-mw", 0, "power at the hall's meter to stay below (default: that before the curtailment)")
	c.Flags().StringVar(&a.Who, "by", "", "who you are (default: your login)")
	c.Flags().StringVar(&a.Event, "event", "", "name of the curtailment (default: the running one)")
	return c
}

func hallStop() *cobra.Command {
	f := &hallFlags{}
	a := gpuhall.Ask{}
	c := f.bind(&cobra.Command{
		Use: "stop", Short: "Stop taking and giving back; what is down stays down", Args: cobra.NoArgs,
		Long: "Jobs that were only warned are left alone. sluice hall release gives back the rest.\n" + exitHelp,
		RunE: func(c *cobra.Command, _ []string) error { return f.act(c, "stop", &a) },
	})
	c.Flags().StringVar(&a.Who, "by", "", "who you are (default: your login)")
	c.Flags().StringVar(&a.Event, "event", "", "name of the curtailment (default: the running one)")
	return c
}

// act asks for something and tells what came of it.
func (f *hallFlags) act(c *cobra.Command, name string, a *gpuhall.Ask) error {
	a.Who = me(a.Who)
	var said gpuhall.Answer
	if err := f.post(c.Context(), name, a, &said); err != nil {
		return err
	}
	if f.asJSON {
		return encode(c.OutOrStdout(), said)
	}
	fmt.Fprintln(c.OutOrStdout(), said.Done)
	return nil
}
