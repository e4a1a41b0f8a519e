package slurm

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// load reads jobs and nodes as JSON, because names and comments in them are the
// tenants' and could imitate anything in text; the rest is the operator's own.
func (l *line) load(ctx context.Context, p part) (state, error) {
	commands := map[part][]string{
		allJobs: {"squeue", "--all", "--json"}, allNodes: {"sinfo", "--all", "--Node", "--json"},
		allPartitions: {"scontrol", "--all", "--oneliner", "show", "partition"}, allReservations: {"scontrol", "--oneliner", "show", "reservation"},
		allLicenses: {"scontrol", "--oneliner", "show", "licenses"},
	}
	out, err := l.run(ctx, commands[p]...)
	if err != nil {
		return state{}, err
	}
	s, err := readLines(p, out)
	if err != nil {
		return state{}, fmt.Errorf("slurm: %s: %w", p, err)
	}
	return s, nil
}

// readLines decodes what a command printed.
func readLines(p part, out []byte) (state, error) {
	var s state
	if p == allJobs || p == allNodes {
		t, err := parse(out)
		if err != nil {
			return s, err
		}
		return decode(p, t)
	}
	records, err := oneliners(string(out))
	if err != nil {
		return s, err
	}
	for _, r := range records {
		var err error
		switch p {
		case allPartitions:
			s.partitions, err = add(s.partitions, r, linePartition)
		case allReservations:
			s.reservations, err = add(s.reservations, r, lineReservation)
		case allLicenses:
			s.licenses, err = add(s.licenses, r, lineLicense)
		case allJobs, allNodes:
		}
		if err != nil {
			return state{}, err
		}
	}
	return s, nil
}

func add[T any](list []T, r map[string]string, read func(map[string]string) (T, error)) ([]T, error) {
	v, err := read(r)
	return append(list, v), err
}

// oneliners reads what scontrol --oneliner prints: a record on each line, of
// words KEY=VALUE. A word without a key, or a key named twice, is an error: what
// cannot be read for certain is not read.
func oneliners(text string) ([]map[string]string, error) {
	var out []map[string]string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "No ") && strings.HasSuffix(line, "in the system") || strings.HasPrefix(line, "No licenses configured") {
			continue
		}
		r := map[string]string{}
		for w := range strings.FieldsSeq(line) {
			key, value, ok := strings.Cut(w, "=")
			if _, twice := r[key]; !ok || twice || key == "" {
				return nil, fmt.Errorf("%w: the word %.60q of %.60q", errShape, w, line)
			}
			r[key] = value
		}
		out = append(out, r)
	}
	return out, nil
}

// said is a value; what scontrol prints for nothing is empty.
func said(s string) string {
	if s == "(null)" || s == "ALL" || s == "N/A" || s == "None" {
		return ""
	}
	return s
}

func accounts(s string) []string {
	if said(s) == "" {
		return nil
	}
	return strings.Split(s, ",")
}

func linePartition(r map[string]string) (partition, error) {
	p := partition{name: r["PartitionName"], state: strings.ToUpper(r["State"]), allowed: accounts(r["AllowAccounts"]), denied: accounts(r["DenyAccounts"])}
	p.gpus = whole(tres(r["TRES"])["gres/gpu"])
	if !word(p.name) || p.state == "" {
		return p, fmt.Errorf("%w: a partition has a name and a state: %.100v", errShape, r)
	}
	return p, nil
}

func lineReservation(r map[string]string) (reservation, error) {
	p := reservation{name: r["ReservationName"], licenses: licensesIn(said(r["Licenses"])), flags: strings.Split(strings.ToUpper(r["Flags"]), ","), users: said(r["Users"])}
	var err error
	if p.from, err = epoch(r["StartTime"]); err != nil {
		return p, err
	}
	if p.until, err = epoch(r["EndTime"]); err != nil {
		return p, err
	}
	p.nodes, err = hosts(said(r["Nodes"]))
	if err == nil && p.name == "" {
		err = fmt.Errorf("%w: a reservation has a name", errShape)
	}
	return p, err
}

func lineLicense(r map[string]string) (license, error) {
	l := license{name: r["LicenseName"]}
	for key, to := range map[string]*int64{"Total": &l.total, "Used": &l.used, "Reserved": &l.reserved} {
		n, err := strconv.ParseInt(r[key], 10, 64)
		if err != nil || l.name == "" {
			return l, fmt.Errorf("%w: a license has a name and counts: %.100v", errShape, r)
		}
		*to = n
	}
	return l, nil
}

// epoch is a time in seconds since 1970.
func epoch(s string) (time.Time, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 || n > 1<<40 {
		return time.Time{}, fmt.Errorf("%w: %.40q is no time in seconds: does the command see SLURM_TIME_FORMAT?", errShape, s)
	}
	return time.Unix(n, 0).UTC(), nil
}

// runs reads the accounting, first of the stretch, then all runs of the same jobs.
func (l *line) runs(ctx context.Context, from, to time.Time) ([]run, error) {
	const format = "--format=JobIDRaw,Account,Partition,State,Start,End,AllocTRES,NodeList"
	common := []string{"sacct", "--allusers", "--allocations", "--duplicates", "--parsable2", "--noheader", format}
	at := func(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05") }
	out, err := l.run(ctx, append(common, "--starttime="+at(from), "--endtime="+at(to))...)
	if err != nil {
		return nil, err
	}
	found, err := readRuns(string(out))
	if err != nil {
		return nil, err
	}
	var every []run
	for ids := range slices.Chunk(jobsOf(found), 500) {
		out, err := l.run(ctx, append(append([]string(nil), common...), "--jobs="+strings.Join(ids, ","))...)
		if err != nil {
			return nil, err
		}
		more, err := readRuns(string(out))
		if err != nil {
			return nil, err
		}
		every = append(every, more...)
	}
	return every, nil
}

// readRuns reads what sacct prints.
func readRuns(text string) ([]run, error) {
	var out []run
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "|")
		if len(f) != 8 {
			return nil, fmt.Errorf("%w: a record of sacct has 8 fields: %.120q", errShape, line)
		}
		x := run{job: f[0], account: f[1], partition: f[2], gpus: whole(tres(f[6])["gres/gpu"])}
		if _, err := strconv.ParseUint(x.job, 10, 32); err != nil || f[3] == "" {
			return nil, fmt.Errorf("%w: a record of sacct has a job and a state: %.120q", errShape, line)
		}
		x.state, _, _ = strings.Cut(f[3], " ") // "CANCELLED by 1000"
		for i, to := range []*time.Time{&x.from, &x.to} {
			if s := f[4+i]; s != "Unknown" && s != "None" && s != "0" {
				var err error
				if *to, err = epoch(s); err != nil {
					return nil, err
				}
			}
		}
		var err error
		if x.nodes, err = hosts(f[7]); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}
