package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/googlechat"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/mattermost"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/rocketchat"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/slack"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/telegram"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/incident/pagerduty"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/gotify"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/ntfy"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/push/pushover"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"

	"sluice/people"
)

// service is one of the library that is given how to reach the world.
type service interface {
	Initialize(address *url.URL, log types.StdLogger) error
	SetHTTPClient(client types.HTTPClient)
	Send(text string, params *types.Params) error
}

// kind is a service, and how many bytes it takes.
type kind struct {
	make func() service
	most int
}

// services are those that are carried, by the scheme of their address.
func services() map[string]kind {
	return map[string]kind{
		"googlechat": {func() service { return &googlechat.Service{} }, 4000},
		"gotify":     {func() service { return &gotify.Service{} }, 4000},
		"mattermost": {func() service { return &mattermost.Service{} }, 4000},
		"ntfy":       {func() service { return &ntfy.Service{} }, 3900},
		"pagerduty":  {func() service { return &pagerduty.Service{} }, 1000},
		"pushover":   {func() service { return &pushover.Service{} }, 1000},
		"rocketchat": {func() service { return &rocketchat.Service{} }, 4000},
		"slack":      {func() service { return &slack.Service{} }, 3900},
		"telegram":   {func() service { return &telegram.Service{} }, 4000},
	}
}

// Chats are the schemes of addresses that are carried, in order.
func Chats() []string { return slices.Sorted(maps.Keys(services())) }

// Chat tells a chat or pager service.
type Chat struct {
	kind    kind
	scheme  string
	address people.Secret
	client  *http.Client
	o       Options
}

// NewChat is the sender to an address such as telegram://TOKEN@telegram?chats=ID, whose
// form is that of the library shoutrrr. All of it is a secret.
func NewChat(address people.Secret, o Options) (*Chat, error) {
	scheme, _, _ := strings.Cut(address.Reveal(), ":")
	k, ok := services()[scheme]
	if !ok {
		return nil, errors.New("chat: the address begins with none of " + strings.Join(Chats(), ", ") + ": see docs/alarms.md")
	}
	c := &Chat{k, scheme, address, o.client(), o}
	if _, err := c.open(); err != nil {
		return nil, err
	}
	// Some services look at their token only when they send, so one message goes nowhere.
	way := &way{ctx: context.Background(), client: &http.Client{Transport: nowhere{}}}
	if c.send(way, Message{Subject: "test", Text: "test"}); way.asked == 0 {
		return nil, c.unreadable()
	}
	return c, nil
}

// nowhere answers by itself, and well.
type nowhere struct{}

func (nowhere) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

func (c *Chat) unreadable() error {
	return errors.New("chat: the address is none of " + c.scheme + ": enter it again as that service shows it, see docs/alarms.md")
}

// open is the service, ready to send. What the library says of an address is not carried
// on, since it repeats it.
func (c *Chat) open() (s service, err error) {
	defer func() {
		if recover() != nil { // of some malformed addresses the library takes parts that are not there
			s, err = nil, c.unreadable()
		}
	}()
	text := c.address.Reveal()
	u, err := url.Parse(text)
	if err != nil || len(text) > mostAddress {
		return nil, c.unreadable()
	}
	s = c.kind.make()
	if err := s.Initialize(u, silence{}); err != nil {
		return nil, c.unreadable()
	}
	return s, nil
}

// Send tells the service once.
func (c *Chat) Send(ctx context.Context, m Message) Outcome {
	ctx, cancel := context.WithTimeout(ctx, c.o.timeout())
	defer cancel()
	return c.send(&way{ctx: ctx, client: c.client, now: c.o.now()}, m)
}

func (c *Chat) send(w *way, m Message) (o Outcome) {
	s, err := c.open() // anew each time: sending changes it
	if err != nil {
		return refused(err.Error())
	}
	s.SetHTTPClient(w)
	defer func() {
		if recover() != nil {
			o = refused(c.scheme + " cannot be told this message; please report it")
		}
	}()
	err = s.Send(shortened(m.Subject+"\n\n"+m.Text, c.kind.most), &types.Params{})
	return w.came(c.scheme, err)
}

// way carries the requests of a library, and remembers how the last of them ended: some
// services report success although nothing was answered.
type way struct {
	ctx    context.Context //nolint:containedctx // the library asks without one
	client *http.Client
	now    time.Time
	asked  int
	last   Outcome
	denied bool // the last answer looks well and says no
}

// Do sends one request. After one that failed no other goes out.
func (w *way) Do(r *http.Request) (*http.Response, error) {
	if w.asked > 0 && !w.last.ok() {
		return nil, errors.New("not asked again")
	}
	w.asked++
	res, err := guarded(w.ctx, w.client, r)
	if err != nil {
		w.last = broken(err)
		return nil, errors.New(w.last.Why)
	}
	w.last = judged(res, w.now)
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	var word struct{ OK *bool }
	switch {
	case err != nil:
		w.last = broken(err)
	case json.Unmarshal(body, &word) == nil && word.OK != nil && !*word.OK && w.last.ok():
		w.denied = true // the library takes such an answer of Telegram for a success
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res, nil
}

// came is what came of a message.
func (w *way) came(scheme string, err error) Outcome {
	switch {
	case w.asked > 0 && !w.last.ok():
		return w.last
	case w.asked > 0 && err == nil && !w.denied:
		return sent()
	case w.asked > 0:
		return refused(scheme + " took the message and says no: check the token and the channel of this address")
	}
	return refused(scheme + " was not asked: check the address")
}

// silence is where the library may write.
type silence struct{}

func (silence) Print(...any)          {}
func (silence) Printf(string, ...any) {}
func (silence) Println(...any)        {}
