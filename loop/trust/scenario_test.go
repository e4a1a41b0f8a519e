package trust

import (
	"testing"
	"time"

	"sluice/unit"
)

// TestPromotion: what each stage needs to be left, and who may.
func TestPromotion(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		from Stage
		do   func(r *rig)
		says string
		in   Stage
	}{
		"observe is left after a day that was seen": {Observe, func(r *rig) {
			r.days(1)
			r.step(Approved{r.ask("ann"), "ben"})
		}, "granted promote ann+ben", Shadow},
		"observe is not left half blind": {Observe, func(r *rig) {
			r.hours(24, 94)
			r.ask("ann")
		}, "refused conditions_missing; availability: 94.00 %, at least 95.00 %, record refused conditions_missing", Observe},
		"shadow needs fourteen days": {Shadow, func(r *rig) {
			r.days(13)
			r.ask("ann")
		}, "refused conditions_missing; wait: 312h0m0s, at least 336h0m0s", Shadow},
		"time that nobody told is not availability": {Shadow, func(r *rig) {
			r.now = r.now.Add(14 * day)
			r.ask("ann")
		}, "availability: 0.00 %, at least 95.00 %; worth_known: 0.00 %, at least 95.00 %", Shadow},
		"shadow is left after fourteen": {Shadow, func(r *rig) {
			r.days(14)
			r.step(Approved{r.ask("ann"), "ben"})
		}, "granted promote ann+ben", Advisory},
		"a violation in shadow begins the days anew": {Shadow, func(r *rig) {
			r.days(14)
			r.step(Violated{Limit: "site", Over: 5 * kw, For: time.Minute})
			r.ask("ann")
		}, "wait: 0s, at least 336h0m0s; availability: not known", Shadow},
		"advisory needs a hundred recommendations": {Advisory, func(r *rig) {
			r.advise(90, 9, 0)
			r.days(14)
			r.ask("ann")
		}, "refused conditions_missing; recommendations: 99, at least 100, record", Advisory},
		"of which nine in ten are answered": {Advisory, func(r *rig) {
			r.advise(80, 9, 11)
			r.days(14)
			r.ask("ann")
		}, "refused conditions_missing; recommendations_answered: 89.00 %, at least 90.00 %, record", Advisory},
		"and none unsafe": {Advisory, func(r *rig) {
			r.advise(95, 5, 0)
			r.days(14)
			r.step(Unsafe{Number: 300, By: "ben"})
			r.has("refused unknown_number")
			r.step(Unsafe{Number: 7, By: "ben", Reason: "hall b was being worked on"})
			r.has("alarm unsafe_recommendation")
			r.ask("ann")
		}, "wait: 0s, at least 336h0m0s", Advisory},
		"advisory is left with both": {Advisory, func(r *rig) {
			r.advise(95, 5, 0)
			r.days(14)
			r.step(Approved{r.ask("ann"), "ben"})
		}, "granted promote ann+ben, entrust 10", ClosedRack},
		"no loop is closed with two stale feeds": {Advisory, func(r *rig) {
			r.advise(95, 5, 0)
			r.days(14)
			r.step(Feeds{Stale: []string{"price", "meter", "price"}})
			r.ask("ann")
		}, "refused conditions_missing; stale_feeds: 2, at most 1", Advisory},
		"nor with a clock that nobody compared": {Advisory, func(r *rig) {
			r.advise(95, 5, 0)
			r.days(14)
			r.k.standing = standing{}
			r.ask("ann")
		}, "stale_feeds: not known, at most 1; versions_agree: not known, at least 1; clock_offset: not known, at most 500ms", Advisory},
		"nor with a clock that is a hair too far off": {Advisory, func(r *rig) {
			r.advise(95, 5, 0)
			r.days(14)
			r.step(Clock{Offset: -500*time.Millisecond - 1})
			r.ask("ann")
		}, "refused conditions_missing; clock_offset: 500ms, at most 500ms", Advisory},
		"a rack without orders shows nothing": {ClosedRack, func(r *rig) {
			r.days(3)
			r.ask("ann")
		}, "refused conditions_missing; orders: 0, at least 20; orders_without_proof: not known, at most 2.00 %", ClosedRack},
		"nor does one where proofs are missing": {ClosedRack, func(r *rig) {
			r.step(Proved{Proven: 97, Failed: 2})
			r.days(3)
			r.ask("ann")
		}, "refused conditions_missing; orders_without_proof: 2.02 %, at most 2.00 %", ClosedRack},
		"the rack becomes 5 %": {ClosedRack, func(r *rig) {
			r.step(Proved{Proven: 98, Failed: 2})
			r.days(3)
			r.step(Approved{r.ask("ann"), "ben"})
		}, "entrust 14", ClosedFive}, // 59 adopted in each group: ten in one, three in the others, cut at 50 kW
		"a stage cannot be skipped": {Shadow, func(r *rig) {
			r.days(20)
			r.step(Requested{Kind: Promote, To: ClosedRack, By: "ann", Reason: "hurry"})
		}, "refused not_the_next_stage", Shadow},
		"above all is nothing": {ClosedAll, func(r *rig) {
			r.step(Requested{Kind: Promote, To: ClosedAll, By: "ann", Reason: "more"})
		}, "refused not_the_next_stage", ClosedAll},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, farmConfig())
			r.rise(c.from)
			c.do(r)
			r.has(c.says)
			r.in(c.in)
		})
	}
}

