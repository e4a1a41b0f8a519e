package telemetry

import (
	stdcontext "context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"sluice/device"
	"sluice/unit"
)

// hour is an hour of four machines at 1,000 W to 1,003 W and of a site, every 30 s.
func hour(t *testing.T, change ...func(*Options)) (*DB, *clock) {
	t.Helper()
	c := &clock{noon}
	db := open(t, c, "", change...)
	b := db.Batch()
	for k := range int64(120) {
		for n := range 4 {
			s := machine(n, c.at, unit.Power(1000+n))
			s.Accepted = device.Stated(10 * k)
			if n == 3 {
				s.Accepted = device.Stated(10 * (k % 60)) // starts again after half an hour
			}
			b.Unit(s)
		}
		b.Site(SitePower, c.at, float64(4_000+k), Label{"site", "houston"})
		b.Site(UsePower, c.at, 4_006, Label{"site", "houston"}, Label{"use", "mining"})
		b.Site(UsePower, c.at, 1e6, Label{"site", "houston"}, Label{"use", "export"})
		commit(t, b)
		c.at = c.at.Add(30 * time.Second)
	}
	return db, c
}

// TestAnswersByHand compares PromQL with figures that were worked out by hand.
// The last samples stand at 12:59:30, the question is asked at 13:00:00.
func TestAnswersByHand(t *testing.T) {
	t.Parallel()
	db, c := hour(t)
	for query, want := range map[string]string{
		`sum(sluice_machine_power_watts)`:                                                           "4006",
		`sum by (hall) (sluice_machine_power_watts{hall="A"})`:                                      "2002", // machines 0 and 2
		`count(sluice_machine_power_watts > 1001)`:                                                  "2",
		`quantile(0.5, sluice_machine_power_watts)`:                                                 "1001.5",
		`max_over_time(sluice_site_power_watts[1h])`:                                                "4119",
		`avg_over_time(sluice_site_power_watts[1h] @ 1795179600)`:                                   "4060", // (12:00:00, 13:00:00]: 4001 to 4119
		`sluice_site_power_watts offset 30m`:                                                        "4060", // 12:30:00
		`sluice_site_power_watts @ 1795176000`:                                                      "4000", // 12:00:00
		`max_over_time(sluice_site_power_watts[10m:] offset 50m)`:                                   "4020", // steps of a minute, 12:00 to 12:10
		`sluice_site_power_watts @ 1795176000 offset -10m`:                                          "4020", // 12:10:00
		`increase(sluice_machine_accepted_shares_total{machine="10.20.1.0"}[30m])`:                  "600",  // 20 a minute
		`round(rate(sluice_machine_accepted_shares_total{machine="10.20.1.0"}[10m]) * 60, 0.001)`:   "20",
		`resets(sluice_machine_accepted_shares_total{machine="10.20.1.3"}[1h])`:                     "1",
		`sum(sluice_machine_power_watts) / (sum(sluice_machine_hashrate_hashes_per_second) / 1e12)`: "5.0075", // 4,006 W, 800 TH/s
		`sum(sluice_use_power_watts) - ignoring(use) sum(sluice_use_power_watts{use="mining"})`:     "1000000",
		`label_replace(sluice_site_power_watts, "place", "$1", "site", "(h.).*")`:                   "4119",
		`count({machine=~"10[.]20.*",__name__="sluice_machine_up"})`:                                "4",
		`count({site="houston"})`:                                                                   "35", // both databases: 4 x 8 and 3
	} {
		if got := number(t, db, query, c.at); got != want {
			t.Errorf("%s is %q, want %q", query, got, want)
		}
	}
}

