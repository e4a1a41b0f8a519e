package room

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// planSaid is what this test looks at of a plan.
type planSaid struct {
	Version int64
	Work    struct {
		Discount float64 `json:"discount_rate"`
		Answer   struct {
			Bare struct{ NPV float64 } `json:"without_terminal_value"`
		}
	}
}

// TestCapitalByClicks changes a figure of the plan of the demonstration, compares, saves
// it as a version, runs it on a few futures, and fetches the reports for a board.
func TestCapitalByClicks(t *testing.T) { //nolint:paralleltest // one demonstration at a time
	o := newOperator(t, 35000, 60)
	c := o.client(t, "anna")
	until(t, "the plan was run on its futures", 90*time.Second, func() bool { return o.ranRisk(t, c, "operator") })
	var before, after planSaid
	o.call(t, c, http.MethodGet, "/v1/plans/operator", &before)
	anna := o.sit(t, "anna", look{"en", "light", 1280})
	t.Run("a figure is changed, compared and saved", func(t *testing.T) {
		anna.goes(t, "/plans/operator/what-if")
		anna.replaces(t, `input[data-figure="discount_rate"]`, "15")
		anna.clicks(t, `[data-compare="1"]`)
		anna.do(t, chromedp.WaitVisible(`[data-check="1"]`, chromedp.ByQuery))
		anna.keep(t, "capital-whatif")
		o.call(t, c, http.MethodGet, "/v1/plans/operator", &after)
		if after.Version != before.Version {
			t.Errorf("a comparison made version %d", after.Version)
		}
		anna.clicks(t, `[data-check="1"]`)
		anna.clicks(t, `[data-apply="1"]`)
		until(t, "the plan is discounted at 15 %", 60*time.Second, func() bool {
			o.call(t, c, http.MethodGet, "/v1/plans/operator", &after)
			return after.Version == before.Version+1 && after.Work.Discount == 0.15
		})
		if after.Work.Answer.Bare.NPV >= before.Work.Answer.Bare.NPV {
			t.Errorf("at a higher rate it is worth %v, before %v", after.Work.Answer.Bare.NPV, before.Work.Answer.Bare.NPV)
		}
	})
	t.Run("the new version is run on futures", func(t *testing.T) {
		anna.goes(t, "/plans/operator/risk")
		anna.clicks(t, `[data-begin="1"]`)
		var runs struct {
			Risks []struct {
				Version int64
				State   string
			}
		}
		until(t, "the run is done", 3*time.Minute, func() bool {
			o.call(t, c, http.MethodGet, "/v1/plans/operator/risks", &runs)
			return len(runs.Risks) == 2 && runs.Risks[0].State == "done" && runs.Risks[0].Version == after.Version
		})
		anna.keep(t, "capital-risk")
	})
	t.Run("reports for a board", func(t *testing.T) {
		for format, head := range map[string]string{"pdf": "%PDF", "xlsx": "PK", "html": "<!"} {
			if text := fetched(t, c, o.url+"/v1/plans/operator/board?language=ar&format="+format); !bytes.HasPrefix(text, []byte(head)) {
				t.Errorf("%s begins with %.60q", format, text)
			}
		}
	})
}

// replaces writes another text into a field that has one.
func (p person) replaces(t *testing.T, field, text string) {
	t.Helper()
	p.do(t, chromedp.WaitVisible(field, chromedp.ByQuery), chromedp.ActionFunc(func(ctx context.Context) error {
		var was string
		if err := chromedp.Value(field, &was, chromedp.ByQuery).Do(ctx); err != nil {
			return err
		}
		return chromedp.SendKeys(field, strings.Repeat("\b", len(was))+text, chromedp.ByQuery).Do(ctx)
	}))
}

// fetched is a file of the room.
func fetched(t *testing.T, c *http.Client, url string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // read only
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %v %.200s", url, answer.StatusCode, err, text)
	}
	return text
}
