package live

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/driver/door"
)

// TestRemoteSite: what a control room asks of a site that runs, in its words.
func TestRemoteSite(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	ctx := t.Context()
	if a, err := w.remote.Act(ctx, "stop", Request{By: "ann"}); err != nil || !strings.Contains(a.Done, "told to sleep") {
		t.Errorf("a stop: %+v, %v", a, err)
	}
	if _, err := w.remote.Act(ctx, "resume", Request{By: "ann", And: "Ann"}); !errors.Is(err, ErrNo) || !strings.Contains(err.Error(), "two different people") {
		t.Errorf("one person ends it: %v", err)
	}
	for _, deed := range []string{"explode", "", "debug/pprof/", "status"} {
		if _, err := w.remote.Act(ctx, deed, Request{By: "ann"}); !errors.Is(err, ErrNo) {
			t.Errorf("%q: %v", deed, err)
		}
	}
	if st, err := w.remote.Status(ctx); err != nil || !st.Stopped || st.Machines.All != 4 {
		t.Errorf("%+v, %v", st, err)
	}
	if all, err := w.remote.Notices(ctx); err != nil || !slices.ContainsFunc(all, func(n Notice) bool { return n.Code == "stopped" }) {
		t.Errorf("notices %+v, %v", all, err)
	}
	x := w.turnOf(laneBegin)
	w.file(t, x, "site", 1)
	if got, err := w.remote.Turn(ctx, laneBegin.Add(time.Minute)); err != nil || got.Plan.Price[0] != x.Plan.Price[0] || got.Entry.Spot != x.Entry.Spot {
		t.Errorf("a turn: %+v, %v", got.Plan.Head, err)
	}
	if _, err := w.remote.Turn(ctx, laneBegin.Add(-48*time.Hour)); !errors.Is(err, ErrNo) || !strings.Contains(err.Error(), "no such turn") {
		t.Errorf("a turn of which nothing is kept: %v", err)
	}
	if p, err := w.remote.Preview(ctx, Request{}); err != nil || p.Moved != 0 || len(p.Assumed) == 0 {
		t.Errorf("a preview: %+v, %v", p, err)
	}
	if !slices.IsSorted(Deeds()) || len(Deeds()) != 19 {
		t.Errorf("deeds %v", Deeds())
	}
}

// TestRemoteProxy: every page of the site can be reached through a client.
func TestRemoteProxy(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	client := &http.Client{Transport: w.remote}
	q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://whoever.example/notices?x=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := client.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close() //nolint:errcheck // read only
	if text, err := io.ReadAll(a.Body); err != nil || a.StatusCode != http.StatusOK || !strings.HasPrefix(string(text), "[") || q.URL.Host != "whoever.example" {
		t.Errorf("%s %s, %v; the request is now %s", a.Status, text, err, q.URL)
	}
}

// TestNobodyAnswers: a directory without a site, one whose site died, and one that hangs.
func TestNobodyAnswers(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		make func(t *testing.T, path string)
		says string
		late bool
	}{
		"nobody was ever there": {func(*testing.T, string) {}, "no site runs on this data directory", false},
		"it died": {func(t *testing.T, path string) {
			t.Helper()
			l := listen(t, path)
			l.(*net.UnixListener).SetUnlinkOnClose(false)
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
		}, "no site runs on this data directory", false},
		"it hangs": {func(t *testing.T, path string) {
			t.Helper()
			l := listen(t, path)
			t.Cleanup(func() { _ = l.Close() })
		}, "nobody answers in time", true},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			folder := brief(t)
			c.make(t, filepath.Join(folder, SocketName))
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			for what, ask := range map[string]func(r *Remote) error{
				"a read": func(r *Remote) error { _, err := r.Status(ctx); return err },
				"an act": func(r *Remote) error { _, err := r.Act(ctx, "stop", Request{By: "ann"}); return err },
			} {
				err := ask(Dial(folder))
				if !errors.Is(err, ErrAway) || errors.Is(err, ErrNo) || !strings.Contains(err.Error(), c.says) || errors.Is(err, context.DeadlineExceeded) != c.late {
					t.Errorf("%s: %v", what, err)
				}
			}
		})
	}
	gone, cancel := context.WithCancelCause(t.Context())
	why := errors.New("the page was closed")
	cancel(why)
	if _, err := Dial(brief(t)).Status(gone); !errors.Is(err, why) || errors.Is(err, ErrAway) {
		t.Errorf("who asked gave up: %v", err)
	}
}

// TestOddAnswers: whatever comes over the socket is an error in words, and no answer.
func TestOddAnswers(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		answer func(w http.ResponseWriter)
		is     int // of ErrNo, ErrOdd and ErrAway, from 1; 0: none of them
		says   string
	}{
		"no JSON":             {func(w http.ResponseWriter) { _, _ = io.WriteString(w, "<html>hello</html>") }, 2, "cannot be read"},
		"half of it":          {func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"site":"x","groups":[`) }, 2, "cannot be read"},
		"another shape":       {func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"site":5}`) }, 2, "cannot be read"},
		"far too much":        {func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"site":"`+strings.Repeat("x", 5000)+`"}`) }, 2, "longer than 1000 bytes"},
		"a page that is gone": {func(w http.ResponseWriter) { http.Error(w, "404 page not found", http.StatusNotFound) }, 2, "404"},
		"a no":                {func(w http.ResponseWriter) { door.Write(w, http.StatusConflict, Answer{No: "refused: not today"}) }, 1, "not today"},
		"it is busy":          {func(w http.ResponseWriter) { door.Write(w, http.StatusServiceUnavailable, Answer{No: "later"}) }, 0, "cannot answer now: later"},
		"it breaks off": {func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "900")
			_, _ = io.WriteString(w, `{"site":`)
			panic(http.ErrAbortHandler)
		}, 3, "any more"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			folder := brief(t)
			l := listen(t, filepath.Join(folder, SocketName))
			srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { c.answer(w) }), ReadHeaderTimeout: time.Second}
			go func() { _ = srv.Serve(l) }()
			t.Cleanup(func() { _ = srv.Close() })
			r := Dial(folder)
			r.most = 1000
			st, err := r.Status(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.says) || st.Site != "" {
				t.Fatalf("%+v, %v; want %q", st, err, c.says)
			}
			for i, kind := range []error{ErrNo, ErrOdd, ErrAway} {
				if is := i+1 == c.is; errors.Is(err, kind) != is {
					t.Errorf("%v is %v: %v", err, kind, !is)
				}
			}
		})
	}
}

// brief is a folder whose name leaves room for that of a socket.
func brief(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "sl") //nolint:usetesting // the name of a test is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}

func listen(t *testing.T, path string) net.Listener {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	return l
}
