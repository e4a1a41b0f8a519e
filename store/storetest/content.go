package storetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// site is the name under which the suite writes.
const site = "santos"

// first is the time of turn 1.
func first() time.Time { return time.Date(2025, 3, 30, 0, 45, 0, 123_456_000, time.UTC) }

// note is a record of a kind, with an epoch where the kind needs one.
func note(kind string, turn int64) Record {
	r := Record{
		Site: site, Kind: kind, Key: strconv.FormatInt(turn, 10), Subject: "hall/2", Turn: turn,
		At: first().Add(time.Duration(turn-1) * 15 * time.Minute), Body: fmt.Sprintf(`{"turn":%d}`, turn),
	}
	if kind == "order" || kind == "epoch" {
		r.Epoch = Epoch{1, turn, 0}
	}
	return r
}

// open opens a journal and closes it at the end of the test.
func open(tb testing.TB, h Harness, dir string) Journal {
	tb.Helper()
	return openWith(tb, h, dir, 0, nil)
}

func openWith(tb testing.TB, h Harness, dir string, queue int, before func() error) Journal {
	tb.Helper()
	j, err := h.Open(tb.Context(), dir, queue, before)
	if err != nil {
		tb.Fatalf("open: %v", err)
	}
	tb.Cleanup(func() { _ = j.Close() })
	return j
}

func mustAppend(tb testing.TB, j Writer, records ...Record) {
	tb.Helper()
	if err := j.Append(tb.Context(), records...); err != nil {
		tb.Fatalf("append: %v", err)
	}
}

func mustRead(tb testing.TB, j Reader, r Range) []Stored {
	tb.Helper()
	out, err := j.Read(tb.Context(), r)
	if err != nil {
		tb.Fatalf("read: %v", err)
	}
	return out
}

// refused demands an error with a reason and with words in it.
func refused(tb testing.TB, err, reason error, words ...string) {
	tb.Helper()
	if !errors.Is(err, reason) {
		tb.Fatalf("error %v, want %v", err, reason)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			tb.Errorf("error %q does not say %q", err, w)
		}
	}
}

// ReadBack writes one record of every kind and compares what is read.
func ReadBack(tb testing.TB, h Harness) {
	tb.Helper()
	j := open(tb, h, tb.TempDir())
	seen := map[string]bool{}
	for n, kind := range Kinds() {
		want := note(kind, int64(n+1))
		want.Body = "{ \"z\": 9007199254740993, \"a\": [true, null, \"<pool & worker>\", -1.50] }"
		mustAppend(tb, j, want)
		got, found, err := j.Find(tb.Context(), site, kind, want.Key)
		if err != nil || !found {
			tb.Fatalf("%s: found %v, %v", kind, found, err)
		}
		want.Body = `{"a":[true,null,"<pool & worker>",-1.50],"z":9007199254740993}`
		if got.Record != want {
			tb.Errorf("read %+v\nwant %+v", got.Record, want)
		}
		if len(got.Hash) != 64 || seen[got.Hash] {
			tb.Errorf("hash %q is not one of its own", got.Hash)
		}
		seen[got.Hash] = true
	}
}

