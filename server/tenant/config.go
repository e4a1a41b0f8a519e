package tenant

import (
	"context"
	"errors"
	"time"

	"sluice/engine"
	"sluice/store/tenants"
	"sluice/use/hosting"
)

// Clerk does for a tenant what the tenant may not do alone. tenants.Office is one.
type Clerk interface {
	Decide(ctx context.Context, t tenants.Tenant, id string, to tenants.Reservation) (tenants.Reservation, error)
	Waiting(ctx context.Context, state tenants.State) ([]tenants.Reservation, error)
	Register(ctx context.Context, t tenants.Tenant, a engine.Access, at time.Time) error
}

// Books say what halls there are and what is sold of them, as the operator declares now.
type Books interface {
	Book(ctx context.Context) (hosting.Book, error)
}

// Prices say what a GPU-hour is offered for, and of colocation, whose model is empty, a
// kW and month. An error wraps ErrNoPrice where that is
// for the operator to say.
type Prices interface {
	Price(kind hosting.Kind, model string) (Price, error)
}

// Viewer is an engine as its jobs are seen. engine.Engine is one.
type Viewer interface {
	View(ctx context.Context) (engine.View, error)
}

// Reasons say why who steers an engine lets a job wait, such as the price of power.
type Reasons interface {
	Why(ctx context.Context, station string, j engine.Job) (Reason, bool)
}

// Station is one compute engine.
type Station struct {
	Name      string // by which accounts on it are kept: that of engine.Access
	Viewer    Viewer
	Registrar engine.Registrar // nil: the operator makes accounts by hand
	Queue     string           // through which new tenants come
}

// Config says what a server stands on.
type Config struct {
	Desk     tenants.Desk
	Clerk    Clerk
	Books    Books
	Prices   Prices  // nil: nothing is priced
	Reasons  Reasons // nil: what engines say is all
	Stations []Station
	Accepts  []hosting.Kind // that need no person once they fit
	Now      func() time.Time
	Log      func(Entry) // nil: nothing is noted

	Rate  Rate // of one token; zero: 10 a second, 40 at once
	Wrong Rate // of log-ins from one address that fail; zero: one every 6 seconds, 10 at once
}

// Rate is how often something may happen.
type Rate struct {
	Every time.Duration // on the average
	Burst int           // at once
}

// Entry is one answered request, for the operator. It holds no token and no secret.
type Entry struct {
	At      time.Time
	Request string // by which the tenant tells of it
	From    string // address
	Tenant  string // empty: nobody was known
	Method  string
	Path    string
	Status  int
	Took    time.Duration
	Err     error // what the tenant was not told
}

func (c Config) complete() (Config, error) {
	if c.Clerk == nil || c.Books == nil || c.Now == nil {
		return c, errors.New("a server for tenants needs a store, books and a clock")
	}
	if c.Rate.Burst == 0 {
		c.Rate = Rate{Every: 100 * time.Millisecond, Burst: 40}
	}
	if c.Wrong.Burst == 0 {
		c.Wrong = Rate{Every: 6 * time.Second, Burst: 10}
	}
	if c.Log == nil {
		c.Log = func(Entry) {}
	}
	return c, nil
}
