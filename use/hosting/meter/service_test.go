package meter_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/books"
	"sluice/books/rate"
	"sluice/engine"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/use/hosting/meter"
)

// promised is a contract of two nodes of 8 GPUs that grants 10 hours a year, calls of
// two hours, two a month, with a quarter of an hour of notice.
func promised() meter.Promise {
	return meter.Promise{
		Contract: "A", Tenant: "A-inc", Zone: time.UTC, Serves: span(-400*86_400, 400*86_400),
		Parts:   []meter.Part{{Name: "node-1", Node: "n1", GPUs: 8}, {Name: "node-2", Node: "n2", GPUs: 8}},
		Flex:    hosting.Flex{Hours: 10 * time.Hour, Event: 2 * time.Hour, Events: 2, Notice: 15 * time.Minute, Share: unit.One},
		Capping: hosting.Capping{Slowdown: 100_000, Hours: 3 * time.Hour},
	}
}

func hash(s string) books.Hash { return sha256.Sum256([]byte(s)) }

// up is both nodes running all day.
func up() []meter.Sight {
	return []meter.Sight{
		{Node: "n1", State: engine.NodeUp, Span: span(-86_400, 40*86_400), Evidence: hash("1")},
		{Node: "n2", State: engine.NodeUp, Span: span(-86_400, 40*86_400), Evidence: hash("2")},
	}
}

func taking(event string, notice, from, to int64, parts ...string) meter.Taking {
	return meter.Taking{Event: event, Contract: "A", Parts: parts, Announced: at(from - notice), Span: span(from, to), Evidence: hash(event)}
}

// told is stretches for people: part, condition, seconds, why.
func told(all []meter.Stretch) (out []string) {
	for _, x := range all {
		if x.Condition != meter.Up {
			text := fmt.Sprintf("%s %s %d-%d", x.Part, x.Condition, x.Span.From-zero, x.Span.To-zero)
			if x.Beyond {
				text += " beyond"
			}
			out = append(out, strings.TrimSpace(text+" "+x.Why))
		}
	}
	return out
}

