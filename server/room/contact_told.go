package room

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sluice/alarm"
	"sluice/driver/notify"
	"sluice/object"
	"sluice/people"
)

// MailServer is by which mail goes out; without a server none does.
type MailServer struct {
	Server   string // host and port
	Security notify.Security
	User     string // empty: nobody logs in
	Password people.Secret
	From     string // one address
}

// toldOf is who is told of alarms, and from when on they are a flood, as the contacts,
// routes and policies among objects say. Alarms of all sites come to one list, so of
// several policies the least holds.
func toldOf(all []object.Object) (alarm.Config, error) {
	var out alarm.Config
	var faults []error
	for _, o := range all {
		var err error
		switch o.Kind { //nolint:exhaustive // the others tell nobody
		case object.Contact:
			var c alarm.Contact
			c, err = contactOf(o)
			out.Contacts = append(out.Contacts, c)
		case object.Route:
			var r alarm.Route
			r, err = routeOf(o)
			out.Routes = append(out.Routes, r)
		case object.Policy:
			var p object.PolicySpec
			if err = o.Decode(&p); err == nil && p.Alarms != nil && p.Alarms.Flood > 0 && (out.Flood == 0 || p.Alarms.Flood < out.Flood) {
				out.Flood = p.Alarms.Flood
			}
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", o.Key(), err))
		}
	}
	slices.SortFunc(out.Contacts, func(a, b alarm.Contact) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(out.Routes, func(a, b alarm.Route) int { return strings.Compare(a.Name, b.Name) })
	return out, errors.Join(faults...)
}

// contactOf is a contact as alarms know it.
func contactOf(o object.Object) (alarm.Contact, error) {
	var spec object.ContactSpec
	if err := o.Decode(&spec); err != nil {
		return alarm.Contact{}, err
	}
	out := alarm.Contact{Name: o.Metadata.Name, Channel: alarm.Channel(spec.Channel), Language: cmp.Or(spec.Language, "en"), Zone: time.UTC}
	if spec.Quiet == nil {
		return out, nil
	}
	zone, err := time.LoadLocation(spec.Quiet.Zone)
	if err != nil {
		return out, fmt.Errorf("spec.quiet.zone: %q is no time zone that is known here; write an IANA name, such as America/Chicago", spec.Quiet.Zone)
	}
	out.Zone, out.Quiet, out.Breaks = zone, &alarm.Quiet{From: minuteOf(spec.Quiet.From), To: minuteOf(spec.Quiet.To)}, alarm.Critical
	for _, p := range spec.Quiet.Except { // who is woken by one is woken by what is graver
		out.Breaks = max(out.Breaks, alarm.Priority(p))
	}
	return out, nil
}

// minuteOf is a clock time such as 22:30, which was checked, after midnight.
func minuteOf(clock string) int {
	hours, minutes, _ := strings.Cut(clock, ":")
	h, _ := strconv.Atoi(hours)
	m, _ := strconv.Atoi(minutes)
	return 60*h + m
}

// routeOf is a route as alarms know it. Who was told hears the end.
func routeOf(o object.Object) (alarm.Route, error) {
	var spec object.RouteSpec
	if err := o.Decode(&spec); err != nil {
		return alarm.Route{}, err
	}
	out := alarm.Route{Name: o.Metadata.Name, Sites: spec.Sites, Ended: true}
	for _, p := range spec.Priorities {
		out.Priorities = append(out.Priorities, alarm.Priority(p))
	}
	for _, s := range spec.Steps {
		out.Steps = append(out.Steps, alarm.Step{After: time.Duration(s.After) * time.Minute, Contacts: s.Contacts})
	}
	return out, nil
}

// takeIn has the room work by what is stored now: who is told of alarms, how they are
// reached, and which groups give roles.
func (r *Room) takeIn(ctx context.Context) error {
	if r.cfg.Objects == nil {
		return nil
	}
	all, err := r.stored(ctx)
	if err != nil {
		return err
	}
	told, err := toldOf(all)
	if err == nil {
		err = r.watch.renew(told)
	}
	groups, no := groupsOf(all)
	if no == nil {
		r.giveByGroups(groups)
	}
	r.mailroom.replace(r.sendersOf(ctx, all))
	return errors.Join(err, no)
}

// renew goes on with other contacts and routes. What alarms stand, and who heard of them,
// stays.
func (w *watch) renew(c alarm.Config) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	k, err := alarm.New(c, w.kernel.Memory())
	if err != nil {
		return fmt.Errorf("who is told of alarms: %w", err)
	}
	w.kernel, w.told = k, c
	return nil
}

