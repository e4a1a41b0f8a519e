package room

import (
	"context"
	"fmt"
	"time"

	"sluice/store/file"
)

// Setting is what a person set under a key. The error wraps ErrUnknown where they did not.
func (s *Store) Setting(ctx context.Context, person, key string) ([]byte, error) {
	value, err := file.One(ctx, s.file, func(scan file.Scanner) (b []byte, err error) { return b, scan(&b) }, "SELECT value FROM setting WHERE person = ? AND key = ?", person, key)
	if err != nil {
		return nil, fmt.Errorf("setting %.60q of %.60q: %w", key, person, err)
	}
	return value, nil
}

// SetSetting keeps what a person sets under a key; an empty value takes it away. The
// error wraps ErrFull where the person has 200 of them.
func (s *Store) SetSetting(ctx context.Context, person, key string, value []byte, now time.Time) error {
	var f faults
	f.name("person", person)
	f.name("key", key)
	f.When(len(value) > MostValue, "it has %d bytes, at most %d are kept", len(value), MostValue)
	f.moment("now", now)
	err := f.Err()
	if err == nil {
		err = s.write(ctx, func(ctx context.Context, p pen) error { return p.set(ctx, person, key, value, now) })
	}
	if err != nil {
		return fmt.Errorf("set %.60q of %.60q: %w", key, person, err)
	}
	return nil
}

func (p pen) set(ctx context.Context, person, key string, value []byte, now time.Time) error {
	if len(value) == 0 {
		_, err := p.Exec(ctx, "DELETE FROM setting WHERE person = ? AND key = ?", person, key)
		return err
	}
	_, err := p.Exec(ctx, `INSERT INTO setting (person, key, value, changed_us) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET value = excluded.value, changed_us = excluded.changed_us`, person, key, value, now.UnixMicro())
	if err != nil {
		return err
	}
	all, err := p.tally(ctx, "setting")
	if err != nil {
		return err
	}
	own, err := p.count(ctx, "SELECT count(*) FROM setting WHERE person = ?", person)
	if err == nil && (own > p.most.settingsOfOne || all.number > p.most.settings) {
		err = fmt.Errorf("%w: it would be number %d of %d, and number %d of all persons' %d: take some away", ErrFull, own, p.most.settingsOfOne, all.number, p.most.settings)
	}
	return err
}
