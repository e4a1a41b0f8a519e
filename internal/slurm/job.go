package slurm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Job is what a tenant submits.
type Job struct {
	Name, Tenant, Queue string
	GPUs                int
	Limit               time.Duration
	Bare                bool     // asks for no license: the cluster adds it
	Deaf                bool     // heeds no signal that can be caught
	More                []string // arguments of sbatch
}

// Submit submits a job with its watts and returns its ID.
func (c *Cluster) Submit(ctx context.Context, j Job) (string, error) {
	perNode, nodes := j.GPUs, 1
	if j.GPUs > PerNode {
		perNode, nodes = PerNode, (j.GPUs+PerNode-1)/PerNode
	}
	args := []string{
		"--parsable", "--requeue", "--output=/dev/null", "--chdir=/", "--job-name=" + j.Name, "--account=" + j.Tenant, "--partition=" + j.Queue,
		"--nodes=" + strconv.Itoa(nodes), fmt.Sprintf("--gres=gpu:h100:%d", perNode), "--ntasks-per-node=1", "--signal=B:USR1@60",
	}
	if !j.Bare {
		args = append(args, fmt.Sprintf("--licenses=kw:%d", j.GPUs*KilowattGPU))
	}
	if j.Limit > 0 {
		args = append(args, "--time="+strconv.Itoa(int(j.Limit/time.Minute)))
	}
	manner := "meek"
	if j.Deaf {
		manner = "deaf"
	}
	args = append(append(args, j.More...), filepath.Join(c.Dir, "job"), manner, filepath.Join(c.Dir, "jobs"))
	out, err := c.Run(ctx, "sbatch", args...)
	return strings.TrimSpace(out), err
}

// End lets a job come to its end by itself, in a tenth of a second.
func (c *Cluster) End(id string) error {
	return os.WriteFile(filepath.Join(c.Dir, "jobs", id+".end"), nil, 0o600)
}

// Heard lists what a job wrote down, such as start, USR1 or TERM, with the time.
func (c *Cluster) Heard(id string) (map[string]time.Time, error) {
	return c.stamps(filepath.Join("jobs", id+".log"))
}

// Alive reports whether the batch script of a job runs: until it ends, its GPUs draw power.
func (c *Cluster) Alive(id string) (bool, error) {
	text, err := os.ReadFile(filepath.Join(c.Dir, "jobs", id+".pid")) //nolint:gosec // our own folder
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid < 2 {
		return false, fmt.Errorf("job %s wrote %q for its process: %w", id, text, err)
	}
	return syscall.Kill(pid, 0) == nil, nil
}

// Time gives an order and waits until what it orders is seen. It returns how
// long that took, from before the order.
func (c *Cluster) Time(ctx context.Context, order func() error, seen func() (bool, error)) (time.Duration, error) {
	begun := time.Now()
	if err := order(); err != nil {
		return 0, err
	}
	err := c.until(ctx, "what was ordered", func() error {
		ok, err := seen()
		if err == nil && !ok {
			err = errors.New("not seen yet")
		}
		return err
	})
	return time.Since(begun), err
}

// Hooks lists when the programs that switch nodes were last called, such as "off n1".
func (c *Cluster) Hooks() (map[string]time.Time, error) { return c.stamps("hooks.log") }

// stamps reads lines of a time in seconds and words; the last of each counts.
func (c *Cluster) stamps(file string) (map[string]time.Time, error) {
	text, err := os.ReadFile(filepath.Join(c.Dir, file)) //nolint:gosec // our own folder
	if err != nil {
		return nil, err
	}
	out := map[string]time.Time{}
	for line := range strings.Lines(string(text)) {
		stamp, words, ok := strings.Cut(strings.TrimSpace(line), " ")
		whole, part, _ := strings.Cut(stamp, ".")
		s, err := strconv.ParseInt(whole, 10, 64)
		n, err2 := strconv.ParseInt(part, 10, 64)
		if !ok || errors.Join(err, err2) != nil {
			return nil, fmt.Errorf("%s: %q", file, line)
		}
		out[words] = time.Unix(s, n).UTC()
	}
	return out, nil
}

// Clear ends every job, opens every partition, takes every reservation away and
// switches every node on, and waits until all of it is so.
func (c *Cluster) Clear(ctx context.Context) error {
	if _, err := c.Run(ctx, "scontrol", "ping"); err != nil {
		return nil // nobody is there to be cleared
	}
	reservations, err := c.Run(ctx, "scontrol", "--oneliner", "show", "reservation")
	if err != nil {
		return err
	}
	for line := range strings.Lines(reservations) {
		if name, ok := strings.CutPrefix(strings.Fields(line)[0], "ReservationName="); ok {
			if _, err := c.Run(ctx, "scontrol", "delete", "reservationname="+name); err != nil {
				return err
			}
		}
	}
	for _, p := range []string{Firm, Spot} {
		if _, err := c.Run(ctx, "scontrol", "update", "partitionname="+p, "state=up", "denyaccounts="); err != nil {
			return err
		}
	}
	if err := c.empty(ctx); err != nil {
		return err
	}
	return c.awake(ctx)
}

// empty kills every job and waits for the last.
func (c *Cluster) empty(ctx context.Context) error {
	for _, args := range [][]string{{"--full", "--signal=KILL", "--state=RUNNING"}, {}} {
		for _, user := range []string{"root", watcher} {
			if _, err := c.Run(ctx, "scancel", append(args, "--user="+user)...); err != nil {
				return err
			}
		}
	}
	return c.until(ctx, "an empty queue", func() error {
		out, err := c.Run(ctx, "squeue", "--noheader")
		if err == nil && out != "" {
			return errors.New(out)
		}
		return err
	})
}

// awake switches nodes on that are off, and waits until they are idle.
func (c *Cluster) awake(ctx context.Context) error {
	told := map[string]bool{}
	return c.until(ctx, "idle nodes", func() error {
		out, err := c.Run(ctx, "sinfo", "--noheader", "--Node", "--format=%N %T", "--partition="+Firm)
		if err != nil {
			return err
		}
		for line := range strings.Lines(out) {
			name, state, _ := strings.Cut(strings.TrimSpace(line), " ")
			if state == "idle" {
				continue
			}
			if !told[name] && strings.Contains(state, "~") {
				told[name] = true
				if _, err := c.Run(ctx, "scontrol", "update", "nodename="+name, "state=power_up"); err != nil {
					return err
				}
			}
			return errors.New(out)
		}
		return nil
	})
}
