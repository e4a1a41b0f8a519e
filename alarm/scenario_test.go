package alarm

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
)

// stage is one scenario that is played: a kernel, its clock, and what a line of it says.
type stage struct {
	t   *testing.T
	k   *Kernel
	now time.Time
	cfg Config
	out strings.Builder
}

// TestScenarios plays the plain-text scenarios of testdata/scenarios. Each line is
//
//	wait 90s                             time goes by, with a tick each second
//	raise SITE CODE key=value ...        place, subject and count; others are params
//	end SITE CODE key=value ...
//	notice SITE CODE key=value ...
//	holds SITE SOURCE CODE[@PLACE][*COUNT] ...
//	ack NUMBER, shelve NUMBER 2h, unshelve NUMBER
//	out SITE CODE ..., back SITE CODE ...
//	design SITE CODE why=... ...
//	staff 2
//	list, board, restart
//
// and what comes of it is printed: entries by their word, messages with an arrow.
func TestScenarios(t *testing.T) {
	t.Parallel()
	datadriven.Walk(t, "testdata/scenarios", func(t *testing.T, path string) {
		t.Helper()
		s := &stage{t: t, now: noon}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			t.Helper()
			s.t = t
			s.out.Reset()
			if d.Cmd == "set-up" {
				return s.setUp(d.Input)
			}
			for line := range strings.Lines(d.Input) {
				s.play(strings.Fields(line))
			}
			return s.out.String()
		})
	})
}

// setUp reads contacts and routes: "begin 2026-03-08T01:00:00Z", "contact ann
// America/Chicago 22:00-07:00 breaks=1", "route all 0:ann 10m:bob every=5m most=2 ended",
// "flood 5".
func (s *stage) setUp(text string) string {
	for line := range strings.Lines(text) {
		switch f := strings.Fields(line); f[0] {
		case "begin":
			s.now = must(time.Parse(time.RFC3339, f[1]))
		case "contact":
			s.cfg.Contacts = append(s.cfg.Contacts, readContact(f))
		case "route":
			s.cfg.Routes = append(s.cfg.Routes, readRoute(f))
		case "flood":
			s.cfg.Flood = must(strconv.Atoi(f[1]))
		}
	}
	k, err := New(s.cfg, Memory{})
	if err != nil {
		return err.Error()
	}
	s.k = k
	return "ready\n"
}

func readContact(f []string) Contact {
	c := Contact{Name: f[1], Channel: Mail, Language: "en", Zone: must(time.LoadLocation(f[2]))}
	for _, x := range f[3:] {
		if v, ok := strings.CutPrefix(x, "breaks="); ok {
			c.Breaks = Priority(must(strconv.Atoi(v)))
			continue
		}
		from, to, _ := strings.Cut(x, "-")
		c.Quiet = &Quiet{minute(from), minute(to)}
	}
	return c
}

func minute(s string) int {
	t := must(time.Parse("15:04", s))
	return t.Hour()*60 + t.Minute()
}

