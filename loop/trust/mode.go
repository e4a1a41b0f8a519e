package trust

// promote carries out what two people agreed on.
func (k *Kernel) promote(r Request, and string) {
	if r.To == ClosedRack {
		k.rack = r.Units
	}
	k.cap = k.cfg.Caps.of(r.To)
	k.enter(r.To, about(r, Record{What: WasPromoted, By: r.By, And: and}))
}

// lower takes the site down because somebody says so. It asks for no second
// person, no reason and no name.
func (k *Kernel) lower(e Lowered) {
	to := e.To
	if to == "" {
		to = k.stage.fallback()
	}
	if !to.Known() || !to.Below(k.stage) {
		k.refuse(Refusal{Code: NotLower})
		return
	}
	if k.lowerAsks {
		k.request(Requested{Kind: Resume, Subject: string(to), By: e.By, Reason: "lower"})
		return
	}
	k.enter(to, Record{What: WasDemoted, By: orUnnamed(cut(e.By)), Reason: cut(trimmed(e.Reason))})
}

// enter changes the stage. The evidence of the stage before is in the record; the
// new stage begins without any, whichever way it was entered.
func (k *Kernel) enter(s Stage, r Record) {
	k.refresh()
	k.overtake(ofStage)
	k.withdraw()
	before, item := k.state(""), r.After.Item
	past, down := k.ledger.copied(), s.Below(k.stage)
	k.stage = s
	if down {
		k.cap = min(k.cap, k.cfg.Caps.of(s))
	}
	if !s.Closed() {
		k.rack, k.cap = nil, 0
	}
	k.ledger = Ledger{Since: k.now, Stage: s, Last: past.Last, Step: past.Step}
	if down && k.keepEvidence {
		k.ledger = past.copied()
		k.ledger.Stage = s
	}
	k.tally, k.manual = nil, nil
	clear(k.warned)
	k.stale = true
	k.refresh()
	r.Before, r.After, r.Ledger = before, k.state(item), &past
	k.record(r)
}

// renew begins the evidence anew within the stage.
func (k *Kernel) renew(why Code) {
	k.ledger = Ledger{Since: k.now, Stage: k.stage, Last: k.ledger.Last, Step: k.ledger.Step, Why: why}
}