// Ranges selects from a hundred turns of two kinds and two sites.
func Ranges(tb testing.TB, h Harness) {
	tb.Helper()
	j := open(tb, h, tb.TempDir())
	var all []Record
	for turn := int64(1); turn <= 100; turn++ {
		other := note("plan", turn)
		other.Site = "odessa"
		all = append(all, note("plan", turn), note("delivery", turn), other)
	}
	mustAppend(tb, j, all...)
	at := func(turn int64) time.Time { return note("plan", turn).At }
	page := mustRead(tb, j, Range{Site: site, Limit: 30})
	for sentence, c := range map[string]struct {
		r           Range
		count       int
		from, until int64
	}{
		"one site":            {Range{Site: site}, 200, 1, 100},
		"one kind":            {Range{Site: site, Kind: "plan"}, 100, 1, 100},
		"turns, both ends in": {Range{Site: site, FirstTurn: 10, LastTurn: 12}, 6, 10, 12},
		"from a turn on":      {Range{Site: site, FirstTurn: 99}, 4, 99, 100},
		"until a turn":        {Range{Site: site, LastTurn: 2}, 4, 1, 2},
		"times, end left out": {Range{Site: site, Kind: "plan", From: at(20), To: at(23)}, 3, 20, 22},
		"the first page":      {Range{Site: site, Limit: 30}, 30, 1, 15},
		"the page after it":   {Range{Site: site, Limit: 30, After: page[29].Seq}, 30, 16, 30},
		"after the end":       {Range{Site: site, After: 1 << 40}, 0, 0, 0},
		"a site unknown":      {Range{Site: "nowhere"}, 0, 0, 0},
	} {
		got := mustRead(tb, j, c.r)
		if len(got) != c.count || c.count > 0 && (got[0].Turn != c.from || got[c.count-1].Turn != c.until) {
			tb.Errorf("%s: %d records, want %d of turns %d to %d", sentence, len(got), c.count, c.from, c.until)
		}
		if !slices.IsSortedFunc(got, func(a, b Stored) int { return cmp.Compare(a.Seq, b.Seq) }) {
			tb.Errorf("%s: not in the order of writing", sentence)
		}
	}
}

// SameAgain repeats records, in other white space and after newer ones.
func SameAgain(tb testing.TB, h Harness) {
	tb.Helper()
	j := open(tb, h, tb.TempDir())
	old, again := note("order", 1), note("order", 1)
	again.Body = "{\n \"turn\" : 1 }"
	mustAppend(tb, j, old)
	mustAppend(tb, j, note("order", 2))
	mustAppend(tb, j, again, again)
	if got := mustRead(tb, j, Range{Site: site}); len(got) != 2 {
		tb.Errorf("%d records, want 2", len(got))
	}
	if e, err := j.LastEpoch(tb.Context(), site, "hall/2"); err != nil || e != (Epoch{1, 2, 0}) {
		tb.Errorf("last epoch %v, %v: an order repeated late moved it", e, err)
	}
}

// OtherContent changes every field that is content, one at a time.
func OtherContent(tb testing.TB, h Harness) {
	tb.Helper()
	j := open(tb, h, tb.TempDir())
	mustAppend(tb, j, note("order", 1))
	stored, _, err := j.Find(tb.Context(), site, "order", "1")
	if err != nil {
		tb.Fatal(err)
	}
	for field, change := range map[string]func(*Record){
		"body":    func(r *Record) { r.Body = `{"turn":2}` },
		"subject": func(r *Record) { r.Subject = "hall/3" },
		"turn":    func(r *Record) { r.Turn++ },
		"time":    func(r *Record) { r.At = r.At.Add(time.Microsecond) },
		"epoch":   func(r *Record) { r.Epoch[2]++ },
	} {
		r := note("order", 1)
		change(&r)
		tb.Log(field)
		refused(tb, j.Append(tb.Context(), r), h.Reasons.Conflict, "order santos/1", stored.Hash)
	}
	if got := mustRead(tb, j, Range{Site: site}); len(got) != 1 || got[0] != stored {
		tb.Errorf("after refusals the journal holds %+v", got)
	}
}

// AllOrNone refuses the last record of a call and looks for the first ones.
func AllOrNone(tb testing.TB, h Harness) {
	tb.Helper()
	j := open(tb, h, tb.TempDir())
	mustAppend(tb, j, note("mode", 1))
	bad := note("mode", 1)
	bad.Body = `"other"`
	refused(tb, j.Append(tb.Context(), note("order", 7), note("plan", 7), bad), h.Reasons.Conflict)
	if got := mustRead(tb, j, Range{Site: site}); len(got) != 1 {
		tb.Errorf("%d records, want 1", len(got))
	}
	if e, err := j.LastEpoch(tb.Context(), site, "hall/2"); err != nil || e != (Epoch{}) {
		tb.Errorf("a refused call left epoch %v, %v", e, err)
	}
}

