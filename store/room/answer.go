package room

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sluice/store/file"
)

// Answer is what was answered to a request, for when the same one comes again.
type Answer struct {
	Hash   []byte // of the request: another one with the same key is no repetition
	Status int
	Header map[string]string
	Body   []byte
	Open   bool // it was begun, and how it ended is not known
}

// Answered is what was answered to a person's request with a key, and whether there was
// such a request. One that is Open was begun and not finished: it is being done, or the
// program died over it, and nobody knows how far it came.
func (s *Store) Answered(ctx context.Context, person, key string) (Answer, bool, error) {
	a, err := file.One(ctx, s.file, scanAnswer, "SELECT hash, open, status, header, body FROM answer WHERE person = ? AND key = ?", person, key)
	if errors.Is(err, ErrUnknown) {
		return Answer{}, false, nil
	}
	if err != nil {
		return Answer{}, false, fmt.Errorf("answer to request %.60q of %.60q: %w", key, person, err)
	}
	return a, true, nil
}

func scanAnswer(scan file.Scanner) (a Answer, err error) {
	var header []byte
	if err := scan(&a.Hash, &a.Open, &a.Status, &header, &a.Body); err != nil {
		return a, err
	}
	return a, json.Unmarshal(header, &a.Header)
}

// Begin keeps that a request is about to be done, before anything of it is. The error
// wraps ErrConflict where the person used the key before: see what was Answered. It wraps
// ErrFull where too many requests are open.
func (s *Store) Begin(ctx context.Context, person, key string, hash []byte, now time.Time) error {
	var f faults
	f.name("person", person)
	f.name("key", key)
	f.When(len(hash) == 0 || len(hash) > mostName, "the hash has %d bytes: it has 1 to %d", len(hash), mostName)
	f.moment("now", now)
	err := f.Err()
	if err == nil {
		err = s.write(ctx, func(ctx context.Context, p pen) error {
			n, err := p.Exec(ctx, "INSERT INTO answer (person, key, begun_us, hash, open, status, header, body) VALUES (?, ?, ?, ?, 1, 0, 'null', x'') ON CONFLICT DO NOTHING", person, key, now.UnixMicro(), hash)
			if err == nil && n == 0 {
				err = fmt.Errorf("%w: take what was answered then", ErrConflict)
			}
			if err != nil {
				return err
			}
			return p.answersFit(ctx, person, 0)
		})
	}
	if err != nil {
		return fmt.Errorf("begin request %.60q of %.60q: %w", key, person, err)
	}
	return nil
}

// answersFit forgets finished answers, the oldest first, until there is room for so many
// bytes more: those of one person where they have too many, then those of all. What is
// open stays.
func (p pen) answersFit(ctx context.Context, person string, more int) error {
	for {
		all, err := p.tally(ctx, "answer")
		if err != nil {
			return err
		}
		own, err := p.count(ctx, "SELECT count(*) FROM answer WHERE person = ?", person)
		var n int64
		switch {
		case err != nil:
			return err
		case own > p.most.ofOne:
			n, err = p.Exec(ctx, "DELETE FROM answer WHERE id = (SELECT id FROM answer WHERE person = ? AND open = 0 ORDER BY id LIMIT 1)", person)
		case all.number > p.most.answers || all.bytes+int64(more) > p.most.answerBytes:
			n, err = p.Exec(ctx, "DELETE FROM answer WHERE id = (SELECT id FROM answer WHERE open = 0 ORDER BY id LIMIT 1)")
		default:
			return nil
		}
		if err == nil && n == 0 {
			err = fmt.Errorf("%w: %d requests are begun and not finished, %d of them this person's: find out how they ended", ErrFull, all.number, own)
		}
		if err != nil {
			return err
		}
	}
}

// Finish keeps what was answered to a request that was begun. Hash and Open of the answer
// do not count. The error wraps ErrUnknown where it was not begun, and ErrConflict where
// it has its answer, which stays.
func (s *Store) Finish(ctx context.Context, person, key string, a Answer) error {
	header, err := json.Marshal(a.Header)
	var f faults
	f.Add(err)
	f.When(a.Status < 100 || a.Status > 599, "status %d: it has three digits", a.Status)
	f.When(len(a.Body)+len(header) > MostAnswer, "it has %d bytes, at most %d are kept", len(a.Body)+len(header), MostAnswer)
	if err = f.Err(); err == nil {
		err = s.write(ctx, func(ctx context.Context, p pen) error {
			if err := p.answersFit(ctx, person, len(a.Body)+len(header)); err != nil {
				return err
			}
			n, err := p.Exec(ctx, "UPDATE answer SET open = 0, status = ?, header = ?, body = ? WHERE person = ? AND key = ? AND open = 1", a.Status, string(header), append([]byte{}, a.Body...), person, key)
			if err != nil || n > 0 {
				return err
			}
			if n, err = p.count(ctx, "SELECT count(*) FROM answer WHERE person = ? AND key = ?", person, key); err == nil && n == 0 {
				return ErrUnknown
			}
			return errors.Join(err, ErrConflict)
		})
	}
	if err != nil {
		return fmt.Errorf("finish request %.60q of %.60q: %w", key, person, err)
	}
	return nil
}

// Forget forgets every request that was begun before an instant, open ones too: nobody
// asks again so late.
func (s *Store) Forget(ctx context.Context, before time.Time) error {
	err := s.write(ctx, func(ctx context.Context, p pen) error {
		_, err := p.Exec(ctx, "DELETE FROM answer WHERE begun_us < ?", before.UnixMicro())
		return err
	})
	if err != nil {
		return fmt.Errorf("forget requests: %w", err)
	}
	return nil
}

// Withdraw forgets a request that was begun and of which nothing was done, so that it may
// come again. One that has its answer stays.
func (s *Store) Withdraw(ctx context.Context, person, key string) error {
	err := s.write(ctx, func(ctx context.Context, p pen) error {
		_, err := p.Exec(ctx, "DELETE FROM answer WHERE person = ? AND key = ? AND open = 1", person, key)
		return err
	})
	if err != nil {
		return fmt.Errorf("withdraw request %.60q of %.60q: %w", key, person, err)
	}
	return nil
}