// write puts a message into the words of its contact.
func (w *watch) write(t alarm.Tell, say func(language string) alarm.Say) (subject, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	words := alarm.Say(alarm.English)
	if i := slices.IndexFunc(w.told.Contacts, func(c alarm.Contact) bool { return c.Name == t.Contact }); i >= 0 && say != nil {
		words = say(w.told.Contacts[i].Language)
	}
	return w.kernel.Write(t, words)
}

// language is that of a contact.
func (w *watch) language(contact string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.told.Contacts {
		if c.Name == contact && c.Language != "" {
			return c.Language
		}
	}
	return "en"
}

// mailroom holds the senders to contacts, and of others why there is none.
type mailroom struct {
	mu      sync.RWMutex
	senders map[string]notify.Sender
	why     map[string]string
}

func newMailroom() *mailroom { return &mailroom{} }

func (m *mailroom) replace(senders map[string]notify.Sender, why map[string]string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.senders, m.why = senders, why
}

// sender is the sender to a contact, or why there is none.
func (r *Room) sender(contact string) (notify.Sender, string) {
	if r.cfg.Senders != nil {
		if s, known := r.cfg.Senders(contact); known {
			return s, ""
		}
	}
	r.mailroom.mu.RLock()
	defer r.mailroom.mu.RUnlock()
	if s, known := r.mailroom.senders[contact]; known {
		return s, ""
	}
	return nil, cmp.Or(r.mailroom.why[contact], "nobody of this name can be reached: look at the contacts")
}

// sendersOf makes the senders to all contacts.
func (r *Room) sendersOf(ctx context.Context, all []object.Object) (map[string]notify.Sender, map[string]string) {
	senders, why := map[string]notify.Sender{}, map[string]string{}
	for _, o := range all {
		if o.Kind != object.Contact {
			continue
		}
		s, err := r.senderOf(ctx, o)
		if err != nil {
			why[o.Metadata.Name] = err.Error()
			continue
		}
		senders[o.Metadata.Name] = s
	}
	return senders, why
}

// senderOf makes the sender to a contact. Its errors hold no secret.
func (r *Room) senderOf(ctx context.Context, o object.Object) (notify.Sender, error) {
	var spec object.ContactSpec
	if err := o.Decode(&spec); err != nil {
		return nil, err
	}
	if spec.Channel == string(alarm.Mail) {
		m := r.cfg.Mail
		if m.Server == "" {
			return nil, errors.New("this control room has no mail server: start it with --smtp")
		}
		return notify.NewMail(notify.Letterbox{Server: m.Server, Security: m.Security, User: m.User, Password: m.Password, From: m.From, To: spec.Address}, r.cfg.Notify)
	}
	secret, err := r.storedSecret(ctx, spec.SecretRef)
	switch {
	case err != nil:
		return nil, err
	case spec.Channel == string(alarm.Webhook):
		return notify.NewWebhook(people.Hide(spec.Address), secret, r.cfg.Notify)
	}
	return notify.NewChat(secret, r.cfg.Notify)
}

// storedSecret is the stored credential that a contact names.
func (r *Room) storedSecret(ctx context.Context, ref *object.Reference) (people.Secret, error) {
	if ref == nil {
		return people.Secret{}, errors.New("it names no secret: store one, and write secretRef: {name: ITS-NAME}")
	}
	if r.cfg.Secrets == nil {
		return people.Secret{}, errors.New("this control room keeps no secrets")
	}
	secret, err := r.cfg.Secrets.Secret(ctx, ref.Name)
	if err != nil {
		return secret, fmt.Errorf("the secret %s cannot be used: %w: store it anew", ref.Name, err)
	}
	return secret, nil
}
