package slurm

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"sluice/engine"
)

// Admit makes an account with its limits and lets its people use it. An account
// of that name that is there already is taken over. Slurm's own people need no
// secret: who is logged in on a host of the cluster submits.
func (s *Slurm) Admit(ctx context.Context, t engine.Tenant) (engine.Access, error) {
	l, err := s.registry(t.Name)
	if err != nil {
		return engine.Access{}, err
	}
	if err := s.door(ctx, t.Queue); err != nil {
		return engine.Access{}, err
	}
	for _, p := range t.People {
		if !word(p) {
			return engine.Access{}, fmt.Errorf("slurm: %q is no name of a user", p)
		}
	}
	steps := [][]string{{"add", "account", t.Name}}
	for _, p := range t.People {
		steps = append(steps, []string{"add", "user", p, "account=" + t.Name})
	}
	steps = append(steps, []string{"modify", "account", t.Name, "set", "GrpTRES=" + s.limits(t), "GrpJobs=-1", "GrpSubmitJobs=-1"})
	for _, words := range steps {
		if err := l.register(ctx, words...); err != nil {
			return engine.Access{}, err
		}
	}
	return engine.Access{
		Engine: "slurm", Account: t.Name, Queue: t.Queue, Endpoint: s.c.REST.URL,
		Hint: fmt.Sprintf("sbatch --account=%s --partition=%s --requeue --signal=B:USR1@120 --time=4:00:00 --gres=gpu:1 --licenses=%s:1 job.sh", t.Name, t.Queue, s.c.License),
	}, nil
}

// limits are a tenant's; -1 takes a limit away.
func (s *Slurm) limits(t engine.Tenant) string {
	gpus, power := int64(-1), int64(-1)
	if t.GPUs > 0 {
		gpus = int64(t.GPUs)
	}
	if t.Watts > 0 {
		power = int64(t.Watts) / int64(s.c.Granule) // never more than was agreed
	}
	return fmt.Sprintf("gres/gpu=%d,license/%s=%d", gpus, s.c.License, power)
}

// Dismiss lets an account start nothing more. What runs goes on.
func (s *Slurm) Dismiss(ctx context.Context, tenant string) error {
	l, err := s.registry(tenant)
	if err != nil {
		return err
	}
	out, err := l.run(ctx, "sacctmgr", "--noheader", "--parsable2", "show", "account", tenant, "format=account")
	if err != nil {
		return err
	}
	if strings.TrimSpace(string(out)) != tenant {
		return fmt.Errorf("slurm: account %s: %w", tenant, engine.ErrUnknown)
	}
	return l.register(ctx, "modify", "account", tenant, "set", "GrpJobs=0", "GrpSubmitJobs=0")
}

// registry is the command line, where it is there.
func (s *Slurm) registry(tenant string) (*line, error) {
	if !engine.Plain(tenant) || len(tenant) > 63 {
		return nil, fmt.Errorf("slurm: %q is no name of a tenant: lower-case letters, digits and dashes", tenant)
	}
	b, err := s.by(writeTenants)
	if err != nil {
		return nil, err
	}
	l, ok := b.(*line)
	if !ok {
		return nil, fmt.Errorf("slurm: accounts are written by sacctmgr: %w", engine.ErrUnsupported)
	}
	return l, nil
}

// door reports whether a partition is there.
func (s *Slurm) door(ctx context.Context, queue string) error {
	x, err := s.load(ctx, allPartitions)
	if err != nil {
		return err
	}
	for _, p := range x.partitions {
		if p.name == queue {
			return nil
		}
	}
	return fmt.Errorf("slurm: partition %s: %w", strconv.Quote(queue), engine.ErrUnknown)
}

// register runs sacctmgr. What is there already is no failure.
func (l *line) register(ctx context.Context, words ...string) error {
	out, err := l.run(ctx, append([]string{"sacctmgr", "--immediate"}, words...)...)
	if err == nil || strings.Contains(err.Error(), "Nothing new added") || strings.Contains(string(out), "Nothing new added") {
		return nil
	}
	if errors.Is(err, engine.ErrUnknown) && words[0] == "add" {
		return fmt.Errorf("%w: is the account or the user known to the hosts of the cluster?", err)
	}
	return err
}