// TestTheShapeIsPrometheuss holds answers to the byte.
func TestTheShapeIsPrometheuss(t *testing.T) {
	t.Parallel()
	db, _ := hour(t)
	at := "1795176090.5" // 12:01:30.5
	for sentence, q := range map[string]struct {
		path string
		form url.Values
		want string
	}{
		"a vector": {
			"/query", form("query", `sluice_machine_power_watts{machine="10.20.1.1"}`, "time", at),
			`{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"sluice_machine_power_watts","feeder":"feeder-1","group":"s21","hall":"B","machine":"10.20.1.1","model":"S21","site":"houston"},"value":[1795176090.500,"1001"]}]}}`,
		},
		"nothing":          {"/query", form("query", `nothing`, "time", at), `{"status":"success","data":{"resultType":"vector","result":[]}}`},
		"a scalar":         {"/query", form("query", `1/3`, "time", at), `{"status":"success","data":{"resultType":"scalar","result":[1795176090.500,"0.3333333333333333"]}}`},
		"infinity":         {"/query", form("query", `-1/0`, "time", at), `{"status":"success","data":{"resultType":"scalar","result":[1795176090.500,"-Inf"]}}`},
		"no number":        {"/query", form("query", `0/0`, "time", "-1.005"), `{"status":"success","data":{"resultType":"scalar","result":[-1.005,"NaN"]}}`},
		"a tiny number":    {"/query", form("query", `1e-9`, "time", "0"), `{"status":"success","data":{"resultType":"scalar","result":[0,"1e-09"]}}`},
		"text":             {"/query", form("query", `"a\"<b>"`, "time", "1"), `{"status":"success","data":{"resultType":"string","result":[1,"a\"\u003cb\u003e"]}}`},
		"an instant range": {"/query", form("query", `sluice_site_power_watts[1m]`, "time", at), `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"sluice_site_power_watts","site":"houston"},"values":[[1795176060,"4002"],[1795176090,"4003"]]}]}}`},
		"a matrix": {
			"/query_range", form("query", `sum by (hall) (sluice_machine_power_watts)`, "start", "1795176000", "end", "2026-11-20T12:01:00Z", "step", "30s"),
			`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"hall":"A"},"values":[[1795176000,"2002"],[1795176030,"2002"],[1795176060,"2002"]]},{"metric":{"hall":"B"},"values":[[1795176000,"2004"],[1795176030,"2004"],[1795176060,"2004"]]}]}}`,
		},
		"an empty matrix": {"/query_range", form("query", `nothing`, "start", "0", "end", "60", "step", "15"), `{"status":"success","data":{"resultType":"matrix","result":[]}}`},
		"series":          {"/series", form("match[]", `sluice_use_power_watts`, "match[]", `{use="export"}`), `{"status":"success","data":[{"__name__":"sluice_use_power_watts","site":"houston","use":"export"},{"__name__":"sluice_use_power_watts","site":"houston","use":"mining"}]}`},
		"no series":       {"/series", form("match[]", `nothing`), `{"status":"success","data":[]}`},
		"series cut":      {"/series", form("match[]", `sluice_use_power_watts`, "limit", "1"), `{"status":"success","data":[{"__name__":"sluice_use_power_watts","site":"houston","use":"export"}],"warnings":["results truncated due to limit"]}`},
		"names":           {"/labels", nil, `{"status":"success","data":["__name__","feeder","group","hall","machine","model","site","use"]}`},
		"names of one":    {"/labels", form("match[]", `sluice_use_power_watts`), `{"status":"success","data":["__name__","site","use"]}`},
		"values":          {"/label/hall/values", nil, `{"status":"success","data":["A","B"]}`},
		"values of one":   {"/label/machine/values", form("match[]", `{hall="B"}`), `{"status":"success","data":["10.20.1.1","10.20.1.3"]}`},
		"values before":   {"/label/hall/values", form("start", "0", "end", "60"), `{"status":"success","data":[]}`},
		"metadata":        {"/metadata", form("metric", "sluice_site_power_watts"), `{"status":"success","data":{"sluice_site_power_watts":[{"type":"gauge","help":"Power at the connection; positive draws, negative feeds in.","unit":"watts"}]}}`},
		"a warning": {
			"/query", form("query", `rate(sluice_site_power_watts[1m])`, "time", at),
			`{"status":"success","data":{"resultType":"vector","result":[{"metric":{"site":"houston"},"value":[1795176090.500,"0.03333333333333333"]}]},"infos":["PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: \"sluice_site_power_watts\" (1:6)"]}`,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			code, got := ask(t, db, q.path, q.form)
			if code != http.StatusOK || got != q.want {
				t.Errorf("%d\n%s, want\n%s", code, got, q.want)
			}
			if !json.Valid([]byte(got)) {
				t.Error("that is no JSON")
			}
		})
	}
}

