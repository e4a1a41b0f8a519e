package slurm

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Cluster is a running Slurm.
type Cluster struct {
	Dir    string // all of it, and only it
	expire int
	own    []daemon    // in the order of their start
	keeper chan func() // runs on one thread, with which the daemons would die
}

// daemon is a program of ours, and when it has ended.
type daemon struct {
	*exec.Cmd
	ended chan struct{}
}

// Nodes are its nodes.
func (c *Cluster) Nodes() []string { return []string{"n1", "n2"} }

// Conf is its slurm.conf.
func (c *Cluster) Conf() string { return filepath.Join(c.Dir, "slurm.conf") }

// Socket is where its REST daemon listens.
func (c *Cluster) Socket() string { return filepath.Join(c.Dir, "rest", "socket") }

// Environment is what a command of Slurm needs to reach this cluster.
func (c *Cluster) Environment() []string { return []string{"SLURM_CONF=" + c.Conf()} }

// patience is how long a daemon may take to answer first.
const patience = 40 * time.Second

// Start runs a cluster in an empty folder with a short path. A requeued job may
// run again after expire.
func Start(ctx context.Context, dir string, expire time.Duration) (*Cluster, error) {
	c := &Cluster{Dir: dir, expire: int(expire / time.Second), keeper: make(chan func())}
	go func() {
		runtime.LockOSThread() // what is started here dies with this thread, so that a test that crashes leaves no daemon
		defer runtime.UnlockOSThread()
		for f := range c.keeper {
			f()
		}
	}()
	err := c.start(ctx)
	if err != nil {
		return nil, errors.Join(err, c.tails(), c.Stop(context.WithoutCancel(ctx)))
	}
	return c, nil
}

func (c *Cluster) start(ctx context.Context) error {
	p, err := freePorts(ctx)
	if err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	host, _, _ = strings.Cut(host, ".")
	if err := errors.Join(os.Chmod(c.Dir, 0o755), c.lay(p, host)); err != nil { //nolint:gosec // other users of the cluster read it
		return err
	}
	for _, step := range []func(context.Context, ports) error{c.munge, c.mariadb, c.accounting, c.controller, c.nodes, c.rest} {
		if err := step(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// freePorts are ports that nobody listens at now.
func freePorts(ctx context.Context) (ports, error) {
	var p ports
	for _, to := range []*int{&p.controller, &p.database, &p.accounting, &p.first, &p.second} {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return p, err
		}
		defer l.Close() //nolint:errcheck // only its number is wanted
		*to = l.Addr().(*net.TCPAddr).Port
	}
	return p, nil
}

// spawn starts a daemon in the foreground as a user, its words in a file.
func (c *Cluster) spawn(as, program string, args ...string) error {
	path, err := find(program)
	if err != nil {
		return err
	}
	cmd := exec.Command(path, args...) //nolint:gosec,noctx // our own arguments; it ends in Stop, not with a context
	cmd.Env = append(os.Environ(), c.Environment()...)
	cmd.Dir = c.Dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if as != "" {
		uid, gid, err := identity(as)
		if err != nil {
			return err
		}
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)} //nolint:gosec // identities are small
	}
	out, err := os.Create(filepath.Join(c.Dir, fmt.Sprintf("%s%d.out", filepath.Base(program), len(c.own))))
	if err != nil {
		return err
	}
	defer out.Close() //nolint:errcheck // the daemon has its own
	cmd.Stdout, cmd.Stderr = out, out
	started := make(chan error)
	c.keeper <- func() { started <- cmd.Start() }
	if err := <-started; err != nil {
		return err
	}
	d := daemon{cmd, make(chan struct{})}
	go func() { _ = cmd.Wait(); close(d.ended) }() // how it ended is in its file; who waits in Stop waits for this
	c.own = append(c.own, d)
	return nil
}

func identity(name string) (uid, gid int, err error) {
	u, err := user.Lookup(name)
	if err != nil {
		return 0, 0, err
	}
	uid, err = strconv.Atoi(u.Uid)
	if err != nil {
		return 0, 0, err
	}
	gid, err = strconv.Atoi(u.Gid)
	return uid, gid, err
}

// give makes folders the property of a user.
func (c *Cluster) give(name string, folders ...string) error {
	uid, gid, err := identity(name)
	if err != nil {
		return err
	}
	for _, f := range folders {
		err = errors.Join(err, os.Chown(filepath.Join(c.Dir, f), uid, gid))
	}
	return err
}

// until repeats something until it succeeds.
func (c *Cluster) until(ctx context.Context, what string, try func() error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%s did not come up: %w", what, err)
		}
	}
}

func (c *Cluster) munge(ctx context.Context, _ ports) error {
	key := make([]byte, 1024)
	if _, err := rand.Read(key); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(c.Dir, "munge", "key"), key, 0o600); err != nil {
		return err
	}
	if err := c.give("munge", "munge", "munge/key"); err != nil {
		return err
	}
	in := func(name string) string { return filepath.Join(c.Dir, "munge", name) }
	if err := c.spawn("munge", "munged", "--foreground", "--socket="+in("socket"), "--key-file="+in("key"), "--pid-file="+in("pid"), "--log-file="+in("log"), "--seed-file="+in("seed")); err != nil {
		return err
	}
	return c.until(ctx, "munged", func() error {
		_, err := os.Stat(in("socket"))
		return err
	})
}

