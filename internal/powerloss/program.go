package powerloss

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"sluice/store/sqlite"
)

// Programs are what the rig can take the power from.
const (
	Log       = "log"           // sound: a file, fsync before every acknowledgement
	LogBare   = "log-unsynced"  // broken: acknowledges what was only written
	LogLoose  = "log-nameless"  // broken: syncs the file and never its name
	Store     = "sqlite"        // the store of Sluice
	StoreBare = "sqlite-nosync" // the store of Sluice without its fsyncs
)

// writers is how many goroutines of a program write at the same time.
const writers = 8

// Marker is the environment variable that makes a program of the rig's own
// binary a victim: PROGRAM ROUND FOLDER, with blanks between.
const Marker = "SLUICE_POWERLOSS_VICTIM"

// book is what a victim writes to. append returns when the record is durable.
type book interface {
	append(ctx context.Context, key string) error
	keys(ctx context.Context) ([]string, error)
}

// Victim runs as the program whose power will be cut, if the environment says
// so, and tells whether it did. It writes to out one line for each fact:
//
//	r KEY   a record that is there at the start
//	ready   all of those were told
//	a KEY   a record was acknowledged
//	stop    an append failed: why
//	on      the book worked again after it failed
func Victim(ctx context.Context, order string, out io.Writer) (bool, error) {
	if order == "" {
		return false, nil
	}
	part := strings.SplitN(order, " ", 3)
	if len(part) != 3 {
		return true, fmt.Errorf("victim %q: want program, round and folder", order)
	}
	b, err := openBook(ctx, part[0], part[2])
	if err != nil {
		return true, err
	}
	list, err := b.keys(ctx)
	if err != nil {
		return true, err
	}
	w := bufio.NewWriter(out)
	for _, k := range list {
		_, _ = fmt.Fprintln(w, "r", k)
	}
	_, _ = fmt.Fprintln(w, "ready")
	if err := w.Flush(); err != nil {
		return true, fmt.Errorf("report: %w", err)
	}
	var all sync.WaitGroup
	for n := range writers {
		all.Go(func() { scribble(ctx, b, fmt.Sprintf("%s/%d", part[1], n), out) })
	}
	all.Wait()
	return true, nil
}

// scribble appends until the power goes or the book refuses.
func scribble(ctx context.Context, b book, prefix string, out io.Writer) {
	for n := 0; ; n++ {
		key := fmt.Sprintf("%s/%d", prefix, n)
		if err := b.append(ctx, key); err != nil {
			_, _ = fmt.Fprintf(out, "stop %s\n", strings.ReplaceAll(err.Error(), "\n", " "))
			// A sound book goes on refusing, and does not even read.
			again := b.append(ctx, key)
			_, reading := b.keys(ctx)
			if !errors.Is(again, sqlite.ErrBroken) || !errors.Is(reading, sqlite.ErrBroken) {
				_, _ = fmt.Fprintf(out, "on %v, %v\n", again, reading)
			}
			return
		}
		if _, err := fmt.Fprintf(out, "a %s\n", key); err != nil {
			return
		}
	}
}

func openBook(ctx context.Context, program, folder string) (book, error) {
	switch program {
	case Log, LogBare, LogLoose:
		return openLog(program, filepath.Join(folder, "log"))
	case Store, StoreBare:
		s, err := sqlite.Open(ctx, sqlite.Config{Directory: folder, Unsynced: program == StoreBare})
		return journal{s}, err
	}
	return nil, fmt.Errorf("program %q is unknown", program)
}

// journal writes orders to the store, each with the next epoch of its writer.
type journal struct{ store *sqlite.Store }

func (j journal) append(ctx context.Context, key string) error {
	writer, n := split(key)
	return j.store.Append(ctx, sqlite.Record{
		Site: "rig", Kind: sqlite.Order, Key: key, Subject: writer, At: time.Unix(1, 0),
		Epoch: sqlite.Epoch{Plan: int64(n) + 1}, Body: []byte(`"` + strings.Repeat("x", 300) + `"`),
	})
}

// keys reads everything, and holds the last epochs against the orders.
func (j journal) keys(ctx context.Context) ([]string, error) {
	var out []string
	last := map[string]sqlite.Epoch{}
	for after := int64(0); ; {
		page, err := j.store.Read(ctx, sqlite.Range{Site: "rig", After: after})
		if err != nil {
			return nil, err
		}
		if len(page) == 0 {
			return out, j.fenced(ctx, last)
		}
		for _, r := range page {
			out, after, last[r.Subject] = append(out, r.Key), r.Seq, r.Epoch
		}
	}
}

func (j journal) fenced(ctx context.Context, last map[string]sqlite.Epoch) error {
	for writer, want := range last {
		if got, err := j.store.LastEpoch(ctx, "rig", writer); err != nil || got != want {
			return errors.Join(fmt.Errorf("last epoch of %s is %v, its last order has %v", writer, got, want), err)
		}
	}
	return nil
}

// plain is the simplest book: lines in a file.
type plain struct {
	program string
	mu      sync.Mutex // guards file, so that a line is whole
	file    *os.File
}

func openLog(program, path string) (book, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	if program == Log {
		folder, err := os.Open(filepath.Dir(path))
		if err != nil {
			return nil, fmt.Errorf("open folder: %w", err)
		}
		if err := errors.Join(folder.Sync(), folder.Close()); err != nil {
			return nil, fmt.Errorf("sync folder: %w", err)
		}
	}
	return &plain{program: program, file: f}, nil
}

func (p *plain) append(_ context.Context, key string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	// The line break in front ends whatever a cut left of the line before; the one
	// behind keeps the line apart from what a cut leaves after it.
	if _, err := fmt.Fprintf(p.file, "\n%s.\n", key); err != nil {
		return fmt.Errorf("write log: %w", err)
	}
	if p.program == LogBare {
		return nil
	}
	return p.file.Sync()
}

func (p *plain) keys(context.Context) ([]string, error) {
	text, err := os.ReadFile(p.file.Name())
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	var out []string
	for line := range strings.SplitSeq(string(text), "\n") {
		if key, whole := strings.CutSuffix(line, "."); whole {
			out = append(out, key)
		}
	}
	return out, nil
}
