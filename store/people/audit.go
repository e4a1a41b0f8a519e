package people

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"time"

	"sluice/people"
	"sluice/store/file"
)

// What the store itself writes into the audit log, beside the verbs of sluice/people.
const (
	didLink     = "first_link"     // a link for the first administrator was made
	didFound    = "first_admin"    // it was used
	didAdd      = "person_added"   // somebody may log in once they used their invitation
	didInvite   = "invited"        // an invitation was made
	didDescribe = "person_changed" // label, address or language
	didPassword = "password_set"
	didCode     = "code_set"     // an app was enrolled
	didRecovery = "recovery_set" // new recovery codes
	didLogin    = "login"
	didFail     = "login_refused"
	didLogout   = "logout"
	didEnd      = "session_ended" // by somebody else
	didGive     = "role_given"
	didTake     = "role_taken"
	didClose    = "account_closed"
	didRenew    = "credentials_renewed"
	didToken    = "token_made"
	didRevoke   = "token_revoked"
	didAsk      = "asked"
	didApprove  = "approved"
	didDecline  = "declined"
	didBegin    = "begun"
	didFinish   = "finished"
	didExpire   = "expired"
	didRefuse   = "refused"
)

// Deeds are all that the store itself writes, for pages that translate them.
func Deeds() []string {
	return []string{
		didLink, didFound, didAdd, didInvite, didDescribe, didPassword, didCode, didRecovery, didLogin, didFail, didLogout, didEnd, didGive, didTake,
		didClose, didRenew, didToken, didRevoke, didAsk, didApprove, didDecline, didBegin, didFinish, didExpire, didRefuse,
	}
}

// entryColumns are those of people.Sealed, in the order of scanEntry.
const entryColumns = "seq, at_us, who, how, second, verb, site, tenant, subject, reason, before, after, effects, hash"

// audit adds an entry within the transaction.
func (s *Store) audit(ctx context.Context, p pen, e people.Entry) error {
	if err := e.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	x := people.Seal(e, s.head.Count, s.head.Hash)
	_, err := p.Exec(ctx, "INSERT INTO audit ("+entryColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		x.Sequence, x.At.UnixMicro(), x.Who, x.How, x.And, x.Verb, x.Site, x.Tenant, x.Subject, x.Reason, x.Before, x.After, x.Effects, x.Hash[:])
	if err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	s.head = people.Head{Count: x.Sequence, Hash: x.Hash}
	return nil
}

func scanEntry(scan file.Scanner) (x people.Sealed, err error) {
	var at int64
	var hash sql.RawBytes
	err = scan(&x.Sequence, &at, &x.Who, &x.How, &x.And, &x.Verb, &x.Site, &x.Tenant, &x.Subject, &x.Reason, &x.Before, &x.After, &x.Effects, &hash)
	x.At = time.UnixMicro(at).UTC()
	copy(x.Hash[:], hash)
	return x, err
}

