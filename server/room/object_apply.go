package room

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"sluice/object"
	"sluice/people"
	keep "sluice/store/room"
)

type diffIn struct{ Body ObjectUpload }

type applyIn struct {
	Body struct {
		ObjectUpload

		DryRun bool `json:"dry_run,omitempty" doc:"Say what would be done, and do nothing."`
	}
}

// appliedAnswer is what came of an apply; ETag is that of the one object that was put.
type appliedAnswer struct {
	Status int
	ETag   string `header:"ETag"`
	Body   ObjectApplied
}

func (r *Room) diffObjects(ctx context.Context, v Visit, in *diffIn) (ObjectPlan, error) {
	w, err := r.wish(in.Body)
	if err != nil {
		return ObjectPlan{}, err
	}
	changes, err := r.plan(ctx, v, w)
	if err != nil {
		return ObjectPlan{}, err
	}
	return changesView(changes, v.powersFor(changes)), nil
}

func (r *Room) applyObjects(ctx context.Context, v Visit, in *applyIn) (*appliedAnswer, error) {
	w, err := r.wish(in.Body.ObjectUpload)
	if err != nil {
		return nil, err
	}
	if in.Body.DryRun {
		plan, err := r.diffObjects(ctx, v, &diffIn{in.Body.ObjectUpload})
		return &appliedAnswer{Status: http.StatusOK, Body: ObjectApplied{ObjectPlan: plan}}, err
	}
	r.registry.mu.Lock()
	defer r.registry.mu.Unlock()
	return r.apply(ctx, v, w, in.Body.Reason)
}

// apply does what a visitor wants, or asks for a second person. The caller holds the
// registry.
func (r *Room) apply(ctx context.Context, v Visit, w wish, reason string) (*appliedAnswer, error) {
	changes, err := r.plan(ctx, v, w)
	if err != nil {
		return nil, err
	}
	a := v.powersFor(changes)
	if a.no != nil {
		return nil, a.no
	}
	out := &appliedAnswer{Status: http.StatusOK, Body: ObjectApplied{ObjectPlan: changesView(changes, a)}}
	changes = changing(changes)
	switch {
	case len(changes) == 0:
		out.Body.Done = true
	case len(a.two) > 0:
		out.Status = http.StatusAccepted
		out.Body.Request, err = r.askObjects(ctx, v, changes, a.two, reason)
	default:
		out.Body.Done = true
		var done committed
		done, err = r.commit(ctx, v, changes, signed{by: v.who.Actor().Person, reason: reason})
		out.Body.Sites = done.sites
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// committed is what came of changes.
type committed struct {
	objects []keep.Object
	sites   []SiteEffect
}

func (c committed) String() string { return "applied: " + standing(c.objects) + sayEffects(c.sites) }

// changing are the changes that change something.
func changing(all []object.Change) (out []object.Change) {
	for _, c := range all {
		if c.What != object.Unchanged {
			out = append(out, c)
		}
	}
	return out
}

// signed is who changes objects, and why.
type signed struct {
	by     string // the person who wanted it
	and    string // who approved; empty: it took one person
	reason string
}

// name is what stands beside the versions.
func (s signed) name() string {
	if s.and == "" {
		return s.by
	}
	return s.by + " and " + s.and
}

// commit makes changes in one transaction, and has the sites that they are about run by
// them. What could not be written down is not done.
func (r *Room) commit(ctx context.Context, v Visit, changes []object.Change, s signed) (out committed, err error) {
	puts := make([]keep.Put, 0, len(changes))
	for _, c := range changes {
		p, err := putOf(c)
		if err != nil {
			return out, err
		}
		puts = append(puts, p)
	}
	for _, e := range entriesOf(changes, s) {
		if err := r.cfg.People.Record(ctx, v.who, e, v.at); err != nil {
			return out, err
		}
	}
	ctx = context.WithoutCancel(ctx)
	sites, undo, no := r.takeEffect(ctx, changes, s)
	out.sites = sites
	if no == nil {
		if out.objects, no = r.cfg.Objects.Apply(ctx, puts, s.name(), v.at); no != nil {
			undo()
		}
	}
	e := s.entry(changes[0])
	e.Subject, e.Effects = short(subjectOf(changes)), strings.TrimPrefix(e.Effects+"; "+short(out.String()), "; ")
	if no != nil {
		e.Effects = "not done: " + short(no.Error())
	}
	r.noted(ctx, "write down what came of an apply", r.cfg.People.Record(ctx, v.who, e, v.at))
	if no != nil {
		return committed{}, unstored(no)
	}
	r.noted(ctx, "take in what was applied", r.takeIn(ctx))
	return out, nil
}

// unstored is why the store did not make changes.
func unstored(err error) error {
	switch {
	case errors.Is(err, keep.ErrStale):
		return problem(http.StatusPreconditionFailed, "stale", err.Error(), "somebody else changed it meanwhile: look at it, and repeat the change")
	case errors.Is(err, keep.ErrInvalid):
		return wrong(err.Error(), "mend it, and send it again")
	case errors.Is(err, keep.ErrFull):
		return problem(http.StatusConflict, "full", err.Error(), "remove some first")
	}
	return err
}

// standing says which versions stand now.
func standing(all []keep.Object) string {
	var out []string
	for _, o := range all {
		text := fmt.Sprintf("%s/%s version %d", o.Kind, o.Name, o.Version)
		if o.Deleted {
			text = fmt.Sprintf("%s/%s is gone", o.Kind, o.Name)
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// mostNoted is how much of before or after one entry of the audit log holds, in bytes. One
// difference has 4,000 of each at most.
const mostNoted = 12_000

// entry is a line of the audit log about a change.
func (s signed) entry(c object.Change) people.Entry {
	e := people.Entry{Site: c.Site, Subject: fmt.Sprintf("%s %s/%s", c.What, c.Kind, c.Name), Reason: s.reason, Verb: string(people.SetUp)}
	if len(c.Needs) > 0 {
		e.Verb = c.Needs[0]
	}
	if e.Verb == string(people.GiveRole) && s.and == "" {
		e.Effects = "alone: there was no second administrator"
	}
	if s.and != "" {
		e.And = s.by // who carries it out is the one who approved
	}
	return e
}

// entriesOf are the lines of the audit log about changes, before and after by field. A
// change with many fields has several.
func entriesOf(changes []object.Change, s signed) (out []people.Entry) {
	for _, c := range changes {
		e := s.entry(c)
		var before, after strings.Builder
		flush := func() {
			e.Before, e.After = before.String(), after.String()
			before.Reset()
			after.Reset()
			out = append(out, e)
		}
		for _, f := range c.Fields {
			was, is := noted(f.Path, f.Before), noted(f.Path, f.After)
			if max(before.Len()+len(was), after.Len()+len(is)) > mostNoted {
				flush()
			}
			before.WriteString(was)
			after.WriteString(is)
		}
		flush()
	}
	return out
}

// noted is one side of a difference.
func noted(path, value string) string {
	if value == "" {
		return ""
	}
	return short(path+": "+value) + "\n"
}

// subjectOf names what changes, on one line.
func subjectOf(changes []object.Change) string {
	var out []string
	for _, c := range changes {
		out = append(out, fmt.Sprintf("%s %s/%s", c.What, c.Kind, c.Name))
	}
	const most = 400
	text := strings.Join(out, ", ")
	if len(text) > most {
		text = counted(len(out), "object") + ": " + clip(text, most-40) + "…"
	}
	return text
}
