package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sluice/driver/csvfile"

	"sluice/books"
	"sluice/books/reserve"
	"sluice/driver/awardfile"
	"sluice/store/ledger"
	"sluice/unit"
)

// read reads the flags, the files and what the books hold, and tells all that is
// wrong with them.
func (x *reserveFlags) read(ctx context.Context, period string, s *shelf) (*reserveRun, error) {
	if len(x.programmes) == 0 || x.awards == "" || period == "" {
		return nil, input(errors.New("name the programme of each product with --programme, what was sold with --awards, and the period with --period"))
	}
	if x.book && strings.TrimSpace(x.by) == "" {
		return nil, input(errors.New("--book: say who books with --by"))
	}
	r := &reserveRun{x: x, s: s, programmes: map[string]*awardfile.Programme{}, calls: map[string][]reserve.Deployment{}, booked: map[string][]books.Transaction{}}
	if err := r.readProgrammes(); err != nil {
		return nil, input(err)
	}
	var err error
	if r.from, r.to, err = periodIn(period, r.zone); err != nil {
		return nil, input(err)
	}
	filed, err := r.filed(ctx)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(r.readAwards(), r.readCalls(filed["deployments"]), r.readMeters(filed["meter"])); err != nil {
		return nil, input(err)
	}
	if err := r.journal(ctx); err != nil {
		return nil, err
	}
	return r, input(errors.Join(r.against(filed["awards"]), r.sites()))
}

// readProgrammes reads the programmes and checks that they go together and fit the books.
func (r *reserveRun) readProgrammes() error {
	var faults []error
	for _, name := range r.x.programmes {
		p, err := awardfile.Load(name)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if r.programmes[p.Product] != nil {
			faults = append(faults, fmt.Errorf("--programme %s: product %s is named twice", name, p.Product))
		}
		if r.zone == nil {
			r.with, r.zone = p.Counterparty, p.Zone
		}
		if p.Counterparty != r.with || p.Zone.String() != r.zone.String() {
			faults = append(faults, fmt.Errorf("--programme %s: it is of %s in %s, another one of %s in %s: settle one market at a time", name, p.Counterparty, p.Zone, r.with, r.zone))
		}
		if p.Currency != r.s.chart.Currency {
			faults = append(faults, fmt.Errorf("--programme %s: its prices are in %s, the books of %s in %s", name, p.Currency, r.s.chart.Entity, r.s.chart.Currency))
		}
		for _, account := range []string{p.Income, books.DemandResponse, books.GridShortfall} {
			if _, ok := r.chart().Find(account); !ok {
				faults = append(faults, fmt.Errorf("--programme %s: %w: %s: add it under accounts in a file for 'sluice ledger post'", name, books.ErrAccount, account))
			}
		}
		r.programmes[p.Product] = p
		r.order = append(r.order, p.Product)
		r.papers = append(r.papers, ledger.Paper{Kind: "programme", Name: r.with + " / " + p.Product + " / " + filepath.Base(name), Body: p.Text})
		for _, text := range p.Assumed {
			r.notes = append(r.notes, p.Product+" assumes: "+text)
		}
	}
	return errors.Join(faults...)
}

// chart is that of the books, with what this command needs and an older program did
// not open.
func (r *reserveRun) chart() books.Chart {
	c := r.s.chart
	c.Accounts = slices.Clone(c.Accounts)
	for _, a := range books.Standard(c.Entity, c.Currency, c.Zone).With(books.Grid(r.with)).Accounts {
		if _, there := c.Find(a.Name); !there {
			c.Accounts = append(c.Accounts, a)
		}
	}
	return c
}

// file reads one table and keeps it for the books.
func (r *reserveRun) file(kind, path string) ([]byte, error) {
	body, err := slurp(path)
	if err != nil {
		return nil, err
	}
	r.papers = append(r.papers, ledger.Paper{Kind: kind, Name: r.label(kind) + " / " + r.period() + " / " + filepath.Base(path), Body: body})
	return body, nil
}

// label is how the names of papers of a kind begin: a meter is of a site, whoever
// pays, and all others are of a market too.
func (r *reserveRun) label(kind string) string {
	if kind == "meter" {
		return r.place()
	}
	return r.with + " / " + r.place()
}

// filed are the papers of this site and market that the books hold, by kind, in the
// order of filing.
func (r *reserveRun) filed(ctx context.Context) (map[string][]ledger.Paper, error) {
	out := map[string][]ledger.Paper{}
	for _, kind := range []string{"awards", "deployments", "meter"} {
		for p, err := range r.s.store.Papers(ctx, r.s.chart.Entity, kind) {
			if err != nil {
				return nil, err
			}
			if strings.HasPrefix(p.Name, r.label(kind)+" / ") {
				out[kind] = append(out[kind], p)
			}
		}
	}
	return out, nil
}

// filedName is a filed paper for people.
func filedName(p ledger.Paper) string { return fmt.Sprintf("filed paper %.6x", p.Hash()) }