func (c *Cluster) mariadb(ctx context.Context, p ports) error {
	data := filepath.Join(c.Dir, "db")
	install := exec.CommandContext(ctx, "mariadb-install-db", "--no-defaults", "--user=mysql", "--datadir="+data, "--skip-test-db", "--auth-root-authentication-method=socket", "--auth-root-socket-user=root") //nolint:gosec // our own arguments
	if out, err := install.CombinedOutput(); err != nil {
		return fmt.Errorf("mariadb-install-db: %w: %s", err, out)
	}
	if err := c.give("mysql", "db"); err != nil {
		return err
	}
	socket := filepath.Join(data, "socket")
	if err := c.spawn("mysql", "mariadbd", "--no-defaults", "--datadir="+data, "--socket="+socket, "--bind-address=127.0.0.1", "--port="+strconv.Itoa(p.database), "--pid-file="+filepath.Join(data, "pid"),
		"--innodb-flush-log-at-trx-commit=0", "--innodb-lock-wait-timeout=900", "--innodb-buffer-pool-size=64M", "--skip-log-bin"); err != nil {
		return err
	}
	const setup = "CREATE DATABASE slurm_acct; CREATE USER 'slurm'@'127.0.0.1' IDENTIFIED BY 'slurm'; CREATE USER 'slurm'@'localhost' IDENTIFIED BY 'slurm'; GRANT ALL ON slurm_acct.* TO 'slurm'@'127.0.0.1'; GRANT ALL ON slurm_acct.* TO 'slurm'@'localhost';"
	return c.until(ctx, "mariadbd", func() error {
		out, err := exec.CommandContext(ctx, "mariadb", "--no-defaults", "--socket="+socket, "-e", setup).CombinedOutput() //nolint:gosec // our own arguments
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	})
}

// accounting starts slurmdbd and registers the cluster, its tenant and who reads it.
func (c *Cluster) accounting(ctx context.Context, _ ports) error {
	if err := c.spawn("", "slurmdbd", "-D"); err != nil {
		return err
	}
	if err := c.until(ctx, "slurmdbd", func() error {
		_, err := c.Run(ctx, "sacctmgr", "-i", "add", "cluster", "hall")
		if err == nil || strings.Contains(err.Error(), "already exist") {
			return nil
		}
		return err
	}); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"add", "account", Tenant}, {"add", "user", "root", "account=" + Tenant}, {"add", "user", watcher, "account=" + Tenant, "adminlevel=Administrator"},
	} {
		if _, err := c.Run(ctx, "sacctmgr", append([]string{"-i"}, args...)...); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cluster) controller(ctx context.Context, _ ports) error {
	if err := c.spawn("", "slurmctld", "-D"); err != nil {
		return err
	}
	return c.until(ctx, "slurmctld", func() error {
		_, err := c.Run(ctx, "scontrol", "ping")
		return err
	})
}

func (c *Cluster) nodes(ctx context.Context, _ ports) error {
	for _, n := range c.Nodes() {
		if err := c.spawn("", "slurmd", "-D", "-b", "-N", n); err != nil {
			return err
		}
	}
	return c.until(ctx, "the nodes", func() error {
		out, err := c.Run(ctx, "sinfo", "-h", "-N", "-o", "%N %T", "-p", Firm)
		if err != nil {
			return err
		}
		if strings.Count(out, " idle\n") != len(c.Nodes()) {
			return errors.New(out)
		}
		return nil
	})
}

func (c *Cluster) rest(ctx context.Context, _ ports) error {
	if err := c.give(watcher, "rest"); err != nil {
		return err
	}
	if err := c.spawn(watcher, "slurmrestd", "-a", "rest_auth/local", "unix:"+c.Socket()); err != nil {
		return err
	}
	return c.until(ctx, "slurmrestd", func() error {
		conn, err := new(net.Dialer).DialContext(ctx, "unix", c.Socket())
		if err != nil {
			return err
		}
		return conn.Close()
	})
}

// Run runs a command of Slurm for this cluster and returns what it wrote.
func (c *Cluster) Run(ctx context.Context, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // for tests
	cmd.Env = append(os.Environ(), c.Environment()...)
	cmd.Dir = c.Dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("%s %s: %w: %s", program, strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

// tails is the end of every log, for whoever wonders why it did not start.
func (c *Cluster) tails() error {
	var all []error
	names, _ := filepath.Glob(filepath.Join(c.Dir, "*.[lo][ou][gt]"))
	for _, name := range names {
		text, err := os.ReadFile(name) //nolint:gosec // our own folder
		if err == nil && len(text) > 0 {
			all = append(all, fmt.Errorf("%s: %s", filepath.Base(name), text[max(0, len(text)-1500):]))
		}
	}
	return errors.Join(all...)
}

// Stop ends every job and every daemon.
func (c *Cluster) Stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := c.Clear(ctx)
	for _, n := range c.Nodes() {
		c.kill(filepath.Join(c.Dir, "slurmd."+n+".pid"))
	}
	for _, cmd := range slices.Backward(c.own) {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		late := time.NewTimer(8 * time.Second)
		select {
		case <-cmd.ended:
		case <-late.C:
			_ = cmd.Process.Kill()
			<-cmd.ended
		}
		late.Stop()
	}
	c.own = nil
	close(c.keeper)
	return err
}

// kill ends the process whose number stands in a file.
func (c *Cluster) kill(file string) {
	text, err := os.ReadFile(file) //nolint:gosec // our own folder
	if err != nil {
		return
	}
	if pid, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil && pid > 1 {
		_ = syscall.Kill(pid, syscall.SIGTERM)
	}
}

// Freeze stops the controller in its tracks, so that it answers nothing, or lets it go on.
func (c *Cluster) Freeze(stop bool) error {
	signal := syscall.SIGCONT
	if stop {
		signal = syscall.SIGSTOP
	}
	for _, cmd := range c.own {
		if filepath.Base(cmd.Path) == "slurmctld" {
			return cmd.Process.Signal(signal)
		}
	}
	return errors.New("no controller runs")
}
