package file

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
)

// File is an open file. It may be used from any goroutine.
type File struct {
	path   string
	at     *Connection
	turn   chan struct{} // holds one token: who has it writes
	broken atomic.Pointer[error]
	closed atomic.Bool
}

// Open opens or creates a file; what goes wrong is that of Connect.
func Open(ctx context.Context, c Config) (*File, error) {
	at, err := Connect(ctx, c)
	if err != nil {
		return nil, err
	}
	f := &File{path: c.Database().Path, at: at, turn: make(chan struct{}, 1)}
	f.turn <- struct{}{}
	return f, nil
}

// Path is where the file lies.
func (f *File) Path() string { return f.path }

// Close ends the file once who writes has written; a second time it does nothing. After
// an error of the disk it leaves the file as it is and only gives the directory back.
func (f *File) Close() error {
	if f.closed.Swap(true) {
		return nil
	}
	<-f.turn
	defer func() { f.turn <- struct{}{} }()
	if f.broken.Load() != nil {
		return f.at.Free()
	}
	return f.at.Close()
}

// Refusal is the error with which a file answers that broke or was closed, wrapping
// ErrBroken or ErrClosed; nil while it works.
func (f *File) Refusal() error {
	if e := f.broken.Load(); e != nil {
		return fmt.Errorf("%w: %w", ErrBroken, *e)
	}
	if f.closed.Load() {
		return ErrClosed
	}
	return nil
}

// QueryContext asks what is on the disk. A statement that would write is refused.
func (f *File) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if err := f.Refusal(); err != nil {
		return nil, err
	}
	return f.at.Reader.QueryContext(ctx, text, args...)
}

// Pen is the connection that writes, within one transaction. It is of no use after it.
type Pen struct{ conn *sql.Conn }

// Exec runs one statement and says how many rows it changed.
func (p Pen) Exec(ctx context.Context, text string, args ...any) (int64, error) {
	r, err := p.conn.ExecContext(ctx, text, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// QueryContext asks what is there, with what the transaction changed.
func (p Pen) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	return p.conn.QueryContext(ctx, text, args...)
}

// Write runs do in one transaction, alone: nobody else writes while it runs, so that do
// may also change what the store keeps in memory, and takes that back before it returns
// an error. An error of do is returned as it is, and nothing of it is written. Where the
// commit or the way back fails the file is broken. ctx bounds the wait for the turn; what
// has begun is finished, so that nobody wonders whether it happened. do must not call
// Write.
func (f *File) Write(ctx context.Context, do func(context.Context, Pen) error) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-f.turn:
	}
	defer func() { f.turn <- struct{}{} }()
	if err := f.Refusal(); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	p := Pen{f.at.Writer}
	if _, err := p.Exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin: %w: nothing was written", err)
	}
	if err := do(ctx, p); err != nil {
		if _, undo := p.Exec(ctx, "ROLLBACK"); undo != nil {
			return f.stop(errors.Join(err, fmt.Errorf("roll back: %w", undo)))
		}
		return err
	}
	if _, err := p.Exec(ctx, "COMMIT"); err != nil {
		return f.stop(fmt.Errorf("commit: %w", err))
	}
	return nil
}

// stop ends all further work: nobody knows what is on the disk.
func (f *File) stop(err error) error {
	f.broken.CompareAndSwap(nil, &err)
	return f.Refusal()
}
