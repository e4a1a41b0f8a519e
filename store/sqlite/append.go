package sqlite

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
)

// request is one call of Append on its way.
type request struct {
	rows  []row
	state atomic.Int32 // waiting, taken or withdrawn; decided once
	err   error        // valid after done
	done  chan struct{}
}

const (
	waiting int32 = iota
	taken
	withdrawn
)

// Append writes all records or none, and returns nil when they are on stable
// storage. Appending a record again is harmless; a known key with other content
// is refused with ErrConflict, an order whose epoch is not above the last one of
// its subject with ErrEpochBack. When the queue is full it waits; ErrFull says
// that it waited in vain. When ctx ends
// first, the error says ErrWithdrawn (surely not stored) or ErrUndecided (Find
// knows). ErrBroken means that nothing works any more and nothing may be tried
// again before the program started anew.
func (s *Store) Append(ctx context.Context, records ...Record) error {
	if err := s.refusal(); err != nil {
		return fmt.Errorf("append: %w", err)
	}
	r, err := newRequest(records)
	if err != nil {
		return fmt.Errorf("append: %w", err)
	}
	if err := s.enqueue(ctx, r); err != nil {
		return fmt.Errorf("append: %w", err)
	}
	if err := s.await(ctx, r); err != nil {
		return fmt.Errorf("append: %w", err)
	}
	return nil
}

func newRequest(records []Record) (*request, error) {
	if len(records) == 0 || len(records) > mostRecords {
		return nil, fmt.Errorf("%w: %d records in one call, 1 to %d are allowed", ErrInvalid, len(records), mostRecords)
	}
	out := &request{done: make(chan struct{})}
	var faults []error
	for _, rec := range records {
		r, err := ready(rec)
		out.rows, faults = append(out.rows, r), append(faults, err)
	}
	return out, errors.Join(faults...)
}

func (s *Store) enqueue(ctx context.Context, r *request) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrWithdrawn, err)
	}
	select {
	case <-s.stop:
		return ErrClosed
	default:
	}
	select {
	case s.queue <- r:
		return nil
	case <-s.stop:
		return ErrClosed
	case <-ctx.Done():
		return fmt.Errorf("%w: %w, %d calls wait: %w", ErrWithdrawn, ErrFull, cap(s.queue), ctx.Err())
	}
}

// await waits for the writing goroutine. Who gives up withdraws the request, so
// that it cannot be written later.
func (s *Store) await(ctx context.Context, r *request) error {
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		if r.state.CompareAndSwap(waiting, withdrawn) {
			return fmt.Errorf("%w: %w", ErrWithdrawn, ctx.Err())
		}
		return fmt.Errorf("%w: %w", ErrUndecided, ctx.Err())
	case <-s.ended:
		if r.state.CompareAndSwap(waiting, withdrawn) {
			return ErrClosed
		}
		<-r.done
		return r.err
	}
}

// serve is the one goroutine that writes. It ends after Close, when the queue is empty.
func (s *Store) serve(ctx context.Context) {
	defer close(s.ended)
	for {
		select {
		case r := <-s.queue:
			s.fly(ctx, s.gather(r))
		case <-s.stop:
			s.drain(ctx)
			return
		}
	}
}

func (s *Store) drain(ctx context.Context) {
	for {
		select {
		case r := <-s.queue:
			s.fly(ctx, s.gather(r))
		default:
			return
		}
	}
}

// gather collects what is waiting now, without waiting for more.
func (s *Store) gather(first *request) []*request {
	out := []*request{first}
	for len(out) < s.config.Batch {
		select {
		case r := <-s.queue:
			out = append(out, r)
		default:
			return out
		}
	}
	return out
}

// fly writes a batch in one transaction and releases everybody who waits for it.
// The flight is known before anything is taken, so that Find never misses it.
func (s *Store) fly(ctx context.Context, batch []*request) {
	over := make(chan struct{})
	s.mu.Lock()
	s.flight = over
	s.mu.Unlock()
	defer close(over)
	var crew []*request
	for _, r := range batch {
		if r.state.CompareAndSwap(waiting, taken) {
			crew = append(crew, r)
		}
	}
	if err := s.commit(ctx, crew); err != nil {
		s.broken.CompareAndSwap(nil, &err)
		for _, r := range crew {
			r.err = s.refusal()
		}
	}
	for _, r := range crew {
		close(r.done)
	}
}

// commit writes the requests; a refused one leaves the others untouched. Its own
// error is one of the disk or the database: nothing is tried again.
func (s *Store) commit(ctx context.Context, crew []*request) error {
	if err := s.refusal(); err != nil || len(crew) == 0 {
		return err
	}
	if s.config.before != nil {
		if err := s.config.before(); err != nil {
			return err
		}
	}
	if err := s.pen.do(ctx, s.pen.begin); err != nil {
		return err
	}
	for _, r := range crew {
		refused, err := s.pen.write(ctx, r.rows)
		if err != nil {
			return err
		}
		r.err = refused
	}
	return s.pen.do(ctx, s.pen.commit)
}
