package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sluice/device"
	"sluice/live"
	"sluice/unit"
)

// The site of serveADay lives so many times faster than the computer, and may
// take four minutes of its clock to shed: drivers and sockets live in real time.
const (
	pace = 30
	shed = 240 * time.Second / pace
)

// TestAgainstTheClock runs sites that live in real time, beside each other and, since
// it is not parallel itself, beside no other test of this package.
func TestAgainstTheClock(t *testing.T) { //nolint:paralleltest,tparallel // other tests wait until it ends
	unhurried(t)
	for name, site := range map[string]func(*testing.T){"a day": serveADay, "a hall": serveWithAHall, "modes": serveThroughModes, "killed": serveKilled} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site(t)
		})
	}
}

// serveADay walks the day of an operator through a site of real sockets: the site
// is found, kept under its limit, cut by the grid, locked, stopped and resumed,
// and left.
func serveADay(t *testing.T) {
	t.Helper()
	y := newYard(t, lot{network: 60, change: map[string]string{"shed_seconds: 60": "shed_seconds: 240", "poll_seconds: 10": "poll_seconds: 15"}})
	s := y.serve(t, pace, "--entrust")
	st := y.until(t, "every machine is heard", 20*time.Second, func(s live.Status) bool { return s.Machines.Unknown == 0 })
	if st.Machines.All != 24 || !strings.Contains(s.said(), "24 machines, 24 of them adopted now") {
		t.Errorf("%d machines; the site said:\n%s", st.Machines.All, s.said())
	}
	w := y.watch(t, y.limit, shed)
	lifted := gridOrder(t, y, w, st)
	lockOuts(t, y)
	rise(t, y, w, lifted)
	stranger, wakes := somebodyElse(t, y)
	stopAndResume(t, y)
	if got := y.machine(t, stranger).Machine.State(time.Now()); got.Told.Wake != wakes {
		t.Errorf("a machine that somebody else put to sleep was woken: %+v", got)
	}
	y.say(t, "clear", stranger, "--by", "anna")
	y.until(t, "a machine that was given back wakes", time.Minute, func(s live.Status) bool {
		return troubled(s, stranger, live.Fine) && y.machine(t, stranger).Machine.State(time.Now()).Told.Wake > wakes
	})
	earnings(t, y)
	leave(t, y, s)
}

// gridOrder cuts the site for six minutes of its clock, and returns when that ends.
func gridOrder(t *testing.T, y *yard, w *watcher, st live.Status) time.Time {
	t.Helper()
	const limit unit.Power = 30_000
	until := st.At.Add(6 * time.Minute)
	y.no(t, "no feeder or hall", "instruct", "--limit-mw", "0.03", "--group", "roof", "--by", "the grid")
	y.no(t, "give megawatts", "instruct", "--limit-mw", "-3", "--by", "the grid")
	y.no(t, "its end comes after", "instruct", "--limit-mw", "0.03", "--until", "2025-07-01", "--by", "the grid")
	y.say(t, "instruct", "--limit-mw", "0.03", "--by", "the grid", "--until", until.Format(time.RFC3339Nano))
	w.bind(limit, shed)
	if !soon(t, "the instruction is carried out", shed, func() bool { return y.truth() <= limit }) {
		t.Errorf("%v after the shed window, %v was ordered", y.truth(), limit)
	}
	if got := y.status(t).Groups[0].Limit; got != limit {
		t.Errorf("the limit is shown as %v", got)
	}
	return until
}

// lockOuts locks a machine that runs. Whoever locked releases it, or two others do.
func lockOuts(t *testing.T, y *yard) {
	t.Helper()
	at := y.running(t)
	asleep := func() bool { return y.machine(t, at).Machine.State(time.Now()).Intent == device.Asleep }
	y.no(t, "no machine", "lock", "127.0.0.1", "--by", "anna")
	y.say(t, "lock", at, "--by", "anna")
	if !soon(t, "a locked machine sleeps", shed, asleep) || !troubled(y.status(t), at, live.LockedOut) {
		t.Errorf("%s is not locked out: %+v", at, y.status(t).Troubles)
	}
	y.no(t, "anna holds it", "unlock", at, "--by", "ben")
	y.no(t, "anna holds it", "unlock", at, "--by", "ben", "--and", "BEN ")
	y.say(t, "lock", at, "--by", "ben", "--watts", "9000")
	y.no(t, "anna and ben holds it", "unlock", at, "--by", "ben")
	y.say(t, "unlock", at, "--by", "ben", "--and", "carl")
	y.say(t, "lock", at, "--by", "anna", "--watts", "1")
	y.say(t, "unlock", at, "--by", "anna")
	if s := y.status(t); !troubled(s, at, live.Fine) {
		t.Errorf("%s is released and still in trouble: %+v", at, s.Troubles)
	}
}

