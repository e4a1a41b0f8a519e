package slurm

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"sluice/engine"
)

// mark is what a driver of ours left in Slurm to know again what it did. In
// writing it is one word: sluice.VERB.EVENT.SEQ.REST, where REST is as each verb has it.
type mark struct {
	verb  engine.Verb
	event string
	seq   int
	rest  string
}

const (
	markHead = "sluice."
	restored = engine.Restore
	stamp    = "20060102T150405Z"
)

func (m mark) String() string {
	s := fmt.Sprintf("%s%s.%s.%d", markHead, m.verb, m.event, m.seq)
	if m.rest != "" {
		s += "." + m.rest
	}
	return s
}

// readMark reads a mark. What is none, or was written by hand, is not taken for one.
func readMark(s string) (mark, bool) {
	parts := strings.SplitN(s, ".", 5)
	if len(parts) < 4 || parts[0]+"." != markHead || !engine.Plain(parts[2]) || len(parts[2]) > 40 {
		return mark{}, false
	}
	seq, err := strconv.Atoi(parts[3])
	if err != nil || seq < 1 {
		return mark{}, false
	}
	m := mark{verb: engine.Verb(parts[1]), event: parts[2], seq: seq}
	if len(parts) == 5 {
		m.rest = parts[4]
	}
	return m, m.String() == s
}

// jobMark is the mark in front of an AdminComment, and what stood there before us.
func jobMark(admin string) (m mark, before string, ok bool) {
	first, rest, _ := strings.Cut(admin, " ")
	m, ok = readMark(first)
	if !ok {
		return mark{}, admin, false
	}
	_, before, _ = strings.Cut(rest, "| ")
	return m, before, true
}

// comment is an AdminComment with a mark, its reason and what stood there before.
func comment(m mark, why, before string) string {
	s := m.String()
	if why = tame(why); why != "" {
		s += " " + why
	}
	if before != "" {
		s += " | " + before
	}
	return s
}

// tame is text of one line without the bar that ends it, at most 200 bytes.
func tame(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '|' || r == '\'' || r == '"' {
			return ' '
		}
		return r
	}, s)
	for len(s) > 200 {
		s = s[:len(s)-1]
	}
	return strings.ToValidUTF8(strings.TrimSpace(s), "")
}

// stopped is the rest of an evict mark: how often the job had been requeued, and when.
func stopped(restarts int64, now time.Time) string {
	return fmt.Sprintf("%d.%s", restarts, now.UTC().Format(stamp))
}

// readStopped reads the rest of an evict mark.
func readStopped(rest string) (restarts int64, at time.Time, ok bool) {
	count, when, _ := strings.Cut(rest, ".")
	restarts, err := strconv.ParseInt(count, 10, 64)
	if err != nil {
		return 0, time.Time{}, false
	}
	at, err = time.Parse(stamp, when)
	return restarts, at, err == nil
}

// evictedBy is the event of ours that stopped a job, while it still does: the
// mark is there, the job has not run since, and it is held or on its way out.
func (j job) evictedBy() (mark, bool) {
	m, _, ok := jobMark(j.admin)
	if !ok || m.verb != engine.Evict {
		return mark{}, false
	}
	restarts, _, ok := readStopped(m.rest)
	if !ok || j.restarts > restarts+1 || j.is("RUNNING") && !j.is("COMPLETING") {
		return mark{}, false
	}
	return m, true
}

// Names of reservations. Withheld watts and windows have one for each event.
func withholdName(event string) string { return markHead + string(engine.Withhold) + "." + event }
func windowName(event string) string   { return markHead + string(engine.Window) + "." + event }
func offName(event, node string) string {
	return markHead + string(engine.Off) + "." + event + "." + node
}

// owned is what the name of a reservation of ours says.
type owned struct {
	verb  engine.Verb
	event string
	node  string // of off
}

// readName takes a name of a reservation of ours apart.
func readName(name string) (owned, bool) {
	parts := strings.SplitN(name, ".", 4)
	if len(parts) < 3 || parts[0]+"." != markHead || !engine.Plain(parts[2]) {
		return owned{}, false
	}
	o := owned{verb: engine.Verb(parts[1]), event: parts[2]}
	switch {
	case o.verb == engine.Off && len(parts) == 4:
		o.node = parts[3]
		return o, true
	case (o.verb == engine.Withhold || o.verb == engine.Window) && len(parts) == 3:
		return o, true
	}
	return owned{}, false
}