func TestWrongQuestions(t *testing.T) {
	t.Parallel()
	db, _ := hour(t, func(o *Options) { o.Query.Samples, o.Query.Points = 2000, 100 })
	in := func(query, start, end, step string) url.Values {
		return form("query", query, "start", start, "end", end, "step", step)
	}
	for sentence, q := range map[string]struct {
		path string
		form url.Values
		code int
		says string
	}{
		"no query":                     {"/query", nil, 400, `"errorType":"bad_data","error":"parameter query is missing"`},
		"no PromQL":                    {"/query", form("query", "sum("), 400, "parse error"},
		"a long query":                 {"/query", form("query", strings.Repeat("1+", 10_000)+"1"), 400, "longer than 16384"},
		"deep brackets":                {"/query", form("query", strings.Repeat("(", 8000)+"1"+strings.Repeat(")", 8000), "time", "1"), 200, `"1"`},
		"a broken time":                {"/query", form("query", "1", "time", "noon"), 400, "neither seconds nor RFC 3339"},
		"a time without end":           {"/query", form("query", "1", "time", "Inf"), 400, "out of range"},
		"no step":                      {"/query_range", form("query", "1", "start", "0", "end", "1"), 400, "parameter step is missing"},
		"a step of nothing":            {"/query_range", in("1", "0", "1", "0"), 400, "at least a millisecond"},
		"a step that is no number":     {"/query_range", in("1", "0", "1", "NaN"), 400, "out of range"},
		"a step below nothing":         {"/query_range", in("1", "0", "1", "-5"), 400, "out of range"},
		"an end before the start":      {"/query_range", in("1", "9", "1", "1"), 400, "before start"},
		"too many steps":               {"/query_range", in("1", "0", "11001", "1"), 400, "more than 11000 points"},
		"a range of text":              {"/query_range", in(`"a"`, "0", "1", "1"), 400, "invalid expression type"},
		"too many samples":             {"/query", form("query", `max_over_time(sluice_site_power_watts[1h:1s])`), 422, "too many samples"},
		"too large an answer":          {"/query_range", in("sluice_machine_power_watts", "1795176000", "1795179600", "60"), 422, "sum by a label"},
		"labels that collide":          {"/query", form("query", `sum_over_time({machine="10.20.1.0"}[1m])`, "time", "1795176060"), 422, "same labelset"},
		"many to many":                 {"/query", form("query", `sluice_machine_up * on (hall) sluice_machine_up`, "time", "1795176060"), 422, "many-to-many"},
		"no selector":                  {"/series", nil, 400, "match[] is missing"},
		"a selector of everything":     {"/series", form("match[]", `{site=~".*"}`), 400, "matches everything"},
		"a broken selector":            {"/labels", form("match[]", `{`), 400, "parse error"},
		"too many selectors":           {"/series", url.Values{"match[]": make([]string, 65)}, 400, "more than 64"},
		"a label that cannot be":       {"/label/a-b/values", nil, 400, "no name of a label"},
		"a limit below nothing":        {"/labels", form("limit", "-1"), 400, "no count"},
		"a question that is not there": {"/rules", nil, 404, `"errorType":"not_found"`},
		"a form that is none":          {"/query", url.Values{"query": {"1"}, "x": {"%zz"}}, 200, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			code, got := ask(t, db, q.path, q.form)
			if code != q.code || !strings.Contains(got, q.says) {
				t.Errorf("%d %.300s, want %d %s", code, got, q.code, q.says)
			}
			if !strings.Contains(got, map[bool]string{true: `{"status":"success"`, false: `{"status":"error"`}[code == 200]) {
				t.Errorf("without the envelope: %.300s", got)
			}
		})
	}
}

