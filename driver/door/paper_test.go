package door_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sluice/driver/door"
)

func TestRead(t *testing.T) {
	t.Parallel()
	for body, fault := range map[string]string{
		`{"limit": 5}`:                     "",
		`{"limit": 5, "by": "anna"}`:       `unknown field "by"`,
		`{"limit": 5}{"limit": 6}`:         "more than one request",
		`{"limit": `:                       "unexpected EOF",
		``:                                 "EOF",
		strings.Repeat(" ", 65<<10) + `{}`: "too large",
	} {
		var q struct{ Limit int }
		err := door.Read(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body)), &q)
		if fault == "" && (err != nil || q.Limit != 5) || fault != "" && (err == nil || !strings.Contains(err.Error(), fault)) {
			t.Errorf("%.40q: %+v, %v, want %q", body, q, err, fault)
		}
	}
}

func TestWrite(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	door.Write(w, http.StatusConflict, map[string]string{"no": "<why>"})
	if w.Code != http.StatusConflict || w.Header().Get("Content-Type") != "application/json" || w.Body.String() != "{\n  \"no\": \"\\u003cwhy\\u003e\"\n}\n" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

// FuzzRead: whatever comes, a request is read whole and by its known fields, or refused.
func FuzzRead(f *testing.F) {
	for _, s := range []string{`{"limit": 5}`, `{"limit": 5} {}`, `{"Limit": -1}`, `[]`, `{"limit": 1e3}`, "\xff", `null`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var q struct{ Limit int }
		if door.Read(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(body)), &q) != nil {
			return
		}
		var known map[string]json.RawMessage
		if err := json.Unmarshal(body, &known); err != nil {
			t.Fatalf("%q is taken and is no object: %v", body, err)
		}
		for name := range known {
			if !strings.EqualFold(name, "limit") {
				t.Errorf("%q is taken with the field %q", body, name)
			}
		}
	})
}
