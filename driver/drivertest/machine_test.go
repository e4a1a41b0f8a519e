package drivertest

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestMachineSoundDriver runs the whole suite against a driver without a fault.
func TestMachineSoundDriver(t *testing.T) { // not parallel: it counts goroutines
	Machine(t, toySuite(""))
}

// ear keeps what a check complains about instead of failing, and ends the check
// where the test would end.
type ear struct {
	testing.TB
	mu    sync.Mutex // guards heard: a call that overstays may still complain
	heard []string
}

func (e *ear) Errorf(format string, args ...any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = append(e.heard, fmt.Sprintf(format, args...))
}
func (e *ear) Fatalf(format string, args ...any) { e.Errorf(format, args...); runtime.Goexit() }
func (e *ear) FailNow()                          { runtime.Goexit() }
func (e *ear) Helper()                           {}

// listenTo runs one check of the suite and returns its complaints.
func listenTo(t *testing.T, name string, s MachineSuite) string {
	t.Helper()
	for _, c := range append(checks(), check{"leaks nothing", leaks}) {
		if c.name != name {
			continue
		}
		e, done := &ear{TB: t}, make(chan struct{})
		go func() {
			defer close(done)
			c.run(e, s)
		}()
		<-done
		e.mu.Lock()
		defer e.mu.Unlock()
		return strings.Join(e.heard, "\n")
	}
	t.Fatalf("there is no check %q", name)
	return ""
}

// TestMachineCatchesPlantedFaults runs one check against a driver with one fault
// that it exists to catch.
func TestMachineCatchesPlantedFaults(t *testing.T) { // not parallel: it counts goroutines
	for _, c := range []struct{ fault, check, says string }{
		{"shouts the MAC", "says who it is", "lower case with colons"},
		{"takes GH for MH", "reads what is true", "the reading says 100 GH/s"},
		{"stamps the reading late", "reads what is true", "outside the call"},
		{"zero for absent power", "absent power is not zero", "absent is not zero"},
		{"bears no connection", "states sound capabilities", "at least one"},
		{"never says asleep", "sleeps and says so", "is said to be told"},
		{"forgets the mode", "wakes as it was", "the mode was"},
		{"rounds up", "takes a level", "the machine goes to 3000 W"},
		{"says yes to anything", "refuses what it cannot do", "cannot be done and the ack is accepted"},
		{"names no reason", "obeys nobody without the credential", "want refused (auth)"},
		{"keeps the secret", "obeys nobody without the credential", "carries the secret"},
		{"lets anybody in", "tells whether the credential is taken", "the gate says granted"},
		{"orders to know the gate", "tells whether the credential is taken", "took the machine from running"},
		{"sees no lock", "tells whether the credential is taken", "writing is switched off and the gate says"},
		{"keeps the secret in the open", "prints no secret", "printing the device shows the secret"},
		{"names no reason", "says that another holds it", "the ack is refused (other)"},
		{"names no reason", "says that writing is locked", "want refused (locked)"},
		{"takes an ack for proof", "a lie shows in the reading", "an ack is no proof"},
		{"takes silence for a yes", "silence is no yes", "it could not know"},
		{"takes silence for not asked", "silence is no yes", "and the machine was told asleep"},
		{"takes silence for a yes", "garbage is no yes", "it could not know"},
		{"retries", "garbage is no yes", "drivers do not retry"},
		{"retries", "half an answer is no yes", "drivers do not retry"},
		{"reads a broken wire as nothing", "a broken wire breaks no reading", "no answer was whole"},
		{"ignores its context", "silence is no yes", "does not obey its context"},
		{"ignores its context", "a cancelled call does nothing", "the context was over"},
		{"says it set what was not sent", "a cancelled call does nothing", "not sent and yet Set"},
		{"takes strangers for its own", "strangers are strangers", "was taken for"},
		{"calls anywhere", "contacts no address outside the network", "was contacted"},
		{"closes once", "closes twice", "closed already"},
		{"leaves a goroutine", "leaks nothing", "goroutines"},
	} {
		t.Run(c.fault+", "+c.check, func(t *testing.T) {
			s := toySuite(c.fault)
			s.grace = 500 * time.Millisecond // this computer may be busy
			if got := listenTo(t, c.check, s); !strings.Contains(got, c.says) {
				t.Errorf("heard %q, want %q", got, c.says)
			}
		})
	}
}
