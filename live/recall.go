package live

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"

	"sluice/device"
	"sluice/loop/actuate"
	"sluice/store/sqlite"
	"sluice/unit"
)

// Journal is what the shell keeps its records in.
type Journal interface {
	Append(ctx context.Context, records ...sqlite.Record) error
	Current(ctx context.Context, site string, kind sqlite.Kind) ([]sqlite.Stored, error)
	LastEpoch(ctx context.Context, site, subject string) (sqlite.Epoch, error)
}

// controller is the subject under which a site's terms are marked.
const controller = "controller"

// Begin marks a new term: whatever an earlier run still sends is older than
// everything that this one sends.
func Begin(ctx context.Context, j Journal, r sqlite.Record) (int64, error) {
	last, err := j.LastEpoch(ctx, r.Site, controller)
	if err != nil {
		return 0, fmt.Errorf("begin a term of %s: %w", r.Site, err)
	}
	r.Kind, r.Subject = sqlite.EpochMark, controller
	r.Epoch = sqlite.Epoch{Term: last.Term + 1}
	r.Key, r.Body = "term/"+r.Epoch.String(), []byte("{}")
	if err := j.Append(ctx, r); err != nil {
		return 0, fmt.Errorf("begin a term of %s: %w", r.Site, err)
	}
	return r.Epoch.Term, nil
}

// Recall reads what an earlier run of the site left behind.
func Recall(ctx context.Context, j Journal, site string) (Memory, error) {
	m := Memory{Machines: map[string]MachineMemory{}}
	for _, part := range []struct {
		kind sqlite.Kind
		take func(*Memory, sqlite.Stored) error
	}{
		{sqlite.Order, takeOrder},
		{sqlite.Receipt, takeProof},
		{sqlite.LockOut, takeLock},
		{sqlite.Trouble, takeTrouble},
		{sqlite.Person, takeAct},
		{sqlite.Machine, takeMachine},
	} {
		all, err := j.Current(ctx, site, part.kind)
		if err != nil {
			return m, fmt.Errorf("recall %s of %s: %w", part.kind, site, err)
		}
		for _, r := range all {
			if err := part.take(&m, r); err != nil {
				return m, fmt.Errorf("recall %s of %s, %s: %w", part.kind, site, r.Key, err)
			}
		}
	}
	return m, nil
}

// takeOrder counts the last order of a machine as one that may still act, until a
// proof of it is found.
func takeOrder(m *Memory, r sqlite.Stored) error {
	if strings.HasPrefix(r.Subject, ofHall) {
		return nil // a hall tells itself what it follows
	}
	var k kept
	if err := json.Unmarshal(r.Body, &k); err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	e := actuate.Epoch(r.Epoch)
	f := actuate.Flying{Epoch: e, Target: k.Target, Ceil: k.Ceil, Wakes: k.Wakes}
	u := MachineMemory{Found: k.Found, ordered: r.At, last: f, starts: k.Starts, UnitMemory: actuate.UnitMemory{
		Confirmed: k.Ceil, Setpoint: -1, Sequence: e.Sequence, Idled: k.Idled,
		Flight: []actuate.Flying{f},
	}}
	m.Machines[r.Subject] = u
	if e.Compare(m.Plan) > 0 {
		m.Plan = e
	}
	return nil
}

// takeProof settles an order that was proven.
func takeProof(m *Memory, r sqlite.Stored) error {
	if strings.HasPrefix(r.Subject, ofHall) {
		return nil
	}
	var p struct {
		proof
		Epoch sqlite.Epoch `json:"epoch"`
	}
	if err := json.Unmarshal(r.Body, &p); err != nil {
		return fmt.Errorf("read the proof: %w", err)
	}
	u, known := m.Machines[r.Subject]
	if !known {
		return nil
	}
	u.Setpoint = p.Setpoint
	if len(u.Flight) == 1 && u.Flight[0].Epoch == actuate.Epoch(p.Epoch) {
		u.Confirmed, u.Flight = max(p.Setpoint, p.Power), nil
	}
	m.Machines[r.Subject] = u
	return nil
}

