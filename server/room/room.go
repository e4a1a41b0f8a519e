package room

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Room is a control room. Handler answers; Close ends it.
type Room struct {
	cfg    Config
	api    huma.API
	mux    *http.ServeMux
	routes []route
	hub    *hub
	life   context.Context //nolint:containedctx // of the goroutines that follow sites; Close ends it
	end    context.CancelFunc
	over   <-chan struct{} // closed when the room ends
	sites  *register[*attached]
	told   sync.WaitGroup

	watch   *watch        // of alarms; nil in a room that is only described
	solving chan struct{} // questions that are being solved

	deeds     keeper               // what was done by which key
	providers map[string]*provider // who else says who somebody is
	verifying chan struct{}        // holds one token while the audit log is verified
	bench     *bench               // what setting up holds in memory
	registry  *registry            // of what people decide
	licences  func() ([]LicenceRow, error)
	began     time.Time // when the program did
	mailroom  *mailroom // how contacts are reached
	works     *works    // what plans of capital came to
}

// New makes a control room. An error names everything that is missing, or a route that
// does not say who may use it.
func New(ctx context.Context, c Config) (*Room, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	r := table(c)
	if err := r.check(); err != nil {
		return nil, err
	}
	var err error
	if r.watch, err = newWatch(ctx, c); err != nil {
		return nil, err
	}
	r.noted(ctx, "take in contacts, routes and roles of groups", r.takeIn(ctx))
	r.began = c.Clock()
	r.life, r.end = context.WithCancel(context.WithoutCancel(ctx)) // until Close
	r.over = r.life.Done()
	r.told.Go(func() { r.broadcast(r.life) })
	r.told.Go(func() { r.followAlarms(r.life) })
	r.told.Go(func() { r.deliver(r.life) })
	r.told.Go(func() { r.followComputer(r.life) })
	return r, nil
}

// table is a room with its routes and nothing that runs.
func table(c Config) *Room {
	r := &Room{cfg: c, mux: http.NewServeMux(), hub: newHub(c.Boot), sites: newRegister[*attached](), solving: make(chan struct{}, solvedAtOnce), bench: newBench()}
	r.api = humago.New(r.mux, described(c.Version))
	for _, add := range []func(){r.serveSession, r.serveDemo, r.serveSites, r.serveFleet, r.serveTrials, r.servePlan, r.serveMarket, r.serveBalance, r.serveGridEvents, r.serveBacktests, r.serveEvents, r.serveAlarms, r.serveMoney, r.serveCapital, r.serveHosting, r.serveActs, r.serveRequests, r.servePeople, r.serveObjects, r.serveLicences, r.serveSetup, r.serveHealth} {
		add()
	}
	asWritten(r.api.OpenAPI().Components.Schemas)
	for _, g := range groups(r.routes) {
		r.api.OpenAPI().Tags = append(r.api.OpenAPI().Tags, &huma.Tag{Name: g})
	}
	return r
}

// check reports every route that says too little.
func (r *Room) check() error {
	var faults []string
	for _, t := range r.routes {
		if says := t.check(); says != "" {
			faults = append(faults, says)
		}
		faults = append(faults, r.unread(t)...)
	}
	if len(faults) > 0 {
		return fmt.Errorf("control room: %s", strings.Join(faults, "; "))
	}
	return nil
}

// Close ends what the room does by itself. Sites run on.
func (r *Room) Close() {
	r.end()
	for _, a := range r.all() {
		r.Detach(a.name)
	}
	r.told.Wait()
}

// described is the description of the interface.
func described(version string) huma.Config {
	c := huma.DefaultConfig("Sluice", version)
	c.OpenAPIPath, c.DocsPath, c.SchemasPath, c.CreateHooks = "/v1/openapi", "", "", nil
	c.RejectUnknownQueryParameters = true
	c.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", named)
	c.Transformers = []huma.Transformer{ours}
	c.Info.Description = "Everything that can be seen and done in the control room. Power is in watts; energy in joules and money in millionths are texts; times are UTC."
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: sessionCookie, Description: "Of the page, from POST /v1/session."},
		"token":   {Type: "http", Scheme: "bearer", Description: "slk_ID_SECRET, from POST /v1/tokens."},
	}
	return c
}

// Describe is the interface in OpenAPI 3.1, as JSON.
func Describe(version string) ([]byte, error) {
	return table(Config{Version: version}).api.OpenAPI().MarshalJSON()
}

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

func itoa(n int) string { return strconv.Itoa(n) }

// addressOf is the address alone of host and port.
func addressOf(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return remote
	}
	return host
}
