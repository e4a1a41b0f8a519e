package room

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"sluice/device"
	"sluice/driver/scan"
	"sluice/driver/seal"
	"sluice/driver/wire"
	"sluice/people"
)

// MachineLogin is how machines are entered: those of a family, or with * all others.
type MachineLogin struct {
	Family   string        `json:"family" maxLength:"60" doc:"Or * for all others, or @ and an address or a network."`
	User     string        `json:"user" maxLength:"200"`
	Password people.Secret `json:"password" maxLength:"300" doc:"It is told to machines and to nobody else."`
}

// ScanAsk is where machines are looked for.
type ScanAsk struct {
	Reach

	Rate   int            `json:"rate,omitempty" minimum:"0" maximum:"2000" doc:"Addresses begun a second; 0: 50."`
	Logins []MachineLogin `json:"credentials,omitempty" maxItems:"200" doc:"With them machines are opened and read. They are kept in memory until the job is over."`
}

// Job is something that takes a while.
type Job struct {
	ID    string    `json:"id"`
	Kind  string    `json:"kind" enum:"scan"`
	State string    `json:"state" enum:"running,done,cancelled,failed"`
	Phase string    `json:"phase" enum:"looking,reading,over"`
	Began time.Time `json:"began"`
	Done  int       `json:"done" doc:"Of the phase."`
	Total int       `json:"total"`
	Why   string    `json:"why,omitempty" doc:"It failed."`

	Networks []string       `json:"networks" doc:"What is scanned."`
	Asked    int            `json:"asked" doc:"Addresses that were asked."`
	Mute     int            `json:"mute" doc:"Addresses that hang up on everybody."`
	Models   []FoundModel   `json:"models" doc:"Machines found, by family and model."`
	Machines []FoundMachine `json:"machines"`
	Others   []FoundMachine `json:"others" doc:"Somebody answers, and no driver knows what it is."`
	Pools    []PoolSeen     `json:"pools" doc:"Where the machines that were read say that they mine."`
	Twins    []TwinAt       `json:"twins" doc:"One machine at several addresses, or a copied configuration."`
}

// FoundModel is machines of one kind.
type FoundModel struct {
	Family    string `json:"family"`
	Model     string `json:"model"`
	Count     int    `json:"count"`
	Catalogue string `json:"catalogue,omitempty" doc:"The model of the catalogue that it is; absent: it has none, so power and hash rate are needed."`
	Power     *int64 `json:"power_w,omitempty" doc:"Of one machine: the middle of what those state that run."`
	Hash      *int64 `json:"hash_ghs,omitempty"`
	Opened    int    `json:"opened" doc:"They took the credential."`
	Refused   int    `json:"refused"`
}

// FoundMachine is one machine that was found.
type FoundMachine struct {
	Address  string `json:"address"`
	Family   string `json:"family,omitempty"`
	Maker    string `json:"maker,omitempty"`
	Model    string `json:"model,omitempty"`
	Firmware string `json:"firmware,omitempty"`
	MAC      string `json:"mac,omitempty"`
	Serial   string `json:"serial,omitempty"`
	Opened   *bool  `json:"opened,omitempty" doc:"It took its credential; absent: nobody tried."`
	Power    *int64 `json:"power_w,omitempty"`
	Hash     *int64 `json:"hash_ghs,omitempty"`
	Fault    string `json:"fault,omitempty"`

	pools []device.Pool
}

// TwinAt is one machine at several addresses.
type TwinAt struct {
	Key       string   `json:"key"`
	Addresses []string `json:"addresses"`
}

// PoolSeen is a pool that machines name.
type PoolSeen struct {
	URL    string `json:"url" maxLength:"300"`
	Worker string `json:"worker" maxLength:"200" doc:"* stands for any characters."`
}

// job is a scan and who asked for it.
type job struct {
	by     string
	ask    ScanAsk
	net    *wire.Network
	all    []netip.Prefix
	book   seal.Book
	cancel context.CancelFunc

	mu   sync.Mutex // guards what follows
	view Job
}

