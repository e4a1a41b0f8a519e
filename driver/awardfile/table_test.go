package awardfile_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sluice/driver/csvfile"

	"github.com/google/go-cmp/cmp"

	"sluice/books/reserve"
	"sluice/driver/awardfile"
	"sluice/unit"
)

const (
	awards = "award,product,start,end,mw,price\n"
	calls  = "product,start,end,mw,price\n"
	meter  = "start,end,quantity,unit,revision\n"
	hour   = "2025-07-16T14:00:00-05:00,2025-07-16T15:00:00-05:00"
	next   = "2025-07-16T15:00:00-05:00,2025-07-16T16:00:00-05:00"
)

// two is 14:00 of that day in Chicago.
const two = int64(1752692400)

func chicago(tb testing.TB) *time.Location {
	tb.Helper()
	zone, err := time.LoadLocation("America/Chicago")
	if err != nil {
		tb.Fatal(err)
	}
	return zone
}

// TestRows: what a table says arrives in base units and seconds, in UTC and in the
// zone of the market, with the columns in any order.
func TestRows(t *testing.T) {
	t.Parallel()
	zone, span := chicago(t), reserve.Span{From: two, To: two + 3600}
	sold, err := awardfile.Awards(strings.NewReader("\xef\xbb\xbfmw,award, product,price,start,end\n10.5,a1,ecrs,8.25,2025-07-16T19:00:00Z,2025-07-16T15:00:00-05:00\n"), "a.csv", zone)
	want := []awardfile.Award{{Award: reserve.Award{ID: "a1", Span: span, Product: "ecrs", Power: 10_500 * unit.Kilowatt, Price: 8_250_000}, Place: csvfile.Place{File: "a.csv", Line: 2}}}
	if d := cmp.Diff(want, sold); d != "" || err != nil {
		t.Errorf("%s %v", d, err)
	}
	called, err := awardfile.Deployments(strings.NewReader(calls+"ecrs,"+hour+",10,-3.5\necrs,"+next+",10,\n"), "c", zone)
	if err != nil || len(called) != 2 || called[0].Deployment != (reserve.Deployment{Span: span, Product: "ecrs", Power: 10 * unit.Megawatt, Price: -3_500_000}) || called[1].Price != 0 {
		t.Errorf("%+v %v", called, err)
	}
	read, err := awardfile.Meter(strings.NewReader(meter+hour+",1.5,MWh,2\n"+next+",1500,kWh,\n"), "m", zone, false)
	if err != nil || len(read) != 2 || read[0].Span != span || read[0].Energy != 3*unit.MegawattHour/2 || read[1].Energy != read[0].Energy || read[0].Revision != 2 || read[1].Revision != 1 || read[0].Evidence == [32]byte{} {
		t.Errorf("%+v %v", read, err)
	}
	if back, err := awardfile.Meter(strings.NewReader(meter+hour+",-1,J,1\n"), "m", zone, true); err != nil || back[0].Energy != -1 {
		t.Errorf("what is fed in: %+v %v", back, err)
	}
	paid, err := awardfile.Statement(strings.NewReader("award,amount\na1,-4.125\na1,80\n"), "s", "USD")
	if err != nil || len(paid) != 2 || paid[0].Amount != -4_125_000 || paid[1].Line != 3 {
		t.Errorf("%+v %v", paid, err)
	}
}

