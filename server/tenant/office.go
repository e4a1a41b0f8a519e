package tenant

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"sluice/engine"
	"sluice/store/tenants"
	"sluice/use/hosting"
)

// Order is what the operator asks. Which fields count depends on Do.
type Order struct {
	Do          string            `json:"do"` // add, token, revoke, close, list, accept or refuse
	By          string            `json:"by,omitempty"`
	Tenant      string            `json:"tenant,omitempty"`
	Label       string            `json:"label,omitempty"` // of a tenant or a token
	Contracts   []string          `json:"contracts,omitempty"`
	Accounts    map[string]string `json:"accounts,omitempty"` // that it has already, by engine
	Token       string            `json:"token,omitempty"`    // id
	Until       time.Time         `json:"until,omitzero"`     // of a token; zero: it does not end
	Reservation string            `json:"reservation,omitempty"`
	Contract    string            `json:"contract,omitempty"` // as which it is accepted; empty: TENANT-KEY
	Despite     bool              `json:"despite,omitempty"`  // accept although it does not fit
	Why         string            `json:"why,omitempty"`
}

// Report is what came of an order.
type Report struct {
	No      string       `json:"no,omitempty"` // why it was not done, and what to do
	Done    string       `json:"done,omitempty"`
	Secret  string       `json:"token,omitempty"` // of a new token, once
	Token   *Token       `json:"about,omitempty"`
	Tenants []Tenancy    `json:"tenants,omitempty"`
	Open    []OpenWish   `json:"waiting,omitempty"`
	Decided *Reservation `json:"reservation,omitempty"`
}

// Tenancy is one tenant as the operator sees it.
type Tenancy struct {
	Name      string     `json:"name"`
	Label     string     `json:"label"`
	Since     time.Time  `json:"since"`
	Closed    *time.Time `json:"closed"`
	Contracts []string   `json:"contracts"`
	Accounts  []string   `json:"accounts"` // ENGINE=ACCOUNT
	Tokens    []Token    `json:"tokens"`
}

// OpenWish is a wish that waits for the operator, and whether it fits.
type OpenWish struct {
	Tenant string `json:"tenant"`
	Reservation
	Fits string `json:"fits"` // "yes", why not, or that nobody knows
}

// ErrNo is an order that was not carried out because of what it says.
var ErrNo = errors.New("refused")

// Office carries out what the operator orders.
type Office struct {
	Store *tenants.Store
	Books Books // nil: no calendar is looked at
	Now   func() time.Time
	Turn  sync.Locker // that of the server beside it; nil: there is none
}

// Carry carries out an order. An error that wraps ErrNo is the fault of the order.
func (o Office) Carry(ctx context.Context, q Order) (Report, error) {
	do, known := map[string]func(context.Context, Order) (Report, error){
		"add": o.add, "token": o.token, "revoke": o.revoke, "close": o.close, "list": o.list, "accept": o.accept, "refuse": o.refuse,
	}[q.Do]
	if !known {
		return Report{}, fmt.Errorf("order %.40q: %w: there is none of that name", q.Do, ErrNo)
	}
	r, err := do(ctx, q)
	if errors.Is(err, tenants.ErrUnknown) || errors.Is(err, tenants.ErrConflict) || errors.Is(err, tenants.ErrInvalid) || errors.Is(err, tenants.ErrState) || errors.Is(err, tenants.ErrFull) || errors.Is(err, hosting.ErrConflict) {
		err = fmt.Errorf("%w: %w", ErrNo, err)
	}
	return r, err
}

// add makes a tenant known, with contracts and accounts that it has already.
func (o Office) add(ctx context.Context, q Order) (Report, error) {
	office := o.Store.Office()
	t, err := office.Enrol(ctx, tenants.Profile{Name: q.Tenant, Label: q.Label, Since: o.Now()})
	if err == nil && o.Books != nil {
		var book hosting.Book
		if book, err = o.Books.Book(ctx); err == nil {
			err = Bind(ctx, office, book, o.Now())
		}
	}
	for _, c := range q.Contracts {
		if err == nil {
			err = office.Bind(ctx, t, c, o.Now())
		}
	}
	for _, e := range slices.Sorted(maps.Keys(q.Accounts)) {
		if err == nil {
			err = o.account(ctx, t, e, q.Accounts[e])
		}
	}
	if err != nil {
		return Report{}, err
	}
	return Report{Done: fmt.Sprintf("tenant %s is known; give it a token next", t.Name())}, nil
}

