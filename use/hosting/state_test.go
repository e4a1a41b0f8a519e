package hosting_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/books"
	"sluice/series"
	"sluice/use/hosting"
)

// TestLevelState: counts gather, roll at local month ends, and are divided by seconds
// where a stretch reaches over one.
func TestLevelState(t *testing.T) {
	t.Parallel()
	z := zone(t, "America/Chicago")
	november := series.MonthOf(utc(2025, 11, 9, 0), z)
	at := november.End().Add(-3 * time.Second)
	span := hosting.Span{
		From: at, To: at.Add(10 * time.Second), Evidence: books.Hash{7},
		Counts: hosting.Counts{Committed: 640, Down: 15, Excused: 5, Slowed: 1},
		Parts:  []hosting.Part{{Name: "n1", Committed: 80, Down: 15, Excused: 5}},
	}
	s, over, err := hosting.LevelState{}.Add(span, z)
	if err != nil || len(over) != 1 {
		t.Fatalf("%v, %d months over", err, len(over))
	}
	first, want := over[0], hosting.LevelState{
		Month: november, Committed: 192, Down: 4, Excused: 1, Parts: []hosting.Part{{Name: "n1", Committed: 24, Down: 4, Excused: 1}}, Evidence: over[0].Evidence,
	}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("November: %s", diff)
	}
	want = hosting.LevelState{
		Month: series.MonthOf(november.End(), z), Committed: 448, Down: 11, Excused: 4, Slowed: 1, Capped: 7 * time.Second,
		Parts: []hosting.Part{{Name: "n1", Committed: 56, Down: 11, Excused: 4}}, Evidence: s.Evidence,
	}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Errorf("December: %s", diff)
	}
	if s.Evidence == (books.Hash{}) || s.Evidence == first.Evidence {
		t.Errorf("evidence %x and %x", first.Evidence, s.Evidence)
	}
	for sentence, bad := range map[string]hosting.Span{
		"a month that is over":   {From: at, To: at.Add(time.Second)},
		"nothing":                {From: span.To, To: span.To},
		"what ends at its start": {From: span.To, To: at},
	} {
		again, _, err := s.Add(bad, z)
		if err == nil || !cmp.Equal(again, s) {
			t.Errorf("%s was added: %v", sentence, err)
		}
	}
}

// TestLevelStateKeepsEverySecond: whatever the stretches, nothing is lost between the
// months, and the state that was given stays as it was.
func TestLevelStateKeepsEverySecond(t *testing.T) {
	t.Parallel()
	z := zone(t, "America/Chicago")
	rapid.Check(t, func(t *rapid.T) {
		var s hosting.LevelState
		var sum, kept hosting.Counts
		gather := func(x hosting.LevelState) {
			kept.Committed, kept.Down, kept.Excused, kept.Slowed = kept.Committed+x.Committed, kept.Down+x.Down, kept.Excused+x.Excused, kept.Slowed+x.Slowed
			shared := int64(0)
			for _, p := range x.Parts {
				shared += p.Committed
			}
			if off := x.Committed - shared; off < -12 || off > 12 { // each stretch is divided by itself, part by part
				t.Fatalf("parts of %d in %d", shared, x.Committed)
			}
		}
		at := utc(2025, 10, 30, 0)
		for range rapid.IntRange(1, 12).Draw(t, "stretches") {
			n := rapid.Int64Range(0, 1e9).Draw(t, "committed")
			c := hosting.Counts{Committed: n, Down: rapid.Int64Range(0, n).Draw(t, "down"), Slowed: rapid.Int64Range(0, 9).Draw(t, "slowed")}
			c.Excused = rapid.Int64Range(0, c.Down).Draw(t, "excused")
			half := n / 2
			to := at.Add(time.Duration(rapid.Int64Range(1, 40*86400).Draw(t, "length")) * time.Second)
			next, over, err := s.Add(hosting.Span{From: at, To: to, Counts: c, Parts: []hosting.Part{{Name: "a", Committed: n - half}, {Name: "b", Committed: half}}}, z)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range over {
				if !x.Month.End().Before(to) {
					t.Fatalf("the month from %s is over at %s", x.Month.Start, to)
				}
				if x.Down < x.Excused {
					t.Fatalf("%d excused of %d", x.Excused, x.Down)
				}
				gather(x)
			}
			sum.Committed, sum.Down, sum.Excused, sum.Slowed = sum.Committed+c.Committed, sum.Down+c.Down, sum.Excused+c.Excused, sum.Slowed+c.Slowed
			s, at = next, to
		}
		gather(s)
		if kept != sum {
			t.Fatalf("kept %+v of %+v", kept, sum)
		}
	})
}

