package room

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// done is an answer with a body.
func done(body string) Answer {
	return Answer{Status: 201, Header: map[string]string{"ETag": `"3"`, "Location": "/v1/x"}, Body: []byte(body)}
}

// known are those of a person's keys that are known; those that are open end in "?".
func known(tb testing.TB, s *Store, person string, keys ...string) (out []string) {
	tb.Helper()
	for _, k := range keys {
		a, there, err := s.Answered(tb.Context(), person, k)
		must(tb, err)
		if there {
			out = append(out, k+map[bool]string{true: "?"}[a.Open])
		}
	}
	return out
}

// TestAnswers: what was answered is answered again, word by word; what nobody finished is
// open, also after the program started again.
func TestAnswers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openAt(t, dir)
	ctx := t.Context()
	if err := s.Finish(ctx, "ann", "a", done("x")); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
	must(t, s.Begin(ctx, "ann", "a", []byte("h1"), at(0)), s.Begin(ctx, "ann", "b", []byte("h2"), at(1)), s.Begin(ctx, "bob", "a", []byte("h3"), at(2)))
	if err := s.Begin(ctx, "ann", "a", []byte("h1"), at(3)); !errors.Is(err, ErrConflict) {
		t.Error(err)
	}
	must(t, s.Finish(ctx, "ann", "a", done("x")))
	if err := s.Begin(ctx, "ann", "a", []byte("other"), at(3)); !errors.Is(err, ErrConflict) {
		t.Error(err)
	}
	if err := s.Finish(ctx, "ann", "a", done("y")); !errors.Is(err, ErrConflict) {
		t.Error(err)
	}
	must(t, s.Close())
	s = openAt(t, dir)
	want := done("x")
	want.Hash = []byte("h1")
	got, there, err := s.Answered(ctx, "ann", "a")
	if diff := cmp.Diff(want, got); diff != "" || !there || err != nil {
		t.Error(diff, there, err)
	}
	if diff := cmp.Diff([]string{"a", "b?"}, known(t, s, "ann", "a", "b", "c")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"a?"}, known(t, s, "bob", "a", "b")); diff != "" {
		t.Error(diff)
	}
	must(t, s.Forget(ctx, at(2)))
	if diff := cmp.Diff([]string{"a?"}, slices.Concat(known(t, s, "ann", "a", "b"), known(t, s, "bob", "a"))); diff != "" {
		t.Error(diff)
	}
	must(t, s.Begin(ctx, "ann", "a", []byte("h1"), at(3)))
}

// TestOneBegins: of many who begin the same request at once, one does it.
func TestOneBegins(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	var all sync.WaitGroup
	var began atomic.Int64
	for range 16 {
		all.Go(func() {
			switch err := s.Begin(t.Context(), "ann", "stop", []byte("h"), at(0)); {
			case err == nil:
				began.Add(1)
			case !errors.Is(err, ErrConflict):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if began.Load() != 1 {
		t.Errorf("%d began", began.Load())
	}
}

// TestAnswersFull: the oldest finished answers make room, those of the same person first;
// what is open stays, and is told of where nothing else is left.
func TestAnswersFull(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T, s *Store, person string, keys ...string) {
		t.Helper()
		for _, k := range keys {
			open := strings.HasSuffix(k, "?")
			k = strings.TrimSuffix(k, "?")
			must(t, s.Begin(t.Context(), person, k, []byte("h"), at(0)))
			if !open {
				must(t, s.Finish(t.Context(), person, k, done("12345678")))
			}
		}
	}
	for sentence, c := range map[string]struct {
		bounds   func(*bounds)
		ann, bob []string // are begun
		left     []string // of both
	}{
		"a person's own":          {func(b *bounds) { b.ofOne = 3 }, []string{"a?", "b", "c", "d", "e"}, []string{"f", "g"}, []string{"a?", "d", "e", "f", "g"}},
		"all persons'":            {func(b *bounds) { b.answers = 4 }, []string{"a?", "b", "c"}, []string{"d?", "e", "f"}, []string{"a?", "d?", "e", "f"}},
		"bytes":                   {func(b *bounds) { b.answerBytes = 100 }, []string{"a", "b?", "c"}, []string{"d"}, []string{"b?", "c", "d"}},
		"nobody has too many":     {func(*bounds) {}, []string{"a", "b?"}, []string{"c"}, []string{"a", "b?", "c"}},
		"one big answer, all go":  {func(b *bounds) { b.answerBytes = 60 }, []string{"a", "b", "c?"}, []string{"d"}, []string{"c?", "d"}},
		"what was finished later": {func(b *bounds) { b.answers = 2 }, []string{"a", "b"}, []string{"c?"}, []string{"b", "c?"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			s := openAt(t, t.TempDir())
			c.bounds(&s.most)
			begin(t, s, "ann", c.ann...)
			begin(t, s, "bob", c.bob...)
			keys := strings.Split("abcdefgh", "")
			if diff := cmp.Diff(c.left, append(known(t, s, "ann", keys...), known(t, s, "bob", keys...)...)); diff != "" {
				t.Error(diff)
			}
			if n, err := number(t, s, "answer"); err != nil || n != len(c.left) {
				t.Errorf("the tally says %d, %v", n, err)
			}
		})
	}
	s := openAt(t, t.TempDir())
	s.most.ofOne = 2
	begin(t, s, "ann", "a?", "b?")
	if err := s.Begin(t.Context(), "ann", "c", []byte("h"), at(0)); !errors.Is(err, ErrFull) {
		t.Error(err)
	}
	begin(t, s, "bob", "c")
	if diff := cmp.Diff([]string{"a?", "b?"}, known(t, s, "ann", "a", "b", "c")); diff != "" {
		t.Error(diff)
	}
}

// TestEmptyAnswer: an answer without header and body is one.
func TestEmptyAnswer(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	must(t, s.Begin(t.Context(), "ann", "a", []byte("h"), at(0)), s.Finish(t.Context(), "ann", "a", Answer{Status: 204}))
	got, there, err := s.Answered(t.Context(), "ann", "a")
	if diff := cmp.Diff(Answer{Hash: []byte("h"), Status: 204}, got); diff != "" || !there || err != nil {
		t.Error(diff, there, err)
	}
}

// BenchmarkAnswers: a request is begun and finished where there are many already.
func BenchmarkAnswers(b *testing.B) {
	s := openAt(b, b.TempDir())
	for n := 0; b.Loop(); n++ {
		key := strconv.Itoa(n)
		must(b, s.Begin(b.Context(), "ann", key, []byte("h"), at(0)), s.Finish(b.Context(), "ann", key, done("x")))
	}
}

// TestWithdrawn: of what was begun nothing was done, so the same key may come again; what
// has its answer stays.
func TestWithdrawn(t *testing.T) {
	t.Parallel()
	s, ctx := openAt(t, t.TempDir()), t.Context()
	must(t, s.Begin(ctx, "ann", "k", []byte("a"), at(0)))
	must(t, s.Withdraw(ctx, "bob", "k"))
	if _, there, err := s.Answered(ctx, "ann", "k"); err != nil || !there {
		t.Errorf("somebody else withdrew it: %v", err)
	}
	must(t, s.Withdraw(ctx, "ann", "k"))
	must(t, s.Begin(ctx, "ann", "k", []byte("b"), at(1)))
	must(t, s.Finish(ctx, "ann", "k", done("x")))
	must(t, s.Withdraw(ctx, "ann", "k"))
	if a, there, err := s.Answered(ctx, "ann", "k"); err != nil || !there || string(a.Body) != "x" {
		t.Errorf("%+v %t %v", a, there, err)
	}
}
