package hall

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"sluice/engine"
	"sluice/loop/curtail"
	"sluice/use/hosting"
)

// Code names what a person should look at, beside the troubles of a curtailment;
// codes are only ever added.
type Code string

// The troubles of a hall.
const (
	EngineSilent   Code = "engine_unreachable"
	AgentSilent    Code = "agent_unreachable"
	MeterSilent    Code = "meter_silent"
	NoHallMeter    Code = "hall_without_meter"
	NoPower        Code = "node_states_no_power"
	QuotaLowered   Code = "quota_lowered"
	OverQuota      Code = "tenant_over_quota"
	Stranger       Code = "job_without_contract"
	DiskRefuses    Code = "disk_refuses"
	NoRecords      Code = "engine_keeps_no_records"
	Unmetered      Code = "interval_not_metered"
	Unexplained    Code = "energy_unexplained"
	ServiceUnknown Code = "service_not_recorded"
	ClockBack      Code = "clock_went_back"
	MarketSilent   Code = "market_silent"
	BoundMissed    Code = "bound_missed"

	GPUSecondsDisputed Code = "gpu_seconds_disputed"
)

// Remedy says what a person does about a trouble.
func (c Code) Remedy() string {
	switch c {
	case EngineSilent:
		return "see to the engine or its network; nothing new is asked of it, power limits still reach the nodes, what waits for an answer goes out again by itself"
	case AgentSilent:
		return "see to the power agent or its node; until it answers nothing is claimed for the jobs there, and the node counts at what it can draw at most"
	case MeterSilent:
		return "mend the meter; a curtailment goes on by what it ordered, and nothing is given back until the hall's meter answers"
	case NoHallMeter:
		return "no meter stands in front of the hall: declare one under hosting.meters; the sum of the GPUs' own sensors stands in, and is no proof"
	case NoPower:
		return "mend the agent or the exporter of the node; until then nothing is claimed for its jobs, and its energy is estimated"
	case QuotaLowered:
		return "somebody else lowered what the engine admits: ask who did, and set it back; firm contracts may lack what they were sold"
	case OverQuota:
		return "the tenant holds more than it was sold: correct its limit in the engine, or change the contract; what it holds beyond is metered like the rest"
	case Stranger:
		return "its contract is not of this hall: name it in the site file, or have the job moved; until then its use is the operator's and nothing is taken from it"
	case DiskRefuses:
		return "the disk takes nothing: power is still lowered, nothing is given back and no energy is recorded until it does; check the disk"
	case NoRecords:
		return "the engine keeps no records of use: switch on its accounting; until then nothing is billed from here"
	case Unmetered:
		return "what was used cannot be metered yet: the word beside it says why; it is tried again with the next interval, which then covers both"
	case Unexplained:
		return "more than 2 % of the energy behind the hall's meter is nobody's: find the meter that is wrong or missing"
	case ClockBack:
		return "the computer's clock was set back: the hall's time stands still until it has caught up, and nothing falls due meanwhile; keep clocks with a time service"
	case MarketSilent:
		return "see to 'sluice serve' of the site: what its budgets took stays away and nothing more is taken; 'sluice hall release --event follow-HALL' lets tenants have everything again"
	case BoundMissed:
		return "the site ordered less power and the hall cannot begin: curtail it by hand, or switch servers off"
	case GPUSecondsDisputed:
		return "engine and labels are more than 1 % apart: the lines of that hour are held with both figures; find which one is wrong, settle it with the tenant, then let them go"
	case ServiceUnknown:
		return "the service of a contract cannot be recorded: the word beside it says why"
	}
	return ""
}

// Codes lists all of them.
func Codes() []Code {
	return []Code{EngineSilent, AgentSilent, MeterSilent, NoHallMeter, NoPower, QuotaLowered, OverQuota, Stranger, DiskRefuses, NoRecords, Unmetered, Unexplained, ServiceUnknown, ClockBack, MarketSilent, BoundMissed, GPUSecondsDisputed}
}

// Trouble is one thing that a person should look at.
type Trouble struct {
	Code    string    `json:"code"`
	Subject string    `json:"subject"`
	Since   time.Time `json:"since"`
	Why     string    `json:"why,omitempty"`
	Remedy  string    `json:"remedy"`
}

// hush begins a trouble with an error, and ends it without.
func (h *Hall) hush(c Code, subject string, err error) {
	if err == nil {
		h.well(string(c), subject)
		return
	}
	h.ill(Trouble{Code: string(c), Subject: subject, Why: err.Error(), Remedy: c.Remedy()})
}

// ill begins a trouble; one that is known already is not told again.
func (h *Hall) ill(t Trouble) {
	t.Since = h.now()
	i := slices.IndexFunc(h.ills, func(x Trouble) bool { return x.Code == t.Code && x.Subject == t.Subject })
	if i >= 0 {
		h.ills[i].Why = t.Why
		return
	}
	h.ills = append(h.ills, t)
	h.note("alarm", "%s %s: %s", t.Code, t.Subject, cmp.Or(t.Why, t.Remedy))
}

func (h *Hall) well(code, subject string) {
	i := slices.IndexFunc(h.ills, func(x Trouble) bool { return x.Code == code && x.Subject == subject })
	if i < 0 {
		return
	}
	h.ills = slices.Delete(h.ills, i, i+1)
	h.note("cleared", "%s %s", code, subject)
}

// only ends the troubles of a code whose subject is not among those of now.
func (h *Hall) only(c Code, now map[string]string) {
	for _, t := range slices.Clone(h.ills) {
		if _, still := now[t.Subject]; t.Code == string(c) && !still {
			h.well(t.Code, t.Subject)
		}
	}
	for subject, why := range now {
		h.ill(Trouble{Code: string(c), Subject: subject, Why: why, Remedy: c.Remedy()})
	}
}

