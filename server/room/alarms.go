package room

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"sluice/alarm"
	"sluice/live"
	"sluice/people"
	keep "sluice/store/room"
)

// AlarmStore keeps alarms; store/room is one.
type AlarmStore interface {
	AlarmState(ctx context.Context) ([]byte, error)
	SaveAlarms(ctx context.Context, state []byte, events []keep.AlarmEvent) error
	AlarmEvents(ctx context.Context, f keep.AlarmFilter) ([]keep.AlarmEvent, error)
}

// Notices tells of what happened at a site; live.Remote is one.
type Notices interface {
	Notices(ctx context.Context) ([]live.Notice, error)
}

// alarmPace is how often what holds is looked at; noticePace the same of notices.
const (
	alarmPace  = time.Second
	noticePace = 5 * time.Second
	alarmSave  = time.Minute // the memory is kept at least so often
)

// watch holds the alarms of all sites. The kernel is stepped under its lock.
type watch struct {
	mu     sync.Mutex
	kernel *alarm.Kernel
	book   alarm.Book
	told   alarm.Config         // with which the kernel was made
	heard  map[string]time.Time // last notice by site
	out    []alarm.Effect       // to be kept and told

	// keeping is held while what changed is kept, so that an older memory never comes
	// after a newer one: deeds of people keep beside the clock.
	keeping sync.Mutex
	saved   time.Time
}

// newWatch goes on from what was kept.
func newWatch(ctx context.Context, c Config) (*watch, error) {
	var m alarm.Memory
	if c.Alarms != nil {
		text, err := c.Alarms.AlarmState(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the alarms: %w", err)
		}
		if m, err = alarm.ParseMemory(text); err != nil {
			return nil, fmt.Errorf("read the alarms: %w", err)
		}
	}
	k, err := alarm.New(c.Told, m)
	if err != nil {
		return nil, fmt.Errorf("who is told of alarms: %w", err)
	}
	return &watch{kernel: k, told: c.Told, book: alarm.NewBook(), heard: map[string]time.Time{}}, nil
}

// step lets the kernel take events.
func (w *watch) step(now time.Time, all ...alarm.Event) []alarm.Effect {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []alarm.Effect
	for _, e := range all {
		out = append(out, w.kernel.Step(now, e)...)
	}
	w.out = append(w.out, out...)
	return out
}

// taken is what waits to be kept, and the memory that belongs to it.
func (w *watch) taken() ([]alarm.Effect, []byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.out
	w.out = nil
	text, err := json.Marshal(w.kernel.Memory())
	return all, text, err
}