// TestTwoPeople: how a request is approved and how it is not.
func TestTwoPeople(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		do   func(r *rig, n int64)
		says string
		in   Stage
	}{
		"another person approves":             {func(r *rig, n int64) { r.step(Approved{n, "ben"}) }, "granted promote Ann+ben", Shadow},
		"who asked cannot":                    {func(r *rig, n int64) { r.step(Approved{n, "Ann"}) }, "refused same_person, record refused same_person", Observe},
		"nor in another spelling":             {func(r *rig, n int64) { r.step(Approved{n, " aNN\u200b "}) }, "refused same_person", Observe},
		"nobody cannot":                       {func(r *rig, n int64) { r.step(Approved{n, " \u200b"}) }, "refused no_name", Observe},
		"a second before the end is in time":  {func(r *rig, n int64) { r.wait(15*time.Minute - time.Second); r.step(Approved{n, "ben"}) }, "granted", Shadow},
		"after fifteen minutes it is refused": {func(r *rig, n int64) { r.wait(15 * time.Minute); r.step(Approved{n, "ben"}) }, "record expired, refused expired, record refused expired", Observe},
		"and days later still":                {func(r *rig, n int64) { r.wait(time.Minute * 16); r.wait(time.Hour * 50); r.step(Approved{n, "ben"}) }, "refused expired", Observe},
		"declined is declined":                {func(r *rig, n int64) { r.step(Declined{n, "", "no"}); r.step(Approved{n, "ben"}) }, "refused already_answered", Observe},
		"approved twice is approved once":     {func(r *rig, n int64) { r.step(Approved{n, "ben"}); r.step(Approved{n, "cay"}) }, "refused already_answered", Shadow},
		"what nobody asked for":               {func(r *rig, n int64) { r.step(Approved{n + 1, "ben"}) }, "refused unknown_number, record refused unknown_number", Observe},
		"conditions that went away count": {func(r *rig, n int64) {
			r.step(Violated{Limit: "f1", Over: 1, For: time.Second})
			r.step(Approved{n, "ben"})
		}, "refused conditions_missing", Observe},
		"a clock that goes back voids it": {func(r *rig, n int64) {
			r.wait(-time.Hour)
			r.step(Approved{n, "ben"})
		}, "refused overtaken", Observe},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, farmConfig())
			r.days(1)
			n := r.ask("Ann")
			r.has("record requested")
			c.do(r, n)
			r.has(c.says)
			r.in(c.in)
		})
	}
}

func (r *rig) wait(d time.Duration) { r.now = r.now.Add(d) }

// TestOtherRequests: resuming and releasing use the same two people.
func TestOtherRequests(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		ask  Requested
		says string
	}{
		"resume":                    {Requested{Kind: Resume, By: "ann", Reason: "fault cleared"}, "granted resume ann+ben"},
		"release":                   {Requested{Kind: Release, Subject: "g0-001", By: "ann", Reason: "cay is on leave"}, "granted release ann+ben"},
		"release of nothing":        {Requested{Kind: Release, By: "ann", Reason: "x"}, "refused bad_event"},
		"of no kind":                {Requested{Kind: "sell", By: "ann", Reason: "x"}, "refused bad_event"},
		"without a reason":          {Requested{Kind: Resume, By: "ann", Reason: " "}, "refused no_reason"},
		"without a name":            {Requested{Kind: Resume, By: "\t", Reason: "x"}, "refused no_name"},
		"with an endless reason":    {Requested{Kind: Resume, By: "ann", Reason: string(make([]byte, 513))}, "refused bad_event"},
		"a promotion not yet ready": {Requested{Kind: Promote, To: Shadow, By: "ann", Reason: "x"}, "refused conditions_missing"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, farmConfig())
			r.step(c.ask)
			if len(r.records(WasRequested)) > 0 {
				r.step(Approved{r.k.numbers.Request, "ben"})
			}
			r.has(c.says)
			r.in(Observe)
		})
	}
}