// running is a machine that runs and obeys at once: an Avalon sleeps seconds of
// real time later, which are minutes here.
func (y *yard) running(t *testing.T) string {
	t.Helper()
	var at string
	if !soon(t, "a machine runs", time.Minute, func() bool {
		for _, u := range y.fleet.Units() {
			if u.Family != device.Avalon && u.Machine.State(time.Now()).Activity == device.Running {
				at = u.Address.String()
			}
		}
		return at != ""
	}) {
		t.Fatal("no machine runs")
	}
	return at
}

// rise waits for the end of the instruction and for the site to rise above it.
func rise(t *testing.T, y *yard, w *watcher, lifted time.Time) {
	t.Helper()
	st := y.until(t, "the instruction ends", time.Minute, func(s live.Status) bool {
		if s.At.Before(lifted.Add(-5 * time.Second)) {
			return false
		}
		w.bind(y.limit, 0)
		return s.Groups[0].Limit == y.limit
	})
	y.until(t, "the site rises again", time.Minute, func(s live.Status) bool {
		return s.Orders.Raises > st.Orders.Raises && s.Machines.Running > st.Machines.Running
	})
}

// somebodyElse puts a machine to sleep behind the back of the site, which tells of
// it and leaves it alone until somebody gives it back. It returns the machine and
// how often it had been told to wake.
func somebodyElse(t *testing.T, y *yard) (at string, wakes int) {
	t.Helper()
	at = y.running(t)
	u := y.machine(t, at)
	u.Machine.Sleep(time.Now())
	wakes = u.Machine.State(time.Now()).Told.Wake
	y.until(t, "somebody else put a machine to sleep", time.Minute, func(s live.Status) bool { return troubled(s, at, live.SleptByOther) })
	return at, wakes
}

// awake is the machines that run and were not told to sleep since told was noted.
func (y *yard) awake(told []int) (all []string) {
	for i, u := range y.fleet.Units() {
		if x := u.Machine.State(time.Now()); x.Intent != device.Asleep && x.Told.Sleep == told[i] {
			all = append(all, fmt.Sprintf("%v %s", u.Address, u.Family))
		}
	}
	return all
}

// told is how often each machine was told to sleep.
func (y *yard) told() (all []int) {
	for _, u := range y.fleet.Units() {
		all = append(all, u.Machine.State(time.Now()).Told.Sleep)
	}
	return all
}

// stopAndResume stops everything within two seconds. One person ends nothing.
func stopAndResume(t *testing.T, y *yard) {
	t.Helper()
	told := y.told()
	y.say(t, "stop", "--by", "ben")
	if !soon(t, "everything was told to sleep", 2*time.Second, func() bool { return len(y.awake(told)) == 0 }) {
		t.Errorf("two seconds after the stop these were awake: %v", y.awake(told))
	}
	y.no(t, "two different people", "resume", "--by", "ben")
	y.no(t, "two different people", "resume", "--by", "ben", "--and", " Ben")
	if st := y.status(t); !st.Stopped {
		t.Error("one person ended the stop")
	}
	y.say(t, "resume", "--by", "ben", "--and", "anna")
	st := y.until(t, "the stop is over", time.Second, func(s live.Status) bool { return !s.Stopped })
	y.until(t, "machines rise after the stop", time.Minute, func(s live.Status) bool { return s.Orders.Raises > st.Orders.Raises && s.Machines.Running > 0 })
}

// earnings looks for what was earned, and what full trust would have earned.
func earnings(t *testing.T, y *yard) {
	t.Helper()
	st := y.until(t, "intervals are settled", time.Minute, func(s live.Status) bool { return s.Earned.Intervals > 0 && s.Shadow.Intervals > 0 })
	if st.Shadow.Margin == 0 || st.Shadow.Energy <= 0 || st.Earned.Energy <= 0 {
		t.Errorf("earned %+v, would have %+v", st.Earned, st.Shadow)
	}
	code, out, _ := call(t, "control", "status", "--data", y.data)
	for _, want := range []string{"earned", "would have earned", "entrusted at the start", "plan from", "meter revenue"} {
		if code != exitOK || !strings.Contains(out, want) {
			t.Errorf("%q is missing in the status:\n%s", want, out)
		}
	}
}

// leave ends the site, which says goodbye and takes its socket with it.
func leave(t *testing.T, y *yard, s *serving) {
	t.Helper()
	if code := s.end(); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	y.no(t, "no site runs on this data directory", "status")
}
