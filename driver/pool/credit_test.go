package pool_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/driver/pool"
)

const head = "time,minutes,accepted_difficulty,shares\n"

func TestParse(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for sentence, c := range map[string]struct {
		text string
		want []pool.Credit
	}{
		"nothing yet":              {head, nil},
		"one hour of a site":       {head + "2026-05-01T12:00:00Z,60,83819032,18000\n", []pool.Credit{{noon, time.Hour, 83_819_032, 18_000, ""}}},
		"another order, a comment": {"\xef\xbb\xbfgroup, shares,accepted_difficulty,minutes,time\r\n# the pool's export\r\ns21,5,1000.4,15,2026-05-01T14:00:00+02:00\r\n", []pool.Credit{{noon, 15 * time.Minute, 1000, 5, "s21"}}},
		"the pool credits nothing": {head + "2026-05-01T12:00:00Z,60,0,0\n", []pool.Credit{{noon, time.Hour, 0, 0, ""}}},
		"an hour and its half":     {head + "2026-05-01T12:00:00Z,60,2,2\n2026-05-01T12:00:00Z,30,1,1\n", []pool.Credit{{noon, time.Hour, 2, 2, ""}, {noon, time.Hour / 2, 1, 1, ""}}},
		"the group may be unnamed": {"time,minutes,accepted_difficulty,shares,group\n2026-05-01T12:00:00Z,60,2,2,\n", []pool.Credit{{noon, time.Hour, 2, 2, ""}}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			got, err := pool.Parse("p.csv", []byte(c.text), []string{"s21"})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("credits (-want +got):\n%s", d)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct{ text, says string }{
		"an empty file":                 {"", "no header"},
		"no column of shares":           {"time,minutes,accepted_difficulty\n", "p.csv:1: column shares is missing"},
		"a column nobody knows":         {"time,minutes,accepted_difficulty,shares,worker\n", `column "worker" is not known`},
		"a column twice":                {"time,time,minutes,accepted_difficulty,shares\n", "column time is there twice"},
		"a time without an offset":      {head + "2026-05-01T12:00:00,60,1,1\n", "p.csv:2: time"},
		"no length":                     {head + "2026-05-01T12:00:00Z,0,1,1\n", "minutes"},
		"a length beyond a day":         {head + "2026-05-01T12:00:00Z,1441,1,1\n", "1 to 1440"},
		"negative difficulty":           {head + "2026-05-01T12:00:00Z,60,-1,1\n", "accepted_difficulty"},
		"difficulty beyond any pool":    {head + "2026-05-01T12:00:00Z,60,999999999999999999,1\n", "accepted_difficulty"},
		"a difficulty that is missing":  {head + "2026-05-01T12:00:00Z,60,,1\n", "accepted_difficulty"},
		"half a share":                  {head + "2026-05-01T12:00:00Z,60,1,0.5\n", "shares"},
		"shares without difficulty":     {head + "2026-05-01T12:00:00Z,60,0,5\n", "either both are zero"},
		"a value too many":              {head + "2026-05-01T12:00:00Z,60,1,1,s21\n", "5 values under 4 columns"},
		"the same window twice":         {head + "2026-05-01T12:00:00Z,60,1,1\n# x\n2026-05-01T14:00:00+02:00,60,2,2\n", "p.csv:4: the same window as line 2"},
		"a group that the site has not": {"time,minutes,accepted_difficulty,shares,group\n2026-05-01T12:00:00Z,60,1,1,s22\n", "name one of s21"},
		"a stray quote":                 {head + "2026-05-01T12:00:00Z,6\"0,1,1\n", "p.csv:2: a quote"},
		"two faulty lines are named":    {head + "x,60,1,1\n2026-05-01T12:00:00Z,60,1,1\ny,60,1,1\n", "p.csv:4: time"},
		"megabytes":                     {strings.Repeat("#\n", 3<<20), "more than 4194304 bytes"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			got, err := pool.Parse("p.csv", []byte(c.text), []string{"s21"})
			if err == nil || !strings.Contains(err.Error(), c.says) || got != nil {
				t.Errorf("%v, error %v; want %q", got, err, c.says)
			}
		})
	}
}

// TestBounds: too many windows and too many faults end early.
func TestBounds(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	many.WriteString(head)
	from := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 50_001 {
		fmt.Fprintf(&many, "%s,60,1,1\n", from.Add(time.Duration(i)*time.Hour).Format(time.RFC3339))
	}
	if _, err := pool.Parse("p.csv", []byte(many.String()), nil); err == nil || !strings.Contains(err.Error(), "more than 50000 windows") {
		t.Errorf("error %v", err)
	}
	_, err := pool.Parse("p.csv", []byte(head+strings.Repeat("x\n", 10_000)), nil)
	if err == nil || strings.Count(err.Error(), "p.csv:") != 20 {
		t.Errorf("error of %d bytes", len(fmt.Sprint(err)))
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "p.csv")
	if _, err := pool.Load(name, nil); err == nil {
		t.Error("a file that is not there is read")
	}
	if err := os.WriteFile(name, []byte(head+"2026-05-01T12:00:00Z,60,1,1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := pool.Load(name, nil); err != nil || len(got) != 1 || !got[0].End().Equal(got[0].Start.Add(time.Hour)) {
		t.Errorf("%v, %v", got, err)
	}
}

// FuzzParse: no file makes the reader fall over, and what it takes is in bounds.
func FuzzParse(f *testing.F) {
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := pool.Parse("p.csv", bytes.Clone(text), []string{"s21"})
		if err != nil {
			if len(err.Error()) > 20_000 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			return
		}
		for _, c := range got {
			if c.Length < time.Minute || c.Length > 24*time.Hour || c.Difficulty < 0 || c.Shares < 0 || c.Start.Location() != time.UTC || c.Group != "" && c.Group != "s21" {
				t.Errorf("taken: %+v", c)
			}
			if (c.Shares == 0) != (c.Difficulty == 0) {
				t.Errorf("taken: %+v", c)
			}
		}
	})
}