// followAlarms looks at what holds until ctx ends.
func (r *Room) followAlarms(ctx context.Context) {
	tick := time.NewTicker(alarmPace)
	defer tick.Stop()
	for {
		now := r.cfg.Clock()
		for _, a := range r.all() {
			r.watch.step(now, siteSeen(a, now).Observe(now)...)
		}
		r.watch.step(now, alarm.Tick{})
		r.keepAlarms(ctx, now)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// followNotices asks a site for what happened, until ctx ends.
func (r *Room) followNotices(ctx context.Context, a *attached) {
	asker, can := a.link.(Notices)
	if !can {
		return
	}
	tick := time.NewTicker(noticePace)
	defer tick.Stop()
	for {
		asked, stop := context.WithTimeout(ctx, askMost)
		if all, err := asker.Notices(asked); err == nil {
			r.noticed(a.name, all)
		}
		stop()
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// noticed takes the notices that were not seen before.
func (r *Room) noticed(site string, all []live.Notice) {
	r.watch.mu.Lock()
	last := r.watch.heard[site]
	if n := len(all); n > 0 {
		r.watch.heard[site] = all[n-1].At
	}
	r.watch.mu.Unlock()
	var events []alarm.Event
	for _, n := range all {
		if n.At.After(last) {
			events = append(events, alarm.Noticed{Condition: alarm.Condition{Point: alarm.Point{Site: site, Code: n.Code}, Params: map[string]string{"text": clip(n.Text, 500)}}})
		}
	}
	r.watch.step(r.cfg.Clock(), events...)
}

// siteSeen is what the room sees of a site.
func siteSeen(a *attached, now time.Time) alarm.Site {
	v, s := a.mirror.now(now), a.mirror.last()
	out := alarm.Site{Name: a.name, Stopped: s.Stopped, ShedOnly: s.ShedOnly, Why: string(s.Halted), Machines: a.fleet.troubled()}
	if out.Heard = a.since; v.Heard != nil {
		out.Heard = *v.Heard
	}
	if s.Plan != nil && s.Speed > 0 { // the site's clock is not the wall's: its turns are as old as it says
		out.Turn = now.Add(-s.At.Sub(s.Plan.At) / time.Duration(s.Speed))
		out.Period = time.Duration(s.Interval) * time.Second / time.Duration(s.Speed)
	}
	for i, g := range s.Groups {
		x := alarm.Group{Name: g.Name, Limit: g.Limit, Reserved: g.Reserved, Stale: g.StaleMeter}
		if i == 0 {
			x.Name = ""
		}
		for _, m := range s.Meters {
			if m.Known && (m.Of == g.Name || i == 0 && m.Of == "") {
				x.Draw, x.Known = m.Power, !g.StaleMeter
			}
		}
		out.Groups = append(out.Groups, x)
	}
	return out
}

// keepAlarms keeps and tells what changed. What cannot be kept stays in memory, and the
// log says so: alarms go on.
func (r *Room) keepAlarms(ctx context.Context, now time.Time) {
	r.watch.keeping.Lock()
	defer r.watch.keeping.Unlock()
	all, memory, err := r.watch.taken()
	if err != nil || len(all) == 0 && now.Sub(r.watch.saved) < alarmSave {
		return
	}
	r.watch.saved = now
	var events []keep.AlarmEvent
	var messages []keep.Message
	var changed []alarm.Alarm
	for _, e := range all {
		switch e := e.(type) {
		case alarm.Changed:
			events = append(events, eventOf(e))
			changed = append(changed, e.Alarm)
		case alarm.Tell:
			messages = append(messages, r.message(e, now))
		}
	}
	if err := r.store(ctx, memory, events, messages); err != nil {
		r.cfg.Log.ErrorContext(ctx, "alarms could not be kept", "cause", err)
	}
	if len(changed) > 0 {
		r.tellAlarms(changed)
	}
}

// store keeps messages before the memory that says they were made: after a crash one
// may come twice, and none is lost.
func (r *Room) store(ctx context.Context, memory []byte, events []keep.AlarmEvent, messages []keep.Message) error {
	var all []error
	if r.cfg.Outbox != nil && len(messages) > 0 {
		all = append(all, r.cfg.Outbox.Queue(ctx, messages))
	}
	if r.cfg.Alarms != nil {
		all = append(all, r.cfg.Alarms.SaveAlarms(ctx, memory, events))
	}
	return errors.Join(all...)
}

// eventOf is a line of the history.
func eventOf(c alarm.Changed) keep.AlarmEvent {
	e := c.Entry
	body, _ := json.Marshal(struct { // of texts and numbers: it cannot fail
		Number   int64             `json:"number,omitempty"`
		Place    string            `json:"place,omitempty"`
		Priority alarm.Priority    `json:"priority,omitempty"`
		Params   map[string]string `json:"params,omitempty"`
	}{e.Number, e.Point.Place, e.Priority, e.Params})
	return keep.AlarmEvent{At: e.At, Site: e.Point.Site, Code: e.Point.Code, Subject: e.Point.Subject, What: string(e.What), By: e.By, Reason: e.Reason, Body: body}
}

// message is what is to be sent to a contact.
func (r *Room) message(t alarm.Tell, now time.Time) keep.Message {
	subject, text := r.watch.write(t, r.cfg.Say)
	body, _ := json.Marshal(Letter{Subject: subject, Text: text, Kind: string(t.Kind), Alarms: t.Alarms}) // of texts: it cannot fail
	return keep.Message{Contact: t.Contact, Event: string(t.Kind), Body: body, Made: now, Next: now}
}

// Letter is the body of a message that waits to be sent.
type Letter struct {
	Subject string        `json:"subject"`
	Text    string        `json:"text"`
	Kind    string        `json:"kind"`
	Alarms  []alarm.Alarm `json:"alarms"`
}

// tellAlarms tells pages what changed, each how many of theirs stand.
func (r *Room) tellAlarms(changed []alarm.Alarm) {
	r.watch.mu.Lock()
	board, all := r.watch.kernel.Board(), r.watch.kernel.Alarms()
	r.watch.mu.Unlock()
	parts := []part{}
	for i := range changed {
		if text, err := json.Marshal(r.alarmView(&changed[i])); err == nil && changed[i].Number > 0 {
			parts = append(parts, part{site: changed[i].Site, data: text})
		}
	}
	r.hub.tell(Event{Kind: alarmEvent, Verb: people.Look, Parts: parts, Head: func(sees func(string) bool) json.RawMessage {
		text, _ := json.Marshal(struct { // of numbers: it cannot fail
			Board   BoardView   `json:"board"`
			Changed []AlarmView `json:"changed"`
		}{boardOf(board, all, sees), []AlarmView{}})
		return text
	}})
}

// AlarmView is one alarm.
type AlarmView struct {
	Number    int64             `json:"number"`
	Site      string            `json:"site,omitempty" doc:"Absent: of the control room itself."`
	Place     string            `json:"place,omitempty" doc:"Feeder or hall; absent: the whole site."`
	Code      string            `json:"code"`
	Subject   string            `json:"subject,omitempty"`
	Priority  int               `json:"priority" minimum:"1" maximum:"4" doc:"1 is the highest."`
	State     string            `json:"state"`
	Active    bool              `json:"active" doc:"What it tells of holds."`
	First     bool              `json:"first" doc:"Of its family it came first."`
	Collapsed bool              `json:"collapsed" doc:"In a flood it is one line with others."`
	Since     time.Time         `json:"since"`
	Ended     *time.Time        `json:"ended,omitempty"`
	Times     int               `json:"times" doc:"How often it came up."`
	Count     int               `json:"count" doc:"How many machines it is about; 0: it is not counted."`
	Params    map[string]string `json:"params"`
	Cause     int64             `json:"caused_by,omitempty" doc:"Number of the alarm that explains it."`
	Chatters  bool              `json:"chatters" doc:"It came up three times in a minute: shelve it?"`
	Texts     AlarmTexts        `json:"texts"`
	Respond   int64             `json:"respond_seconds"`
	Seen      *alarm.Seen       `json:"seen,omitempty"`
	Shelf     *alarm.Shelf      `json:"shelf,omitempty"`
	Untold    bool              `json:"untold" doc:"No route reaches anybody outside the control room."`
}

// AlarmTexts says what an alarm is, by keys that pages translate.
type AlarmTexts struct {
	Title       alarm.Text `json:"title"`
	Cause       alarm.Text `json:"cause"`
	Consequence alarm.Text `json:"consequence"`
	Action      alarm.Text `json:"action"`
}

// alarmView is an alarm as pages show it.
func (r *Room) alarmView(a *alarm.Alarm) AlarmView {
	d, _ := r.watch.book.Definition(a.Code)
	v := AlarmView{
		Number: a.Number, Site: a.Site, Place: a.Place, Code: a.Code, Subject: a.Subject, Priority: int(a.Priority), State: string(a.State()),
		Active: a.Active, First: a.First, Since: a.Since, Times: a.Times, Count: a.Count, Params: a.Params, Cause: a.Cause, Chatters: !a.Restless.IsZero(),
		Texts: AlarmTexts{d.Title, d.Cause, d.Consequence, d.Action}, Respond: int64(d.Respond / time.Second), Seen: a.Seen, Shelf: a.Shelf, Untold: a.Untold,
	}
	if v.Shelf == nil {
		v.Shelf = a.Out
	}
	if v.Params == nil {
		v.Params = map[string]string{}
	}
	if !a.Ended.IsZero() {
		v.Ended = new(a.Ended)
	}
	return v
}

// BoardView is how the alarms stand together.
type BoardView struct {
	Flood      bool        `json:"flood"`
	TenMinutes int         `json:"rings_10_min"`
	Hour       int         `json:"rings_hour"`
	TargetTen  int         `json:"target_10_min"`
	TargetHour int         `json:"target_hour"`
	Waiting    map[int]int `json:"waiting" doc:"To be acknowledged, by priority."`
	Standing   map[int]int `json:"standing" doc:"Acknowledged, and hold on."`
	Collapsed  int         `json:"collapsed"`
}

// boardOf counts the alarms that somebody may see. How many came up is of the whole
// shift: it says what the operators have to bear.
func boardOf(b alarm.Board, all []alarm.Alarm, sees func(site string) bool) BoardView {
	v := BoardView{b.Flood, b.TenMinutes, b.Hour, b.TargetTen, b.TargetHour, map[int]int{}, map[int]int{}, b.Collapsed}
	for i := range all {
		if !sees(all[i].Site) {
			continue
		}
		switch all[i].State() { //nolint:exhaustive // the others count as neither
		case alarm.Unacknowledged, alarm.ReturnedUnacknowledged:
			v.Waiting[int(all[i].Priority)]++
		case alarm.Acknowledged:
			v.Standing[int(all[i].Priority)]++
		}
	}
	return v
}

// Alarms are all that are kept.
type Alarms struct {
	Board  BoardView   `json:"board"`
	Alarms []AlarmView `json:"alarms" doc:"Those that wait first, then by priority and time."`
}

func (r *Room) serveAlarms() {
	serve(r, route{method: http.MethodGet, path: "/v1/alarms", id: "listAlarms", says: "Alarms as they stand.", group: "alarms", reach: somewhere, verb: people.Look}, r.listAlarms)
	serve(r, route{method: http.MethodGet, path: "/v1/alarms/history", id: "listAlarmHistory", says: "What became of alarms, the last first.", group: "alarms", reach: somewhere, verb: people.Look}, r.alarmHistory)
	serve(r, route{method: http.MethodPost, path: "/v1/alarms/{number}/{deed}", id: "answerAlarm", says: "Acknowledges, shelves or unshelves an alarm, or takes its point out of service and puts it back.", group: "alarms", reach: somewhere, verb: people.Acknowledge}, r.answerAlarm)
}

// sees reports whether a visitor holds a right where an alarm is; one of the room
// itself is everybody's who holds it somewhere.
func (v Visit) sees(right people.Verb, site string) bool { return site == "" || v.Sees(right, site) }

func (r *Room) listAlarms(_ context.Context, v Visit, _ *struct{}) (Alarms, error) {
	r.watch.mu.Lock()
	defer r.watch.mu.Unlock()
	all := r.watch.kernel.Alarms()
	out := Alarms{Board: boardOf(r.watch.kernel.Board(), all, func(site string) bool { return v.sees(people.Look, site) }), Alarms: []AlarmView{}}
	for i := range all {
		if s := all[i].State(); s == alarm.Pending || s == alarm.Over || !v.sees(people.Look, all[i].Site) {
			continue
		}
		x := r.alarmView(&all[i])
		x.Collapsed = r.watch.kernel.Collapsed(&all[i])
		out.Alarms = append(out.Alarms, x)
	}
	return out, nil
}

type historyIn struct {
	Site  string    `query:"site" maxLength:"200"`
	Code  string    `query:"code" maxLength:"100"`
	From  time.Time `query:"from"`
	To    time.Time `query:"to"`
	After int64     `query:"after" minimum:"0" doc:"Where the page before ended."`
	Limit int       `query:"limit" minimum:"1" maximum:"1000" default:"200"`
}

// AlarmHistory is a page of what became of alarms.
type AlarmHistory struct {
	Events []AlarmEventView `json:"events"`
	Next   int64            `json:"next,omitempty" doc:"For after; absent: this was the last page."`
}

// AlarmEventView is one line.
type AlarmEventView struct {
	Seq     int64     `json:"seq"`
	At      time.Time `json:"at"`
	Site    string    `json:"site,omitempty"`
	Code    string    `json:"code"`
	Subject string    `json:"subject,omitempty"`
	What    string    `json:"what"`
	By      string    `json:"by,omitempty"`
	Reason  string    `json:"reason,omitempty"`
	Body    any       `json:"more"`
}

func (r *Room) alarmHistory(ctx context.Context, v Visit, in *historyIn) (AlarmHistory, error) {
	out := AlarmHistory{Events: []AlarmEventView{}}
	if r.cfg.Alarms == nil {
		return out, nil
	}
	f := keep.AlarmFilter{Site: in.Site, Code: in.Code, From: in.From, To: in.To, After: in.After, Limit: in.Limit, Newest: true}
	all, err := r.cfg.Alarms.AlarmEvents(ctx, f)
	if err != nil {
		return out, err
	}
	for _, e := range all {
		if v.sees(people.Look, e.Site) {
			out.Events = append(out.Events, AlarmEventView{e.Seq, e.At, e.Site, e.Code, e.Subject, e.What, e.By, e.Reason, e.Body})
		}
	}
	if len(all) == in.Limit {
		out.Next = all[len(all)-1].Seq
	}
	return out, nil
}

type answerAlarmIn struct {
	Number int64  `path:"number" minimum:"1"`
	Deed   string `path:"deed" enum:"acknowledge,shelve,unshelve,take-out,put-back"`
	Body   struct {
		Reason string     `json:"reason,omitempty" maxLength:"500"`
		Until  *time.Time `json:"until,omitempty" doc:"Of a shelf."`
	}
}

func (r *Room) answerAlarm(ctx context.Context, v Visit, in *answerAlarmIn) (AlarmView, error) {
	a, found := r.alarm(in.Number)
	if !found || !v.sees(people.Look, a.Site) {
		return AlarmView{}, missing("alarm", strconv.FormatInt(in.Number, 10))
	}
	if !v.sees(people.Acknowledge, a.Site) {
		return AlarmView{}, hold(v.who.Actor(), people.Rule{Verb: people.Acknowledge}, people.Place{Site: a.Site}, v.at)
	}
	by, now := v.who.Actor().Person, r.cfg.Clock()
	var e alarm.Event
	switch in.Deed {
	case "acknowledge":
		e = alarm.Acknowledge{Number: a.Number, By: by, Reason: in.Body.Reason}
	case "shelve":
		if in.Body.Until == nil {
			return AlarmView{}, wrong("a shelf needs until", "say until when")
		}
		e = alarm.Shelve{Number: a.Number, By: by, Reason: in.Body.Reason, Until: *in.Body.Until}
	case "unshelve":
		e = alarm.Unshelve{Number: a.Number, By: by}
	case "take-out":
		e = alarm.TakeOut{Point: a.Point, By: by, Reason: in.Body.Reason}
	default:
		e = alarm.PutBack{Point: a.Point, By: by}
	}
	for _, x := range r.watch.step(now, e) {
		if no, is := x.(alarm.Refusal); is {
			return AlarmView{}, problem(http.StatusConflict, string(no.Code), "alarm "+strconv.FormatInt(a.Number, 10)+": "+in.Deed+" is refused", no.Code.Remedy())
		}
		if c, is := x.(alarm.Changed); is && c.Alarm.Number == a.Number {
			a = c.Alarm // it may be over with this
		}
	}
	entry := people.Entry{Verb: string(people.Acknowledge), Site: a.Site, Subject: a.Code + " " + a.Subject, Reason: in.Body.Reason, Effects: in.Deed}
	if err := r.cfg.People.Record(ctx, v.who, entry, v.at); err != nil {
		return AlarmView{}, err
	}
	r.keepAlarms(ctx, now)
	return r.alarmView(&a), nil
}

// alarm is one by its number.
func (r *Room) alarm(number int64) (alarm.Alarm, bool) {
	r.watch.mu.Lock()
	defer r.watch.mu.Unlock()
	all := r.watch.kernel.Alarms()
	i := slices.IndexFunc(all, func(a alarm.Alarm) bool { return a.Number == number })
	if i < 0 {
		return alarm.Alarm{}, false
	}
	return all[i], true
}
