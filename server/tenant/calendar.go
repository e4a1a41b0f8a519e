package tenant

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/store/tenants"
	"sluice/unit"
	"sluice/use/hosting"
)

// asContract begins the reason of an accepted wish: the contract that it becomes.
const asContract = "contract "

// calendar is what is sold, and what was accepted and is no contract yet.
type calendar struct {
	*hosting.Calendar
	book hosting.Book
	// doubt is why the calendar may not be the whole truth: then a person decides.
	doubt error
}

// plan reads the calendar of now.
func plan(ctx context.Context, b Books, k Clerk) (calendar, error) {
	book, err := b.Book(ctx)
	if err != nil {
		return calendar{}, away("the calendar cannot be read", err)
	}
	accepted, err := k.Waiting(ctx, tenants.Accepted)
	if err != nil {
		return calendar{}, err
	}
	for _, r := range accepted {
		if h, takes := held(r, book); takes {
			book.Held = append(book.Held, h)
		}
	}
	out := calendar{book: book}
	out.Calendar, out.doubt = book.Calendar()
	return out, nil
}

// held is what an accepted wish keeps until the contract made of it is in the book.
func held(r tenants.Reservation, book hosting.Book) (hosting.Held, bool) {
	name, named := contractOf(r)
	entered := named && slices.ContainsFunc(book.Contracts, func(x hosting.Contract) bool { return x.Name == name })
	return hosting.Held{Name: r.ID, Hall: r.Hall, Model: r.Model, GPUs: r.GPUs, Power: unit.Power(r.Kilowatts) * unit.Kilowatt, From: r.From, To: r.Until}, !entered && hosting.Kind(r.Kind).Commits()
}

// kinds are the kinds that are reserved here.
func kinds() []hosting.Kind {
	return []hosting.Kind{hosting.Reserved, hosting.Flexible, hosting.OnDemand, hosting.Spot, hosting.Batch, hosting.Colocation}
}

func kindNames() string {
	var out []string
	for _, k := range kinds() {
		out = append(out, string(k))
	}
	return strings.Join(out, ", ")
}

// demand is GPUs, or kilowatts for hardware of the tenant's own, that somebody wants for
// a stretch of time.
type demand struct {
	kind        hosting.Kind
	hall, model string    // empty: any
	gpus, kw    int       // one of them
	from, until time.Time // until zero: without end
}

// mostUnits bounds GPUs and kilowatts.
const mostUnits = 1_000_000

// wanted is what a wish asks for.
func wanted(r tenants.Reservation) demand {
	return demand{kind: hosting.Kind(r.Kind), hall: r.Hall, model: r.Model, gpus: r.GPUs, kw: r.Kilowatts, from: r.From, until: r.Until}
}

// contract is a demand as the contract that it would be at a place.
func (d demand) contract(name string, p place, from, until time.Time) hosting.Contract {
	return hosting.Contract{Name: name, Kind: d.kind, Hall: p.hall, Model: p.model, GPUs: d.gpus, Power: unit.Power(d.kw) * unit.Kilowatt, Start: from, End: until}
}

// check refuses what makes no sense, whatever the calendar says.
func (d demand) check(now time.Time) error {
	invalid := func(detail, remedy string) error {
		return problem(422, "invalid", "This cannot be kept", detail, remedy)
	}
	switch {
	case !slices.Contains(kinds(), d.kind):
		return invalid("there is no such kind of contract to be had here", "name one of "+kindNames())
	case d.kind == hosting.Colocation && (d.gpus != 0 || d.model != ""):
		return invalid("colocation is power for hardware of your own", "name kw, and leave gpus and model out")
	case d.kind != hosting.Colocation && d.kw != 0:
		return invalid("kilowatts are had as colocation alone", "let kind be colocation, or name gpus and leave kw out")
	case d.kind == hosting.Colocation && (d.kw < 1 || d.kw > mostUnits):
		return invalid("the number of kilowatts is out of bounds", "ask for 1 to 1000000")
	case d.kind != hosting.Colocation && (d.gpus < 1 || d.gpus > mostUnits):
		return invalid("the number of GPUs is out of bounds", "ask for 1 to 1000000")
	case d.from.IsZero() || d.from.Before(now.Add(-time.Minute)):
		return invalid("from is missing or in the past", "let it begin now or later")
	case d.from.After(now.AddDate(20, 0, 0)):
		return invalid("from is more than twenty years away", "let it begin earlier")
	case !d.until.IsZero() && (!d.until.After(d.from) || d.until.Year() > 2999):
		return invalid("until does not lie after from", "let it end after it begins, or leave it out")
	}
	return nil
}

