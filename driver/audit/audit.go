package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"sluice/device"
)

// Severity is how much a finding matters.
type Severity string

// The severities. A machine with a high one is not admitted.
const (
	High   Severity = "high"
	Medium Severity = "medium"
	Low    Severity = "low"
)

// Kind is what was found. Kinds are only ever added.
type Kind string

// The kinds.
const (
	KnownPassword   Kind = "default_credential" // it obeys a password that everybody knows
	NoPassword      Kind = "no_credential"      // it obeys whoever reaches it
	Changed         Kind = "changed_machine"    // another machine answers than the one that was admitted
	TwoAddresses    Kind = "duplicate"          // one MAC or serial at two addresses
	ForeignPool     Kind = "foreign_pool"       // it may mine for somebody who is not on the list
	OrdersOff       Kind = "locked"             // its interface for orders is switched off
	NotTaken        Kind = "credential_refused" // the operator's own credential is not taken
	NotRead         Kind = "unread"             // it could not be opened or read
	UnknownVersion  Kind = "unknown_version"    // it does not state its firmware's version
	UntoldPassword  Kind = "untold_credential"  // only an order would tell
	UnknownIdentity Kind = "nameless"           // neither MAC nor serial: a replacement would not be noticed
)

// Finding is one thing to mend at one machine.
type Finding struct {
	Host     string // of a duplicate: all hosts, joined with blanks
	Severity Severity
	Kind     Kind
	Text     string
	Remedy   string
}

// Subject is one machine that a scan found.
type Subject struct {
	Address  device.Address
	Identity device.Identity
	Driver   device.Driver
}

// Options bounds an audit.
type Options struct {
	// Key is the operator's own credential. A zero one is not tried.
	Key         func(device.Identity, device.Address) (device.Credential, error)
	TryDefaults bool                   // attempt to log in with published credentials
	Rate        int                    // such attempts a second, over all machines; 0: 5
	Timeout     time.Duration          // of each question; 0: ten seconds
	Parallel    int                    // machines looked at at once; 0: 16
	Pool        func(device.Pool) bool // whether a machine may mine there; nil: not judged
}

// gated is a device that tells what guards its machine.
type gated interface {
	Gate(ctx context.Context) (device.Gate, error)
}

// gatekeeper is a driver that tells the same of a machine that it does not open.
type gatekeeper interface {
	Gate(ctx context.Context, a device.Address, id device.Identity, c device.Credential) (device.Gate, error)
}

// audit is one audit under way.
type audit struct {
	Options
	turns <-chan time.Time // one for each attempt to log in
}

// Audit looks at machines, each by itself, and returns what is to be mended,
// the gravest first. When ctx ends it returns what it had found and the cause.
func Audit(ctx context.Context, machines []Subject, o Options) ([]Finding, error) {
	o.Rate, o.Timeout, o.Parallel = cmp.Or(max(0, o.Rate), 5), cmp.Or(max(0, o.Timeout), 10*time.Second), cmp.Or(max(0, o.Parallel), 16)
	t := time.NewTicker(time.Second / time.Duration(o.Rate))
	defer t.Stop()
	a := &audit{Options: o, turns: t.C}
	found := make([][]Finding, len(machines))
	slots := make(chan struct{}, o.Parallel)
	var all sync.WaitGroup
	for i, m := range machines {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			if ctx.Err() == nil {
				found[i] = a.look(ctx, m)
			}
		})
	}
	all.Wait()
	out := append(twice(machines), slices.Concat(found...)...)
	slices.SortStableFunc(out, func(x, y Finding) int { return cmp.Compare(x.Severity.rank(), y.Severity.rank()) })
	return out, context.Cause(ctx)
}

// rank is low for what matters more.
func (s Severity) rank() int { return slices.Index([]Severity{High, Medium, Low}, s) }

// twice finds machines that stand at several addresses.
func twice(machines []Subject) []Finding {
	at := map[string][]string{}
	var keys []string
	for _, m := range machines {
		key := cmp.Or(m.Identity.MAC, m.Identity.Serial)
		if key == "" {
			continue
		}
		if len(at[key]) == 0 {
			keys = append(keys, key)
		}
		at[key] = append(at[key], m.Address.Host)
	}
	var out []Finding
	for _, k := range keys {
		if len(at[k]) > 1 {
			out = append(out, Finding{strings.Join(at[k], " "), High, TwoAddresses, "all of them call themselves " + k, "find out which of them it is: a copied configuration, a route that leads there twice, or somebody who plays it"})
		}
	}
	return out
}

// look audits one machine.
func (a *audit) look(ctx context.Context, m Subject) []Finding {
	v := &visit{audit: a, Subject: m}
	if m.Identity.Version == "" {
		v.note(Low, UnknownVersion, "it does not state the version of its firmware", "look at its own page, and bring it to a version that is known")
	}
	if m.Identity.Weak {
		v.note(Low, UnknownIdentity, "it states neither MAC nor serial to those without its password", "fix its address to its switch port: a machine in its place would not be noticed")
	}
	key, err := a.Key(m.Identity, m.Address)
	if err != nil {
		v.note(High, Changed, err.Error(), "send it nothing until it is known which machine this is")
		return v.found
	}
	own := v.own(ctx, key)
	if a.TryDefaults && own != device.Unasked {
		v.defaults(ctx, key, own)
	}
	return v.found
}

