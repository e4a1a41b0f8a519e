package ledger

import (
	"context"
	"embed"
	"errors"
	"fmt"

	"sluice/store/file"
)

//go:embed migrations
var migrationFiles embed.FS

// migrations are the steps of a dialect in order; the n-th leads to version n.
func migrations(d dialect) ([]string, error) {
	return file.Texts(migrationFiles, "migrations/"+d.name+"/*.sql")
}

// filedFrom is the first version whose books have filings.
const filedFrom = 2

// migrate brings a database to the version of this program. An old one is copied first.
func (p *pen) migrate(ctx context.Context) error {
	steps, err := migrations(p.dialect)
	if err != nil {
		return err
	}
	version, err := p.dialect.version(ctx, p.conn)
	if err != nil {
		return err
	}
	if version > len(steps) {
		return fmt.Errorf("%w: they have version %d, this program knows %d: install the newer program", ErrNewer, version, len(steps))
	}
	if version > 0 && version < len(steps) {
		if err := p.dialect.copy(ctx, p.conn, version+1); err != nil {
			return err
		}
	}
	for n := version; n < len(steps); n++ {
		if err := p.step(ctx, steps[n], n+1); err != nil {
			return fmt.Errorf("migrate the books to version %d: %w", n+1, err)
		}
	}
	return nil
}

// step runs one migration. The version changes in its transaction: a cut leaves
// both or neither.
func (p *pen) step(ctx context.Context, text string, version int) (err error) {
	defer func() {
		p.index = nil
		if err != nil {
			_, undo := p.conn.ExecContext(ctx, "ROLLBACK")
			err = errors.Join(err, undo)
		}
	}()
	for _, t := range []string{p.dialect.begin, text} {
		if _, err := p.conn.ExecContext(ctx, t); err != nil {
			return err
		}
	}
	if version == filedFrom {
		if err := p.fileOld(ctx); err != nil {
			return fmt.Errorf("file what is old: %w", err)
		}
	}
	for _, t := range []string{p.dialect.raise(version), "COMMIT"} {
		if _, err := p.conn.ExecContext(ctx, t); err != nil {
			return err
		}
	}
	return nil
}
