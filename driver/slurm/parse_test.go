package slurm

import (
	"errors"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/engine"
)

func TestHostLists(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ expression, want string }{
		{"", ""},
		{"(null)", ""},
		{"n1", "n1"},
		{"n[1-3]", "n1 n2 n3"},
		{"gpu[08-11],login", "gpu08 gpu09 gpu10 gpu11 login"},
		{"n[2,1,5-6]-ib", "n1-ib n2-ib n5-ib n6-ib"},
		{"n[3-1]", "error"},
		{"n[1-", "error"},
		{"n[1-99999999]", "error"},
		{"r[1-2]n[1-2]", "error"},
		{"n 1", "error"},
		{"n;reboot", "error"},
	} {
		got, err := hosts(c.expression)
		if text := strings.Join(got, " "); err == nil && text != c.want || (err != nil) != (c.want == "error") {
			t.Errorf("%q is %q, %v, want %q", c.expression, text, err, c.want)
		}
	}
}

func TestGPUsInTexts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"": 0, "gres:gpu:h100:2": 2, "gres/gpu:h100:4": 4, "gres/gpu=3": 3, "gpu:h100:8(S:0-1)": 8, "gpu:a:1(IDX:0,3),nic:2": 1, "gpu": 1, "gpu:h100": 1, "nic:4": 0, "gpu:a:2,gpu:b:3": 5,
	} {
		if got := gpusIn(text); got != want {
			t.Errorf("%q holds %d GPUs, want %d", text, got, want)
		}
	}
	if got := model("gpu:h100:8(S:0-1)"); got != "h100" {
		t.Errorf("the model is %q", got)
	}
}

// TestNumbersOfEveryParser: old parsers write plain numbers, new ones objects.
func TestNumbersOfEveryParser(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		json  string
		want  int64
		known bool
	}{
		{`7`, 7, true},
		{`"7"`, 7, true},
		{`7.0`, 7, true},
		{`7.5`, 0, false},
		{`null`, 0, false},
		{`{"set":true,"infinite":false,"number":7}`, 7, true},
		{`{"set":false,"infinite":false,"number":0}`, 0, false},
		{`{"set":false,"infinite":true,"number":0}`, math.MaxInt64, true},
		{`{}`, 0, false},
		{`1e300`, 0, false},
	} {
		v, err := parse([]byte(c.json))
		if err != nil {
			t.Fatal(err)
		}
		if got, known := v.number(); got != c.want || known != c.known {
			t.Errorf("%s is %d, %t, want %d, %t", c.json, got, known, c.want, c.known)
		}
	}
}

func TestTheNewestKnownParserIsTaken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		paths  []string
		newest int
		db     bool
	}{
		{[]string{"/slurm/v0.0.36/jobs", "/slurm/v0.0.38/jobs", "/slurmdb/v0.0.38/jobs"}, 38, true},
		{[]string{"/slurm/v0.0.43/jobs/", "/slurm/v0.0.45/jobs/", "/slurmdb/v0.0.43/jobs/"}, 45, false},
		{[]string{"/slurm/v0.0.46/jobs/", "/slurm/v0.0.99/jobs/"}, 46, false},
		{[]string{"/slurm/v0.0.35/jobs", "/openapi/v3", "/slurm/v0.0.x/jobs", "/slurm/v0.0.40"}, 0, false},
	} {
		if newest, db := parsers(c.paths); newest != c.newest || db != c.db {
			t.Errorf("%v gave %d, %t, want %d, %t", c.paths, newest, db, c.newest, c.db)
		}
	}
}

