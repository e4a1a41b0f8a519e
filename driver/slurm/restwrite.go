package slurm

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluice/engine"
)

// change makes one change over REST.
func (r *rest) change(ctx context.Context, c change) error {
	if !r.takes(c.kind) {
		return fmt.Errorf("slurm: REST %s cannot %s: %w", r.dialect(), c.kind, engine.ErrUnsupported)
	}
	at := func(what, name string) string {
		return "/slurm/" + r.dialect() + "/" + what + "/" + url.PathEscape(name)
	}
	var method, path string
	var body any
	switch c.kind {
	case signalJob:
		method, path = http.MethodDelete, at("job", c.name)+"?signal="+url.QueryEscape(c.text)
		if r.parser >= 40 {
			path += "&flags=BATCH_JOB" // 38 and 39 know no flags here; USR1 reaches the batch script all the same
		}
	case markJob:
		method, path, body = http.MethodPost, at("job", c.name), map[string]any{"admin_comment": c.text}
	case holdJob:
		method, path, body = http.MethodPost, at("job", c.name), map[string]any{"hold": true}
	case freeJob:
		method, path, body = http.MethodPost, at("job", c.name), map[string]any{"hold": false}
	case requeueJob:
		method, path = http.MethodGet, at("job", c.name)+"/requeue"
	case putReservation:
		method, path, body = http.MethodPost, "/slurm/"+r.dialect()+"/reservation", reservationBody(c.put)
	case dropReservation:
		method, path = http.MethodDelete, at("reservation", c.name)
	case sinkNode:
		method, path, body = http.MethodPost, at("node", c.name), map[string]any{"state": []string{"POWER_DOWN_ASAP"}, "reason": c.text}
	case raiseNode:
		method, path, body = http.MethodPost, at("node", c.name), map[string]any{"state": []string{"POWER_UP"}}
	case keepNode:
		method, path, body = http.MethodPost, at("node", c.name), map[string]any{"state": []string{"UNDRAIN"}}
	case setPartition, recordRuns, writeTenants:
		return fmt.Errorf("slurm: REST cannot %s: %w", c.kind, engine.ErrUnsupported)
	}
	_, err := r.ask(ctx, method, path, body)
	return err
}

// reservationBody is a reservation as newer parsers read it.
func reservationBody(p reservation) map[string]any {
	body := map[string]any{
		"name": p.name, "users": []string{p.users}, "flags": p.flags,
		"start_time": map[string]any{"set": true, "number": p.from.Unix()},
		"duration":   map[string]any{"set": true, "number": int64(p.until.Sub(p.from) / time.Minute)},
	}
	if len(p.nodes) > 0 {
		body["node_list"] = p.nodes
	}
	if len(p.licenses) > 0 {
		body["licenses"] = licensesText(p.licenses)
	}
	return body
}

func licensesText(l map[string]int64) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(l)) {
		out = append(out, name+":"+strconv.FormatInt(l[name], 10))
	}
	return strings.Join(out, ",")
}

// runs reads records of jobs, first those of the stretch, then all of the same jobs.
func (r *rest) runs(ctx context.Context, from, to time.Time) ([]run, error) {
	q := url.Values{"start_time": {strconv.FormatInt(from.Unix(), 10)}, "end_time": {strconv.FormatInt(to.Unix(), 10)}}
	flags := "&flags=show_duplicates,disable_truncate_usage_time,skip_steps"
	t, err := r.ask(ctx, http.MethodGet, "/slurmdb/"+r.dialect()+"/jobs?"+q.Encode()+flags, nil)
	if err != nil {
		return nil, err
	}
	found, err := all(t.at("jobs"), decodeRun)
	if err != nil {
		return nil, fmt.Errorf("slurm: records: %w", err)
	}
	var out []run
	for ids := range slices.Chunk(jobsOf(found), 200) {
		q := url.Values{"step": {strings.Join(ids, ",")}, "start_time": {"1"}, "end_time": {strconv.FormatInt(to.Unix(), 10)}}
		t, err := r.ask(ctx, http.MethodGet, "/slurmdb/"+r.dialect()+"/jobs?"+q.Encode()+flags, nil)
		if err != nil {
			return nil, err
		}
		more, err := all(t.at("jobs"), decodeRun)
		if err != nil {
			return nil, fmt.Errorf("slurm: records: %w", err)
		}
		out = append(out, more...)
	}
	return out, nil
}

// decodeRun reads a record of the accounting.
func decodeRun(t tree) (run, error) {
	x := run{
		job: t.at("job_id").text(), account: t.at("account").text(), partition: t.at("partition").text(),
		from: t.at("time", "start").time(), to: t.at("time", "end").time(),
	}
	if s := t.at("state", "current").words(); len(s) > 0 {
		x.state = s[0]
	}
	for _, a := range t.at("tres", "allocated").each() {
		if a.at("type").text() == "gres" && a.at("name").text() == "gpu" {
			x.gpus = whole(a.at("count").count())
		}
	}
	if n, ok := t.at("job_id").number(); !ok || n <= 0 || x.state == "" {
		return x, fmt.Errorf("%w: a record has a job and a state: %.200v", errShape, t.v)
	}
	var err error
	x.nodes, err = hosts(t.at("nodes").text())
	return x, err
}

// jobsOf lists the jobs of runs, each once.
func jobsOf(runs []run) []string {
	seen := map[string]bool{}
	for _, x := range runs {
		seen[x.job] = true
	}
	return slices.Sorted(maps.Keys(seen))
}
