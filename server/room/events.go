package room

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sluice/people"
)

// Event is something that changed. Pages are told in the order of Seq, which begins
// anew with each start of the program: hello says which one it is.
type Event struct {
	Seq   int64           `json:"-"`
	Kind  string          `json:"-"`
	Site  string          `json:"-"` // empty: of the house
	Verb  people.Verb     `json:"-"` // the right that it takes to be told
	Parts []part          `json:"-"` // one for each site; nil: Data is all of it
	Head  head            `json:"-"` // makes Data for who may see some sites; nil: it is the same for everybody
	Data  json.RawMessage `json:"data"`
}

// head makes the part of an event that differs by what somebody may see.
type head = func(sees func(site string) bool) json.RawMessage

// part is what an event says of one site.
type part struct {
	site string
	data json.RawMessage
}

// The kinds of events.
const (
	helloEvent    = "hello"    // the stream begins: {boot, seq, full}
	nowEvent      = "now"      // sites that changed: {at, sites}
	alarmEvent    = "alarms"   // alarms that changed
	requestEvent  = "requests" // what waits for a second person changed
	turnEvent     = "turn"     // a site turned: {site, at}
	pingEvent     = "ping"     // nothing happened: {at}
	endedEvent    = "ended"    // the session is over: log in again
	behindEvent   = "behind"   // the page was too slow: it fetches everything anew
	pingPace      = 15 * time.Second
	viewersMost   = 1000    // streams at once
	perViewerMost = 64      // events that wait for one page
	catchUp       = 512     // events that a page can catch up with
	catchUpMost   = 8 << 20 // bytes of them: of many sites, half a minute
)

// hub tells everybody who listens. Its methods may be called from any goroutine.
type hub struct {
	mu      sync.Mutex
	boot    string
	seq     int64
	last    []*Event // the last ones, oldest first
	size    int      // of them, bytes
	viewers map[*viewer]struct{}
	told    int64 // events put into queues, for the figures
	behind  int64 // pages that were too slow
}

// viewer is one page that listens.
type viewer struct {
	queue chan *Event
	slow  bool // something was left out: everything is to be fetched anew
}

func newHub(boot string) *hub { return &hub{boot: boot, viewers: map[*viewer]struct{}{}} }

// tell hands an event to everybody. Who does not keep up is told so, and nobody waits.
func (h *hub) tell(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq++
	e.Seq = h.seq
	h.keep(&e)
	for v := range h.viewers {
		select {
		case v.queue <- &e:
			h.told++
		default:
			if !v.slow {
				h.behind++
			}
			v.slow = true
		}
	}
}

// keep keeps an event for pages whose stream broke off, and forgets the oldest ones.
func (h *hub) keep(e *Event) {
	h.last, h.size = append(h.last, e), h.size+e.bytes()
	old := 0
	for ; len(h.last)-old > catchUp || h.size > catchUpMost && old < len(h.last)-1; old++ {
		h.size -= h.last[old].bytes()
	}
	h.last = slices.Delete(h.last, 0, old)
}

// bytes is about how large an event is.
func (e *Event) bytes() int {
	n := len(e.Data)
	for i := range e.Parts {
		n += len(e.Parts[i].data)
	}
	return n
}

// listen adds a viewer who has seen everything up to a sequence of this start. It
// returns what they missed; false: they have to fetch everything anew. No viewer: too
// many listen.
func (h *hub) listen(boot string, after int64) (v *viewer, missed []*Event, caughtUp bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.viewers) >= viewersMost {
		return nil, nil, false
	}
	v = &viewer{queue: make(chan *Event, perViewerMost)}
	h.viewers[v] = struct{}{}
	switch {
	case boot != h.boot || after > h.seq:
		return v, nil, false
	case after == h.seq:
		return v, nil, true
	case len(h.last) == 0 || h.last[0].Seq > after+1:
		return v, nil, false
	}
	i := slices.IndexFunc(h.last, func(e *Event) bool { return e.Seq > after })
	return v, slices.Clone(h.last[i:]), true
}

func (h *hub) leave(v *viewer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.viewers, v)
}

// lagged reports whether a viewer missed something, and forgives it.
func (h *hub) lagged(v *viewer) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	was := v.slow
	v.slow = false
	return was
}

func (h *hub) now() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.seq
}

type listening struct {
	Last string `header:"Last-Event-ID" maxLength:"80" doc:"Where the stream broke off: the id of the last event."`
}

