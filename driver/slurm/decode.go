package slurm

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// errShape says that an answer lacks what every answer of its kind has.
var errShape = errors.New("the answer is not of the shape that is known")

// decodeJob reads a job as REST and squeue --json give it, in any parser's words.
func decodeJob(t tree) (job, error) {
	j := job{
		id: t.at("job_id").text(), name: t.at("name").text(), account: t.at("account").text(), partition: t.at("partition").text(),
		comment: t.at("comment").text(), admin: t.at("admin_comment").text(), reason: t.at("state_reason").text(), describe: t.at("state_description").text(),
		states: t.at("job_state").words(), submitted: t.at("submit_time").time(), started: t.at("start_time").time(), ended: t.at("end_time").time(),
		due: t.at("deadline").time(), restarts: t.at("restart_cnt").count(),
	}
	if n, ok := t.at("job_id").number(); !ok || n <= 0 || len(j.states) == 0 || j.partition == "" {
		return j, fmt.Errorf("%w: a job has a number, a state and a partition: %.200v", errShape, t.v)
	}
	j.partition, _, _ = strings.Cut(j.partition, ",") // one that may start in several waits in the first
	priority, stated := t.at("priority").number()
	j.priority = priority
	j.held = t.at("hold").yes() || j.is("PENDING") && (stated && priority == 0 || strings.Contains(j.reason, "Held"))
	if m, ok := t.at("time_limit").number(); ok && m > 0 && m < 1<<31-1 {
		j.limit = time.Duration(m) * time.Minute
	}
	var err error
	if j.nodes, err = hosts(t.at("nodes").text()); err != nil {
		return j, fmt.Errorf("job %s: %w", j.id, err)
	}
	j.decodeTRES(t)
	return j, nil
}

// decodeTRES counts GPUs and licenses.
func (j *job) decodeTRES(t tree) {
	asked := tres(t.at("tres_alloc_str").text())
	if len(asked) == 0 {
		asked = tres(t.at("tres_req_str").text())
	}
	gpus, ok := asked["gres/gpu"]
	if !ok {
		gpus = max(gpusIn(t.at("tres_per_node").text())*max(1, t.at("node_count").count()), gpusIn(t.at("tres_per_job").text()))
	}
	j.gpus = whole(gpus)
	j.licenses = licensesIn(t.at("licenses").text())
	details := t.at("gres_detail").each()
	if len(details) != len(j.nodes) {
		return
	}
	sum := 0
	for _, d := range details {
		n := whole(gpusIn(d.text()))
		j.share, sum = append(j.share, n), sum+n
	}
	if sum != j.gpus {
		j.share = nil
	}
}

// tres reads "cpu=1,mem=10M,gres/gpu=2"; amounts with a unit are left out.
func tres(s string) map[string]int64 {
	out := map[string]int64{}
	for item := range strings.SplitSeq(s, ",") {
		key, value, ok := strings.Cut(item, "=")
		n, err := strconv.ParseInt(value, 10, 64)
		if ok && err == nil && n >= 0 {
			out[key] = n
		}
	}
	return out
}

// gpusIn counts the GPUs of "gres:gpu:h100:2", "gres/gpu=4", "gpu:h100:8(IDX:0-7),nic:1".
func gpusIn(s string) (sum int64) {
	for _, item := range cut(s) {
		item, _, _ = strings.Cut(item, "(")
		item = strings.TrimPrefix(strings.TrimPrefix(item, "gres:"), "gres/")
		fields := strings.FieldsFunc(item, func(r rune) bool { return r == ':' || r == '=' })
		if len(fields) == 0 || fields[0] != "gpu" {
			continue
		}
		n, err := strconv.ParseInt(fields[len(fields)-1], 10, 32)
		if err != nil {
			n = 1 // "gpu" or "gpu:h100" alone is one
		}
		sum += max(n, 0)
	}
	return sum
}

// cut cuts at commas outside of round brackets.
func cut(s string) []string {
	var out []string
	depth, begin := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth <= 0 {
				out, begin = append(out, s[begin:i]), i+1
			}
		}
	}
	return append(out, s[begin:])
}