// TestService: each part is up, down, slowed down or rightly curtailed, and says why.
func TestService(t *testing.T) {
	t.Parallel()
	const h = int64(3600)
	for sentence, c := range map[string]struct {
		change func(*meter.Promise, *meter.Record)
		want   []string
	}{
		"nothing happened": {func(*meter.Promise, *meter.Record) {}, nil},
		"a node that breaks is down": {
			func(_ *meter.Promise, r *meter.Record) {
				r.Sights[0].Span.To = zero + h
				r.Sights = append(r.Sights, meter.Sight{Node: "n1", State: engine.NodeDown, Span: span(h, 2*h)}, meter.Sight{Node: "n1", State: engine.NodeUp, Span: span(2*h, 24*h)})
			},
			[]string{"node-1 down 3600-7200 node n1 is down"},
		},
		"a node that drains is down once it is empty": {
			func(_ *meter.Promise, r *meter.Record) {
				r.Sights[0].Span.To = zero + h
				r.Sights = append(r.Sights, meter.Sight{Node: "n1", State: engine.NodeDraining, Busy: true, Span: span(h, 2*h)}, meter.Sight{Node: "n1", State: engine.NodeDraining, Span: span(2*h, 24*h)})
			},
			[]string{"node-1 down 7200-86400 node n1 is draining"},
		},
		"a node that the engine switched off is up, one that we did is not": {
			func(_ *meter.Promise, r *meter.Record) {
				r.Sights[0].State, r.Sights[1].State, r.Sights[1].Event = engine.NodeOff, engine.NodeOff, "e1"
			},
			[]string{"node-2 down 0-86400 node n2 is off"},
		},
		"what nobody saw is neither": {
			func(_ *meter.Promise, r *meter.Record) { r.Sights[0].Span.To = zero + 20*h },
			[]string{"node-1 unseen 72000-86400 no engine saw its node"},
		},
		"agreed curtailment is excused": {
			func(_ *meter.Promise, r *meter.Record) { r.Takings = []meter.Taking{taking("e1", 900, h, 2*h)} },
			[]string{"node-1 excused 3600-7200", "node-2 excused 3600-7200"},
		},
		"a second too little notice and it is not": {
			func(_ *meter.Promise, r *meter.Record) { r.Takings = []meter.Taking{taking("e1", 899, h, 2*h)} },
			[]string{"node-1 down 3600-7200 curtailed outside the terms: its notice was too short", "node-2 down 3600-7200 curtailed outside the terms: its notice was too short"},
		},
		"what was never announced is not": {
			func(_ *meter.Promise, r *meter.Record) {
				r.Takings = []meter.Taking{taking("e1", 900, h, 2*h, "node-2")}
				r.Takings[0].Announced = time.Time{}
			},
			[]string{"node-2 down 3600-7200 curtailed outside the terms: its notice was too short"},
		},
		"who agreed to nothing excuses nothing": {
			func(p *meter.Promise, r *meter.Record) {
				p.Flex = hosting.Flex{}
				r.Takings = []meter.Taking{taking("e1", 900, h, 2*h, "node-2")}
			},
			[]string{"node-2 down 3600-7200 curtailed outside the terms: no curtailment is agreed"},
		},
		"of a call that is too long the rest counts": {
			func(_ *meter.Promise, r *meter.Record) {
				r.Takings = []meter.Taking{taking("e1", 900, h, 4*h, "node-2")}
			},
			[]string{"node-2 excused 3600-10800", "node-2 down 10800-14400 curtailed outside the terms: it is longer than agreed"},
		},
		"the third call of a month counts": {
			func(_ *meter.Promise, r *meter.Record) {
				r.Takings = []meter.Taking{taking("e3", 900, 8*h, 9*h, "node-1"), taking("e1", 900, h, 2*h, "node-1"), taking("e2", 900, 4*h, 5*h, "node-1")}
			},
			[]string{"node-1 excused 3600-7200", "node-1 excused 14400-18000", "node-1 down 28800-32400 curtailed outside the terms: the calls of the month are used up"},
		},
		"the hours of the year run out, with those of earlier months": {
			func(p *meter.Promise, r *meter.Record) {
				p.Flex.Hours = 150 * time.Minute
				r.Takings = []meter.Taking{taking("e0", 900, -40*86_400, -40*86_400+2*h, "node-1"), taking("e1", 900, h, 2*h, "node-1")}
			},
			[]string{"node-1 excused 3600-5400", "node-1 down 5400-7200 curtailed outside the terms: the hours of the year are used up"},
		},
		"of one that takes too much the first parts are excused": {
			func(p *meter.Promise, r *meter.Record) {
				p.Flex.Share = 600_000
				r.Takings = []meter.Taking{taking("e1", 900, h, 2*h)}
			},
			[]string{"node-1 excused 3600-7200", "node-2 down 3600-7200 curtailed outside the terms: it takes more than agreed"},
		},
		"a power limit is a third state": {
			func(_ *meter.Promise, r *meter.Record) {
				r.Takings = []meter.Taking{taking("c1", 0, h, 2*h, "node-1")}
				r.Takings[0].Slowdown = 70_000
			},
			[]string{"node-1 degraded 3600-7200"},
		},
		"more than agreed, or longer, is told": {
			func(_ *meter.Promise, r *meter.Record) {
				r.Takings = []meter.Taking{taking("c1", 0, h, 5*h, "node-1"), taking("c2", 0, 2*h, 3*h, "node-1")}
				r.Takings[0].Slowdown, r.Takings[1].Slowdown = 70_000, 150_000
			},
			[]string{"node-1 degraded 3600-7200", "node-1 degraded 7200-10800 beyond", "node-1 degraded 10800-14400", "node-1 degraded 14400-18000 beyond"},
		},
		"a node that breaks while it is rightly curtailed is excused": {
			func(_ *meter.Promise, r *meter.Record) {
				r.Sights[1].State = engine.NodeDown
				r.Takings = []meter.Taking{taking("e1", 900, h, 2*h, "node-2")}
			},
			[]string{"node-2 down 0-3600 node n2 is down", "node-2 excused 3600-7200", "node-2 down 7200-86400 node n2 is down"},
		},
		"maintenance is claimed, whether anything was down or not": {
			func(_ *meter.Promise, r *meter.Record) {
				r.Excuses = []meter.Excuse{{Contract: "A", Part: "node-2", Cause: rate.Maintenance, Announced: at(-86_400), Span: span(h, 2*h), Evidence: hash("m")}}
			},
			[]string{"node-2 excused 3600-7200"},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			p, r := promised(), meter.Record{Period: span(0, 86_400), Sights: up()}
			c.change(&p, &r)
			got, err := meter.Service(p, r)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(told(got), c.want) {
				t.Errorf("got  %q\nwant %q", told(got), c.want)
			}
			if m := meter.Sum(got); m.Contracted != 16*86_400 || m.Up+m.Down+m.Degraded+m.Excused+m.Unseen != m.Contracted {
				t.Errorf("%+v", m)
			}
		})
	}
}

