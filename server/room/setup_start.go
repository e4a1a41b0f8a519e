package room

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"sluice/people"
)

// SiteStart is a site that begins.
type SiteStart struct {
	Draft  string         `json:"draft" maxLength:"40" doc:"From drafting it."`
	YAML   string         `json:"yaml,omitempty" maxLength:"131072" doc:"The site file with corrections; absent: as drafted."`
	Logins []MachineLogin `json:"credentials,omitempty" maxItems:"1000" doc:"They are sealed beside the site file."`
	Run    SiteRun        `json:"run,omitzero"`
	Public bool           `json:"public,omitempty" doc:"Addresses that are neither private nor of this computer are meant."`
	Reason string         `json:"reason,omitempty" maxLength:"2000"`
}

// SiteBegun is a site that was written down and started.
type SiteBegun struct {
	Site string `json:"site"`
}

type siteBegun struct {
	Location string `header:"Location"`
	Body     SiteBegun
}

// startSite writes a site down, starts it in observe and attaches it.
func (r *Room) startSite(ctx context.Context, v Visit, in *struct{ Body SiteStart }) (*siteBegun, error) {
	s, err := r.setup()
	if err != nil {
		return nil, err
	}
	d, err := r.bench.drafted(in.Body.Draft, v)
	if err != nil {
		return nil, err
	}
	n, err := in.Body.site(s, d)
	if err != nil {
		return nil, err
	}
	n.By, n.At = v.who.Actor().Person, v.at
	what := fmt.Sprintf("networks %s; %d credentials; %d bytes of site file", strings.Join(n.Networks, ", "), len(in.Body.Logins), len(n.YAML))
	if err := r.setUp(ctx, v, people.Entry{Site: n.Name, Subject: n.Name, Reason: in.Body.Reason, Effects: "starts a new site in observe", After: what}); err != nil {
		return nil, err
	}
	err = s.Programs.Begin(ctx, n)
	if errors.Is(err, ErrSiteExists) || errors.Is(err, ErrAttached) {
		return nil, problem(http.StatusConflict, "exists", err.Error(), "choose another name; nothing was written")
	}
	if err != nil {
		p := problem(http.StatusConflict, "not_started", err.Error(), "correct it and try again; nothing of it was left behind")
		p.cause = err
		return nil, p
	}
	r.bench.forget(in.Body.Draft)
	return &siteBegun{Location: "/v1/sites/" + n.Name, Body: SiteBegun{n.Name}}, nil
}

// site is what is written down, when all of it makes sense.
func (q SiteStart) site(s *Setup, d *draft) (NewSite, error) {
	out := NewSite{Name: d.name, YAML: []byte(cmp.Or(q.YAML, string(d.yaml))), Files: d.files, Run: q.Run}
	file, err := runnable(out.YAML, d.name)
	if err != nil {
		return out, err
	}
	if q.Run.virtual() && !virtualOnly(file.Control.Networks) {
		return out, wrong("market_from, speed and trial are for virtual sites", "leave them out; nothing was started")
	}
	for _, n := range file.Control.Networks {
		out.Networks = append(out.Networks, n.String())
	}
	if _, err := (Reach{Networks: out.Networks, Offset: file.Control.PortOffset, Public: q.Public, Reason: q.Reason}).prefixes(); err != nil {
		return out, err
	}
	if _, err := loginBook(q.Logins, s.Families); err != nil {
		return out, err
	}
	out.Logins, err = loginText(q.Logins)
	return out, err
}

func (d *bench) forget(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.drafts, id)
}

// SitePrograms are the sites that the room runs.
type SitePrograms struct {
	Here  bool          `json:"here" doc:"Sites can be added here."`
	Sites []SiteProgram `json:"sites"`
}

func (r *Room) programs(context.Context, Visit, *struct{}) (SitePrograms, error) {
	if r.cfg.Setup == nil {
		return SitePrograms{Sites: []SiteProgram{}}, nil
	}
	out := SitePrograms{Here: true, Sites: filled(r.cfg.Setup.Programs.List())}
	for i := range out.Sites {
		out.Sites[i].Attached = r.has(out.Sites[i].Name)
		out.Sites[i].Log = filled(out.Sites[i].Log)
	}
	return out, nil
}

type programIn struct {
	Name string `path:"name" maxLength:"60"`
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"2000"`
	}
}

func (r *Room) restartProgram(ctx context.Context, v Visit, in *programIn) (*nothing, error) {
	return r.turnProgram(ctx, v, in, RestartProgram)
}

func (r *Room) endProgram(ctx context.Context, v Visit, in *programIn) (*nothing, error) {
	return r.turnProgram(ctx, v, in, EndProgram)
}

// turnProgram restarts or ends a program.
func (r *Room) turnProgram(ctx context.Context, v Visit, in *programIn, t ProgramTurn) (*nothing, error) {
	s, err := r.setup()
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(in.Body.Reason) == "" {
		return nil, wrong("it needs a reason", "say it; nothing was done")
	}
	if !hasProgram(s.Programs.List(), in.Name) {
		return nil, missing("program of a site", in.Name)
	}
	if err := r.setUp(ctx, v, people.Entry{Site: in.Name, Subject: in.Name, Reason: in.Body.Reason, Effects: string(t) + " of its program"}); err != nil {
		return nil, err
	}
	if err := s.Programs.Turn(ctx, in.Name, t); err != nil {
		p := problem(http.StatusConflict, "not_turned", err.Error(), "look at its log, and try again")
		p.cause = err
		return nil, p
	}
	return &nothing{}, nil
}

func hasProgram(all []SiteProgram, name string) bool {
	for _, x := range all {
		if x.Name == name {
			return true
		}
	}
	return false
}