// readAwards reads what was sold, which has to lie in the period.
func (r *reserveRun) readAwards() error {
	body, err := r.file("awards", r.x.awards)
	if err != nil {
		return err
	}
	r.awarded = ledger.Paper{Body: body}.Hash()
	if r.awards, err = awardfile.Awards(bytes.NewReader(body), filepath.Base(r.x.awards), r.zone); err != nil {
		return err
	}
	if len(r.awards) == 0 {
		return fmt.Errorf("%s: it has no award", r.x.awards)
	}
	var faults []error
	for _, a := range r.awards {
		if r.programmes[a.Product] == nil {
			faults = append(faults, r.unruled(a.Place, "award "+a.ID, a.Product))
		}
		if a.From < r.from.Unix() || a.To > r.to.Unix() {
			faults = append(faults, fmt.Errorf("%s: award %s is from %s to %s, outside the period %s in %s: name the period that it lies in with --period, or take it out", a.Place, a.ID, r.clock(a.From), r.clock(a.To), r.period(), r.zone))
		}
	}
	slices.SortFunc(r.awards, func(a, b awardfile.Award) int {
		return cmp.Or(cmp.Compare(slices.Index(r.order, a.Product), slices.Index(r.order, b.Product)), cmp.Compare(a.From, b.From))
	})
	r.twice()
	return limited(faults)
}

func (r *reserveRun) unruled(at csvfile.Place, what, product string) error {
	return fmt.Errorf("%s: %s is of product %q, and the programmes are of %s: name its programme with --programme", at, what, product, strings.Join(r.order, ", "))
}

// limited joins faults, the first twenty.
func limited(faults []error) error {
	if n := len(faults) - 20; n > 0 {
		faults = append(slices.Clone(faults[:20]), fmt.Errorf("and %d faults more", n))
	}
	return errors.Join(faults...)
}

// clock is an instant in the zone of the market.
func (r *reserveRun) clock(at int64) string {
	return time.Unix(at, 0).In(r.zone).Format("2006-01-02 15:04")
}

// twice notes that awards of two products hold at the same time: each is settled
// against the whole meter, as if the other were not.
func (r *reserveRun) twice() {
	in := slices.Clone(r.awards)
	slices.SortFunc(in, func(a, b awardfile.Award) int { return cmp.Compare(a.From, b.From) })
	for i := 1; i < len(in); i++ {
		if a, b := in[i-1], in[i]; b.From < a.To {
			r.notes = append(r.notes, fmt.Sprintf("awards %s of %s and %s of %s hold at the same time: each is settled against the whole meter, so the same load may count for both", a.ID, a.Product, b.ID, b.Product))
			return
		}
	}
}

// readCalls reads the instructions that are named and those that were filed. The
// newer ones come first: what holds at the same time as a newer one is left out, and
// of one period only the newest table counts.
func (r *reserveRun) readCalls(filed []ledger.Paper) error {
	periods := map[string]bool{}
	if r.x.deployments != "" {
		body, err := r.file("deployments", r.x.deployments)
		if err != nil {
			return err
		}
		given, err := awardfile.Deployments(bytes.NewReader(body), filepath.Base(r.x.deployments), r.zone)
		if err != nil {
			return err
		}
		var faults []error
		for _, d := range given {
			if r.programmes[d.Product] == nil {
				faults = append(faults, r.unruled(d.Place, "the instruction", d.Product))
			}
		}
		if err := limited(faults); err != nil {
			return err
		}
		r.called(given)
		periods[r.label("deployments")+" / "+r.period()] = true
	}
	for _, p := range slices.Backward(filed) {
		period := p.Name[:strings.LastIndex(p.Name, " / ")]
		if periods[period] {
			continue
		}
		periods[period] = true
		older, err := awardfile.Deployments(bytes.NewReader(p.Body), filedName(p), nil)
		if err != nil {
			return err
		}
		if n := r.called(older); n > 0 {
			r.notes = append(r.notes, fmt.Sprintf("counted too: %s of %s (%s)", counted(n, "instruction"), filedName(p), p.Name))
		}
	}
	return nil
}

// called adds instructions to those that are newer, and says how many it took.
func (r *reserveRun) called(all []awardfile.Deployment) (taken int) {
	for _, d := range all {
		newer := r.calls[d.Product]
		if r.programmes[d.Product] == nil || slices.ContainsFunc(newer, func(o reserve.Deployment) bool { return d.From < o.To && o.From < d.To }) {
			continue
		}
		r.calls[d.Product] = append(newer, d.Deployment)
		taken++
		inside := d.From < r.to.Unix() && r.from.Unix() < d.To
		if inside && !slices.ContainsFunc(r.awards, func(a awardfile.Award) bool {
			return a.Product == d.Product && a.From < d.To && d.From < a.To
		}) {
			r.notes = append(r.notes, fmt.Sprintf("%s: %s was called from %s to %s, and no award holds then: nothing is settled for it", d.Place, d.Product, r.clock(d.From), r.clock(d.To)))
		}
	}
	return taken
}

