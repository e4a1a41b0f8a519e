package room

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// seqs are the numbers of events.
func seqs(all []AlarmEvent) (out []int64) {
	for _, e := range all {
		out = append(out, e.Seq)
	}
	return out
}

// TestAlarms: the memory is the last one whole, and events are found by place, code and
// time, from both ends.
func TestAlarms(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	if state, err := s.AlarmState(t.Context()); err != nil || len(state) != 0 {
		t.Errorf("%q, %v", state, err)
	}
	for n := range int64(4) {
		events := []AlarmEvent{rang(10*n, "wa-1", "tripped"), rang(10*n+1, "tx-1", "tripped"), rang(10*n+2, "wa-1", "silent")}
		must(t, s.SaveAlarms(t.Context(), fmt.Append(nil, "memory ", n), events))
		if diff := cmp.Diff([]int64{3*n + 1, 3*n + 2, 3*n + 3}, seqs(events)); diff != "" {
			t.Error(diff)
		}
	}
	if state, err := s.AlarmState(t.Context()); err != nil || string(state) != "memory 3" {
		t.Errorf("%q, %v", state, err)
	}
	for sentence, c := range map[string]struct {
		filter AlarmFilter
		want   []int64
	}{
		"a site":                   {AlarmFilter{Site: "tx-1"}, []int64{2, 5, 8, 11}},
		"a code":                   {AlarmFilter{Code: "silent"}, []int64{3, 6, 9, 12}},
		"a site and a code":        {AlarmFilter{Site: "wa-1", Code: "tripped"}, []int64{1, 4, 7, 10}},
		"a time":                   {AlarmFilter{From: at(10), To: at(21)}, []int64{4, 5, 6, 7}},
		"the newest first":         {AlarmFilter{Site: "tx-1", Newest: true}, []int64{11, 8, 5, 2}},
		"a first page":             {AlarmFilter{Limit: 2}, []int64{1, 2}},
		"a second page":            {AlarmFilter{Limit: 2, After: 2}, []int64{3, 4}},
		"a first page backwards":   {AlarmFilter{Limit: 2, Newest: true}, []int64{12, 11}},
		"a second page backwards":  {AlarmFilter{Limit: 2, Newest: true, After: 11}, []int64{10, 9}},
		"the page after the last":  {AlarmFilter{After: 12}, nil},
		"the page before the last": {AlarmFilter{After: 1, Newest: true}, nil},
		"all of it at once":        {AlarmFilter{Site: "wa-1", Code: "silent", From: at(10), To: at(40), After: 6, Limit: 1}, []int64{9}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			got, err := s.AlarmEvents(t.Context(), c.filter)
			if diff := cmp.Diff(c.want, seqs(got)); diff != "" || err != nil {
				t.Error(diff, err)
			}
		})
	}
}

// TestAlarmsTogether: events that cannot be kept leave the memory as it was, and their
// numbers free.
func TestAlarmsTogether(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	must(t, s.SaveAlarms(t.Context(), []byte("one"), []AlarmEvent{rang(0, "", "a")}))
	bad := []AlarmEvent{rang(1, "", "a"), {At: at(1)}}
	if err := s.SaveAlarms(t.Context(), []byte("two"), bad); !errors.Is(err, ErrInvalid) || bad[0].Seq != 0 {
		t.Error(err, bad[0].Seq)
	}
	if state, err := s.AlarmState(t.Context()); err != nil || string(state) != "one" {
		t.Errorf("%q, %v", state, err)
	}
	must(t, s.SaveAlarms(t.Context(), []byte("three"), []AlarmEvent{{At: at(2), What: "acknowledged", By: "ann", Reason: "seen"}}))
	got, err := s.AlarmEvents(t.Context(), AlarmFilter{After: 1})
	if diff := cmp.Diff([]AlarmEvent{{Seq: 2, At: at(2), What: "acknowledged", By: "ann", Reason: "seen"}}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// TestOldEvents: the oldest are forgotten, and no number comes twice.
func TestOldEvents(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	s.most.events = 4
	for n := range int64(3) {
		must(t, s.SaveAlarms(t.Context(), nil, []AlarmEvent{rang(n, "", "a"), rang(n, "", "b"), rang(n, "", "c")}))
	}
	got, err := s.AlarmEvents(t.Context(), AlarmFilter{})
	if diff := cmp.Diff([]int64{6, 7, 8, 9}, seqs(got)); diff != "" || err != nil {
		t.Error(diff, err)
	}
}
