package room

import (
	"context"
	"crypto/rand"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"sluice/driver/sitefile"
	"sluice/people"
)

// SitePlan is what somebody says about a new site.
type SitePlan struct {
	Reach

	Name  string `json:"name" maxLength:"60"`
	Place string `json:"place,omitempty" maxLength:"200"`

	Latitude  *float64 `json:"latitude,omitempty" minimum:"-90" maximum:"90" doc:"Degrees, north positive, for the map; with longitude."`
	Longitude *float64 `json:"longitude,omitempty" minimum:"-180" maximum:"180" doc:"Degrees, east positive; with latitude."`

	Zone     string      `json:"zone" maxLength:"60" doc:"IANA time zone."`
	Currency string      `json:"currency" maxLength:"3"`
	Market   SiteMarket  `json:"market"`
	Limit    int64       `json:"limit_w" minimum:"0" doc:"Most that the contract lets the site draw."`
	Rating   *int64      `json:"rating_w,omitempty" minimum:"0" doc:"What the equipment bears; absent: the limit."`
	MustRun  int64       `json:"must_run_w,omitempty" minimum:"0" doc:"House load that always draws."`
	Shed     int         `json:"shed_seconds,omitempty" minimum:"0" maximum:"3600" doc:"Promised time between a cut of a limit and power below it; 0: 60."`
	Feeders  []SiteLimit `json:"feeders,omitempty" maxItems:"100"`
	Halls    []SiteHall  `json:"halls,omitempty" maxItems:"100"`
	Meters   []SiteMeter `json:"meters,omitempty" maxItems:"100"`
	Groups   []SiteGroup `json:"groups,omitempty" maxItems:"100"`
	Pools    []PoolSeen  `json:"pools,omitempty" maxItems:"50" doc:"Where machines may mine; absent: pools are not watched."`
}

// SiteMarket is how the site buys power.
type SiteMarket struct {
	Point     string      `json:"settlement_point" maxLength:"100" doc:"Whose price the site pays."`
	Adder     *Micro      `json:"adder_micro_per_mwh,omitempty" doc:"What the retailer adds."`
	Published string      `json:"published,omitempty" enum:",after_interval,day_ahead" doc:"When a price becomes known; absent: after_interval."`
	Gate      string      `json:"gate_time,omitempty" maxLength:"5" doc:"With day_ahead: local time on the day before, as 13:00."`
	Prices    PriceSource `json:"prices"`
}

// SiteLimit is a feeder.
type SiteLimit struct {
	Name  string `json:"name" maxLength:"60"`
	Limit int64  `json:"limit_w" minimum:"0"`
}

// SiteHall is a hall on a feeder.
type SiteHall struct {
	Name   string `json:"name" maxLength:"60"`
	Feeder string `json:"feeder,omitempty" maxLength:"60" doc:"Absent: the only one."`
	Limit  *int64 `json:"limit_w,omitempty" minimum:"0" doc:"Absent: that of its feeder."`
}

// SiteMeter is a meter and how it is read.
type SiteMeter struct {
	Name     string `json:"name" maxLength:"60"`
	Kind     string `json:"kind" enum:"revenue,feeder,hall"`
	Of       string `json:"of,omitempty" maxLength:"60"`
	Template string `json:"template" maxLength:"100"`
	Text     string `json:"template_text,omitempty" maxLength:"65536" doc:"A template of one's own, in YAML."`
	Address  string `json:"address" maxLength:"45"`
	Port     int    `json:"port,omitempty" minimum:"0" maximum:"65535"`
	Unit     int    `json:"unit,omitempty" minimum:"0" maximum:"255"`
	Current  string `json:"current_transformer,omitempty" maxLength:"30"`
	Voltage  string `json:"voltage_transformer,omitempty" maxLength:"30"`
}

// SiteGroup is machines of one model in one hall.
type SiteGroup struct {
	Name      string   `json:"name" maxLength:"60"`
	Hall      string   `json:"hall,omitempty" maxLength:"60" doc:"Absent: the only one."`
	Model     string   `json:"model" maxLength:"100" doc:"Of the catalogue, or a name of one's own with power_w and hash_ghs."`
	Power     *int64   `json:"power_w,omitempty" minimum:"1" doc:"Of one machine at the wall: it makes the model the site's own."`
	Hash      *int64   `json:"hash_ghs,omitempty" minimum:"1"`
	PUE       *float64 `json:"pue,omitempty" minimum:"1" maximum:"3" doc:"Marginal PUE; absent: 1."`
	Addresses []string `json:"addresses" maxItems:"65536" doc:"Addresses, stretches and networks."`
}

// SiteDraft is a site file that was written for what somebody said.
type SiteDraft struct {
	Draft  string      `json:"draft,omitempty" doc:"To be started; absent while there are faults."`
	YAML   string      `json:"yaml"`
	Faults []SiteFault `json:"faults"`
	Notes  []string    `json:"notes" doc:"What was noticed, and is no fault."`
}

// SiteFault is one thing that is wrong.
type SiteFault struct {
	Field  string `json:"field,omitempty" doc:"As in the request, such as groups[0].model; absent: none of it alone."`
	Line   int    `json:"line,omitempty" doc:"Of the site file."`
	What   string `json:"what"`
	Remedy string `json:"remedy"`
}

// draft is a site that can be started.
type draft struct {
	by    string
	at    time.Time
	name  string
	yaml  []byte
	files map[string][]byte
}

