package tenant

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"sluice/engine"
	"sluice/store/tenants"
	"sluice/use/hosting"
)

// Cause is what keeps a job from running; the list is closed.
type Cause string

// The causes.
const (
	Quota    Cause = "quota"    // the engine's limit on the account or the queue
	Power    Cause = "power"    // there is no power for it: curtailed, or all of it is in use
	Worth    Cause = "price"    // power is dearer now than what the contract pays for it
	Agreed   Cause = "contract" // the contract does not cover it
	Capacity Cause = "capacity" // all GPUs are taken
	Front    Cause = "order"    // jobs stand in front of it
	Yourself Cause = "yourself" // the tenant's own doing
	Operator Cause = "operator" // a person held it, or nodes are repaired
	NotSaid  Cause = "not said" // the engine does not say
)

// Reason is why a job does not run.
type Reason struct {
	Cause  Cause      `json:"cause" doc:"quota, power, price, contract, capacity, order, yourself, operator or not said."`
	Says   string     `json:"says" doc:"The same in words."`
	Until  *time.Time `json:"until" doc:"When it is planned to end; null: that is not known."`
	Remedy string     `json:"remedy" doc:"What you can do; empty: nothing but wait."`
	Engine string     `json:"engine" doc:"The engine's own code, where it is one word."`
}

// vague reports a reason beside which one of the operator's market may stand.
func (r *Reason) vague() bool {
	return r != nil && slices.Contains([]Cause{NotSaid, Capacity, Front, Power}, r.Cause) && r.Until == nil
}

// why says why a job does not run; nil: it does. What is sure comes before what the
// engine says, and that before what is likely.
func (m mine) why(j engine.Job) *Reason {
	var r Reason
	switch j.State {
	case engine.Running:
		return nil
	case engine.Stopping:
		r = Reason{Cause: Power, Says: "it is being stopped; what it saves now it keeps"}
	case engine.Held:
		r = m.heldBy(j)
	case engine.Waiting:
		r = m.waits(j)
	}
	r.Engine = code(j.Why)
	return &r
}

// heldBy is why a job may not start.
func (m mine) heldBy(j engine.Job) Reason {
	if j.Evicted == "" {
		return Reason{Cause: Yourself, Says: "somebody held it in the engine", Remedy: "release it if it was you, or ask the operator"}
	}
	return m.curtailed(j.Evicted, "a curtailment of power stopped it, and it goes on by itself")
}

// curtailed adds when a curtailment ends, as far as the tenant was told.
func (m mine) curtailed(event, says string) Reason {
	r := Reason{Cause: Power, Says: says + " when the curtailment is over"}
	i := slices.IndexFunc(m.notices, func(n tenants.Notice) bool { return n.Event == event && !n.Withdrawn })
	if i >= 0 {
		r.Until = some(m.notices[i].Until)
		r.Says += ", planned for " + m.notices[i].Until.UTC().Format(time.RFC3339)
	}
	return r
}

// waits is why a job that asks for admission has none.
func (m mine) waits(j engine.Job) Reason {
	if r, sure := m.contract(j); sure {
		return r
	}
	if r, sure := m.queue(j); sure {
		return r
	}
	if r, known := spoken(j.Why); known {
		return r
	}
	w := m.view.Watts
	if w.Known && j.Watts > 0 && w.Admitted+w.Withheld+j.Watts > w.Budget {
		return powerless()
	}
	if j.Position > 1 {
		return Reason{Cause: Front, Says: fmt.Sprintf("it is number %d in its queue", j.Position)}
	}
	if r, likely := m.room(j); likely {
		return r
	}
	return Reason{Cause: NotSaid, Says: "the engine has not said yet why it waits"}
}

// room is what the nodes say against a job: within one of them, or on empty ones.
func (m mine) room(j engine.Job) (Reason, bool) {
	empty, starting := 0, false
	for _, n := range m.view.Nodes {
		starting = starting || n.State == engine.NodeStarting
		if n.State != engine.NodeUp {
			continue
		}
		if n.GPUs-n.Busy >= j.GPUs {
			return Reason{}, false
		}
		if n.Busy == 0 {
			empty += n.GPUs
		}
	}
	switch {
	case len(m.view.Nodes) == 0 || empty >= j.GPUs:
		return Reason{}, false
	case starting:
		return Reason{Cause: Capacity, Says: "not enough GPUs are free together; servers are being switched on"}, true
	}
	return full(), true
}

func full() Reason {
	return Reason{Cause: Capacity, Says: "not enough GPUs are free together"}
}

func powerless() Reason {
	return Reason{Cause: Power, Says: "there is no power for it now: it starts when enough is free"}
}

