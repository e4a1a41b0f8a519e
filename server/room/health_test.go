package room

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"sluice/live"
	"sluice/people"
	keep "sluice/store/room"
)

// postbox is an outbox with some messages.
type postbox struct{ all []keep.Message }

// Queue implements Outbox.
func (p *postbox) Queue(context.Context, []keep.Message) error { return nil }

// Due implements Outbox.
func (p *postbox) Due(context.Context, time.Time, int) ([]keep.Message, error) { return nil, nil }

// Outbox implements outboxReader.
func (p *postbox) Outbox(_ context.Context, f keep.OutboxFilter) (out []keep.Message, _ error) {
	for _, m := range p.all {
		if m.State == f.State {
			out = append(out, m)
		}
	}
	return out, nil
}

// feed finds one of a site.
func (s SiteHealth) feed(name string) FeedNow {
	i := slices.IndexFunc(s.Feeds, func(f FeedNow) bool { return f.Feed == name })
	if i < 0 {
		return FeedNow{}
	}
	return s.Feeds[i]
}

// TestHealth: what is known stands there with its instant, and what is not is absent.
func TestHealth(t *testing.T) {
	t.Parallel()
	box := &postbox{all: []keep.Message{{State: keep.Waiting, Made: noon, Why: "timeout"}, {State: keep.Dropped, Made: noon, Why: "no such address"}, {State: keep.Sent}}}
	w := newWorld(t, func(c *Config) {
		c.Outbox = box
		c.Computer = func(context.Context) ComputerNow {
			return ComputerNow{Disks: []DiskNow{{"data", 5, 100}}, Files: []StoreFile{{"room.db", 4096, noon}}}
		}
	})
	p := newPlant(noon)
	w.must(w.room.Attach("houston", p))
	p.change(func(p *plant) {
		p.status.Version, p.status.Market = "1.2", &live.MarketStatus{SpotKnown: true, SpotAt: noon.Add(-time.Hour), Forecast: noon, Degraded: "too little history"}
		p.status.At = noon.Add(9 * time.Second)
	})
	w.hear()
	var got Health
	w.as(people.Viewer, "").ok(http.StatusOK, http.MethodGet, "/v1/health", nil).read(t, &got)
	if got.Version != "test" || got.Computer == nil || got.Computer.Backup != nil || !got.Computer.Disks[0].low() || got.Outbox == nil || got.Outbox.Waiting != 1 || got.Outbox.Failed != 1 || got.Outbox.Why != "no such address" {
		t.Errorf("%+v %+v %+v", got, got.Computer, got.Outbox)
	}
	if len(got.Sites) != 1 {
		t.Fatalf("%+v", got.Sites)
	}
	s := got.Sites[0]
	if s.Version != "1.2" || s.Turn != nil || s.Offset == nil || *s.Offset != 9000 || s.Answer == nil {
		t.Errorf("%+v, offset %v", s, s.Offset)
	}
	if at := s.feed("prices").At; at == nil || !at.Equal(noon.Add(-time.Hour)) || s.feed("hashprice").At != nil || s.feed("forecast").Fault != "too little history" || s.feed("meter").At == nil {
		t.Errorf("%+v", s.Feeds)
	}
	var apart Health
	w.as(people.Viewer, "odessa").ok(http.StatusOK, http.MethodGet, "/v1/health", nil).read(t, &apart)
	if len(apart.Sites)+len(apart.Halls)+len(apart.Programs) != 0 {
		t.Errorf("of a site that is none of theirs they are told %+v", apart)
	}
	t.Run("a full disk and a wrong clock are alarms, and end", func(t *testing.T) {
		stands := func() (out []string) {
			w.room.watchComputer(t.Context(), w.clock())
			for _, a := range w.room.watch.kernel.Alarms() {
				if a.Active && (a.Code == "disk" || a.Code == "clock") {
					out = append(out, a.Site+":"+a.Code)
				}
			}
			slices.Sort(out)
			return out
		}
		stands()
		w.later(2 * time.Minute)
		w.hear()
		if all := stands(); !slices.Equal(all, []string{":disk"}) && !slices.Equal(all, []string{":disk", "houston:clock"}) {
			t.Errorf("%v", all)
		}
		p.change(func(p *plant) { p.status.At = w.clock().Add(6 * time.Second) })
		w.hear()
		stands()
		w.later(2 * time.Minute)
		p.change(func(p *plant) { p.status.At = w.clock().Add(-6 * time.Second) })
		w.hear()
		if all := stands(); !slices.Equal(all, []string{":disk", "houston:clock"}) {
			t.Errorf("%v", all)
		}
		p.change(func(p *plant) { p.status.At = w.clock() })
		w.hear()
		if all := stands(); !slices.Equal(all, []string{":disk"}) {
			t.Errorf("the clock is right again: %v", all)
		}
	})
	t.Run("the clock of a virtual site is its own", func(t *testing.T) {
		p.change(func(p *plant) { p.status.Virtual, p.status.At = true, noon.AddDate(-1, 0, 0) })
		w.hear()
		if _, offset := w.room.at("houston").mirror.timing(); offset != nil {
			t.Errorf("%d ms", *offset)
		}
	})
}