func TestAnnounce(t *testing.T) {
	t.Parallel()
	terms := hosting.Flex{Hours: 10 * time.Hour, Event: 4 * time.Hour, Events: 2, Notice: 30 * time.Minute, Share: 1}
	now := utc(2025, 9, 9, 12)
	call := func(after, length time.Duration) hosting.Call {
		return hosting.Call{From: now.Add(after), To: now.Add(after + length)}
	}
	for sentence, c := range map[string]struct {
		state hosting.FlexState
		call  hosting.Call
		ok    bool
	}{
		"within the terms":        {hosting.FlexState{}, call(30*time.Minute, 4*time.Hour), true},
		"a minute too soon":       {hosting.FlexState{}, call(29*time.Minute, time.Hour), false},
		"a minute too long":       {hosting.FlexState{}, call(time.Hour, 4*time.Hour+time.Minute), false},
		"of no length":            {hosting.FlexState{}, call(time.Hour, 0), false},
		"the last hours":          {hosting.FlexState{Year: 2025, Month: 9, Used: 8 * time.Hour}, call(time.Hour, 2*time.Hour), true},
		"beyond the last hours":   {hosting.FlexState{Year: 2025, Month: 9, Used: 8 * time.Hour}, call(time.Hour, 2*time.Hour+1), false},
		"hours of another year":   {hosting.FlexState{Year: 2024, Month: 9, Used: 8 * time.Hour}, call(time.Hour, 4*time.Hour), true},
		"the last of the month":   {hosting.FlexState{Year: 2025, Month: 9, Calls: 1}, call(time.Hour, time.Hour), true},
		"one too many":            {hosting.FlexState{Year: 2025, Month: 9, Calls: 2}, call(time.Hour, time.Hour), false},
		"calls of another month":  {hosting.FlexState{Year: 2025, Month: 8, Calls: 2}, call(time.Hour, time.Hour), true},
		"while another one runs":  {hosting.FlexState{Call: call(-time.Hour, 3*time.Hour)}, call(time.Hour, time.Hour), false},
		"as soon as it has ended": {hosting.FlexState{Call: call(-time.Hour, 2*time.Hour)}, call(time.Hour, time.Hour), true},
	} {
		got, err := c.state.Announce(terms, now, c.call, time.UTC)
		if (err == nil) != c.ok || err != nil && !errors.Is(err, hosting.ErrTerms) {
			t.Errorf("%s: %v", sentence, err)
		}
		if err != nil && got != c.state {
			t.Errorf("%s: the state became %+v", sentence, got)
		}
		if err == nil && (got.Call != c.call || got.Calls < 1 || got.Used < c.call.To.Sub(c.call.From)) {
			t.Errorf("%s: the state is %+v", sentence, got)
		}
	}
}

// TestEnd: hours that a call did not need are given back.
func TestEnd(t *testing.T) {
	t.Parallel()
	terms := hosting.Flex{Hours: 10 * time.Hour, Share: 1}
	now := utc(2025, 9, 9, 12)
	s, err := hosting.FlexState{}.Announce(terms, now, hosting.Call{From: now, To: now.Add(4 * time.Hour)}, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	for after, want := range map[time.Duration]time.Duration{-time.Hour: 0, time.Hour: time.Hour, 5 * time.Hour: 4 * time.Hour} {
		ended := s.End(now.Add(after))
		if left, calls := ended.Left(terms, now, time.UTC); ended.Used != want || left != 10*time.Hour-want || calls != -1 {
			t.Errorf("ended after %s, %s are used and %s left", after, ended.Used, left)
		}
	}
	year := zone(t, "America/Chicago") // 31 December there, the new year in UTC
	s = hosting.FlexState{Year: 2025, Month: 12, Used: 9 * time.Hour}
	if left, _ := s.Left(terms, utc(2026, 1, 1, 3), year); left != time.Hour {
		t.Errorf("before the local new year %s are left", left)
	}
	if left, _ := s.Left(terms, utc(2026, 1, 1, 7), year); left != 10*time.Hour {
		t.Errorf("after the local new year %s are left", left)
	}
}

// TestCallsKeepTheTerms: whatever is asked, what is announced stays within the terms.
func TestCallsKeepTheTerms(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		terms := hosting.Flex{Hours: 20 * time.Hour, Event: 4 * time.Hour, Events: 3, Notice: time.Hour, Share: 1}
		var s hosting.FlexState
		now := utc(2025, 6, 1, 0)
		used, calls := map[int]time.Duration{}, map[string]int{}
		for range 40 {
			now = now.Add(time.Duration(rapid.IntRange(0, 400).Draw(t, "later")) * time.Hour)
			from := now.Add(time.Duration(rapid.IntRange(0, 50).Draw(t, "ahead")) * time.Hour)
			call := hosting.Call{From: from, To: from.Add(time.Duration(rapid.IntRange(1, 5).Draw(t, "length")) * time.Hour)}
			next, err := s.Announce(terms, now, call, time.UTC)
			if err != nil {
				continue
			}
			s = next
			used[from.Year()] += call.To.Sub(from)
			calls[from.Format("2006-01")]++
			if used[from.Year()] > terms.Hours || calls[from.Format("2006-01")] > terms.Events || from.Sub(now) < terms.Notice || call.To.Sub(from) > terms.Event {
				t.Fatalf("%v at %s breaks the terms", call, now)
			}
		}
	})
}