// siteName is what a site may be called: it names a folder, and stands in addresses.
var siteName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// draftSite writes a site file.
func (r *Room) draftSite(ctx context.Context, v Visit, in *struct{ Body SitePlan }) (SiteDraft, error) {
	s, err := r.setup()
	if err != nil {
		return SiteDraft{}, err
	}
	q := in.Body
	p := newSheet()
	r.checkName(s, p, q.Name)
	p.reach(q)
	p.prices(q.Market.Prices, q.Currency)
	p.write(q)
	file := p.check()
	out := SiteDraft{YAML: p.out.String(), Faults: p.faults, Notes: []string{}}
	if file != nil {
		out.Notes = filled(file.Notes)
	}
	if len(p.faults) > 0 {
		return out, nil
	}
	if err := r.setUp(ctx, v, people.Entry{Site: q.Name, Subject: q.Name, Reason: q.Reason, Effects: "drafts a site"}); err != nil {
		return SiteDraft{}, err
	}
	out.Draft = r.bench.keep(&draft{by: v.who.Actor().Person, at: v.at, name: q.Name, yaml: []byte(out.YAML), files: p.files}, v.at)
	return out, nil
}

// checkName looks whether a site can have this name.
func (r *Room) checkName(s *Setup, p *sheet, name string) {
	taken := r.has(name) || slices.ContainsFunc(s.Programs.List(), func(x SiteProgram) bool { return x.Name == name })
	switch {
	case !siteName.MatchString(name):
		p.fault("name", "this is no name for a site", "write up to 40 small letters, digits and -, such as west-hall")
	case taken:
		p.fault("name", "a site of this name exists", "choose another one")
	}
}

// keep keeps a draft, and the last ones of them.
func (d *bench) keep(x *draft, now time.Time) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, old := range d.drafts {
		if now.Sub(old.at) > draftLife {
			delete(d.drafts, id)
		}
	}
	for len(d.drafts) >= draftsMost {
		oldest := ""
		for id, x := range d.drafts {
			if oldest == "" || x.at.Before(d.drafts[oldest].at) {
				oldest = id
			}
		}
		delete(d.drafts, oldest)
	}
	id := rand.Text()[:16]
	d.drafts[id] = x
	return id
}

// drafted is a draft by its name, for who made it.
func (d *bench) drafted(id string, v Visit) (*draft, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	x := d.drafts[id]
	if x == nil || x.by != v.who.Actor().Person || v.at.Sub(x.at) > draftLife {
		return nil, missing("draft", id)
	}
	return x, nil
}

// check reads what was written as a site will read it, and says where each fault is.
func (p *sheet) check() *sitefile.File {
	const name = "site.yaml"
	file, err := sitefile.Read(strings.NewReader(p.out.String()), name)
	if err == nil {
		if _, err = file.Rigs(); err != nil {
			p.fault("groups", err.Error(), "choose a model of the catalogue, or state power and hash rate")
		}
		return file
	}
	for _, f := range sitefile.Faults(err) {
		x := SiteFault{Line: f.Line, What: f.What, Remedy: f.Remedy}
		if f.Line > 0 && f.Line <= len(p.fields) {
			x.Field = p.fields[f.Line-1]
		}
		if !slices.ContainsFunc(p.faults, func(o SiteFault) bool { return o.Field != "" && o.Field == x.Field }) {
			p.faults = append(p.faults, x)
		}
	}
	if len(p.faults) == 0 {
		p.fault("", err.Error(), "correct it")
	}
	return nil
}

// SiteRun is how the program of a site runs.
type SiteRun struct {
	Interval int        `json:"interval_minutes,omitempty" enum:"0,5,15,30,60" doc:"Of settlement; 0: 15."`
	From     *time.Time `json:"market_from,omitempty" doc:"A virtual site runs on the recorded market from here on."`
	Speed    int        `json:"speed,omitempty" minimum:"0" maximum:"1000" doc:"Of the clock of a virtual site."`
	Trial    int        `json:"trial,omitempty" minimum:"0" maximum:"100000" doc:"The stages of a virtual site wait so many times shorter."`
}

// virtual reports whether it makes sense for virtual sites alone.
func (x SiteRun) virtual() bool { return x.From != nil || x.Speed > 1 || x.Trial > 1 }

// NewSite is a site as it is written down.
type NewSite struct {
	Name     string
	YAML     []byte
	Files    map[string][]byte // beside the site file, by name
	Logins   []byte            // lines of family,user,password; to be sealed
	Run      SiteRun
	By       string
	At       time.Time
	Networks []string
}

// SiteProgram is the program of a site that the room runs.
type SiteProgram struct {
	Name     string    `json:"name"`
	State    string    `json:"state" enum:"starting,running,waiting,ended" doc:"waiting: it ended by itself and begins anew in a moment; ended: somebody ended it."`
	Process  int       `json:"process,omitempty" doc:"Number of the process on the computer of the control room."`
	Since    time.Time `json:"since"`
	Restarts int       `json:"restarts" doc:"Since the control room began."`
	Why      string    `json:"why,omitempty" doc:"How it ended last."`
	Folder   string    `json:"folder"`
	Made     time.Time `json:"made"`
	By       string    `json:"by,omitempty"`
	Log      []string  `json:"log" doc:"The last lines that it wrote."`
	Attached bool      `json:"attached" doc:"It is one of the sites of the room."`
	Virtual  bool      `json:"virtual"`
}

// place is a place in a list of a request.
func place(list string, i int, field string) string { return fmt.Sprintf("%s[%d].%s", list, i, field) }