func TestAskingByForm(t *testing.T) {
	t.Parallel()
	db, c := hour(t)
	for sentence, q := range map[string]struct {
		method, path, body string
		code               int
	}{
		"a form":             {"POST", "/query", form("query", "sum(sluice_machine_up)").Encode(), 200},
		"a range by form":    {"POST", "/query_range", form("query", "sum(sluice_machine_up)", "start", "1795176000", "end", "1795176600", "step", "60").Encode(), 200},
		"series by form":     {"POST", "/series", form("match[]", "sluice_machine_up").Encode(), 200},
		"labels by form":     {"POST", "/labels", "", 200},
		"a form of 2 MB":     {"POST", "/query", "query=" + strings.Repeat("x", 2<<20), 400},
		"a form that is bad": {"POST", "/query", "query=%zz", 400},
		"writing":            {"PUT", "/query", "query=1", 404},
		"deleting":           {"DELETE", "/series", "", 404},
		"values by form":     {"POST", "/label/hall/values", "", 404},
		"remote write":       {"POST", "/write", "", 404},
		"administration":     {"POST", "/admin/tsdb/delete_series", "match[]=sluice_machine_up", 404},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(q.method, "/api/v1"+q.path, strings.NewReader(q.body))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			db.Handler().ServeHTTP(w, r)
			if w.Code != q.code {
				t.Errorf("%d %s, want %d", w.Code, w.Body, q.code)
			}
		})
	}
	if got := number(t, db, `count(sluice_machine_up)`, c.at); got != "4" {
		t.Errorf("%s machines are left", got)
	}
}

// TestManyQuestionsAtOnce fills the only turn and the only place to wait.
func TestManyQuestionsAtOnce(t *testing.T) {
	t.Parallel()
	db, _ := hour(t, func(o *Options) { o.Query.Concurrent, o.Query.Waiting, o.Query.Timeout = 1, 1, 50*time.Millisecond })
	leave, err := db.gate.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	codes := make(chan string, 2)
	for range 2 {
		go func() {
			code, body := ask(t, db, "/query", form("query", "1"))
			codes <- fmt.Sprint(code, " ", body)
		}()
	}
	var both []string
	for range 2 {
		both = append(both, <-codes)
	}
	all := strings.Join(both, "\n")
	if strings.Count(all, "503") != 2 || !strings.Contains(all, "too many questions") || !strings.Contains(all, "no turn in time") {
		t.Errorf("answers\n%s", all)
	}
	leave()
	if code, body := ask(t, db, "/query", form("query", "1")); code != 200 {
		t.Errorf("after the turn was given back: %d %s", code, body)
	}
}

func TestAQuestionHasATime(t *testing.T) {
	t.Parallel()
	db, c := hour(t, func(o *Options) { o.Query.Timeout = 20 * time.Millisecond })
	slow := `sum(sum_over_time(sum_over_time(sluice_machine_power_watts[1h:1s])[1h:1s]))`
	if code, body := ask(t, db, "/query", form("query", slow, "time", c.at.Format(time.RFC3339))); code != 503 || !strings.Contains(body, "timeout") {
		t.Errorf("%d %s", code, body)
	}
	ctx, cancel := stdcontext.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	db.Handler().ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", "/api/v1/query?query=sluice_machine_up", nil))
	if w.Code != 503 {
		t.Errorf("nobody listens any more: %d %s", w.Code, w.Body)
	}
}

// TestTheVersionIsThatOfTheLibrary reads go.mod.
func TestTheVersionIsThatOfTheLibrary(t *testing.T) {
	t.Parallel()
	db, _ := hour(t)
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	var major, minor, patch int
	if _, err := fmt.Sscanf(apiVersion, "%d.%d.%d", &major, &minor, &patch); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("github.com/prometheus/prometheus v0.%d%02d.%d\n", major, minor, patch)
	if !strings.Contains(string(mod), want) {
		t.Errorf("go.mod does not name %s", want)
	}
	if _, body := ask(t, db, "/status/buildinfo", nil); !strings.Contains(body, `"version":"`+apiVersion+`"`) {
		t.Error(body)
	}
}
