package people

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"sluice/people"
	"sluice/store/hold"
	"sluice/store/step"
	"sluice/store/whole"

	_ "modernc.org/sqlite" // the driver named "sqlite"
)

// The failures of a store.
var (
	ErrVisitor  = errors.New("nobody says who asks") // a Visitor that nobody made
	ErrSession  = errors.New("the session has ended: log in")
	ErrToken    = errors.New("the token is not valid")
	ErrLogin    = errors.New("name, password or code is wrong")
	ErrLink     = errors.New("the link is not valid: it works once and for a short while; ask for a new one")
	ErrAdmin    = errors.New("there is an administrator: ask them for an invitation")
	ErrUnknown  = errors.New("there is no such thing")
	ErrConflict = errors.New("it is known already")
	ErrInvalid  = errors.New("this cannot be kept")
	ErrFull     = errors.New("there is too much of it")
	ErrKey      = errors.New("the key file does not open this database")
	ErrLocked   = errors.New("another program holds the data directory")
	ErrNewer    = step.ErrNewer
	ErrForeign  = step.ErrForeign
	ErrBroken   = errors.New("the store stopped after an error of the disk: exit, check the disk, start again")
	ErrClosed   = errors.New("the store is closed")
)

// The files in the data directory.
const (
	fileName = "people.db"
	lockName = "people.lock"
	keyName  = "people.key"
)

// Config says where people are kept.
type Config struct {
	Directory string // on a local disk
	KeyFile   string // empty: people.key in the directory; made with a new database
}

// Store is an open store. It may be used from any goroutine.
type Store struct {
	path, keyFile string
	lock          *hold.Lock
	writer        *sql.DB
	conn          *sql.Conn // of the writer; who has the turn holds it
	reader        *sql.DB
	turn          chan struct{} // holds one token: who has it writes
	broken        atomic.Pointer[error]
	closed        atomic.Bool
	random        func([]byte)

	key          key
	installation string
	head         people.Head // of the audit log; who has the turn holds it

	cost    cost
	hashing chan struct{} // holds a token for each password that may be hashed at once
	pace    sync.Mutex    // guards throttle
	slow    people.Throttle
}

// atOnce is how many passwords are hashed at once: each takes its memory.
const atOnce = 2

// Open opens or creates the store in a directory on a local disk. It refuses one that
// another program holds, what a newer one wrote, and a key that does not open it. ctx
// bounds the opening only.
func Open(ctx context.Context, c Config) (*Store, error) {
	if c.Directory == "" {
		return nil, fmt.Errorf("open people: %w: the data directory is missing", ErrInvalid)
	}
	if err := prepare(c.Directory); err != nil {
		return nil, fmt.Errorf("open people: %w", err)
	}
	lock, err := hold.Folder(c.Directory, lockName)
	if err != nil {
		if errors.Is(err, hold.ErrHeld) {
			err = fmt.Errorf("%w: %w", ErrLocked, err)
		}
		return nil, fmt.Errorf("open people in %s: %w", c.Directory, err)
	}
	s := &Store{
		path: filepath.Join(c.Directory, fileName), keyFile: c.KeyFile, lock: lock, turn: make(chan struct{}, 1), random: chance,
		cost: usualCost(), hashing: make(chan struct{}, atOnce),
	}
	if s.keyFile == "" {
		s.keyFile = filepath.Join(c.Directory, keyName)
	}
	s.turn <- struct{}{}
	if err := s.connect(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open people in %s: %w", c.Directory, err), s.disconnect())
	}
	return s, nil
}

// chance fills with what nobody can guess.
func chance(b []byte) { _, _ = rand.Read(b) } // it never fails: the program ends before

// prepare makes the data directory and its name durable.
func prepare(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create data directory %s: %w", dir, err)
	}
	return whole.SyncFolder(filepath.Dir(dir))
}

// source is the name of the data source. Settings hold per connection, so they belong here.
func (s *Store) source(reading bool) string {
	v := url.Values{
		"_journal_mode": {"WAL"}, "_synchronous": {"FULL"}, "_busy_timeout": {"5000"}, "_foreign_keys": {"1"}, "_dqs": {"0"},
		"_pragma": {"fullfsync(1)", "checkpoint_fullfsync(1)", "secure_delete(1)"},
	}
	if reading {
		v.Set("_query_only", "1")
	}
	path := url.URL{Path: filepath.ToSlash(s.path)}
	return "file:" + path.EscapedPath() + "?" + v.Encode()
}

func (s *Store) connect(ctx context.Context) error {
	f, err := os.OpenFile(s.path, os.O_CREATE|os.O_RDWR, 0o600) // hashes of passwords are nobody else's
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if s.writer, err = sql.Open("sqlite", s.source(false)); err != nil {
		return err
	}
	s.writer.SetMaxOpenConns(1)
	if s.reader, err = sql.Open("sqlite", s.source(true)); err != nil {
		return err
	}
	s.reader.SetMaxOpenConns(8)
	if s.conn, err = s.writer.Conn(ctx); err != nil {
		return err
	}
	steps, err := migrations()
	if err == nil {
		err = database(s.path).Climb(ctx, s.conn, steps)
	}
	if err == nil {
		err = s.settle(ctx)
	}
	if err != nil {
		return err
	}
	return whole.SyncFolder(filepath.Dir(s.path))
}

// settle finds whose log it is, the key that goes with it, and where the log ends.
func (s *Store) settle(ctx context.Context) error {
	type house struct {
		installation string
		key          []byte
	}
	p := pen{s.conn}
	found, err := gather(ctx, p, func(scan scanner) (h house, err error) { return h, scan(&h.installation, &h.key) }, "SELECT installation, key_id FROM house")
	if err != nil {
		return err
	}
	if s.key, err = findKey(s.keyFile, len(found) == 0, s.random); err != nil {
		return err
	}
	if len(found) == 0 {
		id := make([]byte, 16)
		s.random(id)
		s.installation = hex.EncodeToString(id)
		_, err := p.exec(ctx, "INSERT INTO house (installation, key_id) VALUES (?, ?)", s.installation, s.key.id())
		s.head = people.Begin(s.installation).Head
		return err
	}
	if string(found[0].key) != string(s.key.id()) {
		return fmt.Errorf("%s: %w: take the one that belongs to it from a copy", s.keyFile, ErrKey)
	}
	s.installation = found[0].installation
	s.head, err = lastHead(ctx, p, s.installation)
	return err
}

// Installation is of which house this is the audit log.
func (s *Store) Installation() string { return s.installation }

// Close ends the store once who writes has written. After an error of the disk it
// leaves the file as it is.
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	<-s.turn
	defer func() { s.turn <- struct{}{} }()
	if s.broken.Load() != nil {
		return s.lock.Close()
	}
	return s.disconnect()
}

func (s *Store) disconnect() error {
	var faults []error
	if s.reader != nil {
		faults = append(faults, s.reader.Close())
	}
	if s.conn != nil {
		faults = append(faults, s.conn.Close())
	}
	if s.writer != nil {
		faults = append(faults, s.writer.Close())
	}
	return errors.Join(append(faults, s.lock.Close())...)
}

// refusal is the error with which a closed or broken store answers.
func (s *Store) refusal() error {
	if e := s.broken.Load(); e != nil {
		return fmt.Errorf("%w: %w", ErrBroken, *e)
	}
	if s.closed.Load() {
		return ErrClosed
	}
	return nil
}
