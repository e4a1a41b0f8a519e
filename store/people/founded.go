package people

import (
	"context"
	"fmt"
)

// Founded reports whether somebody administers all sites; until then the link of
// FirstLink makes the first administrator.
func (s *Store) Founded(ctx context.Context) (bool, error) {
	there, err := administered(ctx, s.file)
	if err != nil {
		return false, fmt.Errorf("look for an administrator: %w", err)
	}
	return there, nil
}
