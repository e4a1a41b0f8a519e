package alarm

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Say gives the words of a text in one language; English where it has none.
type Say func(Text) string

// English says every text in English.
func English(t Text) string { return t.English }

// words of messages, beside those of the definitions.
func words() map[string]Text {
	out := map[string]Text{}
	for key, english := range map[string]string{
		"raised": "Alarm", "repeated": "Still waiting", "ended": "Ended", "silenced": "Put aside by a person", "digest": "Alarms",
		"place": "Place", "count": "Count", "cause": "Cause", "consequence": "Consequence", "action": "What to do", "within": "Within", "since": "Since", "more": "more",
	} {
		out[key] = Text{"alarm.message." + key, english}
	}
	return out
}

// Texts are all texts that a message can need, for those who translate.
func Texts() []Text {
	var out []Text
	for _, d := range Definitions() {
		out = append(out, d.Title, d.Cause, d.Consequence, d.Action)
	}
	all := words()
	for _, k := range sortedKeys(all) {
		out = append(out, all[k])
	}
	return out
}

// Write puts a message to a contact into words: one line that says what it is, and the
// text. Times are those of the contact's zone, with the offset.
func (k *Kernel) Write(t Tell, say Say) (subject, text string) {
	w, c := words(), k.contact(t.Contact)
	if t.Kind == TellDigest || len(t.Alarms) != 1 {
		return k.digestText(t, say)
	}
	a := t.Alarms[0]
	d := k.book.meaning(a.Code)
	subject = fmt.Sprintf("%s %s: %s: %s", say(w[string(t.Kind)]), a.Priority, cmp.Or(a.Site, "Sluice"), say(d.Title))
	var b strings.Builder
	line := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\n", say(w[key]), value)
		}
	}
	line("place", strings.Trim(a.Place+" "+a.Subject, " "))
	if a.Count > 0 {
		line("count", strconv.Itoa(a.Count))
	}
	line("since", a.Since.In(c.Zone).Format("2006-01-02 15:04:05 -07:00"))
	line("cause", say(d.Cause))
	line("consequence", say(d.Consequence))
	line("action", say(d.Action))
	line("within", within(d.Respond))
	for _, p := range sortedKeys(a.Params) {
		fmt.Fprintf(&b, "%s: %s\n", p, a.Params[p])
	}
	return subject, b.String()
}

func (k *Kernel) digestText(t Tell, say Say) (subject, text string) {
	var b strings.Builder
	for _, a := range t.Alarms {
		where := strings.Join(strings.Fields(a.Site+" "+a.Place+" "+a.Subject), " ")
		fmt.Fprintf(&b, "%s  %s: %s\n", a.Priority, where, say(k.book.meaning(a.Code).Title))
	}
	if more := t.All - len(t.Alarms); more > 0 {
		fmt.Fprintf(&b, "+ %d %s\n", more, say(words()["more"]))
	}
	return fmt.Sprintf("%s: %d", say(words()["digest"]), t.All), b.String()
}

// within is a time to respond, in minutes or hours.
func within(d time.Duration) string {
	if d < time.Hour {
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d h", int(d.Hours()))
}
