package slurm

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// number is an integer as newer parsers write it.
func number(n int64) answer { return answer{"set": true, "infinite": false, "number": n} }

func moment(t time.Time) answer {
	if t.IsZero() {
		return answer{"set": false, "infinite": false, "number": 0}
	}
	return number(t.Unix())
}

// list shows one part of the state.
func (w *Cluster) list(part string) (answer, fault) {
	var all []any
	switch part {
	case "ping":
		return answer{"pings": []any{answer{"hostname": "virtual", "pinged": "UP", "responding": true, "mode": "primary"}}}, fault{}
	case "jobs":
		for _, j := range w.jobs {
			all = append(all, w.showJob(j))
		}
	case "nodes":
		for _, n := range w.nodes {
			all = append(all, w.showNode(n))
		}
	case "partitions":
		for _, p := range w.c.Partitions {
			all = append(all, answer{
				"name": p.Name, "nodes": answer{"configured": strings.Join(w.c.Nodes, ",")}, "accounts": answer{"allowed": "", "deny": ""}, "partition": answer{"state": []string{"UP"}},
				"tres": answer{"configured": fmt.Sprintf("cpu=64,gres/gpu=%d", len(w.nodes)*w.c.PerNode)},
			})
		}
	case "reservations":
		for _, b := range w.books {
			text := ""
			if b.licenses > 0 {
				text = fmt.Sprintf("%s:%d", w.c.License, b.licenses)
			}
			all = append(all, answer{"name": b.name, "start_time": moment(b.from), "end_time": moment(b.until), "licenses": text, "node_list": strings.Join(b.nodes, ","), "flags": b.flags, "users": "root"})
		}
	case "licenses":
		used := int64(0)
		for _, j := range w.jobs {
			if j.phase == running || j.phase == stopping {
				used += int64(j.GPUs)
			}
		}
		all = append(all, answer{"LicenseName": w.c.License, "Total": w.c.Licenses, "Used": used, "Free": w.c.Licenses - used, "Reserved": w.reserved(""), "Remote": false})
	default:
		return answer{}, fault{http.StatusNotFound, 9000, "Unable find requested URL"}
	}
	if all == nil {
		all = []any{}
	}
	return answer{part: all, "last_update": moment(w.at)}, fault{}
}

func (w *Cluster) showJob(j *job) answer {
	states := []string{string(j.phase)}
	switch {
	case j.phase == stopping && j.again:
		states = []string{"PENDING", "COMPLETING"}
	case j.phase == stopping:
		states = []string{j.end, "COMPLETING"}
	case j.phase == over:
		states = []string{cmp.Or(j.end, "CANCELLED")}
	}
	tres := fmt.Sprintf("cpu=1,mem=10M,node=%d,billing=1,gres/gpu=%d,license/%s=%d", max(1, len(j.nodes)), j.GPUs, w.c.License, j.GPUs)
	allocated, details := "", []string{}
	if len(j.nodes) > 0 {
		allocated = tres
		for i := range j.nodes {
			details = append(details, fmt.Sprintf("gpu:h100:%d(IDX:0-%d)", j.share(i), j.share(i)-1))
		}
	}
	limit := answer{"set": false, "infinite": true, "number": 0}
	if j.Limit > 0 {
		limit = number(int64(j.Limit / time.Minute))
	}
	priority := number(int64(math.MaxUint32 - j.id))
	if j.held {
		priority = number(0)
	}
	return answer{
		"job_id": j.id, "name": j.Name, "account": j.Account, "partition": j.Partition, "comment": j.Comment, "admin_comment": j.admin, "job_state": states, "state_reason": j.reason,
		"state_description": "", "hold": j.held && j.phase == pending, "priority": priority, "submit_time": moment(j.submitted), "start_time": moment(j.started), "end_time": moment(time.Time{}), "deadline": moment(j.Deadline),
		"time_limit": limit, "restart_cnt": j.restarts, "nodes": strings.Join(j.nodes, ","), "node_count": number(int64(max(1, len(j.nodes)))), "licenses": fmt.Sprintf("%s:%d", w.c.License, j.GPUs),
		"tres_req_str": tres, "tres_alloc_str": allocated, "gres_detail": details, "tres_per_node": fmt.Sprintf("gres/gpu:h100:%d", j.GPUs),
	}
}

func (w *Cluster) showNode(n *node) answer {
	states := []string{"IDLE"}
	if n.used > 0 {
		states = []string{"MIXED"}
	}
	if n.drain {
		states = append(states, "DRAIN")
	}
	if n.sink {
		states = append(states, "POWER_DOWN")
	}
	if n.power != "" {
		states = append(states, n.power)
	}
	return answer{
		"name": n.name, "state": states, "gres": fmt.Sprintf("gpu:h100:%d", w.c.PerNode), "gres_used": fmt.Sprintf("gpu:h100:%d", n.used), "reason": n.reason,
		"partitions": []string{}, "energy": answer{"current_watts": answer{"set": false, "infinite": false, "number": 0}},
	}
}

// records is the accounting.
func (w *Cluster) records(q *http.Request) (answer, fault) {
	from, _ := strconv.ParseInt(q.URL.Query().Get("start_time"), 10, 64)
	to, _ := strconv.ParseInt(q.URL.Query().Get("end_time"), 10, 64)
	steps := strings.Split(q.URL.Query().Get("step"), ",")
	all := []any{}
	for _, r := range w.runs {
		id := strconv.Itoa(r.job.id)
		if r.from.Unix() >= to || !r.to.IsZero() && r.to.Unix() <= from || steps[0] != "" && !slices.Contains(steps, id) {
			continue
		}
		end := int64(0)
		if !r.to.IsZero() {
			end = r.to.Unix()
		}
		all = append(all, answer{
			"job_id": r.job.id, "account": r.job.Account, "partition": r.job.Partition, "state": answer{"current": []string{r.state}, "reason": "None"},
			"time": answer{"start": r.from.Unix(), "end": end}, "nodes": strings.Join(r.nodes, ","),
			"tres": answer{"allocated": []any{answer{"type": "cpu", "name": "", "count": 1}, answer{"type": "gres", "name": "gpu", "count": r.job.GPUs}}},
		})
	}
	return answer{"jobs": all}, fault{}
}
