package contractfile_test

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/books/rate"
	"sluice/driver/contractfile"
	"sluice/loop/billing"
)

func example(tb testing.TB, name string) string {
	tb.Helper()
	b, err := contractfile.Example(name)
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

// TestExamples: what the shipped contracts say arrives in base units and seconds.
func TestExamples(t *testing.T) {
	t.Parallel()
	hall, err := contractfile.Load("colocation")
	if err != nil {
		t.Fatal(err)
	}
	chicago := hall.Zone
	july := time.Date(2025, 7, 1, 0, 0, 0, 0, chicago).Unix()
	v := hall.Versions[0]
	if hall.ID != "hall-2" || hall.Customer.ID != "acme" || v.Start != july || v.Valid.From != july || chicago.String() != "America/Chicago" || v.Back != 24 {
		t.Errorf("%+v", hall.Contract)
	}
	want := rate.Term{
		Name: "Power of hall 2", Kind: rate.PassThrough, Unit: rate.MegawattHour, Component: "facility", IT: "it", Cap: 1_250_000, CapSeconds: 3600, Price: "energy", Meters: []string{"hall-2"},
	}
	if d := cmp.Diff(want, v.Terms[1]); d != "" {
		t.Error(d)
	}
	if r := v.Terms[0]; r.Commitment != 2_000_000 || r.Escalator != 30_000 || len(r.Ramp) != 2 || r.Ramp[1] != 750_000 {
		t.Errorf("%+v", r)
	}
	if s := hall.Service; s.Credit != billing.OnNote || s.Agreement.Tiers[0].Below != 999_800 || s.Agreement.Allows[0].Yearly != 86_400 || s.Parts[0].Weight != 1000 || s.Agreement.Denominator != rate.Contracted {
		t.Errorf("%+v", s)
	}
	gpu, err := contractfile.Load("gpu-reserved")
	if err != nil {
		t.Fatal(err)
	}
	terms := gpu.Versions[0].Terms
	if terms[1].Commitment != 46_080*3600 || terms[3].Bands[0].UpTo != 100 || terms[5].Rate != 190_000 || terms[6].Kind != rate.Prepayment || gpu.Prices[0].Value != 2_100_000 {
		t.Errorf("%+v", terms)
	}
}

// TestDigits: a price arrives as it is written, however many digits it has.
func TestDigits(t *testing.T) {
	t.Parallel()
	text := strings.Replace(example(t, "colocation"), "value: 125.00", "value: 1_123456789.123456", 1)
	c, err := contractfile.Read(strings.NewReader(text), "x")
	if err != nil || c.Prices[0].Value != 1_123_456_789_123_456 {
		t.Errorf("%+v %v", c, err)
	}
}

// TestFaults: every fault is told with its line.
func TestFaults(t *testing.T) {
	t.Parallel()
	hall, gpu := example(t, "colocation"), example(t, "gpu-reserved")
	for sentence, c := range map[string]struct{ whole, from, to, want string }{
		"an unknown key":                {hall, "series:", "serial:", "serial"},
		"a key twice":                   {hall, "currency: USD", "currency: USD\ncurrency: USD", "currency"},
		"no id":                         {hall, "contract: hall-2", "contract: ''", "line 3: contract: is missing"},
		"a zone that is none":           {hall, "America/Chicago", "Texas", `line 6: time_zone: "Texas"`},
		"a currency that is none":       {hall, "currency: USD", "currency: dollars", "line 5: currency"},
		"a contract in bitcoin":         {hall, "currency: USD", "currency: BTC", "line 5: currency"},
		"a percentage of nothing":       {hall, "rate: 1.5 %", "rate: 0 %", "a percentage has a rate"},
		"a series with small letters":   {hall, "HOU-2025", "hou", "line 4: series"},
		"a customer that is no account": {hall, "id: acme", "id: Acme Inc", "line 15: customer.id"},
		"a country of three letters":    {hall, "country: US", "country: USA", "line 12: seller.country"},
		"a day that is none":            {hall, "start: 2025-07-01", "start: July", `line 7: start: "July"`},
		"a kind that is none":           {hall, "kind: reservation", "kind: rent", "kind is not known"},
		"a unit that is none":           {hall, "unit: kW-month", "unit: kWh", `line 29: versions[0].terms[0].unit: "kWh"`},
		"a commitment below zero":       {hall, "commitment: 2000", "commitment: -5", "line 30: versions[0].terms[0].commitment"},
		"a commitment beyond all":       {hall, "commitment: 2000", "commitment: 99999999999999999", "line 30"},
		"a percentage without its sign": {hall, "escalator: 3 %", "escalator: 0.03", "line 32: versions[0].terms[0].escalator"},
		"a cap below one":               {hall, "pue_cap: 1.25", "pue_cap: 0.8", "line 39: versions[0].terms[1].pue_cap"},
		"a price that is not there":     {hall, "price: hall", "price: room", `there is no price named "room"`},
		"a price that nobody uses":      {hall, "- name: remote-hands", "- name: remote-feet", `no term has a price named "remote-feet"`},
		"a reservation below zero":      {hall, "value: 125.00", "value: -125.00", "line 58: prices[0].value: -125.00: only a price of energy may be negative"},
		"too many decimals":             {hall, "value: 125.00", "value: 125.0000001", "line 58: prices[0].value: \"125.0000001\": write a number with at most six decimals"},
		"two prices at once":            {hall, "to: 2025-09-16", "to: 2025-09-17", "two versions are in force at once"},
		"two versions at once": {
			hall, "    valid_to: 2027-07-01\n", "    valid_to: 2027-07-01\n    terms: [{name: a, kind: fixed, unit: month, price: hall}]\n  - version: 2\n    valid_from: 2027-06-30\n",
			"versions[1].valid_from: two versions are in force at once",
		},
		"a version that ends first":    {hall, "valid_to: 2027-07-01", "valid_to: 2024-07-01", "must begin after 1969"},
		"a tax of what comes later":    {gpu, "- name: VAT\n        kind: tax", "- name: VAT\n        kind: tax\n        of: [Prepayment]", "does not stand before it"},
		"bands that do not rise":       {gpu, "up_to: 100", "up_to: 0", "band 1"},
		"a credit in the air":          {hall, "credit: note", "credit: maybe", "service.credit"},
		"a fee that is no term":        {hall, "- Hall 2", "- Hall 9", "service.fee"},
		"tiers that do not fall":       {hall, "below: 99.9 %", "below: 99.99 %", "tier 2"},
		"a cause that is none":         {hall, "cause: customer", "cause: weather", "weather"},
		"a part that weighs less":      {hall, "weight: 1000 }", "weight: -1 }", "a part weighs something"},
		"corrections backwards":        {hall, "corrections_months: 24", "corrections_months: -1", "line 8: corrections_months"},
		"what is no YAML":              {hall, "prices:", "prices: [", "must be specified"},
		"a name with a bell":           {hall, "name: Acme Compute Inc.", `name: "Acme \a"`, "control characters"},
		"a number where a list stands": {hall, "ramp: [50 %, 75 %]", "ramp: 50", "ramp"},
	} {
		text := strings.Replace(c.whole, c.from, c.to, 1)
		if text == c.whole {
			t.Fatalf("%s: nothing was changed", sentence)
		}
		if _, err := contractfile.Read(strings.NewReader(text), "x.yaml"); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "x.yaml") {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	two := strings.NewReplacer("escalator: 3 %", "escalator: 3", "weight: 1000", "weight: -1").Replace(hall)
	if _, err := contractfile.Read(strings.NewReader(two), "x"); err == nil || strings.Count(err.Error(), "line ") != 3 {
		t.Errorf("three faults: %v", err)
	}
	for _, text := range []string{"", "[]", "a: &a [*a]", strings.Repeat(" ", 300<<10)} {
		if _, err := contractfile.Read(strings.NewReader(text), "x"); err == nil {
			t.Errorf("%.10q was read", text)
		}
	}
	if _, err := contractfile.Load("nowhere"); err == nil || !strings.Contains(err.Error(), "colocation") {
		t.Errorf("an unknown example: %v", err)
	}
}

const head = "contract,meter,component,start,end,quantity,unit,revision,estimated\n"

// TestUsage: units become base units, exactly or to the nearest, and what can be
// understood is read however wrong it is.
func TestUsage(t *testing.T) {
	t.Parallel()
	from := int64(1756702800) // 2025-09-01T00:00:00-05:00
	for sentence, c := range map[string]struct {
		quantity, unit string
		want           int64
		measure        billing.Measure
	}{
		"kilowatt-hours":        {"1250.5", "kWh", 4_501_800_000, billing.Energy},
		"watt-hours":            {"1", "Wh", 3600, billing.Energy},
		"megawatt-hours":        {"0.000001", "MWh", 3600, billing.Energy},
		"joules":                {"7", "J", 7, billing.Energy},
		"half a joule":          {"0.5", "J", 0, billing.Energy},
		"one and a half":        {"1.5", "J", 2, billing.Energy},
		"GPU-hours":             {"0.25", "GPU-hours", 900, billing.GPUTime},
		"GPU-seconds":           {"900", "GPU-seconds", 900, billing.GPUTime},
		"pieces":                {"3", "pieces", 3, billing.Count},
		"less than nothing":     {"-2", "pieces", -2, billing.Count},
		"the largest that fits": {"9223372036854775807", "J", math.MaxInt64, billing.Energy},
	} {
		got, err := contractfile.Usage(strings.NewReader(head+"k,m,c,2025-09-01T00:00:00-05:00,2025-09-01T05:15:00Z,"+c.quantity+","+c.unit+",2,yes\n"), "u")
		if err != nil || len(got) != 1 {
			t.Errorf("%s: %v", sentence, err)
			continue
		}
		want := rate.Interval{Contract: "k", Meter: "m", Component: "c", From: from, To: from + 900, Quantity: c.want, Revision: 2, Estimated: true}
		if got[0].Interval != want || got[0].Measure != c.measure {
			t.Errorf("%s: %+v", sentence, got[0])
		}
	}
	got, err := contractfile.Usage(strings.NewReader("\xef\xbb\xbfunit,quantity,end,start,component,meter,contract\npieces,1,2025-09-01T00:00:00Z,2025-09-02T00:00:00Z,c,m,\n"), "u")
	if err != nil || len(got) != 1 || got[0].From <= got[0].To || got[0].Revision != 1 || got[0].Contract != "" {
		t.Errorf("other columns, backwards, of no contract: %+v %v", got, err)
	}
}

// TestBadDeliveries: what cannot be understood is told with its line, all of it.
func TestBadDeliveries(t *testing.T) {
	t.Parallel()
	good := "k,m,c,2025-09-01T00:00:00Z,2025-09-01T00:15:00Z,1,kWh,1,no\n"
	for want, body := range map[string]string{
		"no header":                             "",
		`column "colour"`:                       strings.Replace(head, "meter", "colour", 1) + good,
		`column "unit" is missing`:              "contract,meter,component,start,end,quantity\n",
		"u.csv, line 3: unit \"kwh\"":           head + good + strings.Replace(good, "kWh", "kwh", 1),
		"line 2: quantity \"1,5\"":              head + strings.Replace(good, ",1,kWh", `,"1,5",kWh`, 1),
		"line 2: quantity \"1e3\"":              head + strings.Replace(good, ",1,kWh", ",1e3,kWh", 1),
		"line 2: quantity \"1/3\"":              head + strings.Replace(good, ",1,kWh", ",1/3,kWh", 1),
		"beyond any meter":                      head + strings.Replace(good, ",1,kWh", ",9999999999999999,kWh", 1),
		"line 2: start \"2025-09-01 00:00:00\"": head + strings.Replace(good, "2025-09-01T00:00:00Z", "2025-09-01 00:00:00", 1),
		"line 2: end \"2025-09-01T00:15:00.5Z":  head + strings.Replace(good, "00:15:00Z", "00:15:00.5Z", 1),
		"line 2: revision \"-1\"":               head + strings.Replace(good, "kWh,1", "kWh,-1", 1),
		"line 2: estimated \"maybe\"":           head + strings.Replace(good, ",no", ",maybe", 1),
		"line 2: 8 cells, and 9 columns":        head + strings.Replace(good, ",no", "", 1),
		"a meter and a component are needed":    head + strings.Replace(good, "k,m,", "k,,", 1),
		"what follows was not read":             head + good + "k,\"m\n",
		"and 5 faults more":                     head + strings.Repeat(strings.Replace(good, "kWh", "kwh", 1), 25),
	} {
		got, err := contractfile.Usage(strings.NewReader(body), "u.csv")
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "u.csv") {
			t.Errorf("want %q: %v, %v", want, got, err)
		}
	}
}

// TestOutages: outages need evidence, exclusions are read without.
func TestOutages(t *testing.T) {
	t.Parallel()
	out, err := contractfile.Outages(strings.NewReader("contract,part,from,to,evidence\nk,feed-a,2025-09-03T10:00:00Z,2025-09-03T11:00:00Z,ticket 7\n"), "o")
	if err != nil || len(out) != 1 || out[0].Part != "feed-a" || out[0].To-out[0].From != 3600 || out[0].Evidence == [32]byte{} {
		t.Errorf("%+v %v", out, err)
	}
	for want, body := range map[string]string{
		"evidence is missing": "k,a,2025-09-03T10:00:00Z,2025-09-03T11:00:00Z,\n",
		"ends before":         "k,a,2025-09-03T12:00:00Z,2025-09-03T11:00:00Z,x\n",
	} {
		if _, err := contractfile.Outages(strings.NewReader("contract,part,from,to,evidence\n"+body), "o"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
	excuses, err := contractfile.Exclusions(strings.NewReader("contract,part,cause,from,to,announced\nk,,maintenance,2025-09-03T10:00:00Z,2025-09-03T11:00:00Z,2025-08-20T10:00:00Z\nk,,maintenance,2025-09-03T10:00:00Z,2025-09-03T11:00:00Z,\n"), "x")
	if err != nil || len(excuses) != 2 || excuses[0].Announced != 1755684000 || excuses[1].Announced != excuses[1].To {
		t.Errorf("%+v %v", excuses, err)
	}
	if _, err := contractfile.Exclusions(strings.NewReader("contract,part,cause,from,to\nk,,weather,2025-09-03T10:00:00Z,2025-09-03T09:00:00Z\n"), "x"); err == nil || strings.Count(err.Error(), "line 2") != 2 {
		t.Errorf("%v", err)
	}
}

// FuzzRead: whatever is read as a contract is one that can be rated.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"colocation", "gpu-reserved"} {
		f.Add(example(f, name))
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := contractfile.Read(strings.NewReader(text), "x")
		if err != nil {
			return
		}
		for _, v := range got.Versions {
			if err := v.Validate(); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(got.Text, []byte(text)) || len(got.Versions) == 0 || got.Zone == nil {
			t.Fatal("half a contract")
		}
	})
}

// FuzzDeliveries: no delivery breaks a reader, and what is read is within its bounds.
func FuzzDeliveries(f *testing.F) {
	f.Add(head + "k,m,c,2025-09-01T00:00:00Z,2025-09-01T00:15:00Z,1.5,kWh,1,no\n")
	f.Add("contract,part,from,to,evidence\nk,feed-a,2025-09-03T10:00:00Z,2025-09-03T11:00:00Z,ticket 7\n")
	f.Add("contract,part,cause,from,to,announced\nk,,maintenance,2025-09-03T10:00:00Z,2025-09-03T11:00:00Z,2025-08-20T10:00:00Z\n")
	f.Fuzz(func(t *testing.T, text string) {
		used, err := contractfile.Usage(strings.NewReader(text), "u")
		for _, x := range used {
			if err == nil && (x.Meter == "" || x.Revision < 0 || x.Measure == "" || x.Quantity == math.MinInt64) {
				t.Fatalf("%+v", x)
			}
		}
		out, err := contractfile.Outages(strings.NewReader(text), "o")
		for _, x := range out {
			if err == nil && x.To <= x.From {
				t.Fatalf("%+v", x)
			}
		}
		_, _ = contractfile.Exclusions(strings.NewReader(text), "x")
	})
}