func readRoute(f []string) Route {
	r := Route{Name: f[1]}
	for _, x := range f[2:] {
		switch key, v, _ := strings.Cut(x, "="); key {
		case "every":
			r.Repeat.Every = must(time.ParseDuration(v))
		case "most":
			r.Repeat.Most = must(strconv.Atoi(v))
		case "ended":
			r.Ended = true
		case "sites":
			r.Sites = strings.Split(v, ",")
		case "priorities":
			for p := range strings.SplitSeq(v, ",") {
				r.Priorities = append(r.Priorities, Priority(must(strconv.Atoi(p))))
			}
		default:
			after, who, _ := strings.Cut(x, ":")
			r.Steps = append(r.Steps, Step{must(time.ParseDuration(after)), strings.Split(who, ",")})
		}
	}
	return r
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (s *stage) play(f []string) {
	switch f[0] {
	case "wait":
		for end := s.now.Add(must(time.ParseDuration(f[1]))); s.now.Before(end); {
			s.now = s.now.Add(time.Second)
			s.step(Tick{})
		}
	case "list":
		for _, a := range s.k.Alarms() {
			fmt.Fprintf(&s.out, "%d %s %s%s\n", a.Number, a.State(), spot(a.Point), marks(a))
		}
	case "board":
		b := s.k.Board()
		fmt.Fprintf(&s.out, "flood %v, %d in 10 min, %d in an hour, waiting %v, collapsed %d, chattering %v\n", b.Flood, b.TenMinutes, b.Hour, b.Waiting, b.Collapsed, b.Chattering)
	case "restart":
		text := must(json.Marshal(s.k.Memory()))
		s.k = must(New(s.cfg, must(ParseMemory(text))))
	default:
		s.step(s.read(f))
	}
}

// read is the event of a line.
func (s *stage) read(f []string) Event {
	number := func() int64 { return must(strconv.ParseInt(f[1], 10, 64)) }
	switch f[0] {
	case "raise":
		return Raised{condition(f)}
	case "end":
		return Returned{condition(f).Point}
	case "notice":
		return Noticed{condition(f)}
	case "holds":
		return holds(f)
	case "ack":
		return Acknowledge{number(), "ann", "seen"}
	case "shelve":
		return Shelve{number(), "ann", "known", s.now.Add(must(time.ParseDuration(f[2])))}
	case "unshelve":
		return Unshelve{number(), "ann"}
	case "out":
		return TakeOut{condition(f).Point, "ann", "rebuilt"}
	case "back":
		return PutBack{condition(f).Point, "ann"}
	case "design":
		c := condition(f)
		return Suppress{c.Point, c.Params["why"]}
	case "staff":
		return Staffed{int(number())}
	}
	s.t.Fatalf("what is %q?", f)
	return nil
}

func holds(f []string) Holds {
	h := Holds{Site: f[1], Source: f[2]}
	for _, x := range f[3:] {
		x, n, _ := strings.Cut(x, "*")
		code, place, _ := strings.Cut(x, "@")
		c := Condition{Point: Point{Code: code, Place: place}}
		if n != "" {
			c.Count = must(strconv.Atoi(n))
		}
		h.Conditions = append(h.Conditions, c)
	}
	return h
}

func condition(f []string) Condition {
	c := Condition{Point: Point{Site: f[1], Code: f[2]}}
	for _, x := range f[3:] {
		switch key, v, _ := strings.Cut(x, "="); key {
		case "place":
			c.Place = v
		case "subject":
			c.Subject = v
		case "count":
			c.Count = must(strconv.Atoi(v))
		default:
			c.Params = merged(c.Params, key, v)
		}
	}
	return c
}

func (s *stage) step(e Event) {
	for _, x := range s.k.Step(s.now, e) {
		at := s.now.Format("15:04:05")
		switch x := x.(type) {
		case Changed:
			fmt.Fprint(&s.out, strings.TrimSpace(fmt.Sprintf("%s %s %d %s %s", at, x.Entry.What, x.Entry.Number, spot(x.Entry.Point), x.Entry.Reason)))
		case Tell:
			fmt.Fprintf(&s.out, "%s -> %s: %s", at, x.Contact, x.Kind)
			for _, a := range x.Alarms {
				fmt.Fprintf(&s.out, " %d", a.Number)
			}
			if x.Kind == TellDigest {
				fmt.Fprintf(&s.out, " of %d", x.All)
			}
		case Untold:
			fmt.Fprintf(&s.out, "%s nobody is told of %d", at, x.Alarm.Number)
		case Flooded:
			fmt.Fprintf(&s.out, "%s flood %v, %d", at, x.Began, x.Rings)
		case Proposed:
			fmt.Fprintf(&s.out, "%s shelve %d?", at, x.Alarm.Number)
		case Refusal:
			fmt.Fprintf(&s.out, "%s refused: %s", at, x.Code)
		}
		fmt.Fprintln(&s.out)
	}
}

// spot is a point in a word.
func spot(p Point) string {
	parts := slices.DeleteFunc([]string{p.Site, p.Place, p.Code, p.Subject}, func(x string) bool { return x == "" })
	return strings.Join(parts, "/")
}

func marks(a Alarm) string {
	var out string
	if a.First {
		out += " first"
	}
	if a.Count > 0 {
		out += fmt.Sprintf(" x%d", a.Count)
	}
	if a.Cause > 0 {
		out += fmt.Sprintf(" by %d", a.Cause)
	}
	return out
}
