package storetest

import (
	"context"
	"database/sql"
	"errors"

	"sluice/store/file"
)

// Edit changes a closed SQLite file behind its store's back.
func Edit(ctx context.Context, path string, statements ...string) error {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	for _, s := range statements {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return errors.Join(err, db.Close())
		}
	}
	return db.Close()
}

// Climb brings a closed file to other steps than its store would, so that it is an older
// or a newer one.
func Climb(ctx context.Context, d file.Database, steps ...string) error {
	db, err := sql.Open("sqlite", d.Source(false))
	if err != nil {
		return err
	}
	conn, err := db.Conn(ctx)
	if err == nil {
		err = errors.Join(d.Climb(ctx, conn, steps), conn.Close())
	}
	return errors.Join(err, db.Close())
}
