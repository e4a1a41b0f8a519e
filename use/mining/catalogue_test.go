package mining

import (
	"encoding/csv"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/internal/beside"
	"sluice/unit"
)

func standard(tb testing.TB) Catalogue {
	tb.Helper()
	c, err := Standard()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func model(tb testing.TB, name string) Model {
	tb.Helper()
	m, err := standard(tb).Lookup(name)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func TestCatalogueHoldsItsModels(t *testing.T) {
	t.Parallel()
	c := standard(t)
	rated, curves, points := 0, 0, 0
	for _, m := range c.models {
		if err := m.Validate(); err != nil {
			t.Error(err)
		}
		if m.Rated() {
			rated++
		}
		curves += len(m.Curves)
	}
	for _, p := range c.presets {
		points += len(p.points)
	}
	if rated != 45 || curves != 22 || points != 139 {
		t.Errorf("%d nameplates, %d curves, %d points instead of 45, 22, 139", rated, curves, points)
	}
}

// The embedded tables must state the same facts as the tables they were taken from.
func TestCatalogueStatesTheSharedFacts(t *testing.T) {
	t.Parallel()
	c := standard(t)
	models, err := csv.NewReader(beside.Open(t, "data", "asic_models.csv")).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, row := range models[1:] {
		count[row[1]]++
	}
	for _, row := range models[1:] {
		name := row[1]
		if count[name] > 1 {
			name += " " + row[4]
		}
		m, err := c.Lookup(name)
		if err != nil {
			t.Error(err)
			continue
		}
		want := Model{Name: name, Maker: row[0], Cooling: row[2], Source: row[7], Hashrate: ths(t, row[4])}
		want.Year, _ = strconv.Atoi(row[3])
		watts, _ := strconv.Atoi(row[5])
		want.Power, want.Curves = unit.Power(watts), m.Curves
		if diff := cmp.Diff(want, m); diff != "" {
			t.Errorf("%s (-source +catalogue):\n%s", name, diff)
		}
		if e, _ := strconv.ParseFloat(row[6], 64); m.rating().Efficiency().Float()-e > 0.06 || e-m.rating().Efficiency().Float() > 0.06 {
			t.Errorf("%s: %v J/TH, its source says %v", name, m.rating().Efficiency().Float(), e)
		}
	}
}

func TestCurvesStateTheSharedFacts(t *testing.T) {
	t.Parallel()
	c := standard(t)
	rows, err := csv.NewReader(beside.Open(t, "data", "asic_power_curves.csv")).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for _, row := range rows[1:] {
		id := row[0] + "|" + row[3]
		presets := c.Presets(row[0], row[3])
		if at[id] >= len(presets) {
			t.Errorf("%s has only %d points", id, len(presets))
			continue
		}
		watts, _ := strconv.Atoi(row[8])
		want := Point{Label: row[4], Power: unit.Power(watts), Hashrate: ths(t, row[7]), Confidence: Confidence(row[10]), Source: strings.TrimSpace(row[11])}
		if diff := cmp.Diff(want, presets[at[id]]); diff != "" {
			t.Errorf("%s (-source +catalogue):\n%s", id, diff)
		}
		at[id]++
	}
}

func ths(t *testing.T, text string) unit.Hashrate {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return unit.Hashrate(v*1000 + 0.5)
}

func TestLookupFindsWhatPeopleWrite(t *testing.T) {
	t.Parallel()
	c := standard(t)
	for asked, want := range map[string]string{
		"Antminer S21 200":                         "Antminer S21 200",
		"Antminer S21":                             "Antminer S21 200", // the rating its curve was taken on
		"bitmain  antminer s21":                    "Antminer S21 200",
		"Bitmain Antminer S19j Pro":                "Antminer S19j Pro",
		"MicroBT WhatsMiner M60 170":               "WhatsMiner M60 170",
		"Antminer S21 Hydro":                       "Antminer S21 Hyd",
		"Antminer S19j Pro-A / S19j XP":            "Antminer S19j Pro-A / S19j XP",
		"Bitmain Antminer S19 (88 TH)":             "Antminer S19 (88 TH)",
		"Bitmain Antminer S19k Pro (VNish-stated)": "Antminer S19k Pro (VNish-stated)",
	} {
		m, err := c.Lookup(asked)
		if err != nil || m.Name != want {
			t.Errorf("%q gave %q, %v instead of %q", asked, m.Name, err, want)
		}
	}
}

func TestLookupHelpsWithAnUnknownName(t *testing.T) {
	t.Parallel()
	c := standard(t)
	for asked, want := range map[string][]string{
		"WhatsMiner M60":   {"WhatsMiner M60 172", "WhatsMiner M60 170", "site file"},
		"S21 Pro":          {"Antminer S21 Pro 234", "Antminer S21 Pro 245"},
		"Antminer S21 XQ":  {"Antminer S21 XP"},
		"Antminr S19k Pro": {"Antminer S19k Pro 120"},
		"":                 {"site file"},
	} {
		_, err := c.Lookup(asked)
		if err == nil {
			t.Errorf("%q was found", asked)
			continue
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q: %v does not mention %q", asked, err, w)
			}
		}
	}
}

func TestReadCatalogueReportsAllFaultsWithTheirLines(t *testing.T) {
	t.Parallel()
	const (
		models = `manufacturer,model,cooling,release_year,curve,hashrate_ths,power_w,source
A,One,air,2024,,200,3500,x
A,ONE,air,2024,,201,3500,x
A,Two,water,2024,,200,3500,x
A,Three,air,2024,lost curve,200,3.5,x
A,Four,air,2024,,200000,3500,
`
		curves = `model,chip,cooling,firmware,label,hashrate_ths,power_w,confidence,source
Five,c,air,,low,100,2000,guessed,x
Five,c,hydro,,high,-1,3000,measured,x
One,c,air,,low,100,2000,measured,x
Six,c,air,,short
`
		derating = `cooling,model,above_c,drop_percent,stop_c,effect,source
steam,,40,10,47,hot,x
air,Nine,40,10,47,hot,x
air,,40,10,30,hot,x
air,,40,10,47,hot,x
`
	)
	_, err := ReadCatalogue(models, curves, derating)
	if err == nil {
		t.Fatal("a catalogue full of faults was read")
	}
	for _, want := range []string{
		`models.csv:3: model "ONE" is there twice`,
		`models.csv:4: model "Two": cooling "water"`,
		`models.csv:5: power_w "3.5"`,
		`models.csv:5: model "Three" claims a curve`,
		`models.csv:6: states no source`,
		`models.csv:6: model "Four": nameplate: its J/TH`,
		`curves.csv:2: point 1 (2000 W, 100 TH/s): confidence "guessed"`,
		`curves.csv:3: hashrate_ths "-1"`,
		`curves.csv:3: "Five" is cooled by "hydro" here and by "air" above`,
		`curves.csv:4: model "One" is in models.csv, which does not claim this curve`,
		`curves.csv: record on line 5: wrong number of fields`,
		`derating.csv:2: cooling "steam"`,
		`derating.csv:3: model "Nine"`,
		`derating.csv:4: derate: machines stop at 30000 mC`,
		`derating.csv:5: "air" has a row already`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("not reported: %s", want)
		}
	}
	if t.Failed() {
		t.Log(err)
	}
}

