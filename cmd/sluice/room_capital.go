package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"sluice/capital/board"
	"sluice/driver/planfile"
	"sluice/server/room"
)

// planner works the plans of a control room out, each in a program of its own: what it
// takes of memory and time goes with it, and the room never waits for it.
type planner struct {
	self string // this binary
	env  []string
}

func newPlanner() (*planner, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return &planner{self: self, env: os.Environ()}, nil
}

// planTask is what such a program is asked for, on its standard input.
type planTask struct {
	Do    string              `json:"do"` // work, risk, board
	Name  string              `json:"name"`
	Plan  []byte              `json:"plan"`
	Risk  room.CapitalRiskAsk `json:"risk"`
	Board room.BoardAsk       `json:"board"`
}

// planWorker is the hidden command that such a program runs.
const planWorker = "plan-worker"

// Work implements room.Planner.
func (p *planner) Work(ctx context.Context, name string, plan []byte) (out room.CapitalWork, err error) {
	text, err := p.child(ctx, planTask{Do: "work", Name: name, Plan: plan}, func(int, int) {})
	if err != nil {
		return out, err
	}
	return out, json.Unmarshal(text, &out)
}

// Risk implements room.Planner.
func (p *planner) Risk(ctx context.Context, name string, plan []byte, ask room.CapitalRiskAsk, step func(done, total int)) (out room.CapitalFound, err error) {
	text, err := p.child(ctx, planTask{Do: "risk", Name: name, Plan: plan, Risk: ask}, step)
	if err != nil {
		return out, err
	}
	return out, json.Unmarshal(text, &out)
}

// Board implements room.Planner.
func (p *planner) Board(ctx context.Context, name string, plan []byte, ask room.BoardAsk) ([]byte, error) {
	return p.child(ctx, planTask{Do: "board", Name: name, Plan: plan, Board: ask}, func(int, int) {})
}

// child runs this program and returns what it printed. Sites come first: it is as
// unimportant to the computer as can be.
func (p *planner) child(ctx context.Context, task planTask, step func(done, total int)) ([]byte, error) {
	in, err := json.Marshal(task)
	if err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, p.self, "room", planWorker) //nolint:gosec // it is this program
	c.Env, c.WaitDelay, c.Stdin = p.env, 5*time.Second, bytes.NewReader(in)
	said := &planSays{step: step}
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, said
	if err := c.Start(); err != nil {
		return nil, err
	}
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, c.Process.Pid, 10) // where it is not allowed it runs as any other
	if err = c.Wait(); err == nil {
		return out.Bytes(), nil
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if c.ProcessState != nil && c.ProcessState.ExitCode() == exitBadInput {
		return nil, fmt.Errorf("%s%w", said.text.String(), errUnworkable{})
	}
	return nil, fmt.Errorf("the plan ended: %w: %s", err, strings.TrimSpace(said.text.String()))
}

// errUnworkable is room.ErrUnworkable without words: the lines before say why.
type errUnworkable struct{}

// Error is empty, so that it adds no fault.
func (errUnworkable) Error() string { return "" }

// Is makes it room.ErrUnworkable.
func (errUnworkable) Is(target error) bool { return target == room.ErrUnworkable }

// planProgress is what the program says of how far it is.
var planProgress = regexp.MustCompile(`^futures (\d+) of (\d+)$`)

// planSays reads how far a run is and keeps what else is said. One process writes to it.
type planSays struct {
	step func(done, total int)
	rest string
	text strings.Builder
}

// Write implements io.Writer.
func (p *planSays) Write(b []byte) (int, error) {
	p.rest += string(b)
	for {
		line, rest, whole := strings.Cut(p.rest, "\n")
		if !whole {
			return len(b), nil
		}
		p.rest = rest
		if m := planProgress.FindStringSubmatch(line); m != nil {
			done, _ := strconv.Atoi(m[1]) // of digits; too many of them are no progress
			total, _ := strconv.Atoi(m[2])
			p.step(done, total)
		} else if p.text.Len() < 64<<10 {
			p.text.WriteString(strings.TrimPrefix(line, "sluice: ") + "\n")
		}
	}
}

// newPlanWorker is the command that a control room runs to work one plan out.
func newPlanWorker() *cobra.Command {
	return &cobra.Command{
		Use: planWorker, Short: "Work one plan out for a control room", Args: cobra.NoArgs, Hidden: true,
		RunE: func(c *cobra.Command, _ []string) error {
			var task planTask
			if err := json.NewDecoder(io.LimitReader(c.InOrStdin(), 64<<20)).Decode(&task); err != nil {
				return err
			}
			return task.run(c.Context(), c.OutOrStdout(), c.ErrOrStderr())
		},
	}
}

// run does one task.
func (t planTask) run(ctx context.Context, out, progress io.Writer) error {
	s, err := t.load()
	if err != nil {
		return input(err)
	}
	if err := s.work(); err != nil {
		return input(err)
	}
	switch t.Do {
	case "work":
		return t.view(s, out)
	case "risk":
		return t.assess(ctx, s, out, progress)
	case "board":
		return t.report(s, out)
	}
	return fmt.Errorf("%q is no task", t.Do)
}

// load reads the plan as the command line does, without opening files that it names.
func (t planTask) load() (*planReport, error) {
	f, err := planfile.Read(t.Name, t.Plan)
	if err != nil {
		return nil, err
	}
	var faults []error
	for name := range f.Histories {
		if _, inside := f.Prices(name); !inside {
			faults = append(faults, f.Fault("$.histories."+name, errors.New("a control room reads no files of power prices")))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	s := &planReport{file: f, site: -1, plan: f.Plan.Converted()}
	if s.histories, s.told, err = readPlanHistories(f); err != nil {
		return nil, err
	}
	if s.model, s.run, err = s.compute(s.plan); err != nil {
		return nil, f.Locate(err)
	}
	s.claims, err = s.holdAgainst()
	return s, err
}

// report writes the report for a board.
func (t planTask) report(s *planReport, out io.Writer) error {
	r := s.board(board.Language(t.Board.Language))
	if len(t.Board.Risk) > 0 {
		var err error
		if r.Risk, err = unpackBoardRisk(t.Board.Risk); err != nil {
			return err
		}
	}
	write, known := map[string]func(io.Writer, board.Report) error{"html": board.WriteHTML, "pdf": board.WritePDF, "xlsx": board.WriteXLSX}[t.Board.Format]
	if !known {
		return fmt.Errorf("%q is no format of a report", t.Board.Format)
	}
	return write(out, r)
}
