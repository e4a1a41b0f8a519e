package alarm

import (
	"slices"
	"time"
)

const (
	hour  = time.Hour
	shift = 8 * time.Hour
	day   = 24 * time.Hour
)

// Definitions is the closed list. The four texts are title, cause, consequence and action.
func Definitions() []Definition {
	return slices.Concat(power(), program(), meters(), machines(), pools(), halls(), market(), paperwork())
}

func power() []Definition {
	m := time.Minute
	return []Definition{
		row("connection_over", Critical, OfPower, 2*m, [4]string{"More power is drawn than the connection allows", "the meter of the site reads more than the limit that holds now", "the utility may cut the site off or bill a peak; the breaker may trip", "stop machines until the meter is under the limit"}).held(10 * time.Second).root("limit_margin"),
		row("feeder_over", Critical, OfPower, 2*m, [4]string{"A feeder or hall draws more than it is rated for", "its meter reads more than its limit", "its breaker may trip, or it overheats", "stop machines behind it until the meter is under the limit"}).held(10 * time.Second).root("limit_margin"),
		row("cannot_shed", Critical, OfPower, 5*m, [4]string{"Orders cannot bring the site under its limit", "machines do not obey, or what draws the power takes no orders", "the site stays over its limit", "switch machines off at their breakers, or find those that do not obey"}),
		row("bound_missed", Critical, OfPower, 5*m, [4]string{"A hall cannot go under the power that it was ordered", "the site ordered less power and the hall cannot begin", "the hall draws more than its budget", "curtail the hall by hand, or switch servers off"}),
		row("cannot_reach", High, OfPower, 10*m, [4]string{"A curtailment of a hall cannot reach its power", "contracts or servers that may not be touched draw more than is left", "the hall misses the power it was ordered", "choose what to switch off by hand, or agree on another power"}).also("deadline_missed", "yes_without_fall"),
		row("limit_margin", High, OfPower, 15*m, [4]string{"The site could draw more than a limit", "more is reserved than the limit allows: machines are silent, or the limit was lowered", "nothing is raised; if all of it is drawn, the limit is broken", "see which machines are silent or do not obey, and switch them off at their breakers if the meter nears the limit"}).shown().held(2 * m),
		row("place_silent", High, OfPower, 15*m, [4]string{"Most machines of a feeder or hall are silent", "its breaker tripped, its switch or its network failed", "what they earn is lost; they count at their full draw, so nothing else rises", "look at the breaker and the network switch of that place"}).shown().held(30*time.Second).root("silent", "never_found", "garbled", "no_work", "pool_silent", "proofs_missed", "meter_stale", "limit_margin"),
		row("stopped", Medium, OfPower, hour, [4]string{"The site is stopped", "a person pressed stop", "no machine runs, nothing is earned", "when it is safe, two people resume it"}).shown().root("pool_silent", "no_turn"),
		row("proofs_missed", Medium, OfPower, hour, [4]string{"Many orders have no proof", "more than 2 % of the orders of 10 minutes were not followed by power", "the site falls back by itself when it must", "look at the machines that do not obey"}).held(5 * m),
	}
}

