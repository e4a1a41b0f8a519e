package alarm

import (
	"strings"
	"testing"
	"time"
)

// TestSleeps: quiet hours go by the clock on the wall, on nights of 9, 8 and 10 hours.
func TestSleeps(t *testing.T) {
	t.Parallel()
	chicago := must(time.LoadLocation("America/Chicago"))
	night := Contact{Zone: chicago, Quiet: &Quiet{22 * 60, 7 * 60}, Breaks: High}
	early := Contact{Zone: chicago, Quiet: &Quiet{2*60 + 15, 2*60 + 45}}
	for sentence, c := range map[string]struct {
		who  Contact
		at   string
		p    Priority
		want bool
	}{
		"a minute before":                       {night, "2026-05-05T02:59:00Z", Low, false},
		"as it begins":                          {night, "2026-05-05T03:00:00Z", Low, true},
		"its last minute":                       {night, "2026-05-05T11:59:00Z", Low, true},
		"as it ends":                            {night, "2026-05-05T12:00:00Z", Low, false},
		"what breaks it":                        {night, "2026-05-05T04:00:00Z", High, false},
		"what does not":                         {night, "2026-05-05T04:00:00Z", Medium, true},
		"priority 1 always breaks it":           {early, "2026-11-01T07:20:00Z", Critical, false},
		"before clocks go forward, it ends":     {night, "2026-03-07T13:00:00Z", Low, false},
		"after clocks went forward, an hour on": {night, "2026-03-08T12:00:00Z", Low, false},
		"and a minute earlier":                  {night, "2026-03-08T11:59:00Z", Low, true},
		"after clocks went back":                {night, "2026-11-01T12:59:00Z", Low, true},
		"and a minute later":                    {night, "2026-11-01T13:00:00Z", Low, false},
		"half past two that is not there":       {early, "2026-03-08T08:30:00Z", Low, false},
		"half past two of the later night":      {early, "2026-11-01T08:30:00Z", Low, true},
		"nobody sleeps without quiet hours":     {Contact{Zone: chicago}, "2026-05-05T04:00:00Z", Low, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if got := c.who.Sleeps(must(time.Parse(time.RFC3339, c.at)), c.p); got != c.want {
				t.Errorf("sleeps: %v", got)
			}
		})
	}
}

// TestValidate names all faults at once.
func TestValidate(t *testing.T) {
	t.Parallel()
	good := func() Config {
		return Config{
			Contacts: []Contact{{Name: "ann", Channel: Mail, Language: "ar", Zone: time.UTC}},
			Routes:   []Route{{Name: "all", Steps: []Step{{0, []string{"ann"}}}}},
		}
	}
	if err := good().Validate(); err != nil {
		t.Fatal(err)
	}
	c := good()
	c.Contacts = append(c.Contacts, Contact{Name: "ann", Channel: "fax", Language: "xx", Quiet: &Quiet{60, 60}, Breaks: 5})
	c.Routes = append(c.Routes, Route{Name: "all", Priorities: []Priority{5}, Steps: []Step{{time.Minute, []string{"bob"}}, {0, nil}}, Repeat: Repeat{time.Second, 1}})
	err := c.Validate()
	if err == nil {
		t.Fatal("it passed")
	}
	for _, want := range []string{`contact "ann" is there twice`, `"fax"`, `"xx"`, "time zone", "quiet hours", "priority 5 breaks", `route "all" is there twice`, "priority 5", `no contact "bob"`, "tells nobody", "later than", "repetitions"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("it does not say %q:\n%v", want, err)
		}
	}
}
