package room

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sluice/people"
	store "sluice/store/people"
)

// AuditEntry is one line of the audit log.
type AuditEntry struct {
	Sequence int64     `json:"sequence"`
	At       time.Time `json:"at"`
	Who      string    `json:"who,omitempty" doc:"Absent: the program by itself."`
	How      string    `json:"how,omitempty" doc:"Who they are was shown."`
	And      string    `json:"and,omitempty" doc:"The second person."`
	Verb     string    `json:"verb"`
	Site     string    `json:"site,omitempty"`
	Tenant   string    `json:"tenant,omitempty"`
	Subject  string    `json:"subject,omitempty"`
	Reason   string    `json:"reason,omitempty"`
	Before   string    `json:"before,omitempty"`
	After    string    `json:"after,omitempty"`
	Effects  string    `json:"effects,omitempty"`
	Hash     string    `json:"hash" doc:"Over the entry and the hash before it, in hexadecimal digits."`
}

// AuditPage is part of the audit log.
type AuditPage struct {
	Entries []AuditEntry `json:"entries" doc:"The last one first."`
	Next    int64        `json:"next,omitempty" doc:"The cursor of the next page; absent: this is the last one."`
}

// AuditHead is how far the log reaches, and whether it is as it was written.
type AuditHead struct {
	Installation string `json:"installation"`
	Good         bool   `json:"good" doc:"Every entry is as it was written."`
	Count        int64  `json:"count,omitempty"`
	Hash         string `json:"hash,omitempty" doc:"Keep count and hash elsewhere: a log whose end was cut off is noticed by nothing else."`
	Fault        string `json:"fault,omitempty" doc:"The first entry that is not as it was written."`
}

type auditIn struct {
	Cursor int64     `query:"cursor" minimum:"0" doc:"From the page before."`
	Limit  int       `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	From   time.Time `query:"from"`
	Until  time.Time `query:"until"`
	Who    string    `query:"who" maxLength:"200" doc:"One of both people."`
	Site   string    `query:"site" maxLength:"200"`
	Verb   string    `query:"verb" maxLength:"60"`
}

type headIn struct {
	Count int64  `query:"count" minimum:"0" doc:"Of a head that was kept elsewhere."`
	Hash  string `query:"hash" maxLength:"64" pattern:"^([0-9a-f]{64})?$" doc:"Of that head."`
}

type exportIn struct {
	After int64 `query:"after" minimum:"0" doc:"Entries with a greater sequence."`
}

func (r *Room) serveAudit() {
	of := func(path, id, says string, reach reach) route {
		return route{method: http.MethodGet, path: path, id: id, says: says, group: "audit", reach: reach, verb: people.Audit}
	}
	serve(r, of("/v1/audit", "listAudit", "Who did what, the last one first.", somewhere), r.audit)
	serve(r, of("/v1/audit/verify", "verifyAudit", "Whether all of the log is as it was written, and how far it reaches.", house), r.verify)
	raw(r, of("/v1/audit/export", "exportAudit", "The log as lines of JSON that anybody can check.", house), r.export)
}

func (r *Room) audit(ctx context.Context, v Visit, in *auditIn) (AuditPage, error) {
	f := store.Filter{After: in.Cursor, From: in.From, Until: in.Until, Who: in.Who, Site: in.Site, Verb: in.Verb, Newest: true, Limit: in.Limit + 1}
	all, err := r.entries(ctx, v, f)
	if err != nil {
		return AuditPage{}, err
	}
	out := AuditPage{Entries: []AuditEntry{}}
	for i, x := range all {
		if i == in.Limit {
			out.Next = all[i-1].Sequence
			break
		}
		out.Entries = append(out.Entries, entryOf(x))
	}
	return out, nil
}

// entries are those that the visitor may see: where they name no site, those of all sites
// at which they may look into the log.
func (r *Room) entries(ctx context.Context, v Visit, f store.Filter) ([]people.Sealed, error) {
	a := v.who.Actor()
	if f.Site != "" || a.Holds(people.Audit, people.Place{}) {
		return r.cfg.People.Entries(ctx, v.who, f, v.at)
	}
	var all []people.Sealed
	for _, site := range r.placesOf(a)[1:] {
		if !a.Holds(people.Audit, people.Place{Site: site}) {
			continue
		}
		f.Site = site
		some, err := r.cfg.People.Entries(ctx, v.who, f, v.at)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(x, y people.Sealed) int { return cmp.Compare(y.Sequence, x.Sequence) })
	all = slices.CompactFunc(all, func(x, y people.Sealed) bool { return x.Sequence == y.Sequence })
	return all[:min(len(all), f.Limit)], nil
}

func entryOf(x people.Sealed) AuditEntry {
	return AuditEntry{
		Sequence: x.Sequence, At: x.At, Who: x.Who, How: x.How, And: x.And, Verb: x.Verb, Site: x.Site, Tenant: x.Tenant, Subject: x.Subject,
		Reason: x.Reason, Before: x.Before, After: x.After, Effects: x.Effects, Hash: x.Hash.String(),
	}
}

// verify reads all of the log, for one visitor at a time.
func (r *Room) verify(ctx context.Context, _ Visit, in *headIn) (AuditHead, error) {
	select {
	case r.verifying <- struct{}{}:
		defer func() { <-r.verifying }()
	default:
		p := problem(http.StatusTooManyRequests, "busy", "somebody else verifies the log right now", "wait, and try again")
		p.wait = 5
		return AuditHead{}, p
	}
	var kept []people.Head
	if in.Hash != "" {
		h := people.Head{Count: in.Count}
		if err := h.Hash.UnmarshalText([]byte(in.Hash)); err != nil {
			return AuditHead{}, wrong("the hash: "+err.Error(), "write 64 hexadecimal digits")
		}
		kept = append(kept, h)
	}
	out := AuditHead{Installation: r.cfg.People.Installation()}
	head, err := r.cfg.People.Verify(ctx, kept...)
	switch {
	case errors.Is(err, people.ErrChanged):
		out.Fault = err.Error()
	case err != nil:
		return AuditHead{}, err
	default:
		out.Good, out.Count, out.Hash = true, head.Count, head.Hash.String()
	}
	return out, nil
}

// export streams the log. Where it breaks off, so does the answer: nobody takes it for
// whole.
func (r *Room) export(ctx context.Context, v Visit, in *exportIn) (*huma.StreamResponse, error) {
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", "application/jsonl")
		c.SetHeader("Content-Disposition", `attachment; filename="sluice-audit-`+v.at.UTC().Format("2006-01-02T150405Z")+`.jsonl"`)
		to := &patient{to: c.BodyWriter()}
		if _, err := r.cfg.People.Export(ctx, v.who, to, in.After, v.at); err != nil {
			r.cfg.Log.ErrorContext(ctx, "the export of the audit log broke off", "cause", err)
			panic(http.ErrAbortHandler)
		}
	}}, nil
}