// TestOpenRequestsAreBounded: a flood is refused, and answered ones make room.
func TestOpenRequestsAreBounded(t *testing.T) {
	t.Parallel()
	r := newRig(t, farmConfig())
	for range 200 {
		r.step(Requested{Kind: Resume, By: "ann", Reason: "x"})
	}
	r.has("refused too_many_open")
	for range 10 {
		r.wait(Patience)
		for range 32 {
			r.step(Requested{Kind: Resume, By: "ann", Reason: "x"})
		}
		r.has("record requested")
	}
	if n := len(r.k.Requests()); n > 64 {
		t.Errorf("%d are kept", n)
	}
}

// TestDemotion: anybody, at once, to any lower stage.
func TestDemotion(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		from Stage
		to   Stage
		by   string
		in   Stage
		says string
	}{
		"from all to a rack":            {ClosedAll, ClosedRack, "zoe", ClosedRack, "record demoted, entrust 0"}, // no rack was agreed on below: see the test after
		"from all to observe":           {ClosedAll, Observe, "zoe", Observe, "record demoted, entrust 0"},
		"a click that names no stage":   {ClosedFive, "", "zoe", Advisory, "record demoted, entrust 0"},
		"a click in advisory":           {Advisory, "", "zoe", Shadow, "record demoted"},
		"a click in observe":            {Observe, "", "zoe", Observe, "refused not_a_lower_stage"},
		"by somebody who has no name":   {ClosedRack, Shadow, "", Shadow, "record demoted"},
		"upwards is no demotion":        {Shadow, Advisory, "zoe", Shadow, "refused not_a_lower_stage"},
		"to where it stands is none":    {Shadow, Shadow, "zoe", Shadow, "refused not_a_lower_stage"},
		"to what is no stage is a typo": {Shadow, "shadw", "zoe", Shadow, "refused not_a_lower_stage"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, farmConfig())
			r.rise(c.from)
			if c.from == ClosedAll && c.to == ClosedRack {
				c.says = "record demoted, entrust 10"
			}
			r.step(Lowered{To: c.to, By: c.by})
			r.has(c.says)
			r.in(c.in)
			for _, n := range r.records(WasDemoted) {
				if n.Before.Stage != c.from || n.After.Stage != c.in || n.By == "" || n.Ledger == nil || n.Ledger.Stage != c.from {
					t.Errorf("record %+v", n)
				}
			}
		})
	}
}

// TestGuards: what takes a closed loop down by itself, and where to.
func TestGuards(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		do   func(r *rig)
		says string
		in   Stage
	}{
		"a limit is passed": {func(r *rig) { r.step(Violated{"site", 20 * kw, 7 * time.Second}) }, "alarm limit_violated, record demoted limit_violated, entrust 0", Shadow},
		"an assertion":      {func(r *rig) { r.step(Broke{"a raise passed a limit"}) }, "record demoted kernel_invariant", Shadow},
		"versions":          {func(r *rig) { r.step(Versions{Says: "agent 3, centre 5"}) }, "record demoted versions_differ", Shadow},
		"two feeds":         {func(r *rig) { r.step(Feeds{[]string{"price", "meter"}}) }, "record demoted feeds_stale", Advisory},
		"one feed is borne": {func(r *rig) { r.step(Feeds{[]string{"price", "price"}}) }, "", ClosedAll},
		"the clock":         {func(r *rig) { r.step(Clock{501 * time.Millisecond}) }, "record demoted clock_off", Advisory},
		"a clock on edge":   {func(r *rig) { r.step(Clock{-500 * time.Millisecond}) }, "", ClosedAll},
		"the clock steps":   {func(r *rig) { r.wait(-time.Second); r.step(Tick{}) }, "record demoted clock_off", Advisory},
		"a small step back": {func(r *rig) { r.wait(-400 * time.Millisecond); r.step(Tick{}) }, "", ClosedAll},
		"four overrides":    {func(r *rig) { r.override(4, time.Hour) }, "record overridden, alarm many_overrides, record demoted many_overrides", Advisory},
		"three are borne":   {func(r *rig) { r.override(3, time.Hour) }, "record overridden", ClosedAll},
		"four in two days":  {func(r *rig) { r.override(9, 9*time.Hour) }, "record overridden", ClosedAll},
		"three of hundred proofs fail": {func(r *rig) {
			r.step(Proved{Proven: 97})
			r.wait(10 * time.Minute)
			r.step(Proved{Failed: 3})
		}, "alarm proofs_failed, record demoted proofs_failed", Advisory},
		"two of two fail, too few to tell": {func(r *rig) { r.step(Proved{Failed: 2}) }, "", ClosedAll},
		"two in hundred are borne":         {func(r *rig) { r.step(Proved{Proven: 196, Failed: 4}) }, "", ClosedAll},
		"old successes help no more": {func(r *rig) {
			r.step(Proved{Proven: 970})
			r.wait(10*time.Minute + 11*time.Second)
			r.step(Proved{Proven: 3, Failed: 3})
		}, "record demoted proofs_failed", Advisory},
		"old failures harm no more": {func(r *rig) {
			r.step(Proved{Failed: 2})
			r.wait(11 * time.Minute)
			r.step(Proved{Failed: 2})
		}, "", ClosedAll},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, farmConfig())
			r.rise(ClosedAll)
			r.wait(time.Hour) // what was proven before is out of the window
			r.step(Tick{})
			c.do(r)
			r.has(c.says)
			r.in(c.in)
			if l := r.k.Ledger(); c.in != ClosedAll && (!l.Since.Equal(r.now) || l.Seen != 0 || l.Proven+l.Accepted != 0) {
				t.Errorf("evidence is left: %+v", l)
			}
			for _, n := range r.records(WasDemoted) {
				if n.Evidence == "" || n.Before.Units == 0 || n.After.Units != 0 {
					t.Errorf("record %+v", n)
				}
			}
		})
	}
}

