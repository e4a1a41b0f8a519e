// Package victim kills a program in the middle of its work, for tests that look at what
// it leaves behind. The program is the test's own binary, which Main makes a victim.
//
// A kill is no power cut: what was written and not synced survives in the memory of the
// system. For that there is internal/powerloss.
package victim

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// marker is the environment variable that makes a test's binary a victim and holds its order.
const marker = "SLUICE_VICTIM"

// Work is what a victim does by its order, for ever: it writes a line to out for each
// thing that was acknowledged. An error is what keeps it from its work.
type Work func(ctx context.Context, order string, out io.Writer) error

// Obey does the work where this program is a victim, and ends it; else it returns.
// A TestMain begins with it.
func Obey(do Work) {
	order, ordered := os.LookupEnv(marker)
	if !ordered {
		return
	}
	fmt.Fprintln(os.Stderr, do(context.Background(), order, os.Stdout)) //nolint:forbidigo // it is the main function of the victim
	os.Exit(1)
}

// From is the order to begin with a number in a directory.
func From(n int, dir string) string { return fmt.Sprintf("%d|%s", n, dir) }

// Begins reads such an order.
func Begins(order string) (n int, dir string, err error) {
	first, dir, _ := strings.Cut(order, "|")
	n, err = strconv.Atoi(first)
	return n, dir, err
}

// Command is the test's own binary as a victim that is not started yet.
func Command(tb testing.TB, order string) *exec.Cmd {
	tb.Helper()
	binary, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	c := exec.CommandContext(tb.Context(), binary)
	c.Env = append(os.Environ(), marker+"="+order)
	return c
}

// Killed runs a victim, kills it some time after its first line, and returns the lines
// that it told in full. A victim that ends by itself fails the test.
func Killed(tb testing.TB, order string, after time.Duration) (told []string) {
	tb.Helper()
	c := Command(tb, order)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		tb.Fatal(err)
	}
	for lines := bufio.NewReader(out); ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // the last line may be cut off
		}
		if told == nil {
			time.AfterFunc(after, func() { _ = c.Process.Kill() }) //nolint:forbidigo // a kill happens in real time
		}
		told = append(told, strings.TrimSuffix(line, "\n"))
	}
	var died *exec.ExitError
	if err := c.Wait(); !errors.As(err, &died) || died.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		tb.Fatalf("the victim ended by itself: %v", err)
	}
	return told
}