// TestBadRows: what cannot be is told with its line, all of it.
func TestBadRows(t *testing.T) {
	t.Parallel()
	zone := chicago(t)
	read := map[string]func(string) error{
		"awards": func(s string) error {
			_, err := awardfile.Awards(strings.NewReader(awards+s), "t.csv", zone)
			return err
		},
		"calls": func(s string) error {
			_, err := awardfile.Deployments(strings.NewReader(calls+s), "t.csv", zone)
			return err
		},
		"meter": func(s string) error {
			_, err := awardfile.Meter(strings.NewReader(meter+s), "t.csv", zone, false)
			return err
		},
		"statement": func(s string) error {
			_, err := awardfile.Statement(strings.NewReader("award,amount\n"+s), "t.csv", "USD")
			return err
		},
		"any": func(s string) error {
			_, err := awardfile.Awards(strings.NewReader(s), "t.csv", zone)
			return err
		},
	}
	for sentence, c := range map[string]struct{ what, rows, want string }{
		"awards of one product at once":         {"awards", "a1,ecrs," + hour + ",10,8\na2,ecrs,2025-07-16T14:30:00-05:00,2025-07-16T15:30:00-05:00,10,8\n", "t.csv, line 3: award a2 overlaps award a1 of line 2"},
		"one within a longer one, not beside":   {"awards", "a1,ecrs,2025-07-16T10:00:00-05:00,2025-07-16T20:00:00-05:00,10,8\na2,ecrs,2025-07-16T11:00:00-05:00,2025-07-16T12:00:00-05:00,10,8\na3,ecrs," + hour + ",10,8\n", "line 4: award a3 overlaps award a1"},
		"negative megawatts":                    {"awards", "a1,ecrs," + hour + ",-10,8\n", `line 2: mw "-10"`},
		"no megawatts":                          {"awards", "a1,ecrs," + hour + ",0,8\n", `line 2: mw "0"`},
		"more than any site":                    {"awards", "a1,ecrs," + hour + ",10001,8\n", `line 2: mw "10001"`},
		"a comma for a point":                   {"awards", "a1,ecrs," + hour + `,"10,5",8` + "\n", `mw "10,5"`},
		"a price below zero":                    {"awards", "a1,ecrs," + hour + ",10,-8\n", `price "-8": is below zero`},
		"a price of seven decimals":             {"awards", "a1,ecrs," + hour + ",10,8.0000001\n", "at most six decimals"},
		"no price":                              {"awards", "a1,ecrs," + hour + ",10,\n", `line 2: price ""`},
		"no id":                                 {"awards", ",ecrs," + hour + ",10,8\n", "line 2: award is missing"},
		"a row twice":                           {"awards", "a1,ecrs," + hour + ",10,8\na1,ecrs," + hour + ",10,8\n", "line 3: award a1 stands twice, in line 2 too"},
		"an end before the begin":               {"awards", "a1,ecrs,2025-07-16T15:00:00-05:00,2025-07-16T14:00:00-05:00,10,8\n", "line 2: it goes back"},
		"a year":                                {"awards", "a1,ecrs,2025-07-16T15:00:00-05:00,2026-07-16T14:00:00-05:00,10,8\n", "longer than 32 days"},
		"no zone":                               {"awards", "a1,ecrs,2025-07-16T14:00:00,2025-07-16T15:00:00,10,8\n", "line 2: start \"2025-07-16T14:00:00\": write date, time and zone"},
		"winter time in summer":                 {"awards", "a1,ecrs,2025-07-16T14:00:00-06:00,2025-07-16T15:00:00-06:00,10,8\n", "another zone: America/Chicago has -05:00 then"},
		"half a second":                         {"awards", "a1,ecrs,2025-07-16T14:00:00.5Z,2025-07-16T15:00:00Z,10,8\n", "whole seconds"},
		"a bell in a name":                      {"awards", "a\a1,ecrs," + hour + ",10,8\n", "control characters"},
		"too few cells":                         {"awards", "a1,ecrs," + hour + ",10\n", "line 2: 5 cells, and 6 columns"},
		"a quote that never ends":               {"awards", "a1,\"ecrs\n", "what follows was not read"},
		"many faults":                           {"awards", strings.Repeat("a1\n", 25), "and 5 faults more"},
		"instructions at once":                  {"calls", "ecrs," + hour + ",10,\necrs," + hour + ",10,\n", "line 3: the instruction overlaps the instruction of line 2"},
		"an instruction of nothing":             {"calls", "ecrs," + hour + ",0,\n", `line 2: mw "0"`},
		"a meter that goes back":                {"meter", hour + ",-1,kWh,1\n", "line 2: quantity \"-1\": the meter goes back"},
		"a meter whose time goes back":          {"meter", "2025-07-16T15:00:00-05:00,2025-07-16T14:00:00-05:00,1,kWh,1\n", "line 2: it goes back"},
		"a unit that is none":                   {"meter", hour + ",1,kwh,1\n", `line 2: unit "kwh"`},
		"a quantity of words":                   {"meter", hour + ",none,kWh,1\n", `quantity "none"`},
		"a quantity that is not there":          {"meter", hour + ",,kWh,1\n", `quantity ""`},
		"a quantity beyond 10 GW":               {"meter", hour + ",10001,MWh,1\n", "is of more than"},
		"a quantity beyond all":                 {"meter", hour + ",99999999999999999999,MWh,1\n", "beyond any meter"},
		"a revision of words":                   {"meter", hour + ",1,kWh,final\n", `revision "final"`},
		"a meter in another zone":               {"meter", "2025-07-16T14:00:00+02:00,2025-07-16T15:00:00+02:00,1,kWh,1\n", "another zone"},
		"an amount of words":                    {"statement", "a1,much\n", `line 2: amount "much"`},
		"an amount of seven decimals":           {"statement", "a1,1.0000001\n", "decimals"},
		"an empty file":                         {"any", "", "no header"},
		"a column that nobody knows":            {"any", "award,product,start,end,mw,price,colour\n", `column "colour" is not known`},
		"a column that is missing":              {"any", "award,product,start,end,mw\n", `column "price" is missing`},
		"a column twice":                        {"any", "award,award,start,end,mw,price\n", "stands twice"},
		"a meter column with an empty cell":     {"any", "award,product,start,end,mw,price\n ,ecrs," + hour + ",1,1\n", "award is missing"},
		"products are told apart, all the same": {"awards", "a1,ecrs," + hour + ",1,1\na2,rrs," + hour + ",1,1\na3,rrs," + hour + ",1,1\n", "award a3 overlaps award a2"},
	} {
		if err := read[c.what](c.rows); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "t.csv") {
			t.Errorf("%s: %v, want %q", sentence, err, c.want)
		}
	}
}

