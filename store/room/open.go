package room

import (
	"context"
	"embed"
	"errors"

	"sluice/store/file"
)

// The failures of a store.
var (
	ErrStale    = errors.New("it was changed since it was read")
	ErrConflict = errors.New("it was done already")
	ErrFull     = errors.New("there is too much of it")
	ErrUnknown  = file.ErrUnknown
	ErrInvalid  = file.ErrInvalid
	ErrLocked   = file.ErrLocked
	ErrNewer    = file.ErrNewer
	ErrForeign  = file.ErrForeign
	ErrBroken   = file.ErrBroken
	ErrClosed   = file.ErrClosed
)

//go:embed migrations/*.sql
var migrations embed.FS

// fileName of the database in the data directory.
const fileName = "room.db"

// layout is the file in a directory. Its sign is "SlRm".
func layout(dir string) file.Config {
	return file.Config{Directory: dir, Name: fileName, Lock: "room.lock", Sign: 0x536c526d, Steps: migrations}
}

// Store is an open store. It may be used from any goroutine.
type Store struct {
	file *file.File
	most bounds
}

// Open opens or creates the store in a directory on a local disk. It refuses one that
// another program holds, what a newer one wrote, and a file of another kind. ctx bounds
// the opening only.
func Open(ctx context.Context, dir string) (*Store, error) {
	f, err := file.Open(ctx, layout(dir))
	if err != nil {
		return nil, err
	}
	return &Store{f, usualBounds()}, nil
}

// Close ends the store once who writes has written. After an error of the disk it leaves
// the file as it is.
func (s *Store) Close() error { return s.file.Close() }
