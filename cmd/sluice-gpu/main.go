// Command sluice-gpu reads the GPUs of one node, limits their power and puts back
// what it found. It is a program of its own: built with cgo it speaks NVML, the
// maker's library, and without it runs nvidia-smi; the main program needs neither.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"sluice/driver/gpu/node"
)

// version is set by the linker in a release.
var version = "development"

// The exit codes, as every help text states them.
const (
	exitOK       = 0
	exitFailed   = 1
	exitBadInput = 2
	exitRefused  = 3
)

const exitHelp = `
Exit codes:
  0  done
  1  something failed: the message says whether a GPU could not be put back
  2  bad input
  3  the node refuses, and every GPU has the limit it had`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// refused is what a node does not take.
type refused string

func (r refused) Error() string { return "refused: " + string(r) }

// badInput marks an error that the caller's input caused.
type badInput struct{ error }

// Unwrap returns the cause.
func (b badInput) Unwrap() error { return b.error }

// run is the whole program, for main and for tests.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot() //nolint:contextcheck // every command is handed ctx by ExecuteContext
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	begun := false
	for _, c := range root.Commands() {
		noteBegin(c, &begun)
	}
	err := root.ExecuteContext(ctx)
	var no refused
	var bad badInput
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &bad) || !begun:
		complain(stderr, err)
		return exitBadInput
	case errors.As(err, &no):
		complain(stderr, err)
		return exitRefused
	}
	complain(stderr, err)
	return exitFailed
}

// noteBegin lets begun tell whether a command came to do its work: what fails
// before that is the fault of the command line.
func noteBegin(c *cobra.Command, begun *bool) {
	if work := c.RunE; work != nil {
		c.RunE = func(c *cobra.Command, args []string) error {
			*begun = true
			return work(c, args)
		}
	}
}

func complain(w io.Writer, err error) {
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintf(w, "sluice-gpu: %s\n", strings.TrimSpace(line))
	}
}

// common is what every command is told.
type common struct {
	route, smi, dir, node string
	json                  bool
}

func newRoot() *cobra.Command {
	o := &common{}
	root := &cobra.Command{
		Use:   "sluice-gpu",
		Short: "Read the GPUs of this node and limit their power",
		Long: `sluice-gpu reads the GPUs of one node and limits their power. Before it touches a
limit it knows the range of the GPU and has written down what stood there, so that
restore, also after a restart, puts it back. All GPUs of a setting take it or none.
` + exitHelp,
		Version: version, SilenceUsage: true, SilenceErrors: true,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return badInput{err} })
	f := root.PersistentFlags()
	f.StringVar(&o.route, "route", "auto", "way to the GPUs: nvml, nvidia-smi or auto (nvml where this binary can)")
	f.StringVar(&o.smi, "nvidia-smi", "", "the program nvidia-smi; empty: from PATH")
	f.StringVar(&o.dir, "dir", "/var/lib/sluice-gpu", "folder that keeps the limits found")
	f.StringVar(&o.node, "node", "", "name of this node; empty: its host name")
	f.BoolVar(&o.json, "json", false, "print JSON")
	root.AddCommand(newRead(o), newStatus(o), newSet(o), newRestore(o), newServe(o))
	return root
}

// open finds the way to the GPUs and makes the agent over it.
func (o *common) open() (*node.Agent, func() error, error) {
	name := o.node
	if name == "" {
		host, err := os.Hostname()
		if err != nil {
			return nil, nil, badInput{fmt.Errorf("the host name is not known: %w: name the node with --node", err)}
		}
		name = host
	}
	board, end, err := o.board()
	if err != nil {
		return nil, nil, err
	}
	return node.New(board, node.Options{Node: name, Dir: o.dir}), end, nil
}

func (o *common) board() (node.Board, func() error, error) {
	switch o.route {
	case "nvml", "auto":
		b, err := node.OpenNVML()
		if err == nil {
			return b, b.Close, nil
		}
		if o.route == "nvml" {
			return nil, nil, err
		}
	case "nvidia-smi":
	default:
		return nil, nil, badInput{fmt.Errorf("route %q is not known: use nvml, nvidia-smi or auto", o.route)}
	}
	b, err := node.NewSMI(o.smi)
	return b, func() error { return nil }, err
}

// with runs work over an agent and closes its way to the GPUs.
func (o *common) with(work func(*node.Agent) error) error {
	a, end, err := o.open()
	if err != nil {
		return err
	}
	return errors.Join(work(a), end())
}
