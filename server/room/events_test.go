package room

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sluice/people"
	"sluice/unit"
)

// TestHub loses nothing that fits, and says so of what does not.
func TestHub(t *testing.T) {
	t.Parallel()
	h := newHub("boot")
	v, _, caught := h.listen("", 0)
	if caught || v == nil {
		t.Fatalf("a first page has caught up %t, is %v", caught, v)
	}
	for range perViewerMost + 3 {
		h.tell(Event{Kind: pingEvent})
	}
	if n := len(v.queue); n != perViewerMost || !h.lagged(v) || h.lagged(v) {
		t.Errorf("a slow page holds %d events, and is told once that it missed some", n)
	}
	if _, missed, caught := h.listen("boot", h.now()-10); !caught || len(missed) != 10 || missed[0].Seq != h.now()-9 {
		t.Errorf("who comes back misses %d events, caught up %t", len(missed), caught)
	}
	for sentence, from := range map[string]int64{"from the future": h.now() + 1, "long ago": -catchUp} {
		if _, _, caught := h.listen("boot", from); caught {
			t.Errorf("%s: caught up", sentence)
		}
	}
	if _, _, caught := h.listen("another start", h.now()); caught {
		t.Error("after a restart a page has caught up without having seen anything")
	}
	for range catchUp {
		h.tell(Event{Kind: pingEvent})
	}
	if len(h.last) > catchUp {
		t.Errorf("%d events are kept", len(h.last))
	}
	large := Event{Kind: nowEvent, Parts: []part{{"a", make([]byte, catchUpMost/8)}, {"b", make([]byte, catchUpMost/8)}}}
	for range 10 {
		h.tell(large)
	}
	if len(h.last) != 4 || h.size != catchUpMost {
		t.Errorf("%d events of %d bytes are kept", len(h.last), h.size)
	}
	h.leave(v)
	if len(h.viewers) != 4 {
		t.Errorf("%d listen", len(h.viewers))
	}
}

// TestStream listens as a page does: only to sites that it may see.
func TestStream(t *testing.T) {
	t.Parallel()
	w, p := heard(t)
	other := newPlant(noon)
	w.must(w.room.Attach("oslo", other))
	w.hear()
	server := httptest.NewServer(w.shell)
	defer server.Close()
	g := w.as(people.Viewer, "houston")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/v1/events", nil)
	req.AddCookie(&http.Cookie{Name: w.room.cookie(), Value: g.cookie})
	a, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close() //nolint:errcheck // read only
	if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%d %v", a.StatusCode, a.Header)
	}
	lines := bufio.NewScanner(a.Body)
	lines.Buffer(nil, 1<<20)
	if kind, data := nextEvent(lines); kind != helloEvent || !strings.Contains(data, `"full":true`) {
		t.Fatalf("first: %s %s", kind, data)
	}
	for _, x := range []*plant{p, other} {
		x.change(func(p *plant) { p.status.Groups[0].Reserved = 9 * unit.Megawatt })
	}
	w.hear()
	w.room.tellNow()
	for {
		kind, data := nextEvent(lines)
		if kind == "" {
			t.Fatal("the stream ended")
		}
		if strings.Contains(data, "oslo") {
			t.Fatalf("told of a site that is not theirs: %s %s", kind, data)
		}
		if kind != nowEvent {
			continue
		}
		var said Sites
		if err := json.Unmarshal([]byte(data), &said); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		if len(said.Sites) == 1 && said.Sites[0].Reserved != nil && *said.Sites[0].Reserved == 9_000_000 {
			break
		}
	}
}

// nextEvent reads one event; an empty kind is the end.
func nextEvent(lines *bufio.Scanner) (kind, data string) {
	for lines.Scan() {
		if k, is := strings.CutPrefix(lines.Text(), "event: "); is {
			kind = k
		}
		if d, is := strings.CutPrefix(lines.Text(), "data: "); is {
			return kind, d
		}
	}
	return "", ""
}

// TestAway shows how old it is, and never as if it were new.
func TestAway(t *testing.T) {
	t.Parallel()
	w, p := heard(t)
	p.change(func(p *plant) { p.away = true })
	w.later(awayFrom + time.Second)
	w.hear()
	var s SiteDetail
	w.as(people.Viewer, "houston").do(http.MethodGet, "/v1/sites/houston", nil).read(t, &s)
	if !s.Now.Away || s.Now.Heard == nil || !s.Now.Heard.Equal(noon) || s.Now.Why == "" {
		t.Errorf("a site that is away: %+v", s.Now)
	}
}