// TestServiceIsRated: the table of credits, with what was recorded here.
func TestServiceIsRated(t *testing.T) {
	t.Parallel()
	p := promised()
	p.Parts = nil
	for i := range 8 {
		name := fmt.Sprint("n", i)
		p.Parts = append(p.Parts, meter.Part{Name: name, Node: name, GPUs: 8})
	}
	month := span(0, 720*3600)
	agreement := rate.Agreement{
		Denominator: rate.LessExcluded, Allows: []rate.Allowance{{Cause: rate.Curtailment}},
		Tiers: []rate.Threshold{{Below: 999_000, Credit: 100_000}, {Below: 990_000, Credit: 250_000}, {Below: 950_000, Credit: unit.One}},
	}
	for sentence, c := range map[string]struct {
		nodes   int
		seconds int64
		call    bool
		credit  unit.Amount
		units   unit.Ratio
	}{
		"16 of 64 GPUs for 3 hours":              {2, 3 * 3600, false, 11_520_000_000, 998_958},
		"all for 2,592 seconds":                  {8, 2592, false, 0, 999_000},
		"a second more":                          {8, 2593, false, 11_520_000_000, 998_999},
		"129,601 seconds":                        {8, 129_601, false, 115_200_000_000, 949_999},
		"the first, and 2 hours of curtailment":  {2, 3 * 3600, true, 11_520_000_000, 998_955},
		"nothing, and 2 hours of curtailment":    {0, 0, true, 0, unit.One},
		"all for 25,920 seconds and 25,921 next": {8, 25_921, false, 28_800_000_000, 989_999},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			r := meter.Record{Period: month}
			var parts []rate.Part
			for i, x := range p.Parts {
				broken := int64(0)
				if i < c.nodes {
					broken = c.seconds
					r.Sights = append(r.Sights, meter.Sight{Node: x.Node, State: engine.NodeDown, Span: span(0, broken)})
				}
				r.Sights = append(r.Sights, meter.Sight{Node: x.Node, State: engine.NodeUp, Span: span(broken, 720*3600)})
				parts = append(parts, rate.Part{Name: x.Name, Weight: x.GPUs, Contracted: month})
			}
			if c.call {
				r.Takings = []meter.Taking{taking("e1", 900, 400*3600, 402*3600)}
			}
			all, err := meter.Service(p, r)
			if err != nil {
				t.Fatal(err)
			}
			s, err := rate.Assess(agreement, rate.Record{Contract: "A", Period: month, Fee: 115_200_000_000, Parts: parts, Outages: meter.Outages(all), Exclusions: meter.Exclusions(all)})
			if err != nil || s.Credit.Amount != -c.credit || s.Availability != c.units || len(s.Refused) > 0 {
				t.Errorf("%v %+v", err, s)
			}
		})
	}
}

// TestClockChange: a month in which the clock changes is as long as it is, its calls
// are those of the local month, and its hours those of the local year.
func TestClockChange(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	local := func(month time.Month, day, hour int) int64 {
		return time.Date(2025, month, day, hour, 0, 0, 0, zone).Unix()
	}
	p := promised()
	p.Zone, p.Flex.Events = zone, 1
	month := rate.Span{From: local(time.November, 1, 0), To: local(time.December, 1, 0)}
	call := func(event string, from, to int64) meter.Taking {
		return meter.Taking{Event: event, Contract: "A", Announced: time.Unix(from-900, 0), Span: rate.Span{From: from, To: to}, Evidence: hash(event)}
	}
	// The second of November has the hour from one to two twice: this call is three hours long.
	through := call("through", local(time.November, 2, 0), local(time.November, 2, 2))
	all, err := meter.Service(p, meter.Record{
		Period: month, Takings: []meter.Taking{call("october", local(time.October, 31, 20), local(time.October, 31, 22)), through},
		Sights: []meter.Sight{{Node: "n1", State: engine.NodeUp, Span: month}, {Node: "n2", State: engine.NodeUp, Span: month}},
	})
	if err != nil {
		t.Fatal(err)
	}
	m := meter.Sum(all)
	if m.Contracted != 16*(30*86_400+3600) || m.Excused != 16*7200 || m.Down != 16*3600 || m.Up != m.Contracted-m.Excused-m.Down {
		t.Errorf("%+v", m)
	}
}