func program() []Definition {
	m := time.Minute
	return []Definition{
		row("kernel_invariant", Critical, OfProgram, 15*m, [4]string{"An assertion of the program failed", "a fault of the program", "nothing is raised until it is started again", "start the site's program again, and report the fault"}).root("shed_only", "no_turn"),
		row("cannot_keep", Critical, OfProgram, 15*m, [4]string{"A site cannot keep its records", "its disk is full or refuses", "nothing is raised until the program is started again", "free or replace the disk, then start the site's program again"}).also("disk_refuses").root("shed_only", "disk", "record_refused", "telemetry"),
		row("audit_broken", Critical, OfProgram, 15*m, [4]string{"The audit log is not as it was written", "somebody or something changed its file", "who did what can no longer be shown", "keep a copy of the data directory untouched, and find out who could write there"}),
		row("site_away", High, OfProgram, 10*m, [4]string{"A site does not answer", "its program does not run, or the network to it is gone", "it goes on by itself; what the control room shows of it is old", "look at the site's computer and at the network"}).shown().root("feed_stale", "market_stale", "no_turn", "hall_away"),
		row("shed_only", High, OfProgram, 15*m, [4]string{"A site only lowers", "it was started again without knowing what it did, or a check failed", "nothing is raised there", "read why in its notices, and start it again when that is mended"}).shown(),
		row("no_turn", High, OfProgram, 15*m, [4]string{"The market of a site has not turned for two periods", "its inputs are missing, or the program hangs", "machines stay at the last plan", "read why the turn failed; mend the input, or start the program again"}).also("turn_failed"),
		row("disk", High, OfProgram, hour, [4]string{"A disk is nearly full", "less than 10 % is free", "when it is full, nothing is raised any more", "free space, or give the computer a larger disk"}).held(m),
		row("clock", High, OfProgram, hour, [4]string{"The clocks of a computer and its peers differ", "the time service does not run or is not reached", "intervals are metered wrongly, devices refuse orders", "set the clock by NTP"}).held(m).also("hall_clock", "clock_went_back", "clock_off"),
		row(Overflow, High, OfProgram, 15*m, [4]string{"More alarms hold than can be kept", "thousands of conditions at once", "new alarms are not shown until others have ended", "mend the common cause; acknowledge what has ended"}),
		row("demoted", Medium, OfProgram, hour, [4]string{"A site took its own authority down", "a guard of the modes saw what it must not see", "plans wait for people, or are not followed", "read the evidence; promote again when it is mended"}).also("limit_violated", "proofs_failed", "feeds_stale", "many_overrides", "versions_differ", "unsafe_recommendation", "bad_memory"),
		row("record_refused", Medium, OfProgram, hour, [4]string{"A record was refused", "the store says no to one record", "that record is missing", "read why in the notices, and report it"}).also("epoch_conflict", "witness_unkept", "not_learned"),
		row(Unlisted, Medium, OfProgram, hour, [4]string{"A site reports what the control room has no words for", "the site's program is newer than the control room", "nobody can say how grave it is", "read the site's own words, and update the control room"}),
		row("undelivered", Medium, OfProgram, hour, [4]string{"Messages do not reach a contact", "the mail server, webhook or chat refuses or does not answer", "nobody there is told of alarms", "test the contact and mend it; tell its people otherwise until then"}),
		row("backup_old", Low, OfProgram, day, [4]string{"The last backup is old", "no backup ended well for more than a day", "what was written since is lost with the disk", "make a backup now, and see why none was made"}),
		row("certificate_ends", Low, OfProgram, day, [4]string{"A certificate ends soon", "it was not renewed", "browsers and sites refuse the connection after that", "renew it"}),
		row("telemetry", Low, OfProgram, day, [4]string{"Telemetry is not written", "its disk refuses", "charts have a hole; control goes on", "free disk space, or start the program again"}),
	}
}

func meters() []Definition {
	m := time.Minute
	return []Definition{
		row("meter_stale", High, OfMeters, 15*m, [4]string{"A meter is silent", "the meter, its gateway or its network failed", "nothing is raised behind it, and after a minute the site shrinks to what is sure", "mend the meter or its network"}).shown().held(30 * time.Second).also("meter_silent").root("interval_not_metered"),
		row("meter_wrong", High, OfMeters, hour, [4]string{"A meter cannot be right", "it is stuck, its transformers are turned round, or its scale is wrong", "limits are kept against a wrong number", "check its transformers and settings, and set up its template again"}).also("meter_stuck", "meter_swapped", "meter_scaled"),
		row("meter_differs", High, OfMeters, hour, [4]string{"Two measurements of one load differ", "a meter is wrong, or load is where nobody counts it", "limits are kept against a doubtful number", "compare the meters with a clamp"}),
		row("hidden_load", Medium, OfMeters, hour, [4]string{"A meter sees more than the machines state", "a load that nobody entered, or machines that understate", "that power is held free and earns nothing", "find the load, and enter it"}),
		row("counted_twice", Medium, OfMeters, hour, [4]string{"Machines state more than the meter sees", "a machine stands behind another meter than was entered", "the plan is wrong there", "find out behind which meter each machine stands"}),
		row("energy_unexplained", Medium, OfMeters, shift, [4]string{"Energy of a hall is nobody's", "a meter is wrong or missing", "more than 2 % of the energy is billed to nobody", "find the meter that is wrong or missing"}),
		row("hall_without_meter", Low, OfMeters, day, [4]string{"A hall has no meter", "none was entered", "the GPUs' own sensors stand in, and prove nothing", "put a meter in front of the hall, and enter it"}),
	}
}