type jobIn struct {
	ID string `path:"id" maxLength:"40"`
}

// begun is where a job can be asked for.
type begun struct {
	Location string `header:"Location"`
	Body     Job
}

// beginScan starts a scan; one at a time, so that no network is flooded by two.
func (r *Room) beginScan(ctx context.Context, v Visit, in *struct{ Body ScanAsk }) (*begun, error) { //nolint:contextcheck // the scan goes on after the answer
	s, err := r.setup()
	if err != nil {
		return nil, err
	}
	j := &job{by: v.who.Actor().Person, ask: in.Body}
	if j.net, j.all, err = in.Body.open(); err != nil {
		return nil, err
	}
	if j.book, err = loginBook(in.Body.Logins, s.Families); err != nil {
		return nil, err
	}
	j.ask.Logins = nil
	total := 0
	for _, p := range j.all {
		total += 1 << (32 - p.Bits())
	}
	if total > addressesMost {
		return nil, wrong(fmt.Sprintf("these networks hold %d addresses, and a scan takes %d", total, addressesMost), "scan smaller networks one after the other; nothing was contacted")
	}
	j.view = Job{Kind: "scan", State: "running", Phase: "looking", Began: v.at.UTC(), Total: total, Networks: in.Body.Networks, Models: []FoundModel{}, Machines: []FoundMachine{}, Others: []FoundMachine{}, Twins: []TwinAt{}, Pools: []PoolSeen{}}
	d := r.bench
	if d.busy() {
		return nil, problem(http.StatusConflict, "busy", "another scan runs", "wait for its end, or end it")
	}
	if err := r.setUp(ctx, v, people.Entry{Subject: strings.Join(in.Body.Networks, ", "), Reason: in.Body.Reason, Effects: "looks for machines", After: fmt.Sprintf("%d addresses, %d credentials", total, len(in.Body.Logins))}); err != nil {
		return nil, err
	}
	life, cancel := context.WithCancel(r.life)
	j.cancel = cancel
	if !d.take(j) {
		cancel()
		return nil, problem(http.StatusConflict, "busy", "another scan runs", "wait for its end, or end it")
	}
	r.told.Go(func() { j.run(life, s.Drivers) })
	return &begun{Location: "/v1/jobs/" + j.view.ID, Body: j.now()}, nil
}

// loginBook is who gets which credential.
func loginBook(all []MachineLogin, families []device.Family) (seal.Book, error) {
	text, err := loginText(all)
	if err != nil {
		return seal.Book{}, err
	}
	b, err := seal.Parse("credentials", text, families)
	if err != nil {
		return seal.Book{}, listed(wrong("these credentials cannot be used", "correct each; nothing was contacted"), err)
	}
	return b, nil
}

// loginText is credentials as a file of them is written.
func loginText(all []MachineLogin) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	for _, l := range all {
		if err := w.Write([]string{strings.TrimSpace(l.Family), l.User, l.Password.Reveal()}); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

// listed names all faults of a joined error.
func listed(p *Problem, err error) *Problem {
	p.Faults = strings.Split(err.Error(), "\n")
	return p
}

// busy reports whether a scan runs.
func (d *bench) busy() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.job != nil && d.job.now().State == "running"
}

// take makes it the scan that runs.
func (d *bench) take(j *job) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.job != nil && d.job.now().State == "running" {
		return false
	}
	d.number++
	j.view.ID = fmt.Sprintf("scan-%d", d.number)
	d.job = j
	return true
}

// of is a job by its name, for who asked for it.
func (d *bench) of(id string, v Visit) (*job, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.job == nil || d.job.view.ID != id || d.job.by != v.who.Actor().Person {
		return nil, missing("job", id)
	}
	return d.job, nil
}

func (r *Room) getJob(_ context.Context, v Visit, in *jobIn) (Job, error) {
	j, err := r.bench.of(in.ID, v)
	if err != nil {
		return Job{}, err
	}
	return j.now(), nil
}

