package telemetry

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"sluice/device"
	"sluice/unit"
)

func page(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/telemetry.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestThePageNamesEveryMetric, and no metric that is not there.
func TestThePageNamesEveryMetric(t *testing.T) {
	t.Parallel()
	text, there := page(t), map[string]bool{}
	for _, d := range Catalogue() {
		there[string(d.Metric)] = true
	}
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (sluice_\w+)`).FindAllStringSubmatch(scrape(t, said(t)), -1) {
		there[m[1]] = true
	}
	for m := range there {
		if !strings.Contains(text, "`"+m+"`") {
			t.Errorf("the page does not name %s", m)
		}
	}
	for _, m := range regexp.MustCompile(`sluice_[a-z_]+`).FindAllString(text, -1) {
		if !there[m] {
			t.Errorf("the page names %s, which is not there", m)
		}
	}
	for _, r := range Reasons() {
		if !strings.Contains(text, "`"+string(r)+"`") {
			t.Errorf("the page does not name the reason %s", r)
		}
	}
}

// TestTheExamplesAnswer asks every query of the page of a site on which each has something to say.
func TestTheExamplesAnswer(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	db := open(t, c, "")
	b := db.Batch()
	for k := range int64(60) {
		for n := range 4 {
			s := machine(n, c.at, unit.Power(3000*(n+1)))
			s.Uptime = device.Stated(time.Duration(k%50) * time.Minute)
			b.Unit(s)
		}
		b.Silent(Unit{Site: "houston", Name: "10.20.1.9", Group: "s21"}, c.at)
		here := Label{"site", "houston"}
		b.Site(SiteLimit, c.at, 40_000, here)
		b.Site(SiteReserved, c.at, 30_500, here)
		b.Site(SitePower, c.at, 30_000, here)
		b.Site(FeederPower, c.at, 12_000, here, Label{"feeder", "1"})
		b.Site(HallPower, c.at, 12_000, here, Label{"hall", "A"})
		b.Site(MeterPower, c.at, 31_000, here, Label{"meter", "main"}, Label{"kind", "revenue"})
		commit(t, b)
		c.at = c.at.Add(30 * time.Second)
	}
	examples := regexp.MustCompile("(?s)```promql\n(.*?)\n```").FindAllStringSubmatch(page(t), -1)
	if len(examples) < 10 {
		t.Fatalf("%d examples were found", len(examples))
	}
	for _, e := range examples {
		code, body := ask(t, db, "/query", form("query", e[1], "time", c.at.Add(-time.Second).Format(time.RFC3339)))
		if code != 200 || !strings.Contains(body, `"value":[`) {
			t.Errorf("%s\n%d %s", e[1], code, body)
		}
	}
	if got := number(t, db, "sum(sluice_site_limit_watts - sluice_site_reserved_watts) / 1e6", c.at); got != "0.0095" {
		t.Errorf("the room below the limit is %s MW", got)
	}
}