// EpochForward tries orders and marks around the last epoch, and after reopening.
func EpochForward(tb testing.TB, h Harness) {
	tb.Helper()
	dir := tb.TempDir()
	j := open(tb, h, dir)
	for n, c := range []struct {
		kind  string
		epoch Epoch
		good  bool
	}{
		{"order", Epoch{1, 5, 0}, true},
		{"order", Epoch{1, 5, 0}, false}, // another order with the same epoch
		{"order", Epoch{1, 4, 9}, false},
		{"order", Epoch{1, 5, 1}, true},
		{"epoch", Epoch{2, 0, 0}, true}, // another controller takes over
		{"epoch", Epoch{2, 0, 0}, true}, // and says so again
		{"order", Epoch{1, 99, 99}, false},
		{"epoch", Epoch{1, 99, 99}, false},
		{"order", Epoch{2, 1, 0}, true},
	} {
		r := note(c.kind, 1)
		r.Key, r.Epoch = fmt.Sprint("try ", n), c.epoch
		err := j.Append(tb.Context(), r)
		if !c.good {
			refused(tb, err, h.Reasons.EpochBack, "hall/2")
		} else if err != nil {
			tb.Errorf("try %d: %v", n, err)
		}
	}
	if err := j.Close(); err != nil {
		tb.Fatal(err)
	}
	j = open(tb, h, dir)
	if e, err := j.LastEpoch(tb.Context(), site, "hall/2"); err != nil || e != (Epoch{2, 1, 0}) {
		tb.Errorf("last epoch %v, %v after reopening", e, err)
	}
	refused(tb, j.Append(tb.Context(), note("order", 3)), h.Reasons.EpochBack)
}

// CurrentState locks two halls out, frees one, and asks what holds.
func CurrentState(tb testing.TB, h Harness) {
	tb.Helper()
	j := open(tb, h, tb.TempDir())
	for n, c := range []struct{ subject, body string }{{"hall/2", "true"}, {"hall/1", "true"}, {"hall/2", "false"}} {
		r := note("lockout", int64(n+1))
		r.Subject, r.Body = c.subject, c.body
		mustAppend(tb, j, r)
	}
	got, err := j.Current(tb.Context(), site, "lockout")
	if err != nil || len(got) != 2 || got[0].Subject != "hall/1" || got[0].Body != "true" || got[1].Body != "false" {
		tb.Errorf("current lock-outs %+v, %v", got, err)
	}
}

// Faulty offers records that must not be written.
func Faulty(tb testing.TB, h Harness) {
	tb.Helper()
	j := open(tb, h, tb.TempDir())
	for sentence, change := range map[string]func(*Record){
		"no site":             func(r *Record) { r.Site = "" },
		"no key":              func(r *Record) { r.Key = "" },
		"a key without end":   func(r *Record) { r.Key = strings.Repeat("k", 201) },
		"a key with a NUL":    func(r *Record) { r.Key = "a\x00b" },
		"a key of no letters": func(r *Record) { r.Key = "\xff\xfe" },
		"a time far away":     func(r *Record) { r.At = r.At.AddDate(9000, 0, 0) },
		"an unknown kind":     func(r *Record) { r.Kind = "gossip" },
		"no time":             func(r *Record) { r.At = time.Time{} },
		"no body":             func(r *Record) { r.Body = "" },
		"a body cut short":    func(r *Record) { r.Body = `{"turn":` },
		"two bodies":          func(r *Record) { r.Body = `{} {}` },
		"a body without end":  func(r *Record) { r.Body = `"` + strings.Repeat("x", 16<<20) + `"` },
		"a plan with epoch":   func(r *Record) { r.Epoch = Epoch{1, 1, 1} },
		"an order without it": func(r *Record) { r.Kind = "order" },
	} {
		r := note("plan", 1)
		change(&r)
		tb.Log(sentence)
		refused(tb, j.Append(tb.Context(), note("mode", 1), r), h.Reasons.Invalid)
	}
	refused(tb, j.Append(tb.Context(), Record{}, note("plan", 1)), h.Reasons.Invalid, "site", "key", "kind", "time")
	refused(tb, j.Append(tb.Context()), h.Reasons.Invalid)
	if got := mustRead(tb, j, Range{Site: site}); len(got) != 0 {
		tb.Errorf("%d faulty records were written", len(got))
	}
}

// later appends in the background, the answer on a channel.
func later(ctx context.Context, j Writer, r Record) <-chan error {
	answer := make(chan error, 1)
	go func() { answer <- j.Append(ctx, r) }()
	return answer
}
