package object

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// ContactSpec is somebody who is told.
type ContactSpec struct {
	Channel   string     `json:"channel" jsonschema:"enum=mail,enum=webhook,enum=chat" jsonschema_description:"How they are told."`
	Address   string     `json:"address,omitempty" jsonschema:"example=shift@example.org" jsonschema_description:"Of mail the mailbox, of a webhook the https address; of chat the room, where the secret does not say it."`
	SecretRef *Reference `json:"secretRef,omitempty" jsonschema_description:"Credential with which a webhook is signed or a chat is reached; needed for chat."`
	Language  string     `json:"language,omitempty" jsonschema:"enum=en,enum=ar,enum=pt,default=en" jsonschema_description:"Language of what they are told. Absent: en."`
	Quiet     *QuietSpec `json:"quiet,omitempty" jsonschema_description:"Hours in which they are not told. Absent: always told."`
}

// Reference names a credential that is stored apart.
type Reference struct {
	Name string `json:"name" jsonschema:"pattern=^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$,example=ops-chat" jsonschema_description:"Name of the stored credential."`
}

// QuietSpec is when somebody is not told.
type QuietSpec struct {
	From   string `json:"from" jsonschema:"pattern=^([01][0-9]|2[0-3]):[0-5][0-9]$,example=22:00" jsonschema_description:"Local clock time at which quiet begins, in quotes."`
	To     string `json:"to" jsonschema:"pattern=^([01][0-9]|2[0-3]):[0-5][0-9]$,example=06:00" jsonschema_description:"Local clock time at which it ends; before from: on the next day."`
	Zone   string `json:"zone" jsonschema:"example=America/Chicago" jsonschema_description:"IANA time zone of both."`
	Except []int  `json:"except,omitempty" jsonschema:"minimum=1,maximum=4,example=1" jsonschema_description:"Priorities that are told all the same, 1 the highest. Absent: 1 alone."`
}

// RouteSpec is which alarms go to whom.
type RouteSpec struct {
	Sites      []string   `json:"sites,omitempty" jsonschema:"example=houston" jsonschema_description:"Names of sites. Absent: all."`
	Priorities []int      `json:"priorities,omitempty" jsonschema:"minimum=1,maximum=4,example=1,example=2" jsonschema_description:"Priorities, 1 the highest, 4 the lowest. Absent: all."`
	Steps      []StepSpec `json:"steps" jsonschema:"minItems=1" jsonschema_description:"Who is told, and who next while nobody has acknowledged."`
}

// StepSpec is one step of an escalation.
type StepSpec struct {
	After    int      `json:"after_minutes" jsonschema:"minimum=0,maximum=1440,example=5" jsonschema_description:"Minutes since the alarm came; rising from step to step."`
	Contacts []string `json:"contacts" jsonschema:"minItems=1,example=shift" jsonschema_description:"Names of contacts."`
}

// PolicySpec is what the control room does at a site.
type PolicySpec struct {
	Alarms *AlarmPolicy `json:"alarms,omitempty" jsonschema_description:"How alarms are shown."`
}

// AlarmPolicy is how alarms are shown.
type AlarmPolicy struct {
	Flood int `json:"flood_per_10_minutes,omitempty" jsonschema:"minimum=1,maximum=1000,default=10" jsonschema_description:"Alarms in 10 minutes for each operator on shift; more is a flood, and they are shown together until half as many came. Alarms of all sites come to one list, so of several sites the least holds. Absent: 10."`
}

// GroupRoleSpec gives a role to everybody in a group.
type GroupRoleSpec struct {
	Group  string `json:"group" jsonschema:"minLength=1,maxLength=200,example=sluice-operators" jsonschema_description:"Name of the group, as the sign-in states it."`
	Role   string `json:"role" jsonschema:"enum=viewer,enum=operator,enum=dispatcher,enum=engineer,enum=trader,enum=finance,enum=auditor,enum=admin,enum=tenant-user,enum=tenant-admin" jsonschema_description:"The role, at metadata.site, or at all sites where that is left out."`
	Tenant string `json:"tenant,omitempty" jsonschema:"pattern=^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$,example=acme" jsonschema_description:"For tenant-user and tenant-admin: whose."`
}

// Roles are those that a group may have: all that people hold.
func Roles() []string {
	return []string{"viewer", "operator", "dispatcher", "engineer", "trader", "finance", "auditor", "admin", "tenant-user", "tenant-admin"}
}

