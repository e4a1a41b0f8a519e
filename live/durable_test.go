package live

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestUnkept: what a person asks for is done while the disk hangs, and the answer
// says that a restart would forget it. A disk that answers is waited for.
func TestUnkept(t *testing.T) {
	t.Parallel()
	j := &slab{}
	s, _ := listening(t, j)
	lock := func() Answer {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/lock", strings.NewReader(`{"by":"ann","machine":"127.120.0.1"}`)))
		var a Answer
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%d %v %s", w.Code, err, w.Body)
		}
		return a
	}
	if a := lock(); a.Unkept != "" || len(j.all()) == 0 {
		t.Errorf("on a disk that answers: %+v, %d records", a, len(j.all()))
	}
	free := j.hang()
	t.Cleanup(free)
	began := time.Now()
	if a := lock(); !strings.Contains(a.Unkept, "after a restart it would be forgotten") || !strings.Contains(a.Done, "held") || time.Since(began) > 2*settleMost {
		t.Errorf("on a disk that hangs: %+v after %v", a, time.Since(began))
	}
}
