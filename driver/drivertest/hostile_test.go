package drivertest

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

// listenToHostile lets one spoiler loose and returns the complaints.
func listenToHostile(t *testing.T, name string, s MachineSuite) string {
	t.Helper()
	trap, knocks := listen(t, "127.0.0.1", func(net.Conn) {})
	for _, x := range spoilers(trap) {
		if x.name != name {
			continue
		}
		e, done := &ear{TB: t}, make(chan struct{})
		go func() {
			defer close(done)
			s.hostile(e, x, knocks)
		}()
		<-done
		e.mu.Lock()
		defer e.mu.Unlock()
		return strings.Join(e.heard, "\n")
	}
	t.Fatalf("there is no spoiler %q", name)
	return ""
}

// TestHostileCatchesPlantedFaults lets a spoiler loose on a driver with a fault
// that it exists to catch.
func TestHostileCatchesPlantedFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ fault, spoiler, says string }{
		{"reads without a bound", "an answer without end", "were taken from one connection"},
		{"reads without a bound", "10 MiB of blanks first", "were taken from one connection"},
		{"reads without a bound", "headers without end", "were taken from one connection"},
		{"ignores its context", "one byte at a time", "does not obey its context"},
		{"panics at what it does not know", "a page of HTML", "the driver panicked"},
		{"takes half for whole", "ends after 600 per mille", "and the ack is accepted"},
		{"takes silence for a yes", "nothing at all", "and the ack is accepted"},
		{"takes silence for not asked", "cut before the answer", "and the machine was told to sleep"},
		{"follows", "sent elsewhere by 307", "let itself be sent elsewhere"},
		{"believes any number", "numbers below all bounds", "nothing is drawn backwards"},
		{"keeps what it is told", "codes for the terminal", "holds the control character"},
	} {
		t.Run(c.fault+", "+c.spoiler, func(t *testing.T) {
			t.Parallel()
			s := toySuite(c.fault)
			s.grace = 500 * time.Millisecond // this computer may be busy
			if got := listenToHostile(t, c.spoiler, s); !strings.Contains(got, c.says) {
				t.Errorf("heard %q, want %q", got, c.says)
			}
		})
	}
}

// TestEverySpoilerSpoils: what stands in the place of an answer is another one.
func TestEverySpoilerSpoils(t *testing.T) {
	t.Parallel()
	body := `{"Code":131,"Msg":"API command OK","Power":3300}`
	for kind, answer := range map[string]string{
		"plain": body + "\x00",
		"frame": string(reply{raw: []byte("\x01\x00\x00\x00x")}.with([]byte(body))),
		"HTTP":  fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body),
	} {
		seen := map[string]bool{}
		for _, x := range spoilers(1) {
			s := x.run([]byte(answer))
			if s.every = 0; string(s.data) == answer && len(s.forever) == 0 && s.end == nil {
				t.Errorf("%s: %s changes nothing", kind, x.name)
			}
			if seen[x.name] {
				t.Errorf("two spoilers are called %q", x.name)
			}
			seen[x.name] = true
			buffer, got := make([]byte, 4096), 0
			for range flood {
				n, err := s.read(buffer, nil)
				if got += n; err != nil || got > flood {
					break
				}
			}
			if len(s.forever) > 0 && got <= flood {
				t.Errorf("%s: %s ends after %d bytes", kind, x.name, got)
			}
		}
	}
}
