package main

import (
	"strings"
	"testing"

	gpuhall "sluice/live/hall"
)

// TestHallDrain walks an operator through emptying a queue of a virtual hall.
func TestHallDrain(t *testing.T) {
	t.Parallel()
	l := runLab(t)
	code, out, errs := call(t, "hall", "drain", "--data", l.data, "--contract", "spot")
	if code != exitBadInput || !strings.Contains(out, "queue spot of spot:") || !strings.Contains(errs, "not confirmed, nothing was done") {
		t.Errorf("without a yes: code %d\n%s\n%s", code, out, errs)
	}
	code, out, errs = call(t, "hall", "drain", "--data", l.data, "--contract", "aurora", "--yes")
	if code != exitBadInput || !strings.Contains(out, "promised to run: aurora") || !strings.Contains(errs, "say that you mean firm contracts too") {
		t.Errorf("a firm contract without a word: code %d\n%s\n%s", code, out, errs)
	}
	code, out, errs = call(t, "hall", "drain", "--data", l.data, "--contract", "spot", "--event", "rack-7", "--why", "rack 7 is serviced", "--by", "anna", "--yes")
	if code != exitOK || !strings.Contains(out, "rack-7 begins; sluice hall release --event rack-7 ends it") {
		t.Errorf("code %d\n%s\n%s", code, out, errs)
	}
	spot := func(s gpuhall.Status) gpuhall.Standing {
		for _, c := range s.Contracts {
			if c.Contract == "spot" {
				return c
			}
		}
		return gpuhall.Standing{}
	}
	l.until(t, "the queue is empty", func(s gpuhall.Status) bool {
		c := spot(s)
		return c.Running == 0 && c.Stopped > 0 && c.Held == "rack-7"
	})
	code, out, errs = call(t, "hall", "drain", "--data", l.data, "--contract", "spot", "--yes", "--json")
	if code != exitBadInput || !strings.Contains(errs, "rack-7 drains queue spot already") {
		t.Errorf("twice: code %d\n%s\n%s", code, out, errs)
	}
	code, out, errs = call(t, "hall", "release", "--data", l.data, "--event", "rack-7")
	if code != exitOK || !strings.Contains(out, "the queue is opened") {
		t.Errorf("release: code %d\n%s\n%s", code, out, errs)
	}
	l.until(t, "it fills again", func(s gpuhall.Status) bool { c := spot(s); return c.Running > 0 && c.Stopped == 0 && c.Held == "" })
	_, out, _ = call(t, "hall", "notices", "--data", l.data)
	if !strings.Contains(out, "by anna: rack 7 is serviced") {
		t.Errorf("notices:\n%s", out)
	}
}
