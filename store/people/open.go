package people

import (
	"context"
	"crypto/rand"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"sluice/people"
	"sluice/store/file"
)

// The failures of a store.
var (
	ErrVisitor  = errors.New("nobody says who asks") // a Visitor that nobody made
	ErrSession  = errors.New("the session has ended: log in")
	ErrToken    = errors.New("the token is not valid")
	ErrLogin    = errors.New("name, password or code is wrong")
	ErrLink     = errors.New("the link is not valid: it works once and for a short while; ask for a new one")
	ErrAdmin    = errors.New("there is an administrator: ask them for an invitation")
	ErrUnknown  = file.ErrUnknown
	ErrConflict = errors.New("it is known already")
	ErrInvalid  = file.ErrInvalid
	ErrFull     = errors.New("there is too much of it")
	ErrKey      = errors.New("the key file does not open this database")
	ErrLocked   = file.ErrLocked
	ErrNewer    = file.ErrNewer
	ErrForeign  = file.ErrForeign
	ErrBroken   = file.ErrBroken
	ErrClosed   = file.ErrClosed
)

//go:embed migrations/*.sql
var migrations embed.FS

// The files in the data directory.
const (
	fileName = "people.db"
	keyName  = "people.key"
)

// layout is the file in a directory. Its sign is "SlPp", and what is deleted in it is gone.
func layout(dir string) file.Config {
	return file.Config{Directory: dir, Name: fileName, Lock: "people.lock", Sign: 0x536c5070, Steps: migrations, Pragmas: []string{"secure_delete(1)"}}
}

// Config says where people are kept.
type Config struct {
	Directory string // on a local disk
	KeyFile   string // empty: people.key in the directory; made with a new database
	Providers bool   // others may say who somebody is, so people need no password
}

// Store is an open store. It may be used from any goroutine.
type Store struct {
	file    *file.File
	keyFile string
	random  func([]byte)
	outside bool // others say who somebody is

	key          key
	installation string
	head         people.Head // of the audit log; who writes holds it

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
	f, err := file.Open(ctx, layout(c.Directory))
	if err != nil {
		return nil, err
	}
	s := &Store{file: f, keyFile: c.KeyFile, random: chance, outside: c.Providers, cost: usualCost(), hashing: make(chan struct{}, atOnce)}
	if s.keyFile == "" {
		s.keyFile = filepath.Join(c.Directory, keyName)
	}
	if err := s.write(ctx, s.settle); err != nil {
		return nil, errors.Join(fmt.Errorf("open people in %s: %w", c.Directory, err), s.Close())
	}
	return s, nil
}

// chance fills with what nobody can guess.
func chance(b []byte) { _, _ = rand.Read(b) } // it never fails: the program ends before

// settle finds whose log it is, the key that goes with it, and where the log ends.
func (s *Store) settle(ctx context.Context, p pen) error {
	type house struct {
		installation string
		key          []byte
	}
	found, err := file.Gather(ctx, p, func(scan file.Scanner) (h house, err error) { return h, scan(&h.installation, &h.key) }, "SELECT installation, key_id FROM house")
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
		_, err := p.Exec(ctx, "INSERT INTO house (installation, key_id) VALUES (?, ?)", s.installation, s.key.id())
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
func (s *Store) Close() error { return s.file.Close() }