// Bind says of every contract of a book whose it is, as far as the tenant is known. An
// error wraps tenants.ErrConflict where one was another tenant's.
func Bind(ctx context.Context, o tenants.Office, book hosting.Book, at time.Time) error {
	for _, x := range book.Contracts {
		t, err := o.Tenant(ctx, x.Tenant)
		if errors.Is(err, tenants.ErrUnknown) {
			continue // nobody asks for it yet
		}
		if err == nil {
			err = o.Bind(ctx, t, x.Name, at)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// account keeps an account that exists, unless another tenant has it: the jobs in it
// are shown to whom it is.
func (o Office) account(ctx context.Context, t tenants.Tenant, station, name string) error {
	if err := apart(ctx, o.Store, t, station, name); err != nil {
		return err
	}
	return o.Store.Office().Register(ctx, t, engine.Access{Engine: station, Account: name}, o.Now())
}

// apart refuses an account that is another tenant's.
func apart(ctx context.Context, s *tenants.Store, t tenants.Tenant, station, name string) error {
	all, err := s.Office().Tenants(ctx)
	if err != nil {
		return err
	}
	for _, p := range all {
		if p.Name == t.Name() {
			continue
		}
		other, err := s.Office().Tenant(ctx, p.Name)
		if err != nil {
			return err
		}
		has, err := s.Desk().Accounts(ctx, other)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(has, func(a tenants.Account) bool { return a.Engine == station && a.Account == name }) {
			return fmt.Errorf("account %q on %q: %w: tenant %q has it, and would share all its jobs", name, station, tenants.ErrConflict, p.Name)
		}
	}
	return nil
}

// Registry is the office as a Clerk that lets no two tenants have one account.
type Registry struct {
	tenants.Office
	Store *tenants.Store
}

// Register keeps an account, unless another tenant has it.
func (r Registry) Register(ctx context.Context, t tenants.Tenant, a engine.Access, at time.Time) error {
	if err := apart(ctx, r.Store, t, a.Engine, a.Account); err != nil {
		return said{err.Error()} // a conflict of accounts is none of what the tenant asked
	}
	return r.Office.Register(ctx, t, a, at)
}

func (o Office) token(ctx context.Context, q Order) (Report, error) {
	t, err := o.Store.Office().Tenant(ctx, q.Tenant)
	if err != nil {
		return Report{}, err
	}
	text, x, err := o.Store.Office().Issue(ctx, t, q.Label, o.Now(), q.Until)
	if err != nil {
		return Report{}, err
	}
	about := Token{x.ID, x.Label, x.Issued, some(x.Until), nil}
	return Report{Secret: text, Token: &about, Done: fmt.Sprintf("token %s of tenant %s; it is shown this once", x.ID, t.Name())}, nil
}

func (o Office) revoke(ctx context.Context, q Order) (Report, error) {
	t, err := o.Store.Office().Tenant(ctx, q.Tenant)
	if err == nil {
		err = o.Store.Office().Revoke(ctx, t, q.Token, o.Now())
	}
	return Report{Done: fmt.Sprintf("token %s of tenant %s is valid no more", q.Token, q.Tenant)}, err
}

func (o Office) close(ctx context.Context, q Order) (Report, error) {
	t, err := o.Store.Office().Tenant(ctx, q.Tenant)
	if err == nil {
		err = o.Store.Office().Part(ctx, t, o.Now())
	}
	return Report{Done: fmt.Sprintf("tenant %s is closed: no token of it is valid any more, and all that is known of it stays", q.Tenant)}, err
}

// list is all tenants, and all wishes that wait.
func (o Office) list(ctx context.Context, _ Order) (Report, error) {
	all, err := o.Store.Office().Tenants(ctx)
	if err != nil {
		return Report{}, err
	}
	out := Report{Tenants: []Tenancy{}, Open: []OpenWish{}}
	for _, p := range all {
		x, err := o.tenancy(ctx, p)
		if err != nil {
			return Report{}, err
		}
		out.Tenants = append(out.Tenants, x)
	}
	open, err := o.Store.Office().Waiting(ctx, tenants.Asked)
	if err != nil {
		return Report{}, err
	}
	for _, r := range open {
		fits := "yes"
		if err := o.fits(ctx, r); err != nil {
			fits = err.Error()
		}
		if o.Books == nil {
			fits = "not known: no site was named"
		}
		out.Open = append(out.Open, OpenWish{r.Tenant, shownAs(r), fits})
	}
	return out, nil
}

func (o Office) tenancy(ctx context.Context, p tenants.Profile) (Tenancy, error) {
	t, err := o.Store.Office().Tenant(ctx, p.Name)
	if err != nil {
		return Tenancy{}, err
	}
	desk, out := o.Store.Desk(), Tenancy{Name: p.Name, Label: p.Label, Since: p.Since, Closed: some(p.Closed), Accounts: []string{}, Tokens: []Token{}}
	tokens, err := desk.Tokens(ctx, t)
	if err != nil {
		return out, err
	}
	for _, x := range tokens {
		out.Tokens = append(out.Tokens, Token{x.ID, x.Label, x.Issued, some(x.Until), some(x.Revoked)})
	}
	has, err := desk.Accounts(ctx, t)
	if err != nil {
		return out, err
	}
	for _, a := range has {
		out.Accounts = append(out.Accounts, a.Engine+"="+a.Account)
	}
	out.Contracts, err = desk.Contracts(ctx, t)
	out.Contracts = append([]string{}, out.Contracts...)
	return out, err
}

// fits is nil, or why a wish cannot be had. The operator is told who stands against it.
func (o Office) fits(ctx context.Context, r tenants.Reservation) error {
	if o.Books == nil {
		return nil
	}
	cal, err := plan(ctx, o.Books, o.Store.Office())
	if err != nil {
		return err
	}
	if cal.doubt != nil {
		return fmt.Errorf("what is sold already does not fit together: %w", cal.doubt)
	}
	d := wanted(r)
	if _, stated := cal.book.Room[r.Hall]; d.kind == hosting.Colocation && !stated {
		return fmt.Errorf("hall %q states no limit of its power: nobody knows what is left of it", r.Hall)
	}
	_, err = cal.With(d.contract(contractName(r), place{r.Hall, r.Model}, r.From, r.Until))
	return err
}

// wish finds a wish of any tenant.
func (o Office) wish(ctx context.Context, id string) (tenants.Reservation, error) {
	for _, s := range []tenants.State{tenants.Asked, tenants.Accepted, tenants.Refused, tenants.Cancelled} {
		all, err := o.Store.Office().Waiting(ctx, s)
		if err != nil {
			return tenants.Reservation{}, err
		}
		if i := slices.IndexFunc(all, func(r tenants.Reservation) bool { return r.ID == id }); i >= 0 {
			return all[i], nil
		}
	}
	return tenants.Reservation{}, fmt.Errorf("reservation %.60q: %w: 'sluice tenant list' shows those that wait", id, tenants.ErrUnknown)
}

// accept lets a wish have what it asks for, if it fits.
func (o Office) accept(ctx context.Context, q Order) (Report, error) {
	if o.Turn != nil {
		o.Turn.Lock()
		defer o.Turn.Unlock()
	}
	r, err := o.wish(ctx, q.Reservation)
	if err != nil {
		return Report{}, err
	}
	if err := o.fits(ctx, r); err != nil && !q.Despite && r.State == tenants.Asked {
		return Report{}, fmt.Errorf("%w: it was not accepted; refuse it, or accept it all the same with --despite", err)
	}
	name := q.Contract
	if name == "" {
		name = contractName(r)
	}
	if !engine.Plain(name) {
		return Report{}, fmt.Errorf("contract %.60q: %w: it has lower-case letters, digits and inner dashes", name, ErrNo)
	}
	t, err := o.Store.Office().Tenant(ctx, r.Tenant)
	if err == nil && r.State == tenants.Asked {
		err = o.Store.Office().Bind(ctx, t, name, o.Now())
	}
	if err != nil {
		return Report{}, err
	}
	done, err := o.Store.Office().Decide(ctx, t, r.ID, tenants.Reservation{State: tenants.Accepted, At: o.Now(), By: q.By, Why: asContract + name})
	if err != nil {
		return Report{}, err
	}
	shown, kept := shownAs(done), "GPUs are"
	if r.Kilowatts > 0 {
		kept = "power is"
	}
	return Report{Decided: &shown, Done: fmt.Sprintf("accepted; enter it in the site file as contract %s of tenant %s: until then its %s kept free", shown.Contract, r.Tenant, kept)}, nil
}

func (o Office) refuse(ctx context.Context, q Order) (Report, error) {
	r, err := o.wish(ctx, q.Reservation)
	if err != nil {
		return Report{}, err
	}
	if strings.TrimSpace(q.Why) == "" {
		return Report{}, fmt.Errorf("refuse %s: %w: say why with --why, for the tenant to read", r.ID, ErrNo)
	}
	t, err := o.Store.Office().Tenant(ctx, r.Tenant)
	if err != nil {
		return Report{}, err
	}
	to := tenants.Reservation{State: tenants.Refused, At: o.Now(), By: q.By, Why: q.Why}
	if r.State == tenants.Accepted {
		to.State = tenants.Cancelled
	}
	done, err := o.Store.Office().Decide(ctx, t, r.ID, to)
	if err != nil {
		return Report{}, err
	}
	shown := shownAs(done)
	return Report{Decided: &shown, Done: "refused, and the tenant reads why"}, nil
}
