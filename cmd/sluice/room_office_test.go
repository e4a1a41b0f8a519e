package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"sluice/server/room"
	counter "sluice/server/tenant"
	"sluice/store/tenants"
)

// officed serves the door of an office with one tenant until the test ends, and returns
// its directory.
func officed(t *testing.T, tenant string) string {
	t.Helper()
	dir := t.TempDir()
	store, err := tenants.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	at := func() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }
	book, err := newSiteBook("houston-gpu", store, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	s, err := counter.New(counter.Config{Desk: store.Desk(), Clerk: counter.Registry{Office: store.Office(), Store: store}, Books: book, Now: at})
	if err != nil {
		t.Fatal(err)
	}
	l, err := counter.Door(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- counter.Serve(ctx, l, counter.Inside(counter.Office{Store: store, Books: book, Now: at, Turn: s.Turn()}, s))
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := counter.Tell(t.Context(), dir, counter.Order{Do: "add", Tenant: tenant, Label: tenant}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestRoomOffice: what a tenant asks for in the control room waits in the office that
// 'sluice tenant' knows, and is answered once.
func TestRoomOffice(t *testing.T) {
	t.Parallel()
	o := roomOffice{officed(t, "acme")}
	wish := `{"kind":"on-demand","gpus":8,"from":"2027-01-01T00:00:00Z","key":"po-7","says":"soon"}`
	status, body, err := o.Ask(t.Context(), "acme", room.TenantAsk{Method: http.MethodPost, Path: "/v1/reservations", Body: []byte(wish)})
	if err != nil || status != http.StatusCreated {
		t.Fatalf("%d %v %s", status, err, body)
	}
	var asked counter.Reservation
	if err := json.Unmarshal(body, &asked); err != nil {
		t.Fatal(err)
	}
	all, err := o.Wishes(t.Context())
	if err != nil || len(all) != 1 || all[0].ID != asked.ID || all[0].Tenant != "acme" || all[0].Key != "po-7" || all[0].Says != "soon" || all[0].GPUs != 8 || all[0].Fits != "yes" {
		t.Fatalf("%+v %v", all, err)
	}
	done, err := o.Decide(t.Context(), room.Decision{Wish: asked.ID, Accept: true, Contract: "acme-7", By: "ben"})
	if err != nil || done == "" {
		t.Errorf("%q %v", done, err)
	}
	if _, err := o.Decide(t.Context(), room.Decision{Wish: "nothing", Why: "no", By: "ben"}); !errors.Is(err, room.ErrOffice) {
		t.Errorf("%v", err)
	}
	_, body, err = o.Ask(t.Context(), "acme", room.TenantAsk{Method: http.MethodGet, Path: "/v1/reservations"})
	if err != nil || !strings.Contains(string(body), `"by":"ben"`) || !strings.Contains(string(body), `"contract":"acme-7"`) {
		t.Errorf("%v %s", err, body)
	}
	if _, err := (roomOffice{t.TempDir()}).Wishes(t.Context()); !errors.Is(err, room.ErrNoOffice) {
		t.Errorf("nobody is there: %v", err)
	}
}

// TestDatabases: every database below a directory is found with what it has not folded in
// yet, and nothing else.
func TestDatabases(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, size := range map[string]int{"room.db": 100, "room.db-wal": 50, "sites/a/data/sluice.db": 7, "sites/a/data/telemetry/x.db": 9, "note.txt": 3} {
		at := dir + "/" + name
		if err := os.MkdirAll(at[:strings.LastIndex(at, "/")], 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all := databases(t.Context(), dir)
	if len(all) != 2 || all[0].Name != "room.db" || all[0].Bytes != 150 || all[1].Name != "sites/a/data/sluice.db" || all[1].Bytes != 7 {
		t.Errorf("%+v", all)
	}
	if d, known := diskOf(dir); !known || d.Size <= 0 || d.Free < 0 || d.Free > d.Size {
		t.Errorf("%+v %t", d, known)
	}
	if _, known := diskOf(dir + "/nothing"); known {
		t.Error("a directory that is not there has a disk")
	}
}