// TestAnswersAreJudged: by status, by what they say, and whole or not at all.
func TestAnswersAreJudged(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		status int
		text   string
		want   error
	}{
		{"well", 200, `{"errors":[],"jobs":[]}`, nil},
		{"a warning that changes nothing", 200, `{"warnings":[{"description":"deprecated"}]}`, nil},
		{"a warning that a key was not understood", 200, `{"warnings":[{"description":"Unknown key \"hold\""}]}`, errors.ErrUnsupported},
		{"an error in a good status", 200, `{"errors":[{"error":"Invalid job id specified","error_number":2017}]}`, engine.ErrUnknown},
		{"no such job", 500, `{"errors":[{"description":"Unable to find JobId=9"}]}`, engine.ErrUnknown},
		{"the controller is away", 500, `{"errors":[{"error":"Unable to contact slurm controller (connect failure)"}]}`, engine.ErrUnreachable},
		{"the token has expired", 500, `{"errors":[{"error":"Protocol authentication error"}]}`, engine.ErrDenied},
		{"unauthorized", 401, `Authentication failure`, engine.ErrDenied},
		{"no rights", 500, `{"errors":[{"error":"Access/permission denied"}]}`, engine.ErrDenied},
		{"a page", 500, `<html>`, engine.ErrUnreachable},
		{"half an answer", 200, `{"jobs":[{"job_id":`, engine.ErrUnreachable},
		{"two answers", 200, `{"jobs":[]}{"jobs":[]}`, engine.ErrUnreachable},
		{"no such path", 404, `not found`, engine.ErrUnsupported},
	} {
		_, err := judge(c.status, []byte(c.text))
		switch {
		case c.want == nil && err != nil || c.want != nil && err == nil:
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		case c.want != nil && !errors.Is(c.want, errors.ErrUnsupported) && !errors.Is(err, c.want):
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestOneliners(t *testing.T) {
	t.Parallel()
	const reservation = "ReservationName=sluice.withhold.e StartTime=1795207947 EndTime=1826743947 Duration=365-00:00:00 Nodes=(null) NodeCnt=0 CoreCnt=0 Features=(null) PartitionName=(null) Flags=ANY_NODES TRES=license/kw=60 Users=root Groups=(null) Accounts=(null) Licenses=kw:60 State=ACTIVE BurstBuffer=(null) Watts=n/a MaxStartDelay=(null)\n"
	s, err := readLines(allReservations, []byte(reservation))
	if err != nil || len(s.reservations) != 1 || s.reservations[0].licenses["kw"] != 60 || s.reservations[0].from.Unix() != 1795207947 {
		t.Errorf("the reservation is %+v, %v", s.reservations, err)
	}
	s, err = readLines(allLicenses, []byte("LicenseName=kw Total=100 Used=9 Free=91 Reserved=60 Remote=no\n"))
	if err != nil || !cmp.Equal(s.licenses, []license{{"kw", 100, 9, 60}}, cmp.AllowUnexported(license{})) {
		t.Errorf("the license is %+v, %v", s.licenses, err)
	}
	for _, bad := range []string{
		"LicenseName=kw Total=100 Used=9 Used=0 Reserved=60\n", "LicenseName=kw Total=many Used=9 Reserved=0\n", "LicenseName=kw Total=100\n", "something else\n",
	} {
		if s, err := readLines(allLicenses, []byte(bad)); err == nil {
			t.Errorf("%q is read as %+v", bad, s.licenses)
		}
	}
	if s, err := readLines(allReservations, []byte("No reservations in the system\n")); err != nil || len(s.reservations) != 0 {
		t.Errorf("no reservation is %+v, %v", s.reservations, err)
	}
}

func TestRecords(t *testing.T) {
	t.Parallel()
	const text = "1|tenant-a|spot|REQUEUED|1795207916|1795207935|billing=1,cpu=1,gres/gpu:h100=2,gres/gpu=2,license/kw=2,mem=10M,node=1|n2\n" +
		"1|tenant-a|spot|RUNNING|1795208057|Unknown|billing=1,cpu=1,gres/gpu=2,mem=10M,node=1|n[1-2]\n" +
		"2|tenant-a|spot|CANCELLED by 0|None|1795208057||None assigned\n"
	runs, err := readRuns(text)
	if err != nil {
		t.Fatal(err)
	}
	at := func(n int64) time.Time { return time.Unix(n, 0).UTC() }
	want := []engine.Usage{
		{Job: "1", Run: 1, Tenant: "tenant-a", Queue: "spot", GPUs: 2, Nodes: []string{"n2"}, From: at(1795207916), To: at(1795207935), Ended: engine.Preempted},
		{Job: "1", Run: 2, Tenant: "tenant-a", Queue: "spot", GPUs: 2, Nodes: []string{"n1", "n2"}, From: at(1795208057)},
	}
	if d := cmp.Diff(want, usage(runs, at(0), at(1<<40))); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(want[1:], usage(runs, at(1795208000), at(1<<40))); d != "" {
		t.Errorf("the number of a run counts what came before the stretch: %s", d)
	}
	for _, bad := range []string{"1|a|b\n", "x|a|b|RUNNING|1|2||n1\n", "1|a|b|RUNNING|yesterday|2||n1\n", "1|a|b|RUNNING|1|2||n[\n"} {
		if runs, err := readRuns(bad); err == nil {
			t.Errorf("%q is read as %+v", bad, runs)
		}
	}
}

// TestMarksAreReadAsWritten: and nothing else is taken for one.
func TestMarksAreReadAsWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := mark{
			verb: rapid.SampledFrom([]engine.Verb{engine.Warn, engine.Evict, engine.Restore, engine.Hold, engine.Off}).Draw(t, "verb"), event: rapid.StringMatching(`[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?`).Draw(t, "event"),
			seq: rapid.IntRange(1, 1e6).Draw(t, "seq"), rest: rapid.StringMatching(`[A-Za-z0-9.]{0,20}`).Draw(t, "rest"),
		}
		why, before := rapid.String().Draw(t, "why"), rapid.StringMatching(`[ -~]{0,40}`).Draw(t, "before")
		got, old, ok := jobMark(comment(m, why, before))
		if !ok || got != m || old != before {
			t.Errorf("%+v after %q came back as %+v after %q, %t", m, before, got, old, ok)
		}
		if !word(m.String()) {
			t.Errorf("%q is no plain word", m)
		}
	})
	for _, s := range []string{"", "sluice", "sluice.evict.e", "sluice.evict.E.1", "sluice.evict.e.0", "sluice.evict.e.01", "sluice.evict.e.+1", "sluicer.evict.e.1", "x sluice.evict.e.1.0.20260101T000000Z"} {
		if m, _, ok := jobMark(s); ok {
			t.Errorf("%q is taken for %+v", s, m)
		}
	}
}

