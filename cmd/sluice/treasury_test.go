package main

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/spf13/cobra"
)

// treasured runs sluice treasury as the program does, whether it is wired or not.
func treasured(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return treasuredIn(t.Context(), args...)
}

func treasuredIn(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	root := &cobra.Command{Use: "sluice", SilenceUsage: true, SilenceErrors: true}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return input(err) })
	root.AddCommand(newTreasury())
	root.SetArgs(append([]string{"treasury"}, args...))
	root.SetOut(&out)
	root.SetErr(&errs)
	begun := false
	noteBegin(root, &begun)
	err := root.ExecuteContext(ctx)
	var bad badInput
	switch {
	case err == nil:
		return exitOK, out.String(), errs.String()
	case errors.Is(err, context.Canceled):
		code = exitInterrupted
	case errors.As(err, &bad) || !begun:
		code = exitBadInput
	default:
		code = exitFailed
	}
	complain(&errs, err)
	return code, out.String(), errs.String()
}

func TestTreasuryTry(t *testing.T) {
	for _, args := range [][]string{{"--file", "/tmp/miner.yaml", "--j-per-th", "50", "--paths", "1000"}, {"--file", "/tmp/miner.yaml", "--j-per-th", "98", "--paths", "0", "--bitcoin", "/work/shared/data/btc_daily.csv"}} {
		code, out, errs := treasured(t, args...)
		t.Log(code, "\n", out, errs)
	}
}
