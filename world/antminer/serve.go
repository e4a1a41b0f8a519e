package antminer

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"sluice/world/machine"
)

// Shape is what the cgminer interface says while a machine sleeps.
type Shape string

// The shapes.
const (
	Bare  Shape = ""      // identification only, and zeros in the summary
	Zeros Shape = "zeros" // everything, with a mode of 1 and zeros
	Mute  Shape = "mute"  // no answer at all
)

// WattsAt is where a build states the power that it draws.
type WattsAt string

// The places.
const (
	InStats WattsAt = ""     // in the new answer to stats
	OnPage  WattsAt = "page" // on the power page
	Nowhere WattsAt = "none"
)

// Options is how a build differs from the ordinary.
type Options struct {
	Secret  string // root's password; empty: root
	Reports string // the key under which the mode is read; empty: bitmain-work-mode
	Obeys   string // the only key that changes the mode; empty: either
	Texts   bool   // only a mode written as a text is obeyed
	NoQop   bool   // the digest challenge lists no qop
	Old     bool   // the flag new_api is not known
	Idle    bool   // says success to a new mode and does nothing
	Quiet   bool   // applies a new mode and never answers
	Drops   int    // so many challenges end without an answer first
	Asleep  Shape
	Watts   WattsAt
}

// Listeners is where the interfaces are served; a nil one is not.
type Listeners struct {
	Web   net.Listener // 80 on a real machine
	Miner net.Listener // 4028
	Power net.Listener // 6060
}

// server holds what a build keeps beside the machine itself.
type server struct {
	unit    machine.Unit
	now     func() time.Time
	options Options

	mu     sync.Mutex // guards what is below
	kept   map[*machine.Machine]settings
	nonces map[*machine.Machine][]string // given lately
	given  uint64
	drops  int
}

// Serve serves until ctx is over and every connection is closed.
func Serve(ctx context.Context, at Listeners, unit machine.Unit, now func() time.Time, o Options) error {
	if o.Secret == "" {
		o.Secret = "root"
	}
	if o.Reports == "" {
		o.Reports = keyWork
	}
	s := &server{unit: unit, now: now, options: o, kept: map[*machine.Machine]settings{}, nonces: map[*machine.Machine][]string{}, drops: o.Drops}
	var all sync.WaitGroup
	errs := make([]error, 3)
	if at.Web != nil {
		all.Go(func() { errs[0] = machine.ServeWeb(ctx, at.Web, unit, now, s.guarded(s.web)) })
	}
	if at.Miner != nil {
		all.Go(func() { errs[1] = machine.Accept(ctx, at.Miner, s.miner) })
	}
	if at.Power != nil {
		all.Go(func() { errs[2] = machine.ServeWeb(ctx, at.Power, unit, now, s.guarded(s.power)) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// page answers a request that may see it.
type page func(http.ResponseWriter, *http.Request, *machine.Machine)

// web answers the pages under /cgi-bin.
func (s *server) web(w http.ResponseWriter, r *http.Request, m *machine.Machine) {
	pages := map[string]page{
		"GET /cgi-bin/get_system_info.cgi": s.system,
		"GET /cgi-bin/summary.cgi":         s.summaryPage,
		"GET /cgi-bin/stats.cgi":           s.statsPage,
		"GET /cgi-bin/get_miner_conf.cgi":  s.getConf,
		"POST /cgi-bin/set_miner_conf.cgi": s.setConf,
		"POST /cgi-bin/blink.cgi":          s.blink,
		"GET /cgi-bin/reboot.cgi":          s.reboot,
	}
	if p, ok := pages[r.Method+" "+r.URL.Path]; ok {
		p(w, r, m)
		return
	}
	http.Error(w, "404 Not Found", http.StatusNotFound)
}

// power answers the undocumented pages.
func (s *server) power(w http.ResponseWriter, r *http.Request, m *machine.Machine) {
	switch {
	case r.URL.Path == "/miner_power" && s.options.Watts == OnPage:
		if p := m.State(s.now()).Reported; p.Known {
			text(w, "miner power:%d", p.Value)
			return
		}
		text(w, "error 6060 cmd")
	case r.URL.Path == "/warning":
		text(w, `{"error_message":"None"}`)
	default:
		text(w, "error 6060 cmd")
	}
}