func (r *Room) cancelJob(_ context.Context, v Visit, in *jobIn) (*nothing, error) {
	j, err := r.bench.of(in.ID, v)
	if err != nil {
		return nil, err
	}
	j.cancel()
	return &nothing{}, nil
}

// now is how far it is.
func (j *job) now() Job {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := j.view
	out.Machines, out.Others = slices.Clone(out.Machines), slices.Clone(out.Others)
	return out
}

func (j *job) set(change func(*Job)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	change(&j.view)
}

// run scans, reads what was found where there are credentials, and forgets them.
func (j *job) run(ctx context.Context, drivers func(*wire.Network, int, time.Duration) []device.Driver) {
	defer j.cancel()
	const patience = 3 * time.Second
	dialects := drivers(j.net, j.ask.Offset, patience)
	err := j.look(ctx, dialects, patience)
	if one, other := j.book.Count(); err == nil && one+other > 0 {
		err = j.read(ctx, dialects, patience)
	}
	j.book = seal.Book{}
	j.set(func(v *Job) {
		v.Phase, v.State = "over", "done"
		switch {
		case errors.Is(err, context.Canceled):
			v.State = "cancelled"
		case err != nil:
			v.State, v.Why = "failed", err.Error()
		}
	})
}

// look scans the networks, a small piece at a time, so that what was found is seen.
func (j *job) look(ctx context.Context, dialects []device.Driver, patience time.Duration) error {
	o := j.ask.Offset
	done := 0
	for _, piece := range pieces(j.all) {
		r, err := scan.Scan(ctx, j.net, dialects, piece, scan.Options{
			Rate: cmp.Or(j.ask.Rate, 50), Timeout: patience, Ports: []int{4028 + o, 80 + o, 4433 + o}, Limit: addressesMost,
			Progress: func(n, _ int) { j.set(func(v *Job) { v.Done = done + n }) },
		})
		done += 1 << (32 - piece.Bits())
		j.set(func(v *Job) { v.Done = done })
		j.found(r)
		if err != nil {
			return err
		}
	}
	return nil
}

// pieces cuts networks into ones of 64 addresses at most.
func pieces(all []netip.Prefix) (out []netip.Prefix) {
	const bits = 26
	for _, p := range all {
		if p.Bits() >= bits {
			out = append(out, p)
			continue
		}
		for a := p.Addr(); p.Contains(a); {
			x := netip.PrefixFrom(a, bits)
			out = append(out, x)
			for range 1 << (32 - bits) {
				a = a.Next()
			}
		}
	}
	return out
}

// found adds what a piece of the scan found.
func (j *job) found(r scan.Report) {
	j.set(func(v *Job) {
		v.Asked, v.Mute = v.Asked+r.Asked, v.Mute+r.Mute
		for _, f := range r.Found {
			id := f.Identity
			m := FoundMachine{Address: f.Address.Host, Family: string(id.Family), Maker: id.Maker, Model: id.Model, Firmware: strings.TrimSpace(id.Firmware + " " + id.Version), MAC: id.MAC, Serial: id.Serial}
			if f.Err != nil {
				m.Fault = line(f.Err)
				v.Others = append(v.Others, m)
				continue
			}
			v.Machines = append(v.Machines, m)
		}
		v.Models = models(v.Machines)
		v.Twins = twins(v.Machines)
	})
}

// line is the first line of an error.
func line(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return short(text)
}

// twins are machines that stand at several addresses.
func twins(all []FoundMachine) []TwinAt {
	at := map[string][]string{}
	for _, m := range all {
		if key := cmp.Or(m.MAC, m.Serial); key != "" {
			at[key] = append(at[key], m.Address)
		}
	}
	out := []TwinAt{}
	for key, hosts := range at {
		if len(hosts) > 1 {
			out = append(out, TwinAt{key, hosts})
		}
	}
	slices.SortFunc(out, func(a, b TwinAt) int { return strings.Compare(a.Key, b.Key) })
	return out
}
