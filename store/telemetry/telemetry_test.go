package telemetry

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"sluice/device"
	"sluice/unit"
)

// noon is when the tests begin: on a boundary of two hours.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// clock is a clock that stands until it is moved.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// open opens a telemetry in a folder of its own, or in dir.
func open(t *testing.T, c *clock, dir string, change ...func(*Options)) *DB {
	t.Helper()
	if dir == "" {
		dir = t.TempDir()
	}
	o := Options{Now: c.now, LeastFree: 1}
	for _, f := range change {
		f(&o)
	}
	db, err := Open(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// machine is a machine of hall A or B that states everything.
func machine(n int, at time.Time, watts unit.Power) UnitSample {
	hall := "A"
	if n%2 == 1 {
		hall = "B"
	}
	return UnitSample{
		Unit: Unit{Site: "houston", Name: fmt.Sprintf("10.20.1.%d", n), Hall: hall, Group: "s21", Feeder: "feeder-1", Model: "S21"},
		At:   at, Power: device.Stated(watts), Limit: device.Stated(unit.Power(3600)), Hash: device.Stated(unit.Hashrate(200_000)),
		ChipMilliC: device.Stated(int64(61_250)), Uptime: device.Stated(90 * time.Second), Accepted: device.Stated(int64(7)), Asleep: device.Stated(watts < 100),
	}
}

func commit(t *testing.T, b *Batch) {
	t.Helper()
	if err := b.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// ask sends one question and returns the code and the answer.
func ask(t *testing.T, db *DB, path string, form url.Values) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	db.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1"+path+"?"+form.Encode(), nil))
	return w.Code, strings.TrimSpace(w.Body.String())
}

// number asks for one number; "" when there is no answer.
func number(t *testing.T, db *DB, query string, at time.Time) string {
	t.Helper()
	code, body := ask(t, db, "/query", url.Values{"query": {query}, "time": {at.Format(time.RFC3339Nano)}})
	var a struct {
		Data struct {
			Result []struct{ Value [2]any }
		}
	}
	if err := json.Unmarshal([]byte(body), &a); err != nil || code != http.StatusOK || len(a.Data.Result) > 1 {
		t.Fatalf("%s: %d %s %v", query, code, body, err)
	}
	if len(a.Data.Result) == 0 {
		return ""
	}
	return a.Data.Result[0].Value[1].(string)
}

func TestOneRoundIsAnswered(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	db := open(t, c, "")
	b := db.Batch()
	for n := range 4 {
		b.Unit(machine(n, noon, unit.Power(3500+n)))
	}
	b.Site(SitePower, noon, 14.5e6, Label{"site", "houston"})
	commit(t, b)
	for query, want := range map[string]string{
		`sum(sluice_machine_power_watts)`:                                                "14006",
		`sum(sluice_machine_power_watts{hall="A"})`:                                      "7002",
		`count(sluice_machine_up == 1)`:                                                  "4",
		`max(sluice_machine_chip_celsius)`:                                               "61.25",
		`min(sluice_machine_hashrate_hashes_per_second)`:                                 "200000000000000",
		`sluice_site_power_watts{site="houston"}`:                                        "14500000",
		`sluice_site_power_watts - on (site) sum by (site) (sluice_machine_power_watts)`: "14485994",
		`sum(sluice_machine_power_watts offset 1h)`:                                      "",
		`sum(sluice_machine_asleep)`:                                                     "0",
	} {
		if got := number(t, db, query, noon); got != want {
			t.Errorf("%s is %q, want %q", query, got, want)
		}
	}
	if got := db.Counts(); got.Samples != 33 || got.Machines != 4 || got.Series != 33 {
		t.Errorf("counts %+v", got)
	}
}

func nan() float64 { return math.NaN() }

func float(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatalf("%q is no number", s)
	}
	return v
}

// form makes a form of keys and values in turn.
func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}