// lastHead is where the log ends.
func lastHead(ctx context.Context, a file.Asker, installation string) (people.Head, error) {
	last, err := file.One(ctx, a, scanHead, "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
	if errors.Is(err, ErrUnknown) {
		return people.Begin(installation).Head, nil
	}
	return last, err
}

func scanHead(scan file.Scanner) (h people.Head, err error) {
	var hash sql.RawBytes
	err = scan(&h.Count, &hash)
	copy(h.Hash[:], hash)
	return h, err
}

// Record writes what a visitor did, or was refused: who, how and when are filled in.
// Write it before the deed, and what came of it after.
func (s *Store) Record(ctx context.Context, v Visitor, e people.Entry, now time.Time) error {
	return s.as(ctx, v, now, func(ctx context.Context, p pen, _ people.Actor) error { return s.audit(ctx, p, v.signs(e, now)) })
}

// Note writes what the program did by itself.
func (s *Store) Note(ctx context.Context, e people.Entry) error {
	e.Who, e.How = "", "by itself"
	return s.write(ctx, func(ctx context.Context, p pen) error { return s.audit(ctx, p, e) })
}

// Filter chooses entries. Empty fields choose all.
type Filter struct {
	After  int64 // entries with a greater sequence, for the next page
	From   time.Time
	Until  time.Time
	Who    string
	Site   string
	Verb   string
	Newest bool // the last ones first; After is then a sequence that lies above
	Limit  int  // 0: as many as an answer has at most
}

// Entries are entries of the log in their order, for who may read it. They are not
// checked: that does Verify.
func (s *Store) Entries(ctx context.Context, v Visitor, f Filter, now time.Time) ([]people.Sealed, error) {
	a, err := s.actor(ctx, v, now)
	if err == nil {
		err = a.May(people.Audit, people.Place{Site: f.Site}, now)
	}
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	if f.Limit <= 0 || f.Limit > mostRows {
		f.Limit = mostRows
	}
	from, until := f.From.UnixMicro(), f.Until.UnixMicro()
	if f.Until.IsZero() {
		until = 1 << 62
	}
	way := "seq > ? AND (? = '' OR who = ? OR second = ?) AND (? = '' OR site = ?) AND (? = '' OR verb = ?) AND at_us >= ? AND at_us < ? ORDER BY seq"
	if f.Newest {
		if f.After <= 0 {
			f.After = 1 << 62
		}
		way = "seq < ?" + way[len("seq > ?"):] + " DESC"
	}
	return file.Gather(ctx, s.file, scanEntry, "SELECT "+entryColumns+" FROM audit WHERE "+way+" LIMIT ?",
		f.After, f.Who, f.Who, f.Who, f.Site, f.Site, f.Verb, f.Verb, from, until, f.Limit)
}

// Head is how far the log reaches. Keep it elsewhere now and then: a log whose end was
// cut off is noticed by nothing else.
func (s *Store) Head(ctx context.Context) (people.Head, error) {
	return lastHead(ctx, s.file, s.installation)
}

// Verify checks the whole log as it is now, against heads that were kept elsewhere too.
// An error wraps people.ErrChanged and names the first entry that is not as it was
// written.
func (s *Store) Verify(ctx context.Context, kept ...people.Head) (people.Head, error) {
	c := people.Begin(s.installation)
	err := s.follow(ctx, 0, func(x people.Sealed) error {
		if err := c.Next(x); err != nil {
			return err
		}
		return people.Agrees(c.Head, kept)
	})
	if err == nil {
		err = people.Reaches(c.Head, kept)
	}
	if err != nil {
		return people.Head{}, fmt.Errorf("verify the audit log: %w", err)
	}
	return c.Head, nil
}

// follow reads the entries after a sequence, in order.
func (s *Store) follow(ctx context.Context, after int64, do func(people.Sealed) error) error {
	return file.Each(ctx, s.file, "SELECT "+entryColumns+" FROM audit WHERE seq > ? ORDER BY seq", []any{after}, func(scan file.Scanner) error {
		x, err := scanEntry(scan)
		if err != nil {
			return fmt.Errorf("after entry %d: %w: %w", after, people.ErrChanged, err)
		}
		after = x.Sequence
		return do(x)
	})
}

// Export writes the log after a sequence as lines of JSON, each checked before it is
// written, and says how far it reaches. What anybody can check it with is in docs/people.md.
func (s *Store) Export(ctx context.Context, v Visitor, to io.Writer, after int64, now time.Time) (people.Head, error) {
	a, err := s.actor(ctx, v, now)
	if err == nil {
		err = a.May(people.Audit, people.Place{}, now)
	}
	begin := people.Begin(s.installation).Head
	if err == nil && after > 0 {
		begin, err = file.One(ctx, s.file, scanHead, "SELECT seq, hash FROM audit WHERE seq = ?", after)
	}
	if err != nil {
		return people.Head{}, fmt.Errorf("export the audit log: %w", err)
	}
	x, err := people.NewExport(to, s.installation, begin)
	if err == nil {
		err = s.follow(ctx, begin.Count, x.Write)
	}
	if err != nil {
		return people.Head{}, fmt.Errorf("export the audit log: %w", err)
	}
	return x.Close()
}
