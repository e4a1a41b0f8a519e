package room

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/store/file"
)

// Interval is what one settlement interval of a site came to.
type Interval struct {
	Start  time.Time
	Length time.Duration // above zero, whole microseconds
	Body   json.RawMessage
}

// SaveIntervals keeps what intervals of a site came to, all of them or none. One that is
// known is replaced: a later reckoning corrects an earlier one.
func (s *Store) SaveIntervals(ctx context.Context, site string, all []Interval) error {
	err := s.checkIntervals(site, all)
	if err == nil {
		err = s.write(ctx, func(ctx context.Context, p pen) error {
			for part := range slices.Chunk(all, rowsAtOnce) {
				if err := p.saveIntervals(ctx, site, part); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("save %d intervals of site %.60q: %w: none was saved", len(all), site, err)
	}
	return nil
}

// rowsAtOnce is how many rows one statement writes: reading the statement costs as much
// as writing a row.
const rowsAtOnce = 100

func (s *Store) checkIntervals(site string, all []Interval) error {
	var f faults
	f.name("site", site)
	f.When(len(all) > mostSpans, "give at most %d at once", mostSpans)
	bytes, seen := 0, make(map[int64]bool, len(all))
	for _, x := range all {
		f.interval(x)
		f.When(seen[x.Start.UnixMicro()], "%v starts twice", x.Start)
		seen[x.Start.UnixMicro()] = true
		if bytes += len(x.Body); len(f.Faults) > mostSaid {
			break
		}
	}
	f.When(bytes > s.most.bodies, "they have %d bytes: give at most %d at once", bytes, s.most.bodies)
	return f.Err()
}

// interval checks one. It makes no words unless something is wrong: there are many.
func (f *faults) interval(x Interval) {
	f.moment("start", x.Start)
	whole := x.Length > 0 && x.Length%time.Microsecond == 0 && x.Start.Nanosecond()%1000 == 0
	f.When(!whole, "%v of %v: it has a length, and begins and ends at a whole microsecond", x.Start, x.Length)
	f.body("the body of an interval", x.Body, MostInterval)
}

func (p pen) saveIntervals(ctx context.Context, site string, part []Interval) error {
	rows := strings.Repeat(", (?1, ?, ?, ?)", len(part))[2:]
	args := append(make([]any, 0, 1+3*len(part)), site)
	for _, x := range part {
		args = append(args, x.Start.UnixMicro(), x.Length.Microseconds(), []byte(x.Body))
	}
	_, err := p.Exec(ctx, "INSERT INTO interval (site, start_us, length_us, body) VALUES "+rows+` ON CONFLICT DO UPDATE
		SET length_us = excluded.length_us, body = excluded.body WHERE length_us <> excluded.length_us OR body <> excluded.body`, args...)
	return err
}

const intervals = "SELECT start_us, length_us, body FROM interval WHERE site = ?"

func scanInterval(scan file.Scanner) (x Interval, err error) {
	var start, length int64
	err = scan(&start, &length, (*[]byte)(&x.Body))
	x.Start, x.Length = time.UnixMicro(start).UTC(), time.Duration(length)*time.Microsecond
	return x, err
}

// Intervals are those of a site that start at from or later and before to, the first one
// first, at most limit of them (none: 110,000, which is also the most). The error wraps
// ErrFull where they have more than 256 MiB: ask for less at once.
func (s *Store) Intervals(ctx context.Context, site string, from, to time.Time, limit int) ([]Interval, error) {
	var out []Interval
	bytes := 0
	args := []any{site, from.UnixMicro(), to.UnixMicro(), limited(limit, mostSpans)}
	err := file.Each(ctx, s.file, intervals+" AND start_us >= ? AND start_us < ? ORDER BY start_us LIMIT ?", args, func(scan file.Scanner) error {
		x, err := scanInterval(scan)
		out = append(out, x)
		if bytes += len(x.Body); bytes > s.most.bodies {
			return fmt.Errorf("%w: they have more than %d bytes: ask for less at once", ErrFull, s.most.bodies)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("intervals of site %.60q: %w", site, err)
	}
	return out, nil
}

// LastInterval is the one of a site that starts last. The error wraps ErrUnknown where
// there is none.
func (s *Store) LastInterval(ctx context.Context, site string) (Interval, error) {
	x, err := file.One(ctx, s.file, scanInterval, intervals+" ORDER BY start_us DESC LIMIT 1", site)
	if err != nil {
		return Interval{}, fmt.Errorf("last interval of site %.60q: %w", site, err)
	}
	return x, nil
}