// TestNothingIsCountedTwice: whatever happened, the stretches of a part follow each
// other over the whole period, and evidence is there for each.
func TestNothingIsCountedTwice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := promised()
		second := rapid.Int64Range(-2000, 90_000)
		drawn := func() rate.Span {
			from := second.Draw(t, "from")
			return span(from, from+rapid.Int64Range(1, 30_000).Draw(t, "long"))
		}
		r := meter.Record{Period: span(0, 86_400)}
		for i := range rapid.IntRange(0, 6).Draw(t, "takings") {
			x := meter.Taking{Event: fmt.Sprint("e", i/2), Contract: rapid.SampledFrom([]string{"A", "B"}).Draw(t, "of"), Span: drawn(), Evidence: hash("t"), Announced: at(second.Draw(t, "told"))}
			if rapid.Bool().Draw(t, "some") {
				x.Parts = []string{"node-2"}
			}
			x.Slowdown = rapid.SampledFrom([]unit.Ratio{0, 0, 50_000, 200_000}).Draw(t, "slow")
			r.Takings = append(r.Takings, x)
		}
		for range rapid.IntRange(0, 8).Draw(t, "sights") {
			r.Sights = append(r.Sights, meter.Sight{Node: rapid.SampledFrom([]string{"n1", "n2"}).Draw(t, "node"), State: rapid.SampledFrom([]engine.NodeState{engine.NodeUp, engine.NodeDown}).Draw(t, "state"), Span: drawn()})
		}
		all, err := meter.Service(p, r)
		if err != nil {
			t.Fatal(err)
		}
		m := meter.Sum(all)
		if m.Contracted != 16*86_400 || m.Up+m.Down+m.Degraded+m.Excused+m.Unseen != m.Contracted {
			t.Fatalf("%+v", m)
		}
		for i, x := range all {
			if i > 0 && x.Part == all[i-1].Part && x.Span.From != all[i-1].Span.To || x.Evidence == (books.Hash{}) {
				t.Fatalf("%+v", all)
			}
			if x.Condition == meter.Down && !x.Out || x.Condition == meter.Degraded && x.Slowdown <= 0 {
				t.Fatalf("%+v", x)
			}
		}
	})
}

// TestSights: a node is as it was seen until the next view, and no longer than the gap.
func TestSights(t *testing.T) {
	t.Parallel()
	view := func(second int64, state engine.NodeState) engine.View {
		return engine.View{At: at(second), Nodes: []engine.Node{{Name: "n1", State: state, GPUs: 8}}}
	}
	got, err := meter.Sights([]engine.View{view(60, engine.NodeUp), view(0, engine.NodeUp), view(120, engine.NodeDown), view(500, engine.NodeUp)}, time.Minute)
	if err != nil || len(got) != 2 {
		t.Fatalf("%+v %v", got, err)
	}
	if got[0].Span != span(0, 120) || got[1].Span != span(120, 180) || got[1].State != engine.NodeDown || got[0].Evidence == got[1].Evidence {
		t.Errorf("%+v", got)
	}
}

// TestPromiseRefused: what cannot be recorded is refused.
func TestPromiseRefused(t *testing.T) {
	t.Parallel()
	for sentence, change := range map[string]func(*meter.Promise, *meter.Record){
		"no parts":                  func(p *meter.Promise, _ *meter.Record) { p.Parts = nil },
		"a part twice":              func(p *meter.Promise, _ *meter.Record) { p.Parts[1].Name = "node-1" },
		"a part without weight":     func(p *meter.Promise, _ *meter.Record) { p.Parts[1].GPUs = 0 },
		"no period":                 func(_ *meter.Promise, r *meter.Record) { r.Period = rate.Span{} },
		"a call without a name":     func(_ *meter.Promise, r *meter.Record) { r.Takings = []meter.Taking{taking("", 0, 0, 9)} },
		"a call of an unknown part": func(_ *meter.Promise, r *meter.Record) { r.Takings = []meter.Taking{taking("e", 0, 0, 9, "x")} },
	} {
		p, r := promised(), meter.Record{Period: span(0, 86_400)}
		if change(&p, &r); sentence == "a call without a name" {
			r.Takings[0].Evidence = books.Hash{1}
		}
		if _, err := meter.Service(p, r); !errors.Is(err, meter.ErrPromise) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

// TestSold: what was sold says how it is counted and what is promised.
func TestSold(t *testing.T) {
	t.Parallel()
	c := hosting.Contract{Name: "a-1", Tenant: "a", Model: "H100 SXM", Start: at(0), Nodes: true, Flex: hosting.Flex{Hours: time.Hour}}
	m := meter.Metered(c)
	if m.Component != "gpu-h100-sxm" || m.Tenant != "a" || !m.Nodes || m.Serves.From != zero || m.Serves.To < zero+900*365*86_400 {
		t.Errorf("%+v", m)
	}
	c.End = at(86_400)
	if p := meter.Promised(c, nil, nil); p.Serves != span(0, 86_400) || p.Flex != c.Flex || p.Contract != "a-1" {
		t.Errorf("%+v", p)
	}
}
