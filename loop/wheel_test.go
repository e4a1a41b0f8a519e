package loop

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/books"
	"sluice/loop/cycle"
	"sluice/loop/dispatch"
	"sluice/loop/forecast"
	"sluice/loop/observe"
	"sluice/loop/settle"
	"sluice/power"
	"sluice/site"
	"sluice/solve"
	"sluice/unit"
	"sluice/use"
	"sluice/use/export"
	"sluice/use/mining"
)

const mw = unit.Megawatt

var network = mining.Network{Day: noon, Price: 100_000 * unit.Unit, Difficulty: 120_000_000_000_000, Reward: 315_000_000}

// config is a site of 10 MW with 8 MW of machines in two halls, one of them
// too small for what stands in it, and no solver.
func config(t *testing.T) Config {
	t.Helper()
	c, err := mining.Standard()
	if err != nil {
		t.Fatal(err)
	}
	var rigs []*mining.Rig
	for _, at := range [][2]string{{"a", "north"}, {"b", "south"}} {
		r, err := mining.Compile(mining.Group{Name: at[0], Hall: at[1], Model: "Antminer S21 200", Count: 1000}, c)
		if err != nil {
			t.Fatal(err)
		}
		rigs = append(rigs, r)
	}
	contracts := power.Contracts{Spot: &power.Spot{Zone: "SE1", Adders: power.Adders{Import: 2 * unit.PerMWh}}}
	bill, err := power.NewBill(contracts, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	d, err := forecast.New(forecast.Config{Step: 15 * time.Minute, Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	for k := range 96 {
		if err := d.Publish(noon.Add(time.Duration(k-96)*15*time.Minute), 30*unit.PerMWh); err != nil {
			t.Fatal(err)
		}
	}
	return Config{
		Site: site.Site{
			Name: "test", Zone: time.UTC, Currency: "USD", MustRun: mw / 2,
			Connection: site.Connection{Import: 10 * mw, Rating: 11 * mw},
			Feeders:    []site.Feeder{{Name: "bus", Limit: 10 * mw}},
			Meters:     []site.Meter{{Name: "utility", Kind: site.RevenueMeter}},
			Halls:      []site.Hall{{Name: "north", Feeder: "bus", Limit: 2 * mw}, {Name: "south", Feeder: "bus", Limit: 9 * mw}},
		},
		Contracts: contracts, Rigs: rigs, Step: 15 * time.Minute, Desk: d, Market: dispatch.New(nil, solve.Options{}), Bill: bill,
	}
}

// facts are those of two groups that stand still.
func facts() Facts {
	var uses []cycle.UseState
	for _, name := range []string{"mining/a", "mining/b"} {
		uses = append(uses, cycle.UseState{Use: name, Health: unit.One, State: use.State{}, At: noon, Source: "test"})
	}
	return Facts{Facts: observe.Facts{
		Spot: cycle.Reading[unit.Price]{Value: 30 * unit.PerMWh, Known: true, At: noon.Add(-15 * time.Minute), Source: "test"},
		Uses: uses, Hashprice: cycle.Reading[unit.Hashprice]{Value: network.Hashprice(), Known: true, At: noon, Source: "test"},
	}}
}

func TestConfigReportsEveryFault(t *testing.T) {
	t.Parallel()
	c := Config{Step: 7 * time.Minute, Horizon: time.Minute}
	_, err := New(c)
	if err == nil {
		t.Fatal("a wheel without anything turned")
	}
	for _, want := range []string{"turn of 7m0s", "shorter than a turn", "needs a forecast desk"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in: %v", want, err)
		}
	}
}

func TestMesh(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		horizon, fine time.Duration
		n             int
		last          time.Duration
	}{
		"undeclared: 12 h in steps, 24 in hours": {0, 0, 48 + 24, time.Hour},
		"fine throughout":                        {24 * time.Hour, 24 * time.Hour, 96, 15 * time.Minute},
		"finer than it reaches":                  {6 * time.Hour, 12 * time.Hour, 24, 15 * time.Minute},
		"the last hour may be a part":            {150 * time.Minute, time.Hour, 4 + 2, 30 * time.Minute},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			k := config(t)
			k.Horizon, k.Fine = c.horizon, c.fine
			w, err := New(k)
			if err != nil {
				t.Fatal(err)
			}
			m := w.Mesh(noon)
			if m.Len() != c.n || m.Lengths[m.Len()-1] != c.last || m.Lengths[0] != 15*time.Minute {
				t.Errorf("%d intervals, the last of %v", m.Len(), m.Lengths[m.Len()-1])
			}
		})
	}
}