// model is the type of GPU in "gpu:h100:8(S:0-1)".
func model(gres string) string {
	for _, item := range cut(gres) {
		item, _, _ = strings.Cut(item, "(")
		if f := strings.Split(item, ":"); f[0] == "gpu" && len(f) == 3 {
			return f[1]
		}
	}
	return ""
}

// licensesIn reads "kw:2,matlab@site:1"; a name alone is one.
func licensesIn(s string) map[string]int64 {
	out := map[string]int64{}
	for item := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ',' || r == ';' }) {
		i := strings.LastIndexAny(item, ":=")
		if i < 0 {
			out[item] = 1
			continue
		}
		if n, err := strconv.ParseInt(item[i+1:], 10, 64); err == nil && n >= 0 && n < math.MaxInt32 {
			out[item[:i]] = n
		}
	}
	return out
}

func decodeNode(t tree) (node, error) {
	n := node{name: t.at("name").text(), gres: t.at("gres").text(), reason: t.at("reason").text(), states: append(t.at("state").words(), t.at("state_flags").words()...)}
	if !word(n.name) || len(n.states) == 0 {
		return n, fmt.Errorf("%w: a node has a name and a state: %.200v", errShape, t.v)
	}
	for _, where := range [][]string{{"energy", "current_watts"}, {"energy", "average_watts"}} {
		if w, ok := t.at(where...).number(); ok && w > 0 && w < 1<<24 {
			n.watts, n.metered = w, true
			break
		}
	}
	return n, nil
}

func decodePartition(t tree) (partition, error) {
	p := partition{name: t.at("name").text(), state: "", allowed: t.at("allowed_accounts").names(), denied: t.at("denied_accounts").names()}
	if s := t.at("state").words(); len(s) > 0 {
		p.state = s[0]
	}
	gpus := tres(t.at("tres").text())
	if t.at("accounts").present() { // from v0.0.39 on
		p.allowed, p.denied = t.at("accounts", "allowed").names(), t.at("accounts", "deny").names()
		gpus = tres(t.at("tres", "configured").text())
		if s := t.at("partition", "state").words(); len(s) > 0 {
			p.state = s[0]
		}
	}
	p.gpus = whole(gpus["gres/gpu"])
	if !word(p.name) || p.state == "" {
		return p, fmt.Errorf("%w: a partition has a name and a state: %.200v", errShape, t.v)
	}
	return p, nil
}

func decodeReservation(t tree) (reservation, error) {
	r := reservation{
		name: t.at("name").text(), from: t.at("start_time").time(), until: t.at("end_time").time(), licenses: licensesIn(t.at("licenses").text()),
		flags: t.at("flags").words(), users: t.at("users").text(),
	}
	if r.name == "" || r.from.IsZero() || r.until.IsZero() {
		return r, fmt.Errorf("%w: a reservation has a name, a start and an end: %.200v", errShape, t.v)
	}
	var err error
	r.nodes, err = hosts(t.at("node_list").text())
	return r, err
}

func decodeLicense(t tree) (license, error) {
	l := license{name: t.at("LicenseName").text()}
	total, ok := t.at("Total").number()
	if l.name == "" || !ok {
		return l, fmt.Errorf("%w: a license has a name and a total: %.200v", errShape, t.v)
	}
	l.total, l.used, l.reserved = total, t.at("Used").count(), t.at("Reserved").count()
	return l, nil
}

// all decodes every element of a list that must be there.
func all[T any](t tree, one func(tree) (T, error)) ([]T, error) {
	if _, ok := t.v.([]any); !ok {
		return nil, fmt.Errorf("%w: a list is missing", errShape)
	}
	var out []T
	for _, e := range t.each() {
		v, err := one(e)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// decode reads one part of a cluster's state.
func decode(p part, t tree) (state, error) {
	var s state
	var err error
	switch p {
	case allJobs:
		s.jobs, err = all(t.at("jobs"), decodeJob)
	case allNodes:
		s.nodes, err = all(t.at("nodes"), decodeNode)
	case allPartitions:
		s.partitions, err = all(t.at("partitions"), decodePartition)
	case allReservations:
		s.reservations, err = all(t.at("reservations"), decodeReservation)
	case allLicenses:
		s.licenses, err = all(t.at("licenses"), decodeLicense)
	}
	return s, err
}
