package room

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/people"
)

// TestOnce: a deed with a key happens once, and its answer comes again.
func TestOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, viewer := w.admin(), w.as(people.Viewer, "a")
	key := func(k string) []string { return []string{idempotencyKey, k} }
	reason := Reason{"she left"}
	ann.ok(http.StatusCreated, "POST", "/v1/people", NewPerson{Name: "carol"})

	for sentence, bad := range map[string]string{"none": "", "short": "1234567", "long": strings.Repeat("a", 129), "strange": "12345678 9", "of other letters": "ключключ"} {
		if a := ann.do("POST", "/v1/people/carol/close", reason, key(bad)...); a.status != http.StatusBadRequest || a.problem().Code != "key_missing" {
			t.Errorf("%s: %d %s", sentence, a.status, a.body)
		}
	}
	label := func(text string, k string) reply {
		return ann.do("PATCH", "/v1/me", MyChange{Label: &text}, key(k)...)
	}
	first := label("Ann One", "12345678")
	if first.status != http.StatusOK || first.header.Get("Idempotent-Replayed") != "" {
		t.Fatal(first.status, first.body)
	}
	label("Ann Two", "another-deed")
	again := label("Ann One", "12345678")
	if again.status != first.status || again.body != first.body || again.header.Get("Idempotent-Replayed") != "true" || again.header.Get("Content-Type") != first.header.Get("Content-Type") {
		t.Errorf("%d %v %s, first %s", again.status, again.header, again.body, first.body)
	}
	if now := ann.ok(http.StatusOK, "GET", "/v1/session", nil).body; !strings.Contains(now, "Ann Two") {
		t.Errorf("it was done twice: %s", now)
	}
	if a := label("Ann Three", "12345678"); a.status != http.StatusConflict || a.problem().Code != "key_reused" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := ann.do("POST", "/v1/me/recovery", nil, key("12345678")...); a.problem().Code != "key_reused" {
		t.Errorf("of another route: %d %s", a.status, a.body)
	}
	if a := viewer.do("PATCH", "/v1/me", MyChange{Label: new("Ann One")}, key("12345678")...); a.status != http.StatusOK || strings.Contains(a.body, `"ann"`) {
		t.Errorf("the key of somebody else: %d %s", a.status, a.body)
	}
	w.later(keptFor - time.Minute)
	ann = w.admin()
	if a := label("Ann Three", "12345678"); a.problem().Code != "key_reused" {
		t.Errorf("a minute before it is forgotten: %d %s", a.status, a.body)
	}
	w.later(time.Minute)
	if a := label("Ann Three", "12345678"); a.status != http.StatusOK {
		t.Errorf("a day later: %d %s", a.status, a.body)
	}
}

// TestWhatIsShownOnce is not kept: the repetition says that it was done.
func TestWhatIsShownOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.admin()
	for i, c := range []struct {
		path string
		body any
	}{
		{"/v1/people", NewPerson{Name: "carol"}},
		{"/v1/people/carol/invitation", nil},
		{"/v1/me/code", nil},
		{"/v1/me/recovery", nil},
		{"/v1/tokens", NewToken{Label: "x", Scope: ann.grants}},
		{"/v1/me/password", map[string]string{"old": password, "fresh": "another horse of mine"}},
	} {
		k := []string{idempotencyKey, "the-one-key-" + itoa(i)}
		first := ann.do("POST", c.path, c.body, k...)
		if first.status >= 300 {
			t.Fatalf("%s: %d %s", c.path, first.status, first.body)
		}
		if c.path == "/v1/me/password" {
			ann = w.admin()
		}
		again := ann.do("POST", c.path, c.body, k...)
		if again.status != http.StatusConflict || again.problem().Code != "shown_once" || again.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d %s", c.path, again.status, again.body)
		}
	}
}

// TestWhatMayBeTriedAgain: a refusal because of who asks is no answer to keep.
func TestWhatMayBeTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.login("ann")
	ann.enrolApp(t)
	w.later(people.StepUp)
	k := []string{idempotencyKey, "the-one-key"}
	if a := ann.do("POST", "/v1/people", NewPerson{Name: "carol"}, k...); a.status != http.StatusForbidden {
		t.Fatal(a.status, a.body)
	}
	ann.ok(http.StatusOK, "POST", "/v1/session/proof", map[string]string{"code": w.code("ann")})
	if a := ann.do("POST", "/v1/people", NewPerson{Name: "carol"}, k...); a.status != http.StatusCreated {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// TestAtTheSameTime: of many that come at once with one key one is carried out.
func TestAtTheSameTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.admin()
	var mu sync.Mutex
	found := map[string]int{}
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() {
			a := ann.do("POST", "/v1/people", NewPerson{Name: "carol"}, idempotencyKey, "the-one-key")
			mu.Lock()
			defer mu.Unlock()
			found[itoa(a.status)+a.problem().Code]++
		})
	}
	wait.Wait()
	if found["201"] != 1 || found["201"]+found["409in_progress"]+found["409shown_once"] != 16 {
		t.Errorf("%v", found)
	}
}

// TestRecentIsBounded: by number, by bytes and by time; what is under way stays.
func TestRecentIsBounded(t *testing.T) {
	t.Parallel()
	ctx, k := t.Context(), newRecent()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, _, err := k.Claim(ctx, "under way", []byte("p"), noon)
	must(err)
	for i := range 3 * mostDeeds {
		_, _, err := k.Claim(ctx, itoa(i), []byte("p"), noon)
		must(err)
		must(k.Keep(ctx, itoa(i), []byte("a")))
	}
	if len(k.all) > mostDeeds+1 || len(k.order) > mostDeeds+1 {
		t.Errorf("%d kept, %d in order", len(k.all), len(k.order))
	}
	if held, answer, _ := k.Claim(ctx, "under way", []byte("q"), noon.Add(2*keptFor)); string(held) != "p" || answer != nil {
		t.Errorf("%s %s", held, answer)
	}
	if len(k.all) != 1 {
		t.Errorf("%d kept after two days", len(k.all))
	}
	for i := range 2 * mostDeedBytes / mostKept {
		_, _, err := k.Claim(ctx, itoa(i), nil, noon)
		must(err)
		must(k.Keep(ctx, itoa(i), make([]byte, mostKept)))
	}
	if k.bytes > mostDeedBytes+mostKept {
		t.Errorf("%d bytes", k.bytes)
	}
	must(k.Release(ctx, "under way"))
	for key := range k.all {
		must(k.Release(ctx, key))
	}
	if k.bytes != 0 {
		t.Errorf("%d bytes of nothing", k.bytes)
	}
}
