package slurm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"sluice/engine"
)

// line runs Slurm's commands.
type line struct{ c Config }

func newLine(c Config) *line { return &line{c} }

// complaintMost bounds what a command may say on its standard error.
const complaintMost = 64 << 10

// run runs one command, with times in UTC and in seconds since 1970.
func (l *line) run(ctx context.Context, words ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, l.c.Timeout)
	defer cancel()
	argv := append([]string{"env", "TZ=UTC", "SLURM_TIME_FORMAT=%s", "LC_ALL=C"}, words...)
	if l.c.Line.Shell {
		for i, w := range argv {
			argv[i] = quote(w)
		}
	}
	argv = append(append([]string(nil), l.c.Line.Prefix...), argv...)
	start := l.c.Line.Run
	if start == nil {
		start = program
	}
	out, complaint, err := start(ctx, argv, l.c.Line.Environment)
	said := strings.TrimSpace(string(complaint))
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("slurm: %s: %w: %w", words[0], engine.ErrUnreachable, ctx.Err())
	case errors.As(err, &exit):
		return nil, fmt.Errorf("slurm: %s: %w", strings.Join(words[:min(3, len(words))], " "), classify(said+" "+firstLine(out)))
	case err != nil:
		return nil, fmt.Errorf("slurm: %s: %w: %w", words[0], engine.ErrUnreachable, err)
	case len(out) > answerMost:
		return nil, fmt.Errorf("slurm: %s: %w: more than %d bytes", words[0], engine.ErrUnreachable, answerMost)
	}
	return out, nil
}

// program starts a program and waits for its end.
func program(ctx context.Context, argv, environment []string) (out, complaint []byte, err error) {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...) //nolint:gosec // the operator configures what is run; no shell stands in between
	cmd.Env = append(os.Environ(), environment...)
	cmd.WaitDelay = time.Second
	o, c := &bounded{most: answerMost + 1}, &bounded{most: complaintMost}
	cmd.Stdout, cmd.Stderr = o, c
	err = cmd.Run()
	return o.Bytes(), c.Bytes(), err
}

// bounded keeps the first bytes of what is written and forgets the rest.
type bounded struct {
	bytes.Buffer
	most int
}

func (b *bounded) Write(p []byte) (int, error) {
	if room := b.most - b.Len(); room > 0 {
		_, _ = b.Buffer.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

// quote makes one word of an argument for a shell.
func quote(s string) string {
	safe := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-.,:/=@%+", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !safe(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func firstLine(b []byte) string {
	s, _, _ := strings.Cut(strings.TrimSpace(string(b)), "\n")
	return s
}

// fetchToken asks the controller for a token of our own user.
func (l *line) fetchToken(ctx context.Context, life time.Duration) (string, error) {
	out, err := l.run(ctx, "scontrol", "token", "lifespan="+strconv.Itoa(int(life/time.Second)))
	if err != nil {
		return "", err
	}
	key, token, ok := strings.Cut(strings.TrimSpace(string(out)), "=")
	if !ok || key != "SLURM_JWT" || strings.ContainsAny(token, " \t\r\n") || token == "" {
		return "", fmt.Errorf("%w: scontrol token printed no SLURM_JWT", engine.ErrDenied)
	}
	return token, nil
}

func (l *line) about(ctx context.Context) (about, error) {
	out, err := l.run(ctx, "scontrol", "ping")
	if err != nil {
		return about{}, err
	}
	if !strings.Contains(string(out), "is UP") {
		return about{}, fmt.Errorf("slurm: %w: %s", engine.ErrUnreachable, firstLine(out))
	}
	out, err = l.run(ctx, "scontrol", "--version")
	if err != nil {
		return about{}, err
	}
	_, version, _ := strings.Cut(firstLine(out), " ") // "slurm 23.11.4", Debian: "slurm-wlm 22.05.8"
	if !word(version) {
		return about{}, fmt.Errorf("slurm: %w: %.80q is no version", errShape, out)
	}
	return about{version: version, dialect: "commands"}, nil
}

func (l *line) takes(kind) bool { return true }
