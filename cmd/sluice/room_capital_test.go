package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"sluice/driver/objectfile"
	"sluice/driver/planfile"
	"sluice/object"
	"sluice/server/room"
)

// plannedText is the shipped plan of the demonstration with the months that it has there.
func plannedText(t *testing.T) []byte {
	t.Helper()
	text, err := planfile.Example(demoPlan)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := objectfile.New(room.CheckSpec)
	if err != nil {
		t.Fatal(err)
	}
	all, err := reader.Read(demoPlan, []byte(room.PlanObject(demoPlan, text)))
	if err != nil {
		t.Fatal(err)
	}
	spec, err := json.Marshal(all[0].Spec)
	if err != nil {
		t.Fatal(err)
	}
	if spec, err = withActuals(spec, demoActuals()); err != nil {
		t.Fatal(err)
	}
	var v object.Value
	if err := json.Unmarshal(spec, &v); err != nil {
		t.Fatal(err)
	}
	return objectfile.Plain(v)
}

// TestPlanWorker works the plan of the demonstration out as a control room asks for it.
func TestPlanWorker(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := (planTask{Do: "work", Name: demoPlan, Plan: plannedText(t)}).run(t.Context(), &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	var w room.CapitalWork
	if err := json.Unmarshal(out.Bytes(), &w); err != nil {
		t.Fatal(err)
	}
	if len(w.Projects) != 2 || len(w.Periods) != 7 || len(w.Statements) != 3 || w.Answer.Assumed == 0 || w.Answer.Figures != len(w.Figures) {
		t.Fatalf("%d projects, %d periods, %d statements, %d of %d assumed", len(w.Projects), len(w.Periods), len(w.Statements), w.Answer.Assumed, w.Answer.Figures)
	}
	for _, p := range w.Projects {
		for _, f := range p.Phases {
			if f.P10 > f.P50 || f.P50 > f.P90 || f.Finish > f.P90 || f.Begin > f.Median {
				t.Errorf("%s, %s: planned %v to %v, P10 %v, P50 %v, P90 %v", p.Name, f.Name, f.Begin, f.Finish, f.P10, f.P50, f.P90)
			}
		}
	}
	orders := w.Projects[0].Phases[1]
	if orders.Paid == nil || *orders.Paid != 18_900_000 || *orders.Done != 0.42 || math.Abs(*orders.Forecast-45_000_000) > 1 {
		t.Errorf("%+v", orders)
	}
	if got, want := *orders.Ends, 6+3/0.42; math.Abs(got-want) > 1e-9 {
		t.Errorf("the orders end after %v months, want %v", got, want)
	}
	spend := w.Spend
	if n := len(spend.Planned); n != 84 || len(spend.P90) != n || spend.Paid[8] == nil || *spend.Paid[8] != 29_450_000 || spend.Paid[9] != nil {
		t.Errorf("%d months of spending, paid %v", n, spend.Paid[:10])
	}
}

// TestPlanWorkerRefuses: what is the plan's own fault says so, with its lines; files of
// power prices are not opened.
func TestPlanWorkerRefuses(t *testing.T) {
	t.Parallel()
	text := string(plannedText(t))
	for bad, want := range map[string]string{
		strings.Replace(text, "houston: houston", "houston: ./prices.csv", 1): "no files of power prices",
		strings.Replace(text, "years: 7", "years: 70", 1):                     "years",
		"": "empty",
	} {
		err := planTask{Do: "work", Name: demoPlan, Plan: []byte(bad)}.run(t.Context(), io.Discard, io.Discard)
		var input badInput
		if !errors.As(err, &input) || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
	if err := (planTask{Do: "sing", Name: demoPlan, Plan: []byte(text)}).run(t.Context(), io.Discard, io.Discard); err == nil {
		t.Error("a task that nobody knows is done")
	}
}

// TestPlanWorkerRisk runs the plan on a few futures and writes the report of them in all
// formats.
func TestPlanWorkerRisk(t *testing.T) {
	t.Parallel()
	text := plannedText(t)
	var out, said bytes.Buffer
	ask := room.CapitalRiskAsk{Paths: 100, Seed: 3, Quick: true}
	if err := (planTask{Do: "risk", Name: demoPlan, Plan: text, Risk: ask}).run(t.Context(), &out, &said); err != nil {
		t.Fatal(err)
	}
	var found room.CapitalFound
	if err := json.Unmarshal(out.Bytes(), &found); err != nil {
		t.Fatal(err)
	}
	r := found.Result
	if len(r.Quarters) != 28 || len(r.Fans) == 0 || len(r.Covenants) != 3 || r.NPV.Futures != 100 || r.Worst != nil || len(r.Tornado) != 0 {
		t.Errorf("%d quarters, %d fans, %d covenants, %d futures", len(r.Quarters), len(r.Fans), len(r.Covenants), r.NPV.Futures)
	}
	if c := r.Covenants[0]; c.Breach[0] != nil || c.Breach[27] == nil {
		t.Errorf("%s is tested from 2028-06 on: %v", c.Name, c.Breach)
	}
	var last int
	w := &planSays{step: func(done, total int) { last = 100 * done / total }}
	if _, err := w.Write(said.Bytes()); err != nil || last < 80 || last > 95 {
		t.Errorf("at the end of the futures it was at %d %%: %v", last, err)
	}
	for format, head := range map[string]string{"html": "<!", "pdf": "%PDF", "xlsx": "PK"} {
		out.Reset()
		b := room.BoardAsk{Format: format, Language: "pt", Risk: found.Board}
		if err := (planTask{Do: "board", Name: demoPlan, Plan: text, Board: b}).run(t.Context(), &out, io.Discard); err != nil || !bytes.HasPrefix(out.Bytes(), []byte(head)) {
			t.Errorf("%s: %v, %.40q", format, err, out.Bytes())
		}
	}
}

// TestPlanSays tells progress from what a plan is refused for, however the lines are cut.
func TestPlanSays(t *testing.T) {
	t.Parallel()
	var seen []int
	w := &planSays{step: func(done, _ int) { seen = append(seen, done) }}
	for _, part := range []string{"futures 10 of 1", "11\nfutures 2x of 3\nsluice: operator: line 3: ", "years: 70\n"} {
		if _, err := w.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 1 || seen[0] != 10 || w.text.String() != "futures 2x of 3\noperator: line 3: years: 70\n" {
		t.Errorf("%v %q", seen, w.text.String())
	}
	if !errors.Is(errUnworkable{}, room.ErrUnworkable) {
		t.Error("it is not what the room asks for")
	}
}
