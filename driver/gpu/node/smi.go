package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"sluice/gpu"
	"sluice/unit"
)

// smiTime bounds one run of nvidia-smi: without persistence mode it loads the driver
// first, some seconds for each GPU.
const smiTime = time.Minute

// SMI reaches the GPUs through the program nvidia-smi. It states no energy counter.
type SMI struct {
	path  string
	short bool // the driver does not know the reasons for its clocks
}

// NewSMI finds nvidia-smi: at a path, or on PATH when it is empty.
func NewSMI(path string) (*SMI, error) {
	if path == "" {
		path = "nvidia-smi"
	}
	found, err := exec.LookPath(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w: install the driver, or name the program with --nvidia-smi", ErrNoGPU, err)
	}
	return &SMI{path: found}, nil
}

// Route implements Board.
func (s *SMI) Route() string { return "nvidia-smi" }

// Read implements Board.
func (s *SMI) Read(ctx context.Context) ([]gpu.Reading, error) {
	fields := smiFields(s.short)
	text, err := s.run(ctx, "--query-gpu="+strings.Join(fields, ","), "--format=csv,noheader,nounits")
	if err != nil && !s.short && strings.Contains(text, "not a valid field") {
		s.short = true
		return s.Read(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("read the GPUs: %w", err)
	}
	return parseSMI(text, len(fields))
}

// Limit implements Board.
func (s *SMI) Limit(ctx context.Context, g gpu.Reading, limit unit.Power) error {
	if g.UUID == "" {
		return fmt.Errorf("set GPU %d to %d W: it states no UUID", g.Index, int64(limit))
	}
	if _, err := s.run(ctx, "-i", g.UUID, "-pl", strconv.FormatInt(int64(limit), 10)); err != nil {
		return fmt.Errorf("set GPU %d (%s) to %d W: %w", g.Index, g.UUID, int64(limit), err)
	}
	return nil
}

// run runs the program once and returns what it said on both ways out, bounded.
func (s *SMI) run(ctx context.Context, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, smiTime)
	defer cancel()
	out := &bounded{most: 1 << 20}
	cmd := exec.CommandContext(ctx, s.path, args...) //nolint:gosec // the program that the operator named, with a UUID that was read from it and a whole number
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.Stdout, cmd.Stderr = out, out
	cmd.WaitDelay = 2 * time.Second
	err := cmd.Run()
	if out.over {
		return "", errors.New("nvidia-smi says more than a megabyte")
	}
	text := out.kept.String()
	if err == nil {
		return text, nil
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return text, smiFault(text, err)
}

// smiFault finds what went wrong in the words of nvidia-smi.
func smiFault(text string, err error) error {
	low := strings.ToLower(text)
	said := strings.TrimSpace(text)
	if i := strings.IndexByte(said, '\n'); i >= 0 {
		said = said[:i]
	}
	said = strings.ToValidUTF8(said[:min(len(said), 200)], "?")
	for _, c := range []struct {
		word string
		is   error
	}{
		{"insufficient permission", ErrDenied},
		{"permission denied", ErrDenied},
		{"not a valid power limit", ErrRange},
		{"is not supported", ErrCannot},
		{"no devices were found", ErrNoGPU},
		{"couldn't communicate with the nvidia driver", ErrNoGPU},
	} {
		if strings.Contains(low, c.word) {
			return fmt.Errorf("%w: nvidia-smi says %q", c.is, said)
		}
	}
	return fmt.Errorf("nvidia-smi: %w, and says %q", err, said)
}

// bounded keeps what is written to it, up to a bound. The buffer is no embedded one:
// its ReadFrom would go round the bound.
type bounded struct {
	kept bytes.Buffer
	most int
	over bool
}

// Write implements io.Writer.
func (b *bounded) Write(p []byte) (int, error) {
	if b.kept.Len()+len(p) > b.most {
		b.over = true
		return 0, io.ErrShortBuffer
	}
	return b.kept.Write(p)
}