func (r *rig) override(n int, apart time.Duration) {
	for range n {
		r.wait(apart)
		r.step(Overridden{By: "ann", Subject: "g0-001", Reason: "noise"})
	}
}

// TestGuardsDoNotFlood: a fault that lasts is told once in ten minutes.
func TestGuardsDoNotFlood(t *testing.T) {
	t.Parallel()
	r := newRig(t, farmConfig())
	r.rise(ClosedRack)
	alarms, records := 0, 0
	for range 360 { // half an hour
		r.wait(5 * time.Second)
		for _, e := range r.step(Violated{"site", 1, time.Second}) {
			switch e.(type) {
			case Alarm:
				alarms++
			case Record:
				records++
			case Entrust, Granted, Advised, Follow, Refusal:
			}
		}
		if !r.k.Ledger().Since.Equal(r.now) {
			t.Fatal("the evidence goes on under a violation")
		}
	}
	if alarms != 1 || records != 1 { // the fall; after it, the guard speaks only after a pause
		t.Errorf("%d alarms, %d records", alarms, records)
	}
	r.wait(quiet)
	r.step(Violated{"site", 1, time.Second})
	r.has("alarm limit_violated, record evidence_restarted limit_violated")
}

// TestShortTrialSaysSo: a site that waits less than usual carries it everywhere.
func TestShortTrialSaysSo(t *testing.T) {
	t.Parallel()
	c := farmConfig()
	c.Needs.Shadow.Wait = time.Hour
	c.Limits.NoClock = true
	r := newRig(t, c)
	r.rise(Shadow)
	r.hours(1, 100)
	n := r.ask("ann")
	r.step(Approved{n, "ben"})
	r.in(Advisory)
	want := "shadow: wait 1h0m0s instead of 336h0m0s"
	if e := r.k.Readiness().Eased; len(e) != 2 || e[0] != want {
		t.Errorf("the report says %q", e)
	}
	if p := r.records(WasPromoted); len(p) != 1 || len(p[0].Eased) != 2 || p[0].Eased[0] != want {
		t.Errorf("the record says %+v", p)
	}
	if e := farmConfig().Eased(); e != nil {
		t.Errorf("the defaults are called eased: %q", e)
	}
}

// TestDifferenceIsWhatWasShown: the approver sees machines and watts, and gets no more.
func TestDifferenceIsWhatWasShown(t *testing.T) {
	t.Parallel()
	r := newRig(t, farmConfig())
	r.rise(ClosedFive)
	r.step(Proved{Proven: 50})
	r.days(3)
	r.step(Requested{Kind: Promote, To: ClosedQuarter, By: "ann", Reason: "x", Effect: Difference{Units: 9999, Money: []Money{{"USD", 3 * unit.Unit}}}})
	got := r.k.Requests()[len(r.k.Requests())-1].Effect
	// 59 adopted in each group, a quarter of them rounded up is 15: 60 in all, 14 are entrusted already.
	if got.Units != 46 || got.Power != 46*3500 || len(got.Money) != 1 {
		t.Errorf("the approver sees %+v", got)
	}
	units := farm()
	for i := range units {
		units[i].Adopted = true
	}
	units = append(units, Unit{Name: "g0-900", Group: "g0", Most: 3500, Adopted: true})
	r.step(Fleet{Units: units}) // 61 in g0 are 16 in a quarter
	r.step(Approved{r.k.numbers.Request, "ben"})
	r.has("refused more_than_was_shown")
	r.in(ClosedFive)
	r.step(Fleet{Units: farm()})
	r.step(Approved{r.k.numbers.Request, "ben"})
	r.in(ClosedQuarter)
}