// takeMachine forgets what was ordered of the machine that stood at an address
// before the one that was adopted there last. Lock-outs are of the place, and stay.
func takeMachine(m *Memory, r sqlite.Stored) error {
	u, known := m.Machines[r.Subject]
	if known && len(u.Flight) == 0 && u.Setpoint < 0 || !known || !r.At.After(u.ordered) {
		return nil
	}
	m.Machines[r.Subject] = MachineMemory{UnitMemory: actuate.UnitMemory{
		Confirmed: everything, Setpoint: -1, Sequence: u.Sequence, LockedBy: u.LockedBy, Ceiling: u.Ceiling,
	}, lock: u.lock}
	return nil
}

func takeLock(m *Memory, r sqlite.Stored) error {
	var l lock
	if err := json.Unmarshal(r.Body, &l); err != nil {
		return fmt.Errorf("read the lock-out: %w", err)
	}
	u := m.of(r.Subject)
	u.LockedBy, u.Ceiling, u.lock = l.By, l.Ceiling, l
	m.Machines[r.Subject] = u
	return nil
}

func takeTrouble(m *Memory, r sqlite.Stored) error {
	var t struct {
		Code Trouble `json:"code"`
	}
	if err := json.Unmarshal(r.Body, &t); err != nil {
		return fmt.Errorf("read the state: %w", err)
	}
	u := m.of(r.Subject)
	u.Code = t.Code
	u.Bad, u.Foreign = t.Code == NoObedience || t.Code == Liar || t.Code == Contended, t.Code == SleptByOther
	m.Machines[r.Subject] = u
	return nil
}

func takeAct(m *Memory, r sqlite.Stored) error {
	var a act
	if err := json.Unmarshal(r.Body, &a); err != nil {
		return fmt.Errorf("read what a person did: %w", err)
	}
	if r.Subject == "site" {
		m.Stopped = a.What == "stopped"
	}
	if !strings.HasPrefix(r.Subject, instructionPrefix) {
		return nil
	}
	var i instructed
	if err := json.Unmarshal(r.Body, &i); err != nil {
		return fmt.Errorf("read the instruction: %w", err)
	}
	m.Instructions = append(m.Instructions, i)
	return nil
}

// everything stands for the most that a machine can draw, where only the rig tells.
const everything unit.Power = 1 << 40

// of is what is remembered of a machine; of an unknown one, that it may draw everything.
func (m *Memory) of(name string) MachineMemory {
	u, known := m.Machines[name]
	if !known {
		u.Confirmed, u.Setpoint = everything, -1
	}
	return u
}

// adopted is the body of a machine's record.
type adopted struct {
	Group    string              `json:"group"`
	Identity device.Identity     `json:"identity"`
	Can      device.Capabilities `json:"can"`
}

// Adopted reads which machines belong to a site, by name.
func Adopted(ctx context.Context, j Journal, site string) (map[string]Machine, map[string]string, error) {
	all, err := j.Current(ctx, site, sqlite.Machine)
	if err != nil {
		return nil, nil, fmt.Errorf("recall the machines of %s: %w", site, err)
	}
	out, group := map[string]Machine{}, map[string]string{}
	for _, r := range all {
		var a adopted
		if err := json.Unmarshal(r.Body, &a); err != nil {
			return nil, nil, fmt.Errorf("recall machine %s of %s: %w", r.Subject, site, err)
		}
		host, err := hostOf(r.Subject)
		if err != nil {
			return nil, nil, fmt.Errorf("recall machine %s of %s: %w", strings.TrimSpace(r.Subject), site, err)
		}
		if a.Identity.Family == "" {
			continue // somebody wants the place to be looked at anew
		}
		out[r.Subject], group[r.Subject] = Machine{Host: host, Identity: a.Identity, Can: a.Can}, a.Group
	}
	return out, group, nil
}

func hostOf(name string) (netip.Addr, error) {
	a, err := netip.ParseAddr(name)
	if err != nil {
		return a, fmt.Errorf("%q is no address: %w", name, err)
	}
	return a, nil
}