func TestReadCatalogueRefusesOtherColumns(t *testing.T) {
	t.Parallel()
	_, err := ReadCatalogue("a,b\n1,2\n", "", "")
	for _, want := range []string{"models.csv:1: the columns are [a b]", "curves.csv:1:", "derating.csv:1:"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not mention %q", err, want)
		}
	}
}

func FuzzReadCatalogue(f *testing.F) {
	const (
		models   = "manufacturer,model,cooling,release_year,curve,hashrate_ths,power_w,source\nA,One,air,2024,c,200,3500,x\n"
		curves   = "model,chip,cooling,firmware,label,hashrate_ths,power_w,confidence,source\nc,i,air,,low,100.5,1700,measured,x\nTwo,i,air,F,,99,1900,blog,x\n"
		derating = "cooling,model,above_c,drop_percent,stop_c,effect,source\nair,,40,10,47,hot,x\nair,One,,,45,,x\n"
	)
	if _, err := ReadCatalogue(models, curves, derating); err != nil {
		f.Fatal(err) // the seed must get past the loader
	}
	f.Add(models, curves, derating)
	f.Add("", "\"", "a,,b\n")
	f.Fuzz(func(t *testing.T, models, curves, derating string) {
		c, err := ReadCatalogue(models, curves, derating)
		if err != nil {
			return
		}
		for _, m := range c.models {
			if err := m.Validate(); err != nil {
				t.Errorf("read without complaint, yet %v", err)
			}
		}
	})
}

// ownModel is a model as a site would declare it.
func ownModel() Model {
	return Model{
		Name: "Hall 3 special", Cooling: Air, Power: 3000, Hashrate: 150 * unit.Terahash,
		Curves: []Curve{{Firmware: "ours", Points: []Point{
			{Power: 1500, Hashrate: 80 * unit.Terahash, Confidence: Measured},
			{Power: 3000, Hashrate: 150 * unit.Terahash, Confidence: Measured},
		}}},
	}
}

func TestOwnModelsJoinTheCatalogue(t *testing.T) {
	t.Parallel()
	own, better := ownModel(), ownModel()
	better.Name = "antminer s21 200"
	c, err := standard(t).With(own, better)
	if err != nil {
		t.Fatal(err)
	}
	for asked, want := range map[string]Model{"HALL 3 special": own, "Antminer S21 200": better, "Antminer S21": better} {
		if got, err := c.Lookup(asked); err != nil || cmp.Diff(want, got) != "" {
			t.Errorf("%q gave %v, %v", asked, got.Name, err)
		}
	}
	if m := model(t, "Antminer S21 200"); m.Hashrate != 200*unit.Terahash {
		t.Errorf("the embedded catalogue was changed: %v", m)
	}
	if empty, err := (Catalogue{}).With(own); err != nil || len(empty.Names()) != 1 {
		t.Errorf("an empty catalogue took %v, %v", empty.Names(), err)
	}
}