// TestTurn takes one turn from facts to entry, and its papers through JSON.
func TestTurn(t *testing.T) {
	t.Parallel()
	k := config(t)
	w, err := New(k)
	if err != nil {
		t.Fatal(err)
	}
	turn, err := w.Open(t.Context(), noon, facts())
	if err != nil {
		t.Fatal(err)
	}
	hall := map[string]unit.Power{}
	for _, u := range turn.Plan.Uses {
		hall[u.Use] = u.Meter[0]
	}
	if hall["mining/a"] > 2*mw || hall["mining/a"] < 2*mw-10 || hall["mining/b"] != 3_500_000 {
		t.Errorf("the small hall draws %v of its 2 MW, the other %v of 3.5 MW", hall["mining/a"], hall["mining/b"])
	}
	if turn.Plan.Solver.Fallback == "" {
		t.Error("a plan without a solver does not say so")
	}
	before := cycle.Registers{At: noon, Source: "test"}
	after := cycle.Registers{At: noon.Add(15 * time.Minute), Source: "test", Import: mwh(1.5), Peak: 6 * mw}
	for _, u := range turn.Plan.Uses {
		before.Uses = append(before.Uses, cycle.UseRegister{Use: u.Use})
		after.Uses = append(after.Uses, cycle.UseRegister{Use: u.Use, IT: u.Draw[0].Over(15 * time.Minute), Meter: u.Meter[0].Over(15 * time.Minute), Work: 1e15})
	}
	if err := w.Close(turn, before, after, settle.Prices{Currency: "USD", Spot: 40 * unit.PerMWh, Priced: true, Network: network, Rigs: k.Rigs}); err != nil {
		t.Fatal(err)
	}
	if got := settle.Sum(turn.Entry, books.PowerEnergy); got != 63*unit.Unit {
		t.Errorf("1.5 MWh at 40 and an adder of 2 cost %v, want 63", got.Float())
	}
	for _, h := range []cycle.Head{turn.Snapshot.Head, turn.Outlook.Head, turn.Plan.Head, turn.Orders[0].Head, turn.Delivery.Head, turn.Entry.Head} {
		if h != (cycle.Head{Version: cycle.Version, Site: "test", Turn: noon.Unix() / 900, At: noon}) {
			t.Errorf("a paper is headed %+v", h)
		}
	}
	roundTrip(t, turn)
}

func mwh(f float64) unit.Energy { return unit.Energy(f * float64(unit.MegawattHour)) }

// roundTrip writes papers and reads them back: every field, and to the byte.
func roundTrip(t *testing.T, turn *cycle.Turn) {
	t.Helper()
	raw, err := json.Marshal(turn)
	if err != nil {
		t.Fatal(err)
	}
	var again cycle.Turn
	if err := json.Unmarshal(raw, &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(turn, &again); diff != "" {
		t.Errorf("the papers read back differ (-written +read):\n%s", diff)
	}
	twice, err := json.Marshal(&again)
	if err != nil || string(twice) != string(raw) {
		t.Errorf("written again they differ: %v", err)
	}
}

func TestWhatATurnCannotDoWithout(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		change func(*Facts)
		says   string
	}{
		"the hashprice":              {func(f *Facts) { f.Hashprice.Known = false }, "hashprice is not known"},
		"the state of every machine": {func(f *Facts) { f.Uses = f.Uses[:1] }, "has no state"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w, err := New(config(t))
			if err != nil {
				t.Fatal(err)
			}
			f := facts()
			c.change(&f)
			if _, err := w.Open(t.Context(), noon, f); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want one that says %q", err, c.says)
			}
		})
	}
}

// TestInstruction: the grid orders the site down, and the turn obeys and says why.
func TestInstruction(t *testing.T) {
	t.Parallel()
	k := config(t)
	k.Orders = []export.Instruction{{ID: "event-1", Direction: export.Import, From: noon, To: noon.Add(time.Hour), Power: mw}}
	w, err := New(k)
	if err != nil {
		t.Fatal(err)
	}
	turn, err := w.Open(t.Context(), noon, facts())
	if err != nil {
		t.Fatal(err)
	}
	var drawn unit.Power
	for _, u := range turn.Plan.Uses {
		drawn += u.Meter[0]
	}
	if !turn.Snapshot.Limit.Ordered || drawn+k.Site.MustRun > mw {
		t.Errorf("the site draws %v under an instruction of 1 MW", drawn+k.Site.MustRun)
	}
}
