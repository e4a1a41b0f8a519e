package slurm

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"sluice/unit"
)

// Config says how a cluster is reached and how it counts watts.
type Config struct {
	REST REST
	Line Line

	License  string     // that stands for power; empty: "kw"
	Granule  unit.Power // that one license stands for; 0: a kilowatt
	GPUWatts unit.Power // planned for a GPU of a job that asks for no license; 0: such a job's watts are 0
	Budget   unit.Power // that the cluster should have; less is a trouble. 0: whatever it states
	Meters   bool       // nodes should report their power; one that does not is a trouble

	Timeout time.Duration    // of one exchange; 0: ten seconds
	Kill    time.Duration    // in which a job that is stopped ends; longer is a trouble. 0: a minute
	Now     func() time.Time // nil: time.Now
}

// REST is how slurmrestd is reached; the zero value: not at all.
type REST struct {
	Socket string // path of its unix socket, where the identity is our own user
	URL    string // or such as "https://slurm.example:6820", with a token
	User   string // X-SLURM-USER-NAME, with a token
	// Token fetches a token that lives so long, such as `scontrol token` prints.
	// nil: the command line does it, where there is one.
	Token    func(ctx context.Context, lifespan time.Duration) (string, error)
	Lifespan time.Duration     // of a token; 0: half an hour. It is renewed at half of it
	Client   http.RoundTripper // nil: a plain one
}

// Line is how Slurm's commands are run; without Commands: not at all.
type Line struct {
	// Commands is true where the commands may be run.
	Commands bool
	// Prefix comes before every command, such as ["ssh", "-oBatchMode=yes", "slurm-admin"].
	Prefix []string
	// Shell is true where a shell stands in between, as with ssh: arguments are quoted for it.
	Shell bool
	// Environment is added to that of this program, such as "SLURM_CONF=/etc/slurm/slurm.conf".
	Environment []string
	// Run replaces the starting of programs, for tests.
	Run func(ctx context.Context, argv, environment []string) (out, complaint []byte, err error)
}

const (
	usualTimeout  = 10 * time.Second
	usualLifespan = 30 * time.Minute
	usualKill     = time.Minute
)

// Slurm is one cluster. One goroutine asks it at a time.
type Slurm struct {
	c    Config
	ways []backend // in order of preference
}

// New is a driver; it asks nothing yet.
func New(c Config) (*Slurm, error) {
	c.License = cmp.Or(c.License, "kw")
	c.Granule = cmp.Or(c.Granule, unit.Kilowatt)
	c.Timeout = cmp.Or(c.Timeout, usualTimeout)
	c.Kill = cmp.Or(c.Kill, usualKill)
	if c.Now == nil {
		c.Now = time.Now
	}
	if !word(c.License) {
		return nil, errors.New("slurm: a license is named by letters, digits, dots, dashes and underscores")
	}
	s := &Slurm{c: c}
	var line *line
	if c.Line.Commands || c.Line.Run != nil {
		line = newLine(c)
	}
	if c.REST.Socket != "" || c.REST.URL != "" {
		r, err := newRest(c, line)
		if err != nil {
			return nil, err
		}
		s.ways = append(s.ways, r)
	}
	if line != nil {
		s.ways = append(s.ways, line)
	}
	if len(s.ways) == 0 {
		return nil, errors.New("slurm: neither a REST address nor commands are given")
	}
	return s, nil
}

// word reports whether a name is safe in every argument: letters, digits, dots, dashes and underscores.
func word(s string) bool {
	for i, r := range s {
		ok := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '_' || r == '-' && i > 0
		if !ok {
			return false
		}
	}
	return s != "" && len(s) <= 128
}