// place is where it could be: a hall that has the model, or with none the power.
type place struct{ hall, model string }

// places are all of them; none is a fault of who asks.
func (d demand) places(book hosting.Book) ([]place, error) {
	if d.kind == hosting.Colocation {
		return d.powered(book)
	}
	var out []place
	var models []string
	for _, h := range book.Halls {
		for _, g := range h.Groups {
			p := place{h.Name, g.Model.Name}
			if d.hall == "" || d.hall == h.Name {
				models = append(models, g.Model.Name)
			}
			if (d.hall == "" || d.hall == h.Name) && (d.model == "" || sameModel(d.model, g.Model.Name)) && !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	slices.Sort(models)
	if len(out) == 0 {
		return nil, problem(422, "invalid", "This cannot be kept", "no hall that you named has such GPUs", "take one of: "+strings.Join(slices.Compact(models), ", ")+"; or leave hall out")
	}
	if d.model == "" && slices.ContainsFunc(out, func(p place) bool { return !sameModel(p.model, out[0].model) }) {
		return nil, problem(422, "invalid", "This cannot be kept", "there are several models of GPU", "name one of "+strings.Join(slices.Compact(models), ", "))
	}
	return out, nil
}

// powered are the halls that state how much they may draw: of another nobody knows what
// is left.
func (d demand) powered(book hosting.Book) ([]place, error) {
	var out []place
	var names []string
	for _, h := range book.Halls {
		if _, stated := book.Room[h.Name]; !stated {
			continue
		}
		names = append(names, h.Name)
		if d.hall == "" || d.hall == h.Name {
			out = append(out, place{hall: h.Name})
		}
	}
	switch {
	case len(names) == 0:
		return nil, problem(422, "invalid", "This cannot be kept", "no hall here states how much power it has", "agree colocation with the operator")
	case len(out) == 0:
		return nil, problem(422, "invalid", "This cannot be kept", "no hall that you named has power for colocation", "take one of: "+strings.Join(names, ", ")+"; or leave hall out")
	}
	return out, nil
}

// fits is nil, or the conflict of a demand at a place when it begins at some instant.
func (c calendar) fits(d demand, p place, from time.Time) (*hosting.Conflict, error) {
	until := d.until
	if !until.IsZero() {
		until = from.Add(d.until.Sub(d.from))
	}
	_, err := c.With(d.contract("wish", p, from, until))
	if conflict, is := errors.AsType[*hosting.Conflict](err); is {
		return conflict, nil
	}
	return nil, err
}

// choose is the first place where a demand fits; without one, the place whose conflict
// comes last and that conflict.
func (c calendar) choose(d demand, all []place) (best place, least *hosting.Conflict, err error) {
	for _, p := range all {
		conflict, err := c.fits(d, p, d.from)
		if err != nil {
			return place{}, nil, err
		}
		if conflict == nil {
			return p, nil, nil
		}
		if least == nil || conflict.At.After(least.At) {
			best, least = p, conflict
		}
	}
	return best, least, nil
}

// mostStarts bounds how many later begins are tried at a place.
const mostStarts = 500

// soonest is the first instant from which a demand fits as long as it is wanted; zero:
// none that is known.
func (c calendar) soonest(ctx context.Context, d demand, all []place) (at time.Time, err error) {
	for _, p := range all {
		starts := []time.Time{d.from}
		for _, model := range []string{p.model, ""} { // when GPUs, and when power, become free
			for _, s := range c.Slots(p.hall, model, d.from) {
				starts = append(starts, s.From)
			}
		}
		slices.SortFunc(starts, time.Time.Compare)
		starts = slices.CompactFunc(starts, time.Time.Equal)
		for _, s := range starts[:min(len(starts), mostStarts)] {
			if err := ctx.Err(); err != nil {
				return time.Time{}, err
			}
			conflict, err := c.fits(d, p, s)
			if err != nil {
				return time.Time{}, err
			}
			if conflict == nil {
				if at.IsZero() || s.Before(at) {
					at = s
				}
				break
			}
		}
	}
	return at, nil
}

// conflictText is a conflict for a tenant: when and what, and nothing of who holds it
// or how much is left.
func conflictText(x *hosting.Conflict) string {
	return fmt.Sprintf("it does not fit from %s on: not enough %s in hall %s", x.At.UTC().Format(time.RFC3339), x.What, x.Hall)
}
