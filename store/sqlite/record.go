package sqlite

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sluice/store/file"
)

// Kind names what a record is. Kinds are stable strings; they are only ever added.
type Kind string

// The kinds.
const (
	Snapshot  Kind = "snapshot"
	Outlook   Kind = "outlook"
	Plan      Kind = "plan"
	Order     Kind = "order" // raises the last epoch of its subject
	Receipt   Kind = "receipt"
	Delivery  Kind = "delivery"
	Entry     Kind = "entry"
	LockOut   Kind = "lockout" // subject: what is locked or freed
	Mode      Kind = "mode"    // subject: the scope whose mode changes
	EpochMark Kind = "epoch"   // a new term of a controller; raises the last epoch of its subject
	Machine   Kind = "machine" // subject: the machine that was adopted, with its identity
	Trouble   Kind = "trouble" // subject: the machine whose state changed
	Person    Kind = "person"  // subject: what a person stopped, resumed, instructed or cleared
	Standing  Kind = "meters"  // where the counters of the site's meters stand
	Credit    Kind = "credit"  // subject: the mining group whose hash rate was compared three ways
)

// Kinds lists every kind, papers of a turn first.
func Kinds() []Kind {
	return []Kind{Snapshot, Outlook, Plan, Order, Receipt, Delivery, Entry, LockOut, Mode, EpochMark, Machine, Trouble, Person, Standing, Credit}
}

// fenced tells whether records of the kind carry an epoch.
func (k Kind) fenced() bool { return k == Order || k == EpochMark }

// Epoch is the fence of a subject: compared by term, then plan, then sequence.
type Epoch struct {
	Term     int64 // raised when another controller takes over
	Plan     int64 // number of the plan, usually the turn
	Sequence int64 // per subject within a plan
}

// Compare is negative when e is older than f, 0 when they are the same.
func (e Epoch) Compare(f Epoch) int {
	return cmp.Or(cmp.Compare(e.Term, f.Term), cmp.Compare(e.Plan, f.Plan), cmp.Compare(e.Sequence, f.Sequence))
}

// String writes the epoch as term.plan.sequence.
func (e Epoch) String() string { return fmt.Sprintf("%d.%d.%d", e.Term, e.Plan, e.Sequence) }

// Record is one fact. Site, Kind and Key together make it the same record.
type Record struct {
	Site    string
	Kind    Kind
	Key     string // at most 200 bytes
	Subject string // use, device or scope; empty where the whole site is meant
	Turn    int64  // 0 where no turn is meant
	At      time.Time
	Epoch   Epoch  // of orders and epoch marks, zero elsewhere
	Body    []byte // one JSON value; kept in canonical form
}

// Stored is a record as it was read back.
type Stored struct {
	Record        // At in UTC, to the microsecond; Body canonical
	Seq    int64  // place in the journal, rising in the order of writing
	Hash   string // SHA-256 over the content, in hexadecimal
}

// The limits of one call.
const (
	mostKey     = 200
	mostBody    = 16 << 20
	mostRecords = 4096
)

// The reasons of a refusal, for errors.Is.
var (
	ErrInvalid   = errors.New("invalid record")
	ErrConflict  = errors.New("same key, other content")
	ErrEpochBack = errors.New("epoch goes back")
	ErrWithdrawn = errors.New("not stored: withdrawn before it was written")
	ErrFull      = errors.New("the queue is full")
	ErrUndecided = errors.New("stored or not: ask by its key")
	ErrClosed    = errors.New("not stored: the store is closed")
	ErrBroken    = file.ErrBroken
	ErrLocked    = file.ErrLocked
	ErrNewer     = file.ErrNewer
	ErrCorrupt   = errors.New("a stored record does not match its hash")
)

// row is a record ready to be written.
type row struct {
	Record
	micros int64
	hash   [sha256.Size]byte
}

// ready checks a record and brings it into the form in which it is kept.
func ready(r Record) (row, error) {
	if err := r.check(); err != nil {
		return row{}, err
	}
	body, err := Canonical(r.Body)
	if err != nil {
		return row{}, fmt.Errorf("%w %s: body: %w", ErrInvalid, r.name(), err)
	}
	r.Body = body
	out := row{Record: r, micros: r.At.UnixMicro()}
	out.hash = out.sum()
	return out, nil
}

func (r Record) name() string { return fmt.Sprintf("%s %s/%s", r.Kind, r.Site, r.Key) }

func text(s string) bool { return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl) }

// check reports everything that is wrong with a record at once.
func (r Record) check() error {
	var faults []error
	say := func(wrong bool, what string) {
		if wrong {
			faults = append(faults, errors.New(what))
		}
	}
	say(r.Site == "" || len(r.Site) > mostKey, "the site needs a name of 1 to 200 bytes")
	say(r.Key == "" || len(r.Key) > mostKey, "the key needs 1 to 200 bytes")
	say(len(r.Subject) > mostKey, "the subject is longer than 200 bytes")
	say(!slices.Contains(Kinds(), r.Kind), "the kind is unknown")
	say(!text(r.Site) || !text(r.Key) || !text(r.Subject), "site, key and subject must be UTF-8 without control characters")
	say(r.At.Year() < 1970 || r.At.Year() > 9999, "the time is missing, or not within the years 1970 and 9999")
	say(len(r.Body) > mostBody, "the body is larger than 16 MiB")
	say(r.Kind.fenced() && (r.Subject == "" || r.Epoch.Compare(Epoch{}) <= 0), "it needs a subject and an epoch above zero")
	say(!r.Kind.fenced() && r.Epoch != Epoch{}, "only orders and epoch marks carry an epoch")
	if faults == nil {
		return nil
	}
	return fmt.Errorf("%w %s: %w", ErrInvalid, r.name(), errors.Join(faults...))
}

// sum hashes everything that makes the content, each text with its length in front.
func (r row) sum() [sha256.Size]byte {
	var b []byte
	for _, s := range [][]byte{[]byte(r.Site), []byte(r.Kind), []byte(r.Key), []byte(r.Subject), r.Body} {
		b = binary.BigEndian.AppendUint64(b, uint64(len(s)))
		b = append(b, s...)
	}
	for _, n := range []int64{r.Turn, r.micros, r.Epoch.Term, r.Epoch.Plan, r.Epoch.Sequence} {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	return sha256.Sum256(b)
}

// Canonical is the one form of a JSON value: no white space, names of objects
// in rising order, numbers as they were written. Two bodies that differ only in
// white space or in the order of names are the same content.
func Canonical(text []byte) ([]byte, error) {
	in := json.NewDecoder(bytes.NewReader(text))
	in.UseNumber()
	var value any
	if err := in.Decode(&value); err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("read JSON: more than one value")
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
