package shed_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/unit"
	"sluice/use/hosting/shed"
)

const pue = unit.Ratio(1_200_000)

// usd is an amount written in cents.
func usd(cents int64) unit.Amount { return unit.Amount(cents) * unit.Unit / 100 }

func hours(h float64) time.Duration { return time.Duration(h * float64(time.Hour)) }

// example is the worked example: four jobs, a call of one hour.
func example(a shed.Ask) []shed.Item {
	level := func(limit, draw unit.Power, speed unit.Ratio) shed.Limited {
		return shed.Limited{Limit: limit, Draw: draw, Speed: speed, Least: speed}
	}
	job := func(id string, gpus int, draw unit.Power, lost float64) (shed.Item, shed.Job) {
		return shed.Item{ID: id, Contract: id, Tenant: id, GPUs: gpus},
			shed.Job{GPUs: gpus, Draw: draw, Idle: 70, Unsaved: hours(lost), Ran: 10 * time.Hour}
	}
	terms := func(price int64, restart float64, credit int64) shed.Terms {
		return shed.Terms{Price: usd(price), Restart: hours(restart), Slowdown: 200_000, Capping: -1, Credit: usd(credit)}
	}
	var out []shed.Item
	add := func(it shed.Item, j shed.Job, t shed.Terms, l ...shed.Limited) {
		it.Options = shed.Options(j, t, l, a)
		out = append(out, it)
	}
	i, j := job("A", 64, 560, 0.9)
	add(i, j, terms(290, 0.2, 928_000), level(450, 450, 970_000), level(350, 350, 900_000))
	i, j = job("B", 32, 520, 0.1)
	add(i, j, terms(125, 0.1, 0), level(420, 420, 960_000), level(330, 330, 880_000))
	i, j = job("C", 32, 300, 1.5)
	add(i, j, terms(125, 0.1, 0), level(250, 250, 990_000), level(200, 200, 930_000))
	i, j = job("D", 16, 610, 0.05)
	add(i, j, terms(80, 0.1, 0), level(450, 450, 950_000), level(350, 350, 860_000))
	return out
}

func hour() shed.Ask { return shed.Ask{Within: time.Minute, Hold: time.Hour} }

// meter writes watts as the meter sees them, in kW.
func meter(p unit.Power) string { return fmt.Sprintf("%g", float64(p.Scale(pue))/1000) }

func TestWorkedExampleHasTheseOptions(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"A": "8.448 5.568, 16.128 18.56, 37.632 9669.76",
		"B": "3.84 1.6, 7.296 4.8, 17.28 48",
		"C": "1.92 0.4, 3.84 2.8, 8.832 104",
		"D": "3.072 0.64, 4.992 1.792, 10.368 14.72",
	}
	for _, it := range example(hour()) {
		var got []string
		for _, o := range it.Options {
			got = append(got, fmt.Sprintf("%s %g", meter(o.Saved), o.Cost.Float()))
		}
		if s := strings.Join(got, ", "); s != want[it.ID] {
			t.Errorf("%s: %s, want %s", it.ID, s, want[it.ID])
		}
	}
}

// row is one line of the worked example.
type row struct {
	kw    int64
	cost  string
	plan  string
	saved string
	bound string
}

func rows() []row {
	return []row{
		{3, "0.64", "D1", "3.072", "0.63"},
		{6, "2.19", "C1 D2", "6.912", "1.46"},
		{8, "2.64", "B1 C1 D1", "8.832", "2.29"},
		{10, "3.79", "B1 C1 D2", "10.752", "3.34"},
		{15, "7.76", "A1 C1 D2", "15.36", "6.59"},
		{20, "11.41", "A1 B2 C1 D1", "20.736", "10.10"},
		{30, "25.55", "A2 B2 C1 D2", "30.336", "24.14"},
		{35, "38.48", "A2 B2 C1 Dx", "35.712", "34.55"},
		{40, "68.75", "A2 Bx C1 D2", "40.32", "51.13"},
		{45, "81.68", "A2 Bx C1 Dx", "45.696", "72.76"},
	}
}

func (r row) ask() shed.Ask {
	a := hour()
	a.Power = shed.Of(unit.Power(r.kw)*unit.Kilowatt, pue)
	return a
}

// short writes a plan as in rows.
func short(items []shed.Item, p shed.Plan) string {
	var out []string
	for _, c := range p.Choices {
		it := items[slices.IndexFunc(items, func(it shed.Item) bool { return it.ID == c.Item })]
		n := slices.IndexFunc(it.Options, func(o shed.Option) bool { return o == c.Option }) + 1
		name := strconv.Itoa(n)
		if c.Option.Lever == shed.Evict {
			name = "x"
		}
		out = append(out, c.Item+name)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// cents writes an amount in cents, halves rounded up as in the table.
func cents(a unit.Amount) string {
	c := (a + 5000) / 10_000
	return fmt.Sprintf("%d.%02d", c/100, c%100)
}

func (r row) check(t *testing.T, by string, p shed.Plan) {
	t.Helper()
	got := row{r.kw, cents(p.Cost), short(example(r.ask()), p), meter(p.Saved), cents(p.Bound)}
	if d := cmp.Diff(r, got, cmp.AllowUnexported(row{})); d != "" {
		t.Errorf("%d kW by %s (-want +got):\n%s", r.kw, by, d)
	}
	if p.Short != 0 {
		t.Errorf("%d kW by %s: short of %d W", r.kw, by, p.Short)
	}
}

func TestWorkedExampleByMeritOrder(t *testing.T) {
	t.Parallel()
	for _, r := range rows() {
		r.check(t, "merit order", shed.Choose(example(r.ask()), r.ask()))
	}
}

func TestWorkedExampleByProgram(t *testing.T) {
	t.Parallel()
	in := solver(t)
	for _, r := range rows() {
		p, err := shed.Optimum(t.Context(), in, example(r.ask()), r.ask())
		if err != nil {
			t.Fatal(err)
		}
		r.check(t, "program", p)
	}
}

func TestWorkedExampleByEnumeration(t *testing.T) {
	t.Parallel()
	for _, r := range rows() {
		items := example(r.ask())
		cost, ok := enumerate(items, r.ask())
		if s := cents(cost); !ok || s != r.cost {
			t.Errorf("%d kW: %s, want %s", r.kw, s, r.cost)
		}
	}
}

func TestPlanNamesWhoWouldBeNext(t *testing.T) {
	t.Parallel()
	a := rows()[7].ask() // 35 kW: D is evicted
	p := shed.Choose(example(a), a)
	var got []string
	for _, c := range p.Next {
		got = append(got, fmt.Sprintf("%s %s", c.Item, c.Option.Lever))
	}
	if want := []string{"C cap", "B evict", "A evict"}; !slices.Equal(got, want) {
		t.Errorf("next %v, want %v", got, want)
	}
	var levers []string
	for _, s := range p.Steps {
		levers = append(levers, fmt.Sprintf("%s %d", s.Lever, s.Items))
	}
	if want := []string{"hold 0", "cap 3", "evict 1"}; !slices.Equal(levers, want) {
		t.Errorf("steps %v, want %v", levers, want)
	}
}