// contract is what the tenant's own contract says against a job.
func (m mine) contract(j engine.Job) (Reason, bool) {
	if j.Contract == "" {
		return Reason{}, false
	}
	var terms []hosting.Contract
	for _, x := range m.contracts {
		if x.Name == j.Contract {
			terms = append(terms, x)
		}
	}
	if !slices.Contains(m.names, j.Contract) {
		return Reason{Cause: Agreed, Says: "you have no contract of the name that it declares", Remedy: "let it declare one of yours"}, true
	}
	if len(terms) == 0 {
		return Reason{}, false
	}
	i := slices.IndexFunc(terms, func(x hosting.Contract) bool { return x.InTerm(m.now) })
	if i < 0 {
		x := terms[len(terms)-1]
		if m.now.Before(x.Start) {
			return Reason{Cause: Agreed, Says: "its contract has not begun", Until: some(x.Start)}, true
		}
		return Reason{Cause: Agreed, Says: "its contract has ended", Remedy: "agree a new one, or let it declare another of yours"}, true
	}
	return m.used(j, terms[i])
}

// used reports a job for which the contract has no GPU left.
func (m mine) used(j engine.Job, x hosting.Contract) (Reason, bool) {
	busy := 0
	for _, o := range m.jobs {
		if o.Contract == x.Name && (o.State == engine.Running || o.State == engine.Stopping) {
			busy += o.GPUs
		}
	}
	switch {
	case x.GPUs > 0 && j.GPUs > x.GPUs:
		return Reason{Cause: Agreed, Says: fmt.Sprintf("it wants %d GPUs and its contract has %d", j.GPUs, x.GPUs), Remedy: "ask for fewer GPUs, or agree more"}, true
	case x.GPUs > 0 && busy+j.GPUs > x.GPUs:
		return Reason{Cause: Agreed, Says: fmt.Sprintf("it wants %d GPUs, and jobs of yours hold %d of the %d of its contract", j.GPUs, busy, x.GPUs), Remedy: "end one of them, or agree more"}, true
	}
	return Reason{}, false
}

// queue is what its queue says against a job.
func (m mine) queue(j engine.Job) (Reason, bool) {
	i := slices.IndexFunc(m.view.Queues, func(q engine.Queue) bool { return q.Name == j.Queue })
	if i < 0 {
		return Reason{}, false
	}
	switch q := m.view.Queues[i]; {
	case q.Held && q.Event != "":
		return m.curtailed(q.Event, "a curtailment of power lets nothing start in its queue; it may start"), true
	case q.Held:
		return Reason{Cause: Operator, Says: "the operator lets nothing start in its queue", Remedy: "ask the operator"}, true
	case q.GPUs > 0 && j.GPUs > q.GPUs:
		return Reason{Cause: Quota, Says: "it wants more GPUs than its queue may ever give", Remedy: "ask for fewer GPUs, or for another queue"}, true
	}
	return Reason{}, false
}

// codes are what engines say, in our words; the first that is found in it counts.
func codes() []struct {
	words  string
	reason Reason
} {
	quota := Reason{Cause: Quota, Says: "the quota of its account or queue is used up", Remedy: "end a job of yours, or ask the operator for more"}
	return []struct {
		words  string
		reason Reason
	}{
		{"held by user|jobhelduser", Reason{Cause: Yourself, Says: "you held it in the engine", Remedy: "release it"}},
		{"jobheldadmin|queue held|inactive|stopped", Reason{Cause: Operator, Says: "the operator lets it or its queue start nothing", Remedy: "ask the operator"}},
		{"dependency|begintime", Reason{Cause: Yourself, Says: "it waits for another job or for a time, as you asked"}},
		{"licenses|power|watts", powerless()},
		{"qos|assoc|quota|grp|maxjobs|partitiontimelimit|partitionnodelimit", quota},
		{"reqnodenotavail|reservation|maintenance", Reason{Cause: Operator, Says: "nodes are kept for maintenance or for a curtailment that comes"}},
		{"resources|taken|nodes|insufficient|topology", full()},
		{"priority", Reason{Cause: Front, Says: "jobs of higher priority stand in front of it"}},
	}
}

// spoken is what an engine says in our words.
func spoken(text string) (Reason, bool) {
	text = strings.ToLower(text)
	for _, c := range codes() {
		for w := range strings.SplitSeq(c.words, "|") {
			if strings.Contains(text, w) {
				return c.reason, true
			}
		}
	}
	return Reason{}, false
}

// code is a code of an engine. Sentences are left out: they may name jobs of others.
func code(text string) string {
	if regexp.MustCompile(`^[A-Za-z][A-Za-z_]{0,39}$`).MatchString(text) {
		return text
	}
	return ""
}
