// Package storetest is the one conformance suite of every store that keeps the
// journal of live control. It knows no store: a store's own test hands it a
// Harness, which opens the store and translates records and reasons.
package storetest

import (
	"context"
	"io"
	"testing"
	"time"
)

// Record is one fact as the suite writes it. Site, Kind and Key make it the same record.
type Record struct {
	Site    string
	Kind    string // a name of Kinds
	Key     string
	Subject string
	Turn    int64
	At      time.Time
	Epoch   Epoch // of "order" and "epoch", zero elsewhere
	Body    string
}

// Epoch is term, plan and sequence.
type Epoch [3]int64

// Stored is a record as it was read back.
type Stored struct {
	Record
	Seq  int64
	Hash string
}

// Range selects records; zero fields do not restrict. LastTurn is within the
// range, To is not.
type Range struct {
	Site                string
	Kind                string
	FirstTurn, LastTurn int64
	From, To            time.Time
	After               int64
	Limit               int
}

// Kinds lists the kinds that every store must keep.
func Kinds() []string {
	return []string{"snapshot", "outlook", "plan", "order", "receipt", "delivery", "entry", "lockout", "mode", "epoch"}
}

// Journal is the store under test. Its methods are called from many goroutines.
type Journal interface {
	Writer
	Reader
	io.Closer
}

// Writer appends all records or none and returns nil when they are durable.
type Writer interface {
	Append(ctx context.Context, records ...Record) error
}

// Reader reads what is durable.
type Reader interface {
	Read(ctx context.Context, r Range) ([]Stored, error)
	Find(ctx context.Context, site, kind, key string) (Stored, bool, error)
	Current(ctx context.Context, site, kind string) ([]Stored, error)
	LastEpoch(ctx context.Context, site, subject string) (Epoch, error)
}

// Harness opens the store under test.
type Harness struct {
	// Open opens the journal of a directory. queue bounds the waiting calls of
	// Append, 0 leaves the default. before, when it is there, runs before each
	// transaction; its error stands for one of the disk.
	Open func(ctx context.Context, dir string, queue int, before func() error) (Journal, error)
	// Advance marks the closed journal of a directory as written by a newer program.
	Advance func(ctx context.Context, dir string) error
	Reasons Reasons
}

// Reasons are the errors by which the store refuses, for errors.Is.
type Reasons struct {
	Invalid, Conflict, EpochBack, Withdrawn, Full, Undecided, Closed, Broken, Locked, Newer error
}

// Run runs the whole suite, each promise as a subtest.
func Run(t *testing.T, h Harness) {
	t.Helper()
	for sentence, promise := range map[string]func(testing.TB, Harness){
		"what is written is read back":                 ReadBack,
		"a range selects by turn, time, kind and page": Ranges,
		"the same record again changes nothing":        SameAgain,
		"a known key with other content is refused":    OtherContent,
		"a call is written whole or not at all":        AllOrNone,
		"the last epoch never goes back":               EpochForward,
		"the last word of each subject holds":          CurrentState,
		"faulty records are refused, all faults named": Faulty,
		"many writers share one transaction":           GroupCommit,
		"the order of one writer is kept":              OneOrder,
		"the journal survives closing":                 Reopen,
		"a closed journal refuses":                     AfterClose,
		"one writer holds a directory":                 OneWriter,
		"a newer journal is refused":                   NewerJournal,
		"a full queue makes the caller wait":           FullQueue,
		"a withdrawn call is never stored":             WithdrawnCall,
		"an undecided call is settled by its key":      UndecidedCall,
		"an error of the disk ends all work":           DiskError,
		"who waits behind such an error is refused":    WaitingBehindError,
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			promise(t, h)
		})
	}
}
