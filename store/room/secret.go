package room

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"sluice/people"
	"sluice/store/file"
)

// ErrKey says that the key of the secrets is not there or is another one.
var ErrKey = errors.New("it is not the key under which they were sealed")

// MostSecret bounds a secret, bytes.
const MostSecret = 8 << 10

const (
	keyName     = "room.key"
	keyMark     = "sluice-room-key-1:"
	mostSecrets = 1_000
)

// SecretNote is what is known of a secret to everybody: that it is there.
type SecretNote struct {
	Name    string
	Changed time.Time
	By      string // who stored it last
}

// SetSecret seals a secret and keeps it in place of the one before; an empty value takes
// it away. The key is made with the first one. The error wraps ErrUnknown where there is
// none to take away, ErrKey where the key is gone, and ErrFull where there are too many.
func (s *Store) SetSecret(ctx context.Context, n SecretNote, value people.Secret) error {
	text := value.Reveal()
	var f faults
	f.name("name", n.Name)
	f.name("who does it", n.By)
	f.moment("now", n.Changed)
	f.When(len(text) > MostSecret, "it has %d bytes, at most %d are kept", len(text), MostSecret)
	err := f.Err()
	if err == nil {
		err = s.write(ctx, func(ctx context.Context, p pen) error {
			if text == "" {
				return p.dropSecret(ctx, n.Name)
			}
			return p.setSecret(ctx, filepath.Dir(s.file.Path()), n, text)
		})
	}
	if err != nil {
		return fmt.Errorf("secret %.60q: %w", n.Name, err)
	}
	return nil
}

func (p pen) dropSecret(ctx context.Context, name string) error {
	gone, err := p.Exec(ctx, "DELETE FROM secret WHERE name = ?", name)
	if err == nil && gone == 0 {
		err = ErrUnknown
	}
	return err
}

func (p pen) setSecret(ctx context.Context, dir string, n SecretNote, text string) error {
	had, err := p.count(ctx, "SELECT count(*) FROM secret WHERE name <> ?", n.Name)
	if err == nil && had >= mostSecrets {
		err = fmt.Errorf("%w: %d are kept: take some away", ErrFull, had)
	}
	if err != nil {
		return err
	}
	all, err := p.count(ctx, "SELECT count(*) FROM secret")
	if err != nil {
		return err
	}
	k, err := findKey(dir, all == 0)
	if err != nil {
		return err
	}
	sealed, err := k.Seal(about(n.Name), []byte(text))
	if err != nil {
		return err
	}
	_, err = p.Exec(ctx, `INSERT INTO secret (name, sealed, changed_us, person) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET sealed = excluded.sealed, changed_us = excluded.changed_us, person = excluded.person`, n.Name, sealed, n.Changed.UnixMicro(), n.By)
	return err
}

// Secret is a secret by its name. The error wraps ErrUnknown where there is none, and
// ErrKey where it does not open.
func (s *Store) Secret(ctx context.Context, name string) (people.Secret, error) {
	sealed, err := file.One(ctx, s.file, func(scan file.Scanner) (b []byte, err error) { return b, scan(&b) }, "SELECT sealed FROM secret WHERE name = ?", name)
	var k file.Key
	if err == nil {
		k, err = findKey(filepath.Dir(s.file.Path()), false)
	}
	var text []byte
	if err == nil {
		text, err = k.Open(about(name), sealed)
	}
	if err != nil {
		return people.Secret{}, fmt.Errorf("secret %.60q: %w", name, err)
	}
	return people.Hide(string(text)), nil
}

// Secrets are the names of all secrets, in order, with who stored each and when.
func (s *Store) Secrets(ctx context.Context) ([]SecretNote, error) {
	all, err := file.Gather(ctx, s.file, func(scan file.Scanner) (n SecretNote, err error) {
		var changed int64
		err = scan(&n.Name, &changed, &n.By)
		n.Changed = time.UnixMicro(changed).UTC()
		return n, err
	}, "SELECT name, changed_us, person FROM secret ORDER BY name")
	if err != nil {
		return nil, fmt.Errorf("secrets: %w", err)
	}
	return all, nil
}

// findKey reads the key of the secrets. Where nothing is sealed yet and the file is
// missing, it makes one.
func findKey(dir string, fresh bool) (file.Key, error) {
	return file.KeyFile{
		Path: filepath.Join(dir, keyName), Of: "secrets", Mark: keyMark, Says: "The key of the secrets in room.db. Keep a copy apart from copies of the database.",
		Lost: "take it from a copy, or take all secrets away and store them anew", Exposed: "exchange the secrets", Err: ErrKey,
	}.Find(fresh, func(b []byte) { _, _ = rand.Read(b) }) // it never fails
}

// about is what a secret is sealed with: it opens under its name only.
func about(name string) string { return "secret " + name }
