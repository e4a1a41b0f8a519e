package ledger_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sluice/internal/victim"
	"sluice/store/ledger"
)

// server is the PostgreSQL of this package's tests, and why there is none.
var server struct {
	folder  string
	missing string
	made    atomic.Int64 // databases
}

// programs is where Debian puts PostgreSQL.
const programs = "/usr/lib/postgresql/15/bin"

// TestMain starts PostgreSQL once for all tests, and ends it. The server is told to
// die with the thread that started it, so that a killed test leaves nothing running.
// The binary of the tests is also the victim that is killed.
func TestMain(m *testing.M) {
	victim.Obey(issueForEver)
	runtime.LockOSThread()
	stop, err := serve()
	if err != nil {
		server.missing = err.Error()
	}
	code := m.Run()
	stop()
	os.Exit(code)
}

// serve starts the server in a folder of its own, reached by a socket there.
func serve() (stop func(), err error) {
	stop = func() {}
	for _, name := range []string{"initdb", "postgres", "pg_isready"} {
		if _, err := os.Stat(filepath.Join(programs, name)); err != nil {
			return stop, fmt.Errorf("%s is missing: install postgresql-15", filepath.Join(programs, name))
		}
	}
	if !slices.Contains(sql.Drivers(), "pgx") {
		return stop, errors.New("the driver pgx is not compiled in: run with -tags pgx")
	}
	who, err := servant()
	if err != nil {
		return stop, err
	}
	if server.folder, err = os.MkdirTemp("", "books"); err != nil {
		return stop, err
	}
	stop = func() { _ = os.RemoveAll(server.folder) }
	if who != nil {
		if err := os.Chown(server.folder, int(who.Uid), int(who.Gid)); err != nil {
			return stop, err
		}
	}
	data := filepath.Join(server.folder, "data")
	run := func(name string, args ...string) *exec.Cmd {
		c := exec.Command(filepath.Join(programs, name), args...)
		c.Dir, c.SysProcAttr = server.folder, &syscall.SysProcAttr{Credential: who, Pdeathsig: syscall.SIGQUIT}
		return c
	}
	if out, err := run("initdb", "-D", data, "-U", "sluice", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync").CombinedOutput(); err != nil {
		return stop, fmt.Errorf("initdb: %w: %s", err, out)
	}
	var says bytes.Buffer
	p := run("postgres", "-D", data, "-k", server.folder, "-c", "listen_addresses=", "-c", "max_connections=200")
	p.Stdout, p.Stderr = &says, &says
	if err := p.Start(); err != nil {
		return stop, err
	}
	stop = func() {
		_ = p.Process.Signal(syscall.SIGQUIT)
		_ = p.Wait()
		_ = os.RemoveAll(server.folder)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for ctx.Err() == nil {
		if run("pg_isready", "-q", "-h", server.folder, "-U", "sluice").Run() == nil {
			return stop, nil
		}
	}
	stop()
	return func() {}, fmt.Errorf("postgres does not answer: %s", says.String())
}

// servant is the user under whom the server runs where we are root; nil: ours.
func servant() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, err
}

// place is where the books of one test are.
type place struct {
	config ledger.Config
	driver string
	source string
}

// both runs a test on SQLite and on PostgreSQL.
func both(t *testing.T, test func(*testing.T, place)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, onSQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, onPostgres(t))
	})
}

func onSQLite(tb testing.TB) place {
	tb.Helper()
	dir := filepath.Join(tb.TempDir(), "data")
	return place{ledger.Config{Directory: dir}, "sqlite", "file:" + filepath.Join(dir, "books.db") + "?_busy_timeout=5000&_foreign_keys=1"}
}

// onPostgres makes a database of its own for a test.
func onPostgres(tb testing.TB) place {
	tb.Helper()
	if server.missing != "" {
		tb.Skipf("SKIPPED: PostgreSQL is not tested: %s", server.missing)
	}
	dsn := func(name string) string {
		return fmt.Sprintf("host=%s user=sluice database=%s", server.folder, name)
	}
	name := fmt.Sprintf("books%d", server.made.Add(1))
	admin, err := sql.Open("pgx", dsn("postgres"))
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = admin.Close() }()
	if _, err := admin.ExecContext(tb.Context(), "CREATE DATABASE "+name); err != nil {
		tb.Fatal(err)
	}
	return place{ledger.Config{DSN: dsn(name)}, "pgx", dsn(name)}
}

// open opens the books until the test ends.
func (p place) open(tb testing.TB) *ledger.Store {
	tb.Helper()
	s, err := ledger.Open(tb.Context(), p.config)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { closed(tb, s) })
	return s
}

func closed(tb testing.TB, s *ledger.Store) {
	tb.Helper()
	if err := s.Close(); err != nil {
		tb.Error(err)
	}
}

// raw is the database itself, past the ledger, over one connection.
func (p place) raw(tb testing.TB) *sql.DB {
	tb.Helper()
	db, err := sql.Open(p.driver, p.source)
	if err != nil {
		tb.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	tb.Cleanup(func() { _ = db.Close() })
	return db
}