func machines() []Definition {
	m := time.Minute
	return []Definition{
		row("silent", Medium, OfMachines, hour, [4]string{"Machines do not answer", "they have no power, or no network", "they count at their full draw", "check their network and their power"}).each().held(m).also("unreachable", "stranger", "not_sent"),
		row("replaced", Medium, OfMachines, shift, [4]string{"Another machine answers at an address", "it was exchanged, or its address was given to another one", "it is not commanded", "if that is right, adopt it"}).each().also("identity_changed"),
		row("yes_without_effect", Medium, OfMachines, hour, [4]string{"Machines say yes and do nothing", "their firmware lies or hangs", "they are held back and count at their full draw", "look at them, then give them back"}).each(),
		row("liar", Medium, OfMachines, hour, [4]string{"The meter does not see what machines say", "their readings are wrong", "their power cannot be counted on", "look at them, then give them back"}).each(),
		row("contended", Medium, OfMachines, hour, [4]string{"Something else changes machines' settings", "another program commands them", "they are left alone", "find the other controller"}).each().also("held_by_another", "asleep_by_others"),
		row("wrong_password", Medium, OfMachines, shift, [4]string{"Machines refuse the password", "it was changed", "they are neither read nor commanded", "correct the credential"}).each(),
		row("duplicate", Medium, OfMachines, shift, [4]string{"One machine answers at several addresses", "the network is wired or configured wrongly", "none of them is commanded", "find out which one it is, and correct the network"}).each(),
		row("no_work", Medium, OfMachines, hour, [4]string{"Machines run and draw next to nothing", "pools, fans or boards failed", "they earn nothing", "look at their pools, fans and boards, or restart them"}).each().held(5 * m),
		row("writes_locked", Low, OfMachines, day, [4]string{"Machines take no orders", "their write interface is switched off", "they are only counted", "enable it on the machines"}).each(),
		row("garbled", Low, OfMachines, day, [4]string{"Answers of machines cannot be read", "firmware that nobody knows, or a fault", "they count at their full draw", "restart them, or check their firmware"}).each(),
		row("clock_skew", Low, OfMachines, day, [4]string{"Machines refuse orders for their time", "their clock is wrong", "they are only counted", "set their clock by NTP"}).each(),
		row("drifting", Low, OfMachines, day, [4]string{"Machines state their power wrongly", "a power supply ages, or the curve is wrong", "the plan is off by as much", "commission them again, or replace the power supply"}).each(),
		row("never_found", Low, OfMachines, day, [4]string{"Machines were never found", "they are not switched on, or the address is wrong", "they count at their full draw", "check whether they are switched on, and their address"}).each().held(10 * m),
	}
}

func pools() []Definition {
	m := time.Minute
	return []Definition{
		row("pool_not_allowed", High, OfPools, 30*m, [4]string{"Machines mine where nobody allowed it", "somebody changed their pools", "what they earn is paid to somebody else", "correct their pools and change their password"}).each().also("pool_stranger"),
		row("redirected", High, OfPools, hour, [4]string{"A pool credits less than was mined", "hash power goes elsewhere, or the pool is wrong", "that much is not paid", "compare pool, machines and meter; ask the pool"}),
		row("pool_silent", High, OfPools, 30*m, [4]string{"A pool credits nothing", "the pool or the way to it is down", "nothing is earned", "check the pool, and use another one if it stays away"}).held(5 * m),
		row("pool_developer", Medium, OfPools, shift, [4]string{"Firmware mines for its maker", "it takes a fee", "that share is not paid", "see whether the fee was agreed, or change the firmware"}).told(),
		row("hash_doubtful", Medium, OfPools, shift, [4]string{"Machines, pool and meter do not agree", "one of the three is wrong", "what was mined cannot be shown", "compare the three, beginning with the meter"}).also("lying_miner", "energy_odd", "no_two_agree"),
	}
}

