package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/scan"
)

// listed is a line of sluice world --list.
type listed struct {
	Address, Model, MAC string
	Family              device.Family
	Lies                bool
	Persists            bool
	Locked, Occupied    bool
	NextRestart         *time.Time `json:"next_restart"`
}

// town is a virtual site that the program itself serves.
type town struct {
	units   []listed
	offset  string
	secrets string
}

// secret is what every machine of the town asks for.
const secret = "kiruna-snow-17"

// freeOffset finds an offset at which the ports of all families are free.
func freeOffset(t *testing.T) int {
	t.Helper()
	for range 50 {
		offset, free := 10_000+rand.IntN(15_000), true
		for _, p := range []int{80, 4028, 4433, 6060} {
			var lc net.ListenConfig
			l, err := lc.Listen(t.Context(), "tcp4", "0.0.0.0:"+strconv.Itoa(p+offset))
			if free = free && err == nil; err == nil {
				_ = l.Close()
			}
		}
		if free {
			return offset
		}
	}
	t.Fatal("no free ports")
	return 0
}

// townOf starts sluice world and waits for its ready line.
func townOf(t *testing.T, args ...string) town {
	t.Helper()
	return settleWith(t, secret, args...)
}

// settleWith gives all machines one password; empty: each family its own.
func settleWith(t *testing.T, password string, args ...string) town {
	t.Helper()
	s := town{offset: strconv.Itoa(freeOffset(t)), secrets: write(t, "keys.csv", "# who\nbraiins,root,"+secret+"\n*,root,"+secret+"\n")}
	if password != "" {
		args = append([]string{"--password-file", write(t, "password", password+"\n")}, args...)
	}
	args = append([]string{"world", "--port-offset", s.offset, "--speed", "1000", "--list"}, args...)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	from, to := io.Pipe()
	code, errs := make(chan int, 1), &bytes.Buffer{}
	go func() {
		code <- run(ctx, args, to, errs)
		_ = to.Close()
	}()
	t.Cleanup(func() {
		cancel()
		if c := <-code; c != exitOK {
			t.Errorf("the world ended with %d: %s", c, errs)
		}
	})
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		var u listed
		if json.Unmarshal(lines.Bytes(), &u) == nil {
			s.units = append(s.units, u)
		}
		if strings.HasPrefix(lines.Text(), "ready") {
			return s
		}
	}
	t.Fatalf("the world was never ready: %s", errs)
	return s
}

// device runs a device command in the town and checks that no secret is told.
func (s town) device(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	args = append([]string{"device"}, append(args, "--network", "127.7.0.0/16", "--port-offset", s.offset)...)
	if args[1] != "scan" {
		args = append(args, "--credentials", s.secrets)
	}
	code, stdout, stderr = call(t, args...)
	if strings.Contains(stdout+stderr, secret) {
		t.Errorf("%v told the password", args)
	}
	return code, stdout, stderr
}

// pick is the first machine of a family that lies or does not.
func (s town) pick(t *testing.T, f device.Family, lies bool) string {
	t.Helper()
	for _, u := range s.units {
		if u.Family == f && u.Lies == lies {
			return u.Address
		}
	}
	t.Fatalf("no %s that lies: %t", f, lies)
	return ""
}

// ordered is what curtail and restore print for scripts.
type ordered struct {
	Sent     bool
	Machines []struct {
		Address, Outcome, Why string
		State                 device.Activity
		DropW                 *int64          `json:"expected_drop_w"`
		PowerW                *int64          `json:"power_w"`
		AfterState            device.Activity `json:"after_state"`
		AfterPowerW           *int64          `json:"after_power_w"`
	}
}

func parse[T any](t *testing.T, text string) T {
	t.Helper()
	var out T
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return out
}

// quick is how the orders of the tests are read back.
func quick(args ...string) []string {
	return append(args, "--yes", "--json", "--every", "20ms", "--wait", "20s", "--timeout", "1s")
}

// TestDevices walks the way of an operator through a virtual site.
func TestDevices(t *testing.T) {
	t.Parallel()
	s := townOf(t, "--miners", "60", "--seed", "7", "--liars", "200", "--families", "antminer=3,whatsminer=3,luxos=2,braiins=2,vnish=2,avalon=2,epic=1")
	t.Run("scan", func(t *testing.T) { t.Parallel(); scanTown(t, s) })
	t.Run("curtail and restore", func(t *testing.T) {
		t.Parallel()
		for _, f := range families() {
			t.Run(string(f), func(t *testing.T) { t.Parallel(); sleepAndWake(t, s, f) })
		}
	})
	t.Run("a liar", func(t *testing.T) { t.Parallel(); lyingMachine(t, s) })
	t.Run("refusals", func(t *testing.T) { t.Parallel(); refusals(t, s) })
	t.Run("test", func(t *testing.T) { t.Parallel(); testMachine(t, s) })
}