// visit is the look at one machine.
type visit struct {
	*audit
	Subject
	found []Finding
}

func (v *visit) note(s Severity, k Kind, text, remedy string) {
	v.found = append(v.found, Finding{v.Address.Host, s, k, text, remedy})
}

// own opens the machine with the operator's credential, asks about its gate and
// judges its pools.
func (v *visit) own(ctx context.Context, key device.Credential) device.Access {
	if key == (device.Credential{}) && logsIn(v.Identity.Family) {
		v.note(Low, NotRead, "it tells nothing without its password", "give its credential with --credentials")
		return device.Untold
	}
	access := device.Untold
	err := v.with(ctx, key, func(ctx context.Context, d device.Device, g device.Gate) error {
		access = g.Access
		v.judge(key, g)
		if v.Pool == nil || logsIn(v.Identity.Family) && g.Access == device.Denied {
			return nil
		}
		r, err := d.Read(ctx, device.Pools)
		for i, p := range r.Pools {
			if (p.URL != "" || p.Worker != "") && !p.Fee && !v.Pool(p) { // the maker's slot came with the firmware
				v.note(High, ForeignPool, fmt.Sprintf("pool %d is %s as %s", i+1, p.URL, p.Worker), "correct its pools, change its password, and find out who changed them")
			}
		}
		return err
	})
	if errors.Is(err, device.ErrAuth) {
		access = device.Denied
		v.judge(key, device.Gate{Access: access})
	} else if err != nil {
		v.note(Medium, NotRead, err.Error(), "audit it again when it answers")
	}
	return access
}

// judge says what a gate means.
func (v *visit) judge(key device.Credential, g device.Gate) {
	if g.Locked.Known && g.Locked.Value {
		v.note(Medium, OrdersOff, "its interface for orders is switched off, so that nobody can curtail it", "switch it on with the maker's tool after its password was changed")
	}
	switch {
	case g.Access == device.Unasked && obeysAll(v.Identity.Family):
		v.note(Medium, NoPassword, "by design it obeys whoever reaches it", "let nothing but this program reach its network")
	case g.Access == device.Unasked:
		v.note(High, NoPassword, "it obeys whoever reaches it, though this firmware can ask for a password", "set one")
	case g.Access == device.Denied && key != (device.Credential{}):
		v.note(Medium, NotTaken, "it does not take the credential that was given for it", "correct its line in the credentials")
	}
}

// defaults tries each published credential once.
func (v *visit) defaults(ctx context.Context, key device.Credential, own device.Access) {
	const known = "it obeys a password that everybody knows"
	for _, c := range published(v.Identity) {
		if own == device.Granted && sameKey(v.Identity.Family, c, key) {
			v.note(High, KnownPassword, known+": it is the one in the credentials", "give it a password of its own")
			return
		}
		select {
		case <-v.turns:
		case <-ctx.Done():
			return
		}
		access, err := v.try(ctx, c)
		switch {
		case errors.Is(err, device.ErrAuth):
		case err != nil:
			v.note(Medium, NotRead, err.Error(), "audit it again when it answers")
			return
		case access == device.Granted:
			v.note(High, KnownPassword, known, "give it a password of its own")
			return
		case access == device.Untold:
			v.note(Low, UntoldPassword, "whether it still has the password of the factory, only an order would tell, and none was given", "change its password if that was not done")
			return
		}
	}
}

// try attempts to log in once.
func (v *visit) try(ctx context.Context, c device.Credential) (access device.Access, err error) {
	if k, ok := v.Driver.(gatekeeper); ok {
		ctx, cancel := context.WithTimeout(ctx, v.Timeout)
		defer cancel()
		g, err := k.Gate(ctx, v.Address, v.Identity, c)
		return g.Access, err
	}
	err = v.with(ctx, c, func(_ context.Context, _ device.Device, g device.Gate) error {
		access = g.Access
		return nil
	})
	return access, err
}

// sameKey reports whether two credentials are one to a family.
func sameKey(f device.Family, a, b device.Credential) bool {
	switch f {
	case device.Antminer:
		return a == b
	case device.Braiins:
		return a.Secret == b.Secret && (b.User == "" || a.User == b.User)
	case device.WhatsMiner, device.VNish, device.EPIC, device.LuxOS, device.Avalon:
	}
	return a.Secret == b.Secret // the user is fixed
}

// with opens the machine, asks about its gate and lets do work with both.
func (v *visit) with(ctx context.Context, key device.Credential, do func(context.Context, device.Device, device.Gate) error) error {
	ctx, cancel := context.WithTimeout(ctx, 3*v.Timeout)
	defer cancel()
	d, err := v.Driver.Open(ctx, v.Address, v.Identity, key)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), v.Timeout)
		defer cancel()
		_ = d.Close(ctx)
	}()
	g := device.Gate{Access: device.Untold}
	if asked, ok := d.(gated); ok {
		if g, err = asked.Gate(ctx); err != nil {
			return err
		}
	}
	return do(ctx, d, g)
}
