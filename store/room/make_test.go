package room

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"sluice/store/storetest"
)

// at is so many seconds after the begin of September 2025.
func at(second int64) time.Time { return time.Unix(1_756_684_800+second, 0).UTC() }

func openAt(tb testing.TB, dir string) *Store {
	tb.Helper()
	s, err := Open(tb.Context(), dir)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

// must ends a test at what should not have failed.
func must(tb testing.TB, errs ...error) {
	tb.Helper()
	if err := errors.Join(errs...); err != nil {
		tb.Fatal(err)
	}
}

// site is a change of a site.
func site(name, spec string, expect int64) Put {
	return Put{Object: Object{Kind: "Site", Name: name, Spec: json.RawMessage(spec)}, Expect: expect}
}

// gone deletes a site.
func gone(name string, expect int64) Put {
	return Put{Object: Object{Kind: "Site", Name: name}, Expect: expect, Delete: true}
}

// apply makes changes as ann.
func (s *Store) apply(tb testing.TB, puts ...Put) []Object {
	tb.Helper()
	out, err := s.Apply(tb.Context(), puts, "ann", at(0))
	must(tb, err)
	return out
}

// names are those of objects, in their order.
func names(all []Object) (out []string) {
	for _, o := range all {
		out = append(out, o.Site+"/"+o.Name)
	}
	return out
}

// came is an interval of 15 minutes.
func came(n int, body string) Interval {
	return Interval{Start: at(int64(900 * n)), Length: 15 * time.Minute, Body: json.RawMessage(body)}
}

// rang is an event of an alarm.
func rang(second int64, site, code string) AlarmEvent {
	return AlarmEvent{At: at(second), Site: site, Code: code, Subject: "feeder-1", What: "raised", Body: json.RawMessage(`{"a":1}`)}
}

// message is one to a contact.
func message(contact string, second int64) Message {
	return Message{Contact: contact, Event: "e1", Body: json.RawMessage(fmt.Sprintf(`{"at":%d}`, second)), Made: at(second)}
}

// edit changes a closed database behind the store's back.
func edit(ctx context.Context, dir string, statements ...string) error {
	return storetest.Edit(ctx, filepath.Join(dir, fileName), statements...)
}

// number is how many there are of something, as the file counts them.
func number(tb testing.TB, s *Store, what string) (n int, err error) {
	tb.Helper()
	err = s.write(tb.Context(), func(ctx context.Context, p pen) error {
		t, err := p.tally(ctx, what)
		n = int(t.number)
		return err
	})
	return n, err
}