func scanTown(t *testing.T, s town) {
	t.Helper()
	code, out, errs := s.device(t, "scan", "127.7.0.0/26", "--json", "--rate", "10000", "--timeout", "1s")
	if code != exitOK {
		t.Fatalf("%d: %s", code, errs)
	}
	got := parse[scanJSON](t, out)
	if len(got.Machines) != 60 || len(got.Others) != 0 || got.Asked != 62 || len(got.Twins) != 0 {
		t.Errorf("%d machines, others %+v, %d asked, twins %v", len(got.Machines), got.Others, got.Asked, got.Twins)
	}
	for i, m := range got.Machines {
		if u := s.units[i]; m.Address != u.Address || m.Family != u.Family || m.MAC != "" && m.MAC != u.MAC {
			t.Errorf("found %+v, there is %+v", m, u)
		}
	}
}

// sleepAndWake curtails one machine and gives it back what it had.
func sleepAndWake(t *testing.T, s town, f device.Family) {
	t.Helper()
	at, record := s.pick(t, f, false), filepath.Join(t.TempDir(), "found.jsonl")
	code, out, errs := s.device(t, quick("curtail", at, "--record", record)...)
	got := parse[ordered](t, out)
	if code != exitOK || !got.Sent || len(got.Machines) != 1 || got.Machines[0].Outcome != wasProven || got.Machines[0].AfterState != device.Asleep {
		t.Fatalf("curtail: %d %s %s", code, out, errs)
	}
	if m := got.Machines[0]; m.PowerW != nil && *m.DropW != *m.PowerW || m.AfterPowerW != nil && *m.AfterPowerW > 150 {
		t.Errorf("the drop or the power afterwards is wrong: %s", out)
	}
	if kept, err := readRecord(record); err != nil || len(kept) != 1 || kept[0].Address != at {
		t.Errorf("record: %+v, %v", kept, err)
	}
	if code, out, _ := s.device(t, quick("curtail", at, "--record", record)...); code != exitOK || parse[ordered](t, out).Machines[0].Outcome != wasAlready {
		t.Errorf("once more: %d %s", code, out)
	}
	code, out, errs = s.device(t, quick("restore", at, "--record", record)...)
	got = parse[ordered](t, out)
	if code != exitOK || got.Machines[0].Outcome != wasProven || got.Machines[0].AfterState == device.Asleep {
		t.Fatalf("restore: %d %s %s", code, out, errs)
	}
	if kept, err := readRecord(record); err != nil || len(kept) != 0 {
		t.Errorf("record after the restore: %+v, %v", kept, err)
	}
}

// lyingMachine says yes and goes on: it is named as unproven.
func lyingMachine(t *testing.T, s town) {
	t.Helper()
	at := s.pick(t, device.LuxOS, true)
	code, out, errs := s.device(t, "curtail", at, "--yes", "--every", "20ms", "--wait", "300ms")
	for _, want := range []string{at, "unproven", "draws 2.8 kW", "1 unproven"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in %s", want, out)
		}
	}
	if code != exitFailed || !strings.Contains(errs, "1 of 1 machines did not prove") {
		t.Errorf("%d: %s", code, errs)
	}
}

// refusals never write.
func refusals(t *testing.T, s town) {
	t.Helper()
	at := s.pick(t, device.WhatsMiner, true)
	wrong := write(t, "wrong.csv", "*,root,not-it\n")
	for sentence, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"outside":              {[]string{"curtail", "127.8.0.1", "--yes"}, exitBadInput, "no declared device network"},
		"partly outside":       {[]string{"scan", "127.6.0.0/15"}, exitBadInput, "no declared device network"},
		"a name":               {[]string{"test", "localhost"}, exitBadInput, "names are never looked up"},
		"not confirmed":        {[]string{"curtail", at}, exitBadInput, "nothing was sent"},
		"a wrong password":     {[]string{"curtail", s.pick(t, device.VNish, false), "--yes", "--credentials", wrong}, exitFailed, "credential"},
		"an unknown family":    {[]string{"curtail", at, "--credentials", write(t, "odd.csv", "abacus,root,"+secret+"\n")}, exitBadInput, "odd.csv:1"},
		"too deep a level":     {[]string{"curtail", s.pick(t, device.LuxOS, false), "--watts", "10", "--yes"}, exitFailed, "lowest level is 784 W"},
		"a network to test":    {[]string{"test", "127.7.0.0/30"}, exitBadInput, "one machine"},
		"nobody":               {[]string{"test", "127.7.9.9"}, exitFailed, "nobody answers"},
		"a broken record":      {[]string{"restore", at, "--record", write(t, "bad.jsonl", "{}\n")}, exitBadInput, "bad.jsonl:1"},
		"a port out of bounds": {[]string{"test", at, "--port-offset", "-1"}, exitBadInput, "--port-offset"},
	} {
		args := append([]string{"device"}, c.args...)
		if !strings.Contains(strings.Join(args, " "), "--port-offset") {
			args = append(args, "--port-offset", s.offset)
		}
		if !strings.Contains(strings.Join(args, " "), "--credentials") {
			args = append(args, "--credentials", s.secrets)
		}
		code, out, errs := call(t, append(args, "--network", "127.7.0.0/16")...)
		if code != c.code || !strings.Contains(out+errs, c.says) || strings.Contains(out+errs, secret) {
			t.Errorf("%s: %d, want %d and %q:\n%s%s", sentence, code, c.code, c.says, out, errs)
		}
	}
	if code, _, errs := call(t, "device", "scan", "127.7.0.0/30"); code != exitBadInput || !strings.Contains(errs, "network") {
		t.Errorf("without --network: %d %s", code, errs)
	}
	code, out, _ := s.device(t, "curtail", at, "--json")
	if got := parse[ordered](t, out); code != exitOK || got.Sent || got.Machines[0].State == device.Asleep {
		t.Errorf("a preview: %d %s", code, out)
	}
}