// TestCommandsAreWordsOfTheirOwn: no name becomes an option or a second key.
func TestCommandsAreWordsOfTheirOwn(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "-x", "1 state=down", "a=b", "a,b", "a\nb", "$(x)", "1;2", "sp'ot"} {
		for _, k := range []kind{markJob, signalJob, requeueJob, holdJob, freeJob, setPartition, dropReservation, sinkNode, raiseNode, keepNode} {
			if words, err := command(change{kind: k, name: name}); err == nil {
				t.Errorf("%s of %q is %q", k, name, words)
			}
		}
	}
	for in, want := range map[string]string{"a=b": "a=b", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "$HOME": "'$HOME'"} {
		if got := quote(in); got != want {
			t.Errorf("%q is quoted as %s, want %s", in, got, want)
		}
	}
}

// fuzzLists are the parts that are read as JSON.
func fuzzLists() []part {
	return []part{allJobs, allNodes, allPartitions, allReservations, allLicenses}
}

func FuzzREST(f *testing.F) {
	f.Add([]byte(`{"errors":[],"jobs":[{"job_id":1,"job_state":["RUNNING"],"partition":"spot","nodes":"n[1-2]","gres_detail":["gpu:h100:2","gpu:h100:1"],"tres_alloc_str":"gres/gpu=3","priority":{"set":true,"number":5}}]}`))
	f.Add([]byte(`{"jobs":[{"job_id":1,"job_state":"PENDING","partition":"spot","priority":0,"admin_comment":"sluice.evict.e.1.0.20260101T000000Z why | before"}]}`))
	f.Add([]byte(`{"nodes":[{"name":"n1","state":"idle","state_flags":["DRAIN"],"gres":"gpu:h100:8"}],"partitions":[{"name":"spot","state":"UP"}],"licenses":[{"LicenseName":"kw","Total":1}],"reservations":[{"name":"x","start_time":1,"end_time":2}]}`))
	s, err := New(Config{Line: Line{Commands: true}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := judge(http.StatusOK, text)
		if err != nil {
			return
		}
		for _, p := range fuzzLists() {
			x, err := decode(p, v)
			if err != nil {
				continue
			}
			for _, j := range x.jobs {
				e, _ := s.seen(j)
				if e.GPUs < 0 || e.Watts < 0 || len(e.Nodes) > hostsMost || (e.State == engine.Running || e.State == engine.Stopping) != (e.State != engine.Waiting && e.State != engine.Held && e.State != "") {
					t.Errorf("%+v", e)
				}
				occupy(map[string]int{}, e, j)
			}
			for _, n := range x.nodes {
				if e := seenNode(n, x.reservations, 0); e.GPUs < 0 || e.State == "" {
					t.Errorf("%+v", e)
				}
			}
		}
		_, _ = all(v.at("jobs"), decodeRun)
	})
}

func FuzzSacct(f *testing.F) {
	f.Add("1|tenant-a|spot|REQUEUED|1795207916|1795207935|gres/gpu=2|n2\n1|tenant-a|spot|CANCELLED by 0|1795208057|Unknown|gres/gpu=2|n[1-2]\n")
	f.Fuzz(func(t *testing.T, text string) {
		runs, err := readRuns(text)
		if err != nil {
			return
		}
		for _, u := range usage(runs, time.Unix(0, 0), time.Unix(1<<40, 0)) {
			if u.GPUs < 0 || u.Run < 1 || u.From.IsZero() || len(u.Nodes) == 0 || u.GPUSeconds(time.Unix(1<<33, 0)) < 0 {
				t.Errorf("%+v", u)
			}
		}
	})
}

func FuzzScontrol(f *testing.F) {
	f.Add("PartitionName=spot AllowAccounts=ALL State=DOWN DenyAccounts=sluice.hold.e.1.UP TRES=cpu=32,gres/gpu=16\n")
	f.Add("LicenseName=kw Total=100 Used=9 Free=91 Reserved=60 Remote=no\n")
	f.Add("ReservationName=sluice.off.e.n1 StartTime=1 EndTime=2 Nodes=n[1-2] Flags=MAINT Licenses=(null) Users=root\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, p := range []part{allPartitions, allReservations, allLicenses} {
			s, err := readLines(p, []byte(text))
			if err != nil {
				continue
			}
			for _, x := range s.partitions {
				if !word(x.name) || len(x.holders()) > len(x.denied)+len(x.allowed) {
					t.Errorf("%+v", x)
				}
			}
			for _, r := range s.reservations {
				readName(r.name)
				if len(r.nodes) > hostsMost || !slices.IsSorted(r.nodes) {
					t.Errorf("%+v", r)
				}
			}
		}
	})
}
