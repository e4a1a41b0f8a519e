package alarm

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestWrite: what a contact reads, in its zone and its language.
func TestWrite(t *testing.T) {
	t.Parallel()
	c := config()
	c.Contacts[0].Zone, c.Contacts[0].Quiet = must(time.LoadLocation("America/Chicago")), nil
	k := must(New(c, Memory{}))
	var told []Tell
	see := func(e Event) {
		for _, x := range k.Step(noon, e) {
			if x, is := x.(Tell); is {
				told = append(told, x)
			}
		}
	}
	see(Raised{Condition{Point: Point{Site: "houston", Code: "redirected", Subject: "pool-1"}, Params: map[string]string{"missing": "3 %"}}})
	many := Holds{Site: "odessa", Source: "site"}
	for _, code := range []string{"stopped", "replaced", "liar", "contended", "demoted"} {
		many.Conditions = append(many.Conditions, Condition{Point: Point{Code: code, Place: "hall-1"}, Count: 3})
	}
	see(many)
	if len(told) != 2 {
		t.Fatal(told)
	}
	subject, text := k.Write(told[0], English)
	want := `Alarm 2: houston: A pool credits less than was mined
Place: pool-1
Since: 2026-05-04 07:00:00 -05:00
Cause: hash power goes elsewhere, or the pool is wrong
Consequence: that much is not paid
What to do: compare pool, machines and meter; ask the pool
Within: 1 h
missing: 3 %
`
	if d := cmp.Diff(want, subject+"\n"+text); d != "" {
		t.Error(d)
	}
	subject, text = k.Write(told[1], func(x Text) string { return strings.ToUpper(x.Key) })
	want = `ALARM.MESSAGE.DIGEST: 5
3  odessa hall-1: ALARM.STOPPED.TITLE
3  odessa hall-1: ALARM.REPLACED.TITLE
3  odessa hall-1: ALARM.LIAR.TITLE
3  odessa hall-1: ALARM.CONTENDED.TITLE
3  odessa hall-1: ALARM.DEMOTED.TITLE
`
	if d := cmp.Diff(want, subject+"\n"+text); d != "" {
		t.Error(d)
	}
}

// TestTexts: every text has one key.
func TestTexts(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, x := range Texts() {
		if seen[x.Key] || x.English == "" {
			t.Errorf("%+v", x)
		}
		seen[x.Key] = true
	}
	t.Logf("%d texts", len(seen))
}

// BenchmarkStep is a tick with as many alarms as are kept.
func BenchmarkStep(b *testing.B) {
	k := must(New(config(), Memory{}))
	all := make([]Condition, mostAlarms)
	for i := range all {
		all[i] = Condition{Point: Point{Code: "redirected", Subject: string(rune('a'+i%26)) + strings.Repeat("x", i/26)[:min(i/26, 190)]}}
	}
	now := noon
	k.Step(now, Holds{Site: "houston", Source: "site", Conditions: all})
	for b.Loop() {
		now = now.Add(time.Second)
		k.Step(now, Tick{})
	}
}