func testMachine(t *testing.T, s town) {
	t.Helper()
	code, out, errs := s.device(t, "test", s.pick(t, device.Braiins, true))
	for _, want := range []string{"braiins", "running", "sleep and wake", "any power from", "power by"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in %s", want, out)
		}
	}
	if code != exitOK {
		t.Errorf("%d: %s", code, errs)
	}
}

// TestLevels holds a machine at a power and gives it back what it had.
func TestLevels(t *testing.T) {
	t.Parallel()
	s := townOf(t, "--miners", "3", "--seed", "1", "--families", "luxos=1")
	record := filepath.Join(t.TempDir(), "found.jsonl")
	code, out, errs := s.device(t, quick("curtail", "127.7.0.0/29", "--watts", "1700", "--record", record)...)
	got := parse[ordered](t, out)
	if code != exitOK || len(got.Machines) != 3 {
		t.Fatalf("%d %s %s", code, out, errs)
	}
	for _, m := range got.Machines {
		if m.Outcome != wasProven || *m.DropW != 2794-1657 || *m.AfterPowerW > 1700 {
			t.Errorf("%+v", m)
		}
	}
	code, out, errs = s.device(t, quick("restore", "127.7.0.1", "--record", record)...)
	if got := parse[ordered](t, out); code != exitOK || got.Machines[0].Outcome != wasProven || *got.Machines[0].AfterPowerW < 2700 {
		t.Errorf("%d %s %s", code, out, errs)
	}
	if kept, err := readRecord(record); err != nil || len(kept) != 2 {
		t.Errorf("%d in the record, %v; one of three was restored", len(kept), err)
	}
}

func TestImport(t *testing.T) {
	t.Parallel()
	good := "\ufeffHall,address,model,feeder,note\nA,10.20.0.1,Antminer S21,F1,\nA,10.20.0.2,M50S,F1,x\nB,10.20.0.3,S19k,F2,\n"
	code, out, errs := call(t, "device", "import", write(t, "list.csv", good), "--network", "10.20.0.0/16")
	if code != exitOK || !strings.Contains(out, "hall A, feeder F1: 2 machines") || !strings.Contains(out, "3 machines") {
		t.Errorf("%d %s %s", code, out, errs)
	}
	bad := "address,model,hall,feeder\n10.20.0.1,S21,A,F1\nminer7,S21,A,F1\n10.9.0.1,S21,A,F1\n10.20.0.1,,A,F1\n10.20.0.4,S21,A\n"
	code, _, errs = call(t, "device", "import", write(t, "list.csv", bad), "--network", "10.20.0.0/16")
	for _, want := range []string{"list.csv:3: address \"miner7\"", "list.csv:4: address 10.9.0.1 lies in no declared", "list.csv:5: address 10.20.0.1 was given on line 2", "list.csv:5: no model", "line 6"} {
		if !strings.Contains(errs, want) {
			t.Errorf("no %q in %s", want, errs)
		}
	}
	if code != exitBadInput {
		t.Errorf("exit code %d", code)
	}
	for _, text := range []string{"", "address,model\n", "address,model,hall,feeder\n"} {
		if code, _, errs := call(t, "device", "import", write(t, "list.csv", text), "--network", "10.20.0.0/16"); code != exitBadInput {
			t.Errorf("%q: %d %s", text, code, errs)
		}
	}
}

// TestTwins: a machine at two addresses gets no order at either.
func TestTwins(t *testing.T) {
	t.Parallel()
	var tasks []*task
	for _, host := range []string{"10.0.0.1", "10.0.0.2", "10.0.0.3"} {
		tasks = append(tasks, &task{met: &met{found: scan.Found{Address: device.Address{Host: host}}}, command: device.Command{Verb: device.Sleep}})
	}
	lone(tasks, []scan.Twin{{Key: "02:00:00:00:00:01", Hosts: []string{"10.0.0.1", "10.0.0.3"}}})
	for i, want := range []string{wasImpossible, "", wasImpossible} {
		if got := tasks[i]; got.outcome != want || (got.command.Verb == "") != (want != "") {
			t.Errorf("machine %d: %q, told %q", i+1, got.outcome, got.command.Verb)
		}
	}
}
