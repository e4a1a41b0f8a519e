package machine

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"testing"
	"time"

	"sluice/device"
)

// web serves one machine and returns how to ask it.
func web(t *testing.T, m *Machine, now func() time.Time) func() (int, string, error) {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() {
		done <- ServeWeb(ctx, l, func(net.Addr) *Machine { return m }, now, func(w http.ResponseWriter, _ *http.Request, _ *Machine) {
			w.WriteHeader(http.StatusAccepted)
			_, _ = io.WriteString(w, `{"a":1}`)
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 100 * time.Millisecond}
	return func() (int, string, error) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:"+strconv.Itoa(l.Addr().(*net.TCPAddr).Port)+"/", nil)
		if err != nil {
			return 0, "", err
		}
		a, err := client.Do(r)
		if err != nil {
			return 0, "", err
		}
		defer a.Body.Close() //nolint:errcheck // read only
		b, err := io.ReadAll(a.Body)
		return a.StatusCode, string(b), err
	}
}

// TestServeWeb: an answer is told as it is, spoilt, cut, withheld, or not given
// at all.
func TestServeWeb(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	now := func() time.Time { return start }
	m := New(Spec{Nameplate: device.Preset{Name: "full", Power: 3000, Hash: 100_000}, Standby: 20, Times: Times{Dark: time.Minute, Up: time.Minute}}, start)
	ask := web(t, m, now)
	if status, body, err := ask(); status != http.StatusAccepted || body != `{"a":1}` || err != nil {
		t.Errorf("well: %d %q %v", status, body, err)
	}
	m.Break(Faults{Garbage: 1})
	if status, body, err := ask(); status != http.StatusOK || body == `{"a":1}` || err != nil {
		t.Errorf("garbage: %d %q %v", status, body, err)
	}
	m.Break(Faults{Half: 1})
	if _, body, err := ask(); body != `{"a` || err == nil {
		t.Errorf("half: %q %v", body, err)
	}
	m.Break(Faults{Silent: 1})
	if _, _, err := ask(); err == nil {
		t.Errorf("silence was an answer")
	}
	m.Break(Faults{})
	m.Sleep(start)
	m.Wake(start, false)
	before := m.Answers()
	if _, _, err := ask(); err == nil || m.Answers() != before {
		t.Errorf("a dark machine answered")
	}
	if _, _, err := web(t, nil, now)(); err == nil {
		t.Errorf("nobody at home answered")
	}
}

// TestAccept: the end of serving ends every connection and waits for all.
func TestAccept(t *testing.T) {
	t.Parallel()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done, begun, ended := make(chan error, 1), make(chan struct{}), false
	go func() {
		done <- Accept(ctx, l, func(_ context.Context, c net.Conn) {
			close(begun)
			_, _ = c.Read(make([]byte, 1))
			ended = true
		})
	}()
	var d net.Dialer
	c, err := d.DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close() //nolint:errcheck // the test's end
	<-begun
	cancel()
	if err := <-done; err != nil || !ended {
		t.Errorf("serving ended with %v before its handler: %t", err, !ended)
	}
}

// TestTogether: the first door that fails ends the others, and its failure is told.
func TestTogether(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	ended := false
	err := Together(t.Context(), func(context.Context) error { return broken }, func(ctx context.Context) error {
		<-ctx.Done()
		ended = true
		return nil
	})
	if !errors.Is(err, broken) || !ended {
		t.Errorf("%v, the other ended: %t", err, ended)
	}
}

// TestRequest: a request is whole when its JSON is, or with what came first of a line.
func TestRequest(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		parts []string
		want  string
	}{
		"an object":           {[]string{`{"command":"stats"}`}, `{"command":"stats"}`},
		"an object in pieces": {[]string{`{"comm`, `and":"stats"}`}, `{"command":"stats"}`},
		"a line":              {[]string{"stats|\n"}, "stats|"},
		"blanks first":        {[]string{" \r\n", "stats"}, "stats"},
		"half an object":      {[]string{`{"comm`}, `{"comm`},
		"nothing":             {nil, ""},
	} {
		here, there := net.Pipe()
		go func() {
			defer func() { _ = there.Close() }()
			for _, p := range c.parts {
				if _, err := io.WriteString(there, p); err != nil {
					return
				}
			}
		}()
		if got, ok := Request(here); string(got) != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, %t", what, got, ok)
		}
		_ = here.Close()
	}
}