// TestJoin: deliveries of one meter together; what contradicts is told with both
// places.
func TestJoin(t *testing.T) {
	t.Parallel()
	zone := chicago(t)
	of := func(name, rows string) []awardfile.Reading {
		t.Helper()
		out, err := awardfile.Meter(strings.NewReader("meter,"+meter+rows), name, zone, false)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	first := of("july.csv", "m1,"+hour+",10,MWh,1\nm1,"+next+",10,MWh,1\nm1,"+hour+",10,MWh,1\n")
	all, twice, err := awardfile.Join(append(first, of("later.csv", "m1,"+hour+",9,MWh,2\nm1,"+next+",10,MWh,1\n")...))
	if err != nil || twice != 1 || len(all) != 5 {
		t.Errorf("%v, %d, %v", all, twice, err)
	}
	if _, err := reserve.Read(all); err != nil {
		t.Error(err)
	}
	for want, rows := range map[string]string{
		"later.csv, line 2: readings contradict each other: 32400000000 J, and 36000000000 J at july.csv, line ": "m1," + hour + ",9,MWh,1\n",
		"before the reading at july.csv, line 3 ends":                                                            "m1,2025-07-16T15:15:00-05:00,2025-07-16T15:30:00-05:00,1,MWh,2\n",
		`meter "m2", and "m1" at july.csv`:                                                                       "m2,2025-07-16T18:15:00-05:00,2025-07-16T18:30:00-05:00,1,MWh,2\n",
	} {
		if _, _, err := awardfile.Join(append(first[:3:3], of("later.csv", rows)...)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// FuzzTables: no table breaks a reader, and what is read is within its bounds.
func FuzzTables(f *testing.F) {
	f.Add(awards + "a1,ecrs," + hour + ",10,8.25\n")
	f.Add(calls + "ecrs," + hour + ",10,410\n")
	f.Add(meter + hour + ",7500,kWh,1\n")
	f.Add("meter," + meter + "m1," + hour + ",-7,MWh,2\nm1," + hour + ",7,MWh,2\n")
	f.Add("award,amount\na1,-4.125\n")
	zone := chicago(f)
	f.Fuzz(func(t *testing.T, text string) {
		sold, err := awardfile.Awards(strings.NewReader(text), "t", zone)
		for _, a := range sold {
			if err == nil && (a.ID == "" || a.Product == "" || a.Power <= 0 || a.Price < 0 || a.Seconds() == 0) {
				t.Fatalf("%+v", a)
			}
		}
		called, err := awardfile.Deployments(strings.NewReader(text), "t", zone)
		for _, d := range called {
			if err == nil && (d.Power <= 0 || d.Seconds() == 0) {
				t.Fatalf("%+v", d)
			}
		}
		for _, net := range []bool{false, true} {
			read, err := awardfile.Meter(strings.NewReader(text), "t", zone, net)
			if err != nil {
				continue
			}
			joined, _, err := awardfile.Join(read)
			if err != nil {
				continue
			}
			if _, err := reserve.Read(joined); err != nil {
				t.Fatalf("joined, and not read: %v", err)
			}
		}
		_, _ = awardfile.Statement(strings.NewReader(text), "t", "USD")
	})
}

// TestConflict: what Join refuses is the failure that package reserve names.
func TestConflict(t *testing.T) {
	t.Parallel()
	in := []awardfile.Reading{{Reading: reserve.Reading{Span: reserve.Span{From: 0, To: 60}, Energy: 1}}, {Reading: reserve.Reading{Span: reserve.Span{From: 0, To: 60}, Energy: 2}}}
	if _, _, err := awardfile.Join(in); !errors.Is(err, reserve.ErrConflict) {
		t.Error(err)
	}
}