// check names what time alone shows.
func (h *Hall) check(now time.Time) {
	none := map[string]string{}
	if !h.plant.metered(HallMeter) {
		none[h.cfg.Hall.Name] = ""
	}
	h.only(NoHallMeter, none)
	for i, g := range h.plant.Gauges {
		if s := h.samples[i]; !s.At.IsZero() && now.Sub(s.At) > h.cfg.Timing.Fresh {
			h.ill(Trouble{Code: string(MeterSilent), Subject: string(g.Place) + " " + g.Name, Why: "last heard at " + s.At.UTC().Format(time.TimeOnly), Remedy: MeterSilent.Remedy()})
		}
	}
}

// judge names what a view shows that nobody here wanted.
func (h *Hall) judge(v engine.View) {
	h.only(QuotaLowered, h.lowered(v))
	held, strangers := map[string]int{}, map[string]string{}
	for i := range v.Jobs {
		j := &v.Jobs[i]
		t := h.ownerOf(j)
		if t == nil {
			strangers[j.ID] = "it names contract \"" + j.Contract + "\" and queue \"" + j.Queue + "\""
			continue
		}
		if j.State == engine.Running || j.State == engine.Stopping {
			held[t.Contract().Name] += j.GPUs
		}
	}
	h.only(Stranger, strangers)
	over := map[string]string{}
	for name, gpus := range held {
		if sold := h.cfg.tenancy(name).Contract().GPUs; sold > 0 && gpus > sold {
			over[name] = plural(gpus, "GPU") + " are held, and " + plural(sold, "GPU") + " were sold"
		}
	}
	h.only(OverQuota, over)
	h.only(NoPower, h.mute(v))
}

// ownerOf is the contract of a job; nil: none of this hall.
func (h *Hall) ownerOf(j *engine.Job) *hosting.Tenancy {
	if j.Contract != "" {
		return h.cfg.tenancy(j.Contract)
	}
	for _, t := range h.cfg.Tenancies {
		if h.cfg.queue(t.Contract().Name) == j.Queue && t.Contract().Kind != hosting.Colocation {
			return t
		}
	}
	return nil
}

// lowered are the quotas below what was seen or declared.
func (h *Hall) lowered(v engine.View) map[string]string {
	out := map[string]string{}
	if v.Watts.Known && h.cfg.Budget > 0 && v.Watts.Budget < h.cfg.Budget {
		out["watts"] = v.Watts.Budget.String() + " may be admitted, and the hall should have " + h.cfg.Budget.String()
	}
	for _, q := range v.Queues {
		had := h.quotas[q.Name]
		if q.GPUs > 0 && q.GPUs < had {
			out[q.Name] = plural(q.GPUs, "GPU") + " may be used, and " + plural(had, "GPU") + " could be before"
		}
		h.quotas[q.Name] = max(had, q.GPUs)
	}
	return out
}

// mute are nodes with work whose GPUs do not say what they draw.
func (h *Hall) mute(v engine.View) map[string]string {
	says := map[string]int{}
	for _, of := range h.readings {
		for i := range of {
			if of[i].Has.Draw && h.fresh(of[i].At) {
				says[of[i].Node]++
			}
		}
	}
	out := map[string]string{}
	for _, l := range h.agents {
		if l.began.IsZero() {
			return out // not asked yet
		}
	}
	for _, n := range v.Nodes {
		if n.State != engine.NodeUp || n.Busy == 0 || says[n.Name] >= n.GPUs {
			delete(h.muted, n.Name)
			continue
		}
		if h.muted == nil {
			h.muted = map[string]time.Time{}
		}
		since, known := h.muted[n.Name]
		if !known {
			since = v.At
			h.muted[n.Name] = since
		}
		if v.At.Sub(since) >= h.cfg.Timing.Fresh/3 { // its agent may only just be starting
			out[n.Name] = plural(says[n.Name], "GPU") + " of " + plural(n.GPUs, "GPU") + " say what they draw"
		}
	}
	return out
}

// engines takes what the driver came upon; its words and remedies are its own.
func (h *Hall) engines(own []EngineTrouble) {
	for _, t := range slices.Clone(h.ills) {
		ours := slices.Contains(Codes(), Code(t.Code))
		still := slices.ContainsFunc(own, func(o EngineTrouble) bool { return o.Code == t.Code && o.Subject == t.Subject })
		if !ours && !still {
			h.well(t.Code, t.Subject)
		}
	}
	for _, o := range own {
		h.ill(Trouble{Code: o.Code, Subject: o.Subject, Why: o.Why, Remedy: o.Remedy})
	}
}

// troubles are all of them: of the shell, of the event, of the budgets, each once.
func (h *Hall) troubles() []Trouble {
	out := slices.Clone(h.ills)
	for _, of := range [][]curtail.Trouble{h.kernel.State().Troubles, h.follow.State().Troubles} {
		for _, t := range of {
			known := slices.ContainsFunc(out, func(x Trouble) bool { return x.Code == string(t.Ill) && x.Subject == t.Subject })
			if !known {
				out = append(out, Trouble{Code: string(t.Ill), Subject: t.Subject, Since: t.Since, Why: lacks(t), Remedy: t.Ill.Remedy()})
			}
		}
	}
	slices.SortFunc(out, func(a, b Trouble) int { return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Subject, b.Subject)) })
	return out
}

// lacks says how much more room somebody waits for; empty: none does.
func lacks(t curtail.Trouble) string {
	if t.Lacks <= 0 {
		return ""
	}
	return t.Lacks.String() + " more room is needed"
}

// plural is a count with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