func (r *Room) serveEvents() {
	t := route{method: http.MethodGet, path: "/v1/events", id: "listen", says: "What changes, as it changes: events named hello, now, alarms, requests, turn, ping, behind and ended.", group: "events", reach: somewhere, verb: people.Look}
	op := t.operation()
	op.Middlewares = huma.Middlewares{r.admit(t)}
	op.Responses["200"] = &huma.Response{Description: t.says, Content: map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: huma.TypeString}}}}
	op.Responses["default"] = r.failure()
	r.routes = append(r.routes, t)
	huma.Register(r.api, op, func(ctx context.Context, in *listening) (*huma.StreamResponse, error) {
		boot, after, _ := strings.Cut(in.Last, ".")
		seq, _ := strconv.ParseInt(after, 10, 64) // of another shape: from now on
		v, missed, caught := r.hub.listen(boot, seq)
		if v == nil {
			return nil, problem(http.StatusServiceUnavailable, "full", "too many pages listen", "close some")
		}
		return &huma.StreamResponse{Body: func(c huma.Context) {
			defer r.hub.leave(v)
			s := stream{room: r, visit: visitOf(ctx), viewer: v, out: c.BodyWriter()}
			for name, value := range map[string]string{"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"} {
				c.SetHeader(name, value)
			}
			s.run(c.Context(), missed, caught) //nolint:contextcheck // the stream lives as long as its request, whose context huma holds
		}}, nil
	})
}

// stream writes events to one page.
type stream struct {
	room   *Room
	visit  Visit
	viewer *viewer
	out    io.Writer
}

// run writes until the page is gone, its session is over or the program ends.
func (s stream) run(ctx context.Context, missed []*Event, caught bool) {
	hello := fmt.Sprintf(`{"boot":%q,"full":%t,"at":%q}`, s.room.hub.boot, !caught, s.room.cfg.Clock().UTC().Format(time.RFC3339Nano))
	if s.write(&Event{Seq: s.room.hub.now(), Kind: helloEvent, Data: json.RawMessage(hello)}) != nil {
		return
	}
	for _, e := range missed {
		if s.write(e) != nil {
			return
		}
	}
	ping := time.NewTicker(pingPace)
	defer ping.Stop()
	for {
		select {
		case e := <-s.viewer.queue:
			if s.write(e) != nil {
				return
			}
		case <-ping.C:
			if !s.pulse(ctx) {
				return
			}
		case <-s.room.over:
			return
		case <-ctx.Done():
			return
		}
	}
}

// pulse looks whether the visitor is still one, and says that the stream lives.
func (s *stream) pulse(ctx context.Context) bool {
	now := s.room.cfg.Clock()
	fresh, err := s.room.again(ctx, s.visit, now)
	if err != nil {
		_ = s.write(&Event{Seq: s.room.hub.now(), Kind: endedEvent, Data: json.RawMessage(`{}`)})
		return false
	}
	s.visit = fresh
	kind := pingEvent
	if s.room.hub.lagged(s.viewer) {
		kind = behindEvent
	}
	at := fmt.Sprintf(`{"at":%q}`, now.UTC().Format(time.RFC3339Nano))
	return s.write(&Event{Seq: s.room.hub.now(), Kind: kind, Data: json.RawMessage(at)}) == nil
}

// write writes what the visitor may see of an event.
func (s stream) write(e *Event) error {
	data := e.Data
	if e.Head != nil {
		data = e.Head(func(site string) bool { return s.visit.sees(e.Verb, site) })
	}
	switch {
	case e.Parts != nil:
		if data = s.visible(e, data); data == nil {
			return nil
		}
	case e.Verb != "" && e.Head == nil && !s.visit.sees(e.Verb, e.Site):
		return nil
	}
	type flusher interface{ Flush() }
	if d, is := s.out.(interface{ SetWriteDeadline(t time.Time) error }); is {
		_ = d.SetWriteDeadline(time.Now().Add(5 * time.Second)) // a page that takes nothing ends
	}
	_, err := fmt.Fprintf(s.out, "id: %s.%d\nevent: %s\ndata: %s\n\n", s.room.hub.boot, e.Seq, e.Kind, data)
	if f, is := s.out.(flusher); is && err == nil {
		f.Flush()
	}
	return err
}

// visible joins the parts of the sites that the visitor may look at; nil: none, where
// nothing else is said.
func (s stream) visible(e *Event, data json.RawMessage) json.RawMessage {
	var out bytes.Buffer
	for _, p := range e.Parts {
		if !s.visit.sees(e.Verb, p.site) {
			continue
		}
		if out.Len() > 0 {
			out.WriteByte(',')
		}
		out.Write(p.data)
	}
	if out.Len() == 0 && e.Head == nil {
		return nil
	}
	return slices.Concat(bytes.TrimSuffix(data, []byte("]}")), out.Bytes(), []byte("]}"))
}
