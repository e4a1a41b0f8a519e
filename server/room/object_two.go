package room

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"sluice/object"
	"sluice/people"
	store "sluice/store/people"
)

// objectsDeed is the deed of a request about objects.
const objectsDeed = store.ObjectsDeed

// agreed is what two people agree on: changes of certain versions, and nothing else.
type agreed struct {
	Deed    string         `json:"deed"`
	Changes []agreedChange `json:"changes"`
	Needs   []need         `json:"needs"` // every right that takes two people, the heaviest first
}

// agreedChange is one of them, with the whole object as it will stand.
type agreedChange struct {
	Kind    object.Kind    `json:"kind"`
	Name    string         `json:"name"`
	What    object.What    `json:"what"`
	Version int64          `json:"version,omitempty"` // that stands before
	Object  *object.Object `json:"object,omitempty"`  // nil: it goes
}

// The bounds of a request, bytes: see people.Draft.
const (
	mostDeed = 256 << 10
	mostDiff = 16 << 10
)

// askObjects makes one request of a whole apply.
func (r *Room) askObjects(ctx context.Context, v Visit, changes []object.Change, two []need, reason string) (*Request, error) {
	deed := agreed{Deed: objectsDeed, Needs: two}
	for _, c := range changes {
		x := agreedChange{Kind: c.Kind, Name: c.Name, What: c.What, Version: c.Version}
		if c.What != object.Delete {
			x.Object = &c.After
		}
		deed.Changes = append(deed.Changes, x)
	}
	text, err := json.Marshal(deed)
	if err != nil {
		return nil, fmt.Errorf("write what is asked for down: %w", err)
	}
	diff, fits := diffOf(changes)
	if len(text) > mostDeed || !fits {
		return nil, problem(http.StatusRequestEntityTooLarge, "too_large", "it is more than one person can read and approve at once", "apply it in parts: what raises or pays apart from the rest")
	}
	q, err := r.cfg.People.Ask(ctx, v.who, people.Draft{
		Verb: two[0].Verb, Place: placeOf(two), Subject: subjectOf(changes), Reason: reason, Says: saysOf(changes), Diff: diff, Deed: string(text),
	}, v.at)
	if err != nil {
		return nil, err
	}
	r.tellRequests()
	return new(requested(q, v)), nil
}

// placeOf is where a request about objects is made: at their site, or at all.
func placeOf(two []need) people.Place {
	at := two[0].place()
	for _, n := range two {
		if n.Site != at.Site {
			return people.Place{}
		}
	}
	return at
}

// saysOf is what would happen, in words.
func saysOf(changes []object.Change) string {
	return short(counted(len(changes), "object") + ": " + subjectOf(changes))
}

// diffOf is before and after for who approves, the most dangerous first. What takes two
// people is all there, or it does not fit; of the rest the end may be left out.
func diffOf(changes []object.Change) (text string, fits bool) {
	type line struct {
		class object.Class
		text  string
	}
	var all []line
	for _, c := range changes {
		if len(c.Fields) == 0 || c.What == object.Delete {
			all = append(all, line{c.Risk, fmt.Sprintf("%s %s/%s (%s)\n", c.What, c.Kind, c.Name, c.Risk)})
		}
		for _, f := range c.Fields {
			class := f.Risk
			if c.What == object.Delete {
				class = object.None // that it goes is said above
			}
			all = append(all, line{class, fmt.Sprintf("%s/%s %s: %s -> %s (%s)\n", c.Kind, c.Name, f.Path, orNone(f.Before), orNone(f.After), f.Risk)})
		}
	}
	slices.SortStableFunc(all, func(a, b line) int { return int(b.class) - int(a.class) })
	var b strings.Builder
	for i, l := range all {
		if b.Len()+len(l.text) > mostDiff-100 {
			fmt.Fprintf(&b, "and %s\n", counted(len(all)-i, "more difference"))
			return b.String(), l.class < object.Raise
		}
		b.WriteString(l.text)
	}
	return b.String(), true
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// agreedOf reads the deed of a request; false: it is about something else.
func agreedOf(text string) (agreed, bool) {
	var a agreed
	if err := json.Unmarshal([]byte(text), &a); err != nil || a.Deed != objectsDeed {
		return agreed{}, false
	}
	return a, true
}

// mayApprove refuses who has not every right that a request about objects takes: the
// store of people knows of the heaviest alone.
func (r *Room) mayApprove(ctx context.Context, v Visit, id string) error {
	q, err := r.request(ctx, v, id)
	if err != nil {
		return nil //nolint:nilerr // the store says why
	}
	a, is := agreedOf(q.Deed)
	if !is || q.State != people.Open {
		return nil
	}
	return v.mayAgree(a.Needs)
}

func (v Visit) mayAgree(needs []need) error {
	for _, n := range needs {
		if err := v.who.Actor().May(n.Verb, n.place(), v.at); err != nil && people.CodeOf(err) != people.NeedsTwo {
			return err
		}
	}
	return nil
}

// obeyObjects carries out what two people agreed on, if everything stands as they saw it.
func (r *Room) obeyObjects(ctx context.Context, v Visit, q people.Request, a agreed) (string, error) {
	r.registry.mu.Lock()
	defer r.registry.mu.Unlock()
	var w wish
	for _, c := range a.Changes {
		if c.Object == nil {
			w.drops = append(w.drops, object.Key{Kind: c.Kind, Name: c.Name})
			continue
		}
		o := *c.Object
		o.Metadata.Version = c.Version
		w.read = append(w.read, o)
	}
	changes, err := r.plan(ctx, v, w)
	if err != nil {
		return "", err
	}
	if err := a.same(changes); err != nil {
		return "", err
	}
	if err := v.mayAgree(a.Needs); err != nil {
		return "", err
	}
	done, err := r.commit(ctx, v, changes, signed{by: q.By, and: q.And, reason: q.Reason})
	return done.String(), err
}

// same refuses changes that are not those that were agreed on.
func (a agreed) same(changes []object.Change) error {
	var faults []string
	for _, c := range a.Changes {
		i := slices.IndexFunc(changes, func(x object.Change) bool { return x.Kind == c.Kind && x.Name == c.Name })
		if i < 0 || changes[i].What != c.What || changes[i].Version != c.Version {
			faults = append(faults, fmt.Sprintf("%s/%s was changed since version %d, of which the request is", c.Kind, c.Name, c.Version))
		}
	}
	for _, n := range needsOf(changes) {
		rule, _ := n.Verb.Rule()
		if rule.Takes == people.Together && !slices.Contains(a.Needs, n) {
			faults = append(faults, "it takes "+n.String()+" by now")
		}
	}
	if len(changes) != len(a.Changes) {
		faults = append(faults, "it would change more or less than what was agreed on")
	}
	if len(faults) == 0 {
		return nil
	}
	p := problem(http.StatusConflict, "stale", "nothing was changed: what two people agreed on is no longer what would happen", "look at it, and ask for it anew")
	p.Faults = faults
	return p
}