// Decode reads the spec of an object into one of the types above. A key that the type
// does not have is an error.
func (o Object) Decode(into any) error {
	text, err := o.Spec.MarshalJSON()
	if err != nil {
		return fmt.Errorf("read %s: %w", o.Key(), err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("read %s: %w", o.Key(), err)
	}
	return nil
}

// typed checks the kinds that are read here.
func (o Object) typed() error {
	var spec interface{ check() []error }
	switch o.Kind {
	case Contact:
		spec = &ContactSpec{}
	case Route:
		spec = &RouteSpec{}
	case Policy:
		spec = &PolicySpec{}
	case GroupRole:
		spec = &GroupRoleSpec{}
	case Site, Entity, MeterTemplate, Quote, CapitalPlan:
		return nil
	}
	if err := o.Decode(spec); err != nil {
		return &Wrong{"spec", strings.TrimPrefix(err.Error(), "read "+o.Key().String()+": "), "see docs/objects.md for the keys of a " + string(o.Kind)}
	}
	return errors.Join(spec.check()...)
}

// faults collects what is wrong with a spec.
type faults []error

func (f *faults) say(bad bool, path, what, remedy string) {
	if bad {
		*f = append(*f, &Wrong{"spec." + path, what, remedy})
	}
}

func clock(s string) bool {
	return regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`).MatchString(s)
}

func priorities(f *faults, path string, all []int) {
	for i, p := range all {
		f.say(p < 1 || p > 4, fmt.Sprintf("%s[%d]", path, i), fmt.Sprintf("there is no priority %d", p), "write 1, the highest, to 4")
	}
}

func (c *ContactSpec) check() []error {
	var f faults
	mailbox := regexp.MustCompile(`^[^@\s<>,;]+@[^@\s<>,;]+$`)
	f.say(!slices.Contains([]string{"mail", "webhook", "chat"}, c.Channel), "channel", fmt.Sprintf("%.40q is no channel", c.Channel), "write mail, webhook or chat")
	f.say(c.Channel == "mail" && !mailbox.MatchString(c.Address), "address", "it is no mailbox", "write one, such as shift@example.org")
	f.say(c.Channel == "webhook" && !strings.HasPrefix(c.Address, "https://"), "address", "a webhook goes to an https address", "write one that begins with https://")
	f.say(c.Channel == "chat" && c.SecretRef == nil, "secretRef", "is missing: a chat is reached with a credential", "store it and write secretRef: {name: ITS-NAME}")
	f.say(c.SecretRef != nil && !nameForm(c.SecretRef.Name), "secretRef.name", "it is no name of a credential", nameRemedy)
	f.say(!slices.Contains([]string{"", "en", "ar", "pt"}, c.Language), "language", fmt.Sprintf("%.40q is not spoken here", c.Language), "write en, ar or pt")
	if q := c.Quiet; q != nil {
		f.say(!clock(q.From), "quiet.from", fmt.Sprintf("%.40q is no time of day", q.From), `write it as "22:00"`)
		f.say(!clock(q.To), "quiet.to", fmt.Sprintf("%.40q is no time of day", q.To), `write it as "06:00"`)
		f.say(clock(q.From) && q.From == q.To, "quiet.to", "it is the time at which quiet begins", "write when it ends; who is never told needs no contact")
		f.say(q.Zone == "" || q.Zone == "Local", "quiet.zone", "a zone is needed", "write an IANA name, such as America/Chicago")
		priorities(&f, "quiet.except", q.Except)
	}
	return f
}

func (r *RouteSpec) check() []error {
	var f faults
	priorities(&f, "priorities", r.Priorities)
	f.say(len(r.Steps) == 0, "steps", "nobody is told", "state at least one step with a contact")
	last := -1
	for i, s := range r.Steps {
		at := fmt.Sprintf("steps[%d]", i)
		f.say(s.After < 0 || s.After > 1440, at+".after_minutes", fmt.Sprintf("%d is not within a day", s.After), "write 0 to 1440")
		f.say(s.After <= last, at+".after_minutes", fmt.Sprintf("%d is not after the step before, which is at %d", s.After, last), "write the steps in their order, each later than the one before")
		f.say(len(s.Contacts) == 0, at+".contacts", "nobody is told", "name at least one contact")
		last = max(last, s.After)
	}
	return f
}

func (p *PolicySpec) check() []error {
	var f faults
	f.say(p.Alarms != nil && (p.Alarms.Flood < 0 || p.Alarms.Flood > 1000), "alarms.flood_per_10_minutes", "it is out of bounds", "write 1 to 1000")
	return f
}

func (g *GroupRoleSpec) check() []error {
	var f faults
	tenant := strings.HasPrefix(g.Role, "tenant-")
	f.say(strings.TrimSpace(g.Group) == "", "group", "is missing", "write the name of the group, as the sign-in states it")
	f.say(!slices.Contains(Roles(), g.Role), "role", fmt.Sprintf("%.40q is no role", g.Role), "write one of "+strings.Join(Roles(), ", "))
	f.say(tenant && g.Tenant == "", "tenant", "is missing: the role is that of a tenant", "say whose")
	f.say(!tenant && g.Tenant != "", "tenant", "the role is not that of a tenant", "remove it")
	return f
}