func halls() []Definition {
	m := time.Minute
	return []Definition{
		row("hall_away", High, OfHalls, 15*m, [4]string{"A hall does not answer", "its program does not run, or the network to it is gone", "its contracts do not bid, and all that it may draw is reserved", "look at the program of the hall"}).shown().held(30*time.Second).also("hall_silent", "hall_other").root("agent_unreachable", "market_silent"),
		row("engine_unreachable", High, OfHalls, 15*m, [4]string{"A hall does not reach its engine", "the engine or its network failed", "nothing new is asked of it; power limits still reach the nodes", "see to the engine or its network"}).shown().also("hall_blind").root("interval_not_metered", "service_not_recorded"),
		row("sla_at_risk", High, OfHalls, 30*m, [4]string{"A service level is at risk", "its budget of this month burns too fast", "credits to the tenant, or an end of the contract", "give the contract its power back, and tell the tenant"}),
		row("market_silent", High, OfHalls, 15*m, [4]string{"A hall hears nothing from its site", "the program of the site does not run", "what its last budgets took stays away", "see to the site; release the hall if that takes long"}),
		row("job_ignores", High, OfHalls, 10*m, [4]string{"Jobs do not end when they are told", "they ignore signals, or came back", "others were taken in their place", "end them by the engine's hard means"}).also("job_ignores_signals", "job_came_back"),
		row("hall_refuses", Medium, OfHalls, hour, [4]string{"A hall or its engine says no", "rights or versions do not fit", "its budgets stay as they were", "read its words; mend rights or version"}).also("engine_refuses", "node_refuses_limit", "call_refused", "engine_says_no", "agent_says_no", "no_agent", "node_stays_on"),
		row("hold_lost", Medium, OfHalls, hour, [4]string{"Somebody undid what a curtailment holds", "a queue, a reservation or a limit was changed by hand", "it is set again; until then too much may run", "ask who did it"}).also("withheld_watts_lost", "limit_lost"),
		row("agent_unreachable", Medium, OfHalls, hour, [4]string{"Power agents of nodes do not answer", "the agent or its node failed", "nothing is claimed for jobs there", "see to the agents or their nodes"}).each().held(m),
		row("tenant_quota", Medium, OfHalls, shift, [4]string{"A tenant's share is not what was sold", "somebody changed it in the engine", "firm contracts may lack what they were sold", "correct it in the engine, or change the contract"}).also("quota_lowered", "tenant_over_quota"),
		row("engine_keeps_no_records", Medium, OfHalls, shift, [4]string{"An engine keeps no records of use", "its accounting is off", "nothing is billed from there", "switch its accounting on"}),
		row("gpu_seconds_disputed", Medium, OfHalls, day, [4]string{"Two counts of GPU time differ", "engine and labels are more than 1 % apart", "the lines of that hour are held", "find the wrong one, settle it with the tenant, and let the lines go"}),
		row("service_not_recorded", Medium, OfHalls, shift, [4]string{"The service of a contract is not recorded", "the words beside it say why", "its service level cannot be shown", "mend what the words name"}),
		row("interval_not_metered", Low, OfHalls, day, [4]string{"What tenants used is not metered yet", "meters or engine were away", "their bill waits", "see that meters and engine answer"}).held(30 * m).also("hole"),
		row("job_without_contract", Low, OfHalls, day, [4]string{"Jobs run without a contract", "their account is of no contract of the hall", "their use is paid by the operator", "enter the contract, or have the jobs moved"}).each(),
		row("node_states_no_power", Low, OfHalls, day, [4]string{"Nodes state no power", "their agent or exporter failed", "their energy is estimated", "mend the agent or the exporter"}).each(),
	}
}

func market() []Definition {
	m := time.Minute
	return []Definition{
		row("market_stale", Medium, OfMarket, hour, [4]string{"Prices are old", "the source of prices is away", "plans use forecasts, and nothing new is promised", "mend the source of prices"}).held(5 * m),
		row("feed_stale", Medium, OfMarket, shift, [4]string{"An input is old", "its source is away", "plans use what was known last", "mend the source"}).held(5 * m),
		row("not_settled", Low, OfMarket, day, [4]string{"An interval could not be settled", "the words beside it say why", "it is missing from the margin", "mend what the words name"}),
	}
}

func paperwork() []Definition {
	m := time.Minute
	return []Definition{
		row("request_waiting", Medium, OfPeople, 10*m, [4]string{"A request waits for a second person", "nobody approved or declined it for 5 minutes", "it ends after a quarter of an hour", "approve or decline it"}).held(5 * m),
		row("ledger_unbalanced", High, OfBooks, shift, [4]string{"The books do not balance", "a record was changed outside the program, or a fault", "no statement can be relied on", "post nothing, keep a copy, and check the books"}),
		row("suspense", Low, OfBooks, day, [4]string{"Something waits in suspense", "it could not be booked", "statements are not complete", "settle it"}),
	}
}

// Events are the codes of notices and troubles that need nobody: they are shown in the
// history and are no alarms.
func Events() []string {
	return []string{
		"adopt", "advice", "alarm", "asleep_doubt", "called", "cleared", "credit_unaligned", "curtail", "drain", "event", "followed", "freed", "hall_bound", "hall_heard",
		"learned", "locked_out", "mode", "overpaid", "pool_unreadable", "pool_unstated", "recount", "refused", "release", "stale", "unsupported", "waits_for_room", "witness_anew",
	}
}
