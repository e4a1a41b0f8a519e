package hosting

import (
	"errors"
	"fmt"
	"time"

	"sluice/series"
)

// FlexState is what a contract's power has been called back so far: hours of the
// calendar year, calls of the calendar month, both in the site's zone. Its zero
// value has seen no call.
type FlexState struct {
	Year  int // of Used
	Used  time.Duration
	Month time.Month // of Calls, in Year
	Calls int
	Call  Call // announced or running; the last one after it ended
}

// Call is a stretch in which a tenant lets power go.
type Call struct{ From, To time.Time }

// ErrTerms marks a call that the contract does not allow.
var ErrTerms = errors.New("outside the flexible terms")

// at is the state as it counts at an instant: a new month and a new year begin with nothing.
func (s FlexState) at(at time.Time, zone *time.Location) FlexState {
	local := at.In(place(zone))
	switch {
	case local.Year() > s.Year:
		return FlexState{Year: local.Year(), Month: local.Month(), Call: s.Call}
	case local.Year() == s.Year && local.Month() > s.Month:
		s.Month, s.Calls = local.Month(), 0
	}
	return s
}

// Left is how long power may still be called back in the year that holds an instant,
// and how many calls its month still has; -1: any number.
func (s FlexState) Left(f Flex, at time.Time, zone *time.Location) (time.Duration, int) {
	s = s.at(at, zone)
	calls := -1
	if f.Events > 0 {
		calls = max(0, f.Events-s.Calls)
	}
	return max(0, f.Hours-s.Used), calls
}

// Announce is the state once a call is announced at now; its hours count from then
// on, in the year in which it begins. It fails with ErrTerms, the state unchanged, on
// a call that the terms do not cover: too soon, too long, or beyond what is left.
func (s FlexState) Announce(f Flex, now time.Time, call Call, zone *time.Location) (FlexState, error) {
	length := call.To.Sub(call.From)
	left, calls := s.Left(f, call.From, zone)
	no := func(format string, args ...any) (FlexState, error) {
		return s, fmt.Errorf("call from %s to %s: %w: "+format, append([]any{call.From.Format(time.RFC3339), call.To.Format(time.RFC3339), ErrTerms}, args...)...)
	}
	switch {
	case length <= 0:
		return no("it must end after it begins")
	case call.From.Before(s.Call.To):
		return no("another call is announced until %s: begin after it", s.Call.To.Format(time.RFC3339))
	case call.From.Sub(now) < f.Notice:
		return no("the tenant has %s of notice: begin at %s", f.Notice, now.Add(f.Notice).Format(time.RFC3339))
	case f.Event > 0 && length > f.Event:
		return no("a call lasts %s at most", f.Event)
	case length > left:
		return no("%s of the year's %s are left", left, f.Hours)
	case calls == 0:
		return no("all %d calls of the month were made", f.Events)
	}
	s = s.at(call.From, zone)
	s.Used, s.Calls, s.Call = s.Used+length, s.Calls+1, call
	return s, nil
}

// End is the state when a call ends early: the hours that were not used are given back.
func (s FlexState) End(at time.Time) FlexState {
	if at.Before(s.Call.From) {
		at = s.Call.From
	}
	if at.Before(s.Call.To) {
		s.Used = max(0, s.Used-s.Call.To.Sub(at))
		s.Call.To = at
	}
	return s
}

// Covers reports whether a call that was announced covers a whole stretch of time.
func (s FlexState) Covers(i series.Interval) bool {
	return !i.Start.Before(s.Call.From) && !i.End().After(s.Call.To)
}

// Grants reports whether power may be taken in an interval within the terms: a call
// covers it, or a call announced now could begin and would have an hour and a call left.
func (s FlexState) Grants(f Flex, now time.Time, i series.Interval, zone *time.Location) bool {
	if f.Hours <= 0 {
		return false
	}
	if s.Covers(i) {
		return true
	}
	left, calls := s.Left(f, i.Start, zone)
	room := min(i.Length, time.Hour)
	if f.Event > 0 {
		room = min(room, f.Event)
	}
	return i.Start.Sub(now) >= f.Notice && left >= room && calls != 0 && !i.Start.Before(s.Call.To)
}