// readMeters reads the meters that are named and those of the site that were filed.
func (r *reserveRun) readMeters(filed []ledger.Paper) error {
	var all []awardfile.Reading
	given := map[books.Hash]bool{}
	var faults []error
	for _, path := range r.x.meters {
		body, err := r.file("meter", path)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		h := ledger.Paper{Body: body}.Hash()
		if given[h] {
			faults = append(faults, fmt.Errorf("--meter %s: the same file is named twice", path))
			continue
		}
		given[h] = true
		in, err := awardfile.Meter(bytes.NewReader(body), filepath.Base(path), r.zone, r.x.net)
		faults = append(faults, err)
		all = append(all, in...)
	}
	if err := errors.Join(faults...); err != nil {
		return err
	}
	var before []awardfile.Reading
	for _, p := range filed {
		if given[p.Hash()] {
			continue
		}
		in, err := awardfile.Meter(bytes.NewReader(p.Body), filedName(p), nil, true)
		if err != nil {
			return err
		}
		before = append(before, in...)
	}
	if len(before) > 0 {
		r.notes = append(r.notes, fmt.Sprintf("counted too: %s that were filed before", counted(len(before), "reading")))
	}
	joined, twice, err := awardfile.Join(append(before, all...))
	if err != nil {
		return err
	}
	if twice > 0 {
		r.notes = append(r.notes, fmt.Sprintf("counted once: %s that stand twice in one file", counted(twice, "reading")))
	}
	r.meter, err = reserve.Read(joined)
	return err
}

// journal finds what was booked of awards of this market.
func (r *reserveRun) journal(ctx context.Context) error {
	for t, err := range r.s.store.Transactions(ctx, ledger.Query{Entity: r.s.chart.Entity}) {
		if err != nil {
			return err
		}
		if strings.HasPrefix(t.Source, sourceOf(r.with)+"/") {
			r.booked[t.Source] = append(r.booked[t.Source], t.Transaction)
		}
	}
	return nil
}

// stands is what the books say that an award is paid.
func (r *reserveRun) stands(id string) (sum unit.Amount) {
	for _, t := range r.booked[sourceOf(id)] {
		for _, l := range t.Lines {
			if t.Standing == books.Posted && l.Account == books.Grid(r.with) {
				sum += unit.Amount(l.Amount)
			}
		}
	}
	return sum
}

// against holds the awards against those of earlier files that were booked: one under
// another id at the same time is the same power sold twice, and one of this period
// that is missing here is told.
func (r *reserveRun) against(filed []ledger.Paper) error {
	mine := map[string]bool{}
	for _, a := range r.awards {
		mine[r.id(a.Product, a.ID)] = true
	}
	seen := map[string]bool{}
	var faults []error
	for _, p := range slices.Backward(filed) {
		all, err := awardfile.Awards(bytes.NewReader(p.Body), filedName(p), nil)
		if err != nil {
			return err
		}
		for _, old := range all {
			id := r.id(old.Product, old.ID)
			if mine[id] || seen[id] || r.programmes[old.Product] == nil || r.stands(id) == 0 {
				continue
			}
			seen[id] = true
			faults = append(faults, r.apart(old))
			if old.From >= r.from.Unix() && old.From < r.to.Unix() {
				r.notes = append(r.notes, fmt.Sprintf("award %s of %s is booked with %s and not in this file: it is left as it is", old.ID, old.Product, strings.TrimSpace(money(r.stands(id)))))
			}
		}
	}
	return limited(slices.DeleteFunc(faults, func(err error) bool { return err == nil }))
}

// apart refuses an award that holds when one of another id is booked.
func (r *reserveRun) apart(old awardfile.Award) error {
	for _, a := range r.awards {
		if a.Product == old.Product && a.From < old.To && old.From < a.To {
			return fmt.Errorf("%s: award %s holds at the same time as award %s of %s, which is booked: keep its id, or take its transactions (from %s) back with 'sluice ledger reverse' first", a.Place, a.ID, old.ID, old.Place, sourceOf(r.id(old.Product, old.ID)))
		}
	}
	return nil
}

// sites refuses an award that was booked for another site.
func (r *reserveRun) sites() error {
	var faults []error
	for _, a := range r.awards {
		id := r.id(a.Product, a.ID)
		for _, t := range r.booked[sourceOf(id)] {
			if r.stands(id) != 0 && len(t.Lines) > 0 && t.Lines[0].Tags.Site != r.x.site {
				faults = append(faults, fmt.Errorf("%s: award %s is booked for site %q, and this is for %q: name the site with --site, or give awards of two sites ids of their own", a.Place, a.ID, t.Lines[0].Tags.Site, r.x.site))
				break
			}
		}
	}
	return limited(faults)
}