func TestOwnModelsAreChecked(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		spoil func(*Model)
		want  []string
	}{
		"no name and no cooling": {func(m *Model) { m.Name, m.Cooling = " ", "steam" }, []string{"has no name", `cooling "steam"`}},
		"neither rating nor curve": {
			func(m *Model) { m.Power, m.Hashrate, m.Curves = 0, 0, nil },
			[]string{"neither a nameplate"},
		},
		"a rating without power":       {func(m *Model) { m.Power = 0 }, []string{"must both be positive"}},
		"a rating in kilowatts":        {func(m *Model) { m.Power = 3 }, []string{"check the units"}},
		"a rating in gigahashes":       {func(m *Model) { m.Hashrate = 150 }, []string{"check the units"}},
		"a group's power":              {func(m *Model) { m.Power = unit.Megawatt }, []string{"more than one machine draws"}},
		"a curve without points":       {func(m *Model) { m.Curves[0].Points = nil }, []string{`firmware "ours": the curve has no points`}},
		"two curves for one firmware":  {func(m *Model) { m.Curves = append(m.Curves, m.Curves[0]) }, []string{"has two curves"}},
		"a point of unknown standing":  {func(m *Model) { m.Curves[0].Points[0].Confidence = Nameplate }, []string{"point 1", `confidence "nameplate"`}},
		"a curve that falls in hashes": {func(m *Model) { m.Curves[0].Points[1].Hashrate = 80 * unit.Terahash }, []string{"point 2 (3000 W, 80 TH/s) does not rise above point 1 (1500 W, 80 TH/s)"}},
		"a curve that falls in power":  {func(m *Model) { m.Curves[0].Points[1].Power = 1500 }, []string{"point 2 (1500 W, 150 TH/s) does not rise above point 1"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			m := ownModel()
			c.spoil(&m)
			_, err := standard(t).With(m)
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%v does not mention %q", err, want)
				}
			}
		})
	}
	if _, err := standard(t).With(ownModel(), ownModel()); err == nil || !strings.Contains(err.Error(), "declared twice") {
		t.Errorf("one name for two models: %v", err)
	}
}

func TestFirmwareChoosesTheCurve(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		model, firmware string
		points          int
		top             unit.Power
		fails           string
	}{
		"factory firmware joins curve and nameplate": {model: "Antminer S21", points: 5, top: 4180},
		"factory firmware without a curve":           {model: "Antminer T21", points: 1, top: 3610},
		"a curve of another firmware is not factory": {model: "Antminer S19j Pro", points: 1, top: 3068},
		"a named firmware":                           {model: "Antminer S19j Pro", firmware: "luxos", points: 21, top: 3830},
		"a shortened name":                           {model: "Antminer S19j Pro", firmware: "VNish", points: 9, top: 2970},
		"a firmware that nobody measured":            {model: "Antminer S19j Pro", firmware: "Braiins", fails: `it has "" (nameplate), "LuxOS", "VNish 1.2.6"`},
		"a model without nameplate":                  {model: "Antminer S19j Pro 96T", fails: `name its firmware, one of "unspecified"`},
		"a model without any other firmware":         {model: "Antminer T21", firmware: "LuxOS", fails: `it has "" (nameplate);`},
		"dominated points are left out":              {model: "Antminer S19k Pro 120", points: 7, top: 4860},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			got, err := model(t, c.model).Curve(c.firmware)
			if c.fails != "" {
				if err == nil || !strings.Contains(err.Error(), c.fails) {
					t.Errorf("%v does not mention %s", err, c.fails)
				}
				return
			}
			if err != nil || len(got.Points) != c.points || got.Points[len(got.Points)-1].Power != c.top {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

// anyPoints draws a curve of arbitrary, plausible points.
func anyPoints(t *rapid.T) []Point {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Point {
		p := Point{Power: unit.Power(rapid.IntRange(500, 8000).Draw(t, "watts")), Confidence: Measured}
		e := rapid.IntRange(10, 40).Draw(t, "J/TH")
		p.Hashrate = unit.Hashrate(int64(p.Power) * 1000 / int64(e))
		return p
	}), 1, 25).Draw(t, "points")
}

func TestFrontIsWhatADeclaredCurveMustBe(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		points := anyPoints(t)
		front := Front(points)
		if faults := (Curve{Points: front}).faults(); faults != nil {
			t.Fatal(faults)
		}
		for _, p := range points {
			covered := false
			for _, q := range front {
				covered = covered || q.Power <= p.Power && q.Hashrate >= p.Hashrate
			}
			if !covered {
				t.Fatalf("%v is better than the front %v", p, front)
			}
		}
	})
}
