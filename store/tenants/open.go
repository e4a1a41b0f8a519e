package tenants

import (
	"context"
	"embed"
	"errors"

	"sluice/store/file"
)

// The failures of a store.
var (
	ErrTenant   = errors.New("nobody says who asks") // a Tenant that nobody made
	ErrToken    = errors.New("the token is not valid")
	ErrUnknown  = file.ErrUnknown // of this tenant
	ErrConflict = errors.New("it is known already, and says something else")
	ErrState    = errors.New("it is too late for that")
	ErrInvalid  = file.ErrInvalid
	ErrFull     = errors.New("too much is open")
	ErrLocked   = file.ErrLocked
	ErrNewer    = file.ErrNewer
	ErrForeign  = file.ErrForeign
	ErrBroken   = file.ErrBroken
	ErrClosed   = file.ErrClosed
	ErrCorrupt  = errors.New("what is stored does not match its hash")
)

//go:embed migrations/*.sql
var migrations embed.FS

// fileName of the database in the data directory.
const fileName = "tenants.db"

// layout is the file in a directory. Its sign is "SlTn".
func layout(dir string) file.Config {
	return file.Config{Directory: dir, Name: fileName, Lock: "tenants.lock", Sign: 0x536c546e, Steps: migrations}
}

// Store is an open store. It, its Office and its Desk may be used from any goroutine.
type Store struct {
	file   *file.File
	random func([]byte) error
}

// Open opens or creates the store in a directory on a local disk. It refuses one that
// another program holds and what a newer one wrote. ctx bounds the opening only.
func Open(ctx context.Context, dir string) (*Store, error) {
	f, err := file.Open(ctx, layout(dir))
	if err != nil {
		return nil, err
	}
	return &Store{f, secret}, nil
}

// Close ends the store once who writes has written. After an error of the disk it
// leaves the file as it is.
func (s *Store) Close() error { return s.file.Close() }
