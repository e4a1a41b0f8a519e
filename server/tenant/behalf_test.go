package tenant

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"

	"sluice/store/tenants"
)

// inDoor serves the door of a world until the test ends, and returns its directory.
func (w *world) inDoor() string {
	w.tb.Helper()
	dir, err := os.MkdirTemp("", "behalf") // the name of a socket is short
	w.must(err)
	w.tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	l, err := Door(w.tb.Context(), dir)
	w.must(err)
	ctx, stop := context.WithCancel(w.tb.Context())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, l, Inside(Office{Store: w.store, Books: w, Now: w.clock}, w.server())) }()
	w.tb.Cleanup(func() {
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			w.tb.Error(err)
		}
	})
	return dir
}

// TestBehalf: the house asks in the name of one tenant, and is told what that tenant's
// token is told and nothing of another one.
func TestBehalf(t *testing.T) {
	t.Parallel()
	w := build(t)
	alpha, beta := w.enrol("alpha", 24), w.enrol("beta", 40)
	dir, s := w.inDoor(), w.server()
	for _, x := range routes() {
		if !reads(x) || strings.Contains(x.path, "{") {
			continue
		}
		status, body, err := Ask(t.Context(), dir, Errand{Tenant: "alpha", Method: http.MethodGet, Path: x.path})
		if err != nil || status != http.StatusOK {
			t.Fatalf("%s: %d %v %s", x.path, status, err, body)
		}
		if own := send(s, "GET "+x.path, alpha.text, ""); string(body) != own.body {
			t.Errorf("%s: in the name of the tenant %s, by its token %s", x.path, body, own.body)
		}
		if x.path != aboutPath && strings.Contains(string(body), "beta") {
			t.Errorf("%s: beta is named: %s", x.path, body)
		}
	}
	for _, e := range []Errand{
		{Tenant: "alpha", Method: http.MethodGet, Path: "/v1/reservations/" + beta.wish},
		{Tenant: "alpha", Method: http.MethodDelete, Path: "/v1/reservations/" + beta.wish},
		{Tenant: "nobody", Method: http.MethodGet, Path: "/v1/me"},
	} {
		if status, body, err := Ask(t.Context(), dir, e); err != nil || status != http.StatusNotFound {
			t.Errorf("%+v: %d %v %s", e, status, err, body)
		}
	}
	for _, e := range []Errand{{Tenant: "alpha/../beta", Path: "/v1/me"}, {Tenant: "beta", Path: "/v1/../../alpha/v1/me"}, {Tenant: "", Path: "/v1/me"}, {Tenant: "alpha", Path: "/"}} {
		if _, _, err := Ask(t.Context(), dir, e); !errors.Is(err, tenants.ErrUnknown) {
			t.Errorf("%+v: %v", e, err)
		}
	}
	status, body, err := Ask(t.Context(), dir, Errand{Tenant: "alpha", Method: http.MethodPost, Path: "/v1/quote", Body: []byte(`{"kind":"reserved","gpus":8,"from":"2027-01-01T00:00:00Z"}`)})
	if err != nil || status != http.StatusOK || !strings.Contains(string(body), `"available":true`) {
		t.Errorf("%d %v %s", status, err, body)
	}
}

// TestBehalfOfClosed: of a tenant that was closed nothing is told, as its tokens open
// nothing; over the network nobody is let in by the path of the door.
func TestBehalfOfClosed(t *testing.T) {
	t.Parallel()
	w := build(t)
	alpha := w.enrol("alpha", 24)
	dir := w.inDoor()
	w.must(w.store.Office().Part(t.Context(), alpha.who, today))
	if status, body, err := Ask(t.Context(), dir, Errand{Tenant: "alpha", Method: http.MethodGet, Path: "/v1/me"}); err != nil || status != http.StatusNotFound {
		t.Errorf("%d %v %s", status, err, body)
	}
	if a := send(w.server(), "GET "+behalfPath+"alpha/v1/me", "", ""); a.status != http.StatusUnauthorized {
		t.Errorf("%d %s", a.status, a.body)
	}
	if _, _, err := Ask(t.Context(), t.TempDir(), Errand{Tenant: "alpha", Method: http.MethodGet, Path: "/v1/me"}); !errors.Is(err, ErrNobody) {
		t.Error(err)
	}
}
