package words

import (
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/alarm"
	"sluice/books"
	"sluice/live/hall"
	"sluice/loop/curtail"
	"sluice/loop/trust"
	"sluice/people"
	"sluice/solve"
	store "sluice/store/people"
)

// TestEveryCodeHasWords: a code that somebody adds gets words, and words of a code that
// is nowhere are a slip of the pen: codes are only ever added.
func TestEveryCodeHasWords(t *testing.T) {
	t.Parallel()
	want, open := map[string][]string{}, grown(t)
	maps.Copy(open, openCapital(t))
	for _, of := range []map[string][]string{ofPlans(t), ofMachines(t), ofTrust(t), ofPeople(t), ofRoom(t), ofHosting(t), ofBooks(t), ofAlarms(t), ofCapital(t), open} {
		maps.Copy(want, of)
	}
	for _, l := range languages() {
		t.Run(l, func(t *testing.T) {
			t.Parallel()
			has := codes(t, l)
			if d := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(has))); d != "" {
				t.Errorf("kinds of codes (-checked here +in codes.json):\n%s", d)
			}
			for kind, all := range want {
				check(t, kind, all, has[kind], open[kind] != nil)
			}
		})
	}
}

// check compares the codes of one kind; of an open list the pages may know more.
func check(t *testing.T, kind string, want []string, has map[string]word, open bool) {
	t.Helper()
	if len(want) == 0 {
		t.Errorf("no codes were found of kind %s: look for them where they went", kind)
	}
	for _, c := range want {
		if has[c].Label == "" {
			t.Errorf("%s %q has no words in ui/src/words: add a label in each language", kind, c)
		}
	}
	for c := range has {
		if !open && !slices.Contains(want, c) {
			t.Errorf("%s has words for %q, which no list of the program has", kind, c)
		}
	}
}

func ofPlans(t *testing.T) map[string][]string {
	t.Helper()
	const papers = "loop/cycle/papers.go"
	solver := []string{"merit order"} // in loop/dispatch, where the solver has nothing
	for s := solve.Failed; s <= solve.Unbounded; s++ {
		solver = append(solver, s.String())
	}
	return map[string][]string{
		"reason":   constants(t, papers, "ReasonCode"),
		"flag":     constants(t, papers, "FlagCode"),
		"cause":    append(constants(t, papers, "Cause"), "as_planned"), // the empty one
		"solver":   solver,
		"forecast": constants(t, "loop/forecast/config.go", "Model"),
		"charge":   constants(t, "power/line.go", "LineKind"),
		"source":   constants(t, "power/offer.go", "Kind"),
	}
}

func ofMachines(t *testing.T) map[string][]string {
	t.Helper()
	const commission = "loop/commission/event.go"
	return map[string][]string{
		"trouble":     constants(t, "live/trouble.go", "Trouble"),
		"held":        append(constants(t, "loop/actuate/effect.go", "Code"), "none"), // the empty one
		"family":      constants(t, "device/identity.go", "Family"),
		"machine":     listed(t, "server/room/fleet.go", "FleetQuery", "State"),
		"activity":    constants(t, "device/reading.go", "Activity"),
		"powerSource": constants(t, "device/reading.go", "Source"),
		"finding":     constants(t, "loop/verify/finding.go", "Code"),
		"commission":  constants(t, commission, "Step"),
		"verdict":     constants(t, commission, "Verdict"),
	}
}

func ofTrust(t *testing.T) map[string][]string {
	t.Helper()
	all := blocks(t, "loop/trust/effect.go", "Code")
	if len(all) != 3 {
		t.Fatalf("loop/trust/effect.go has %d lists of codes: name each here", len(all))
	}
	return map[string][]string{
		"stage":        texts(trust.Stages()),
		"need":         constants(t, "loop/trust/ready.go", "Code"),
		"trustRefusal": all[0],
		"guard":        all[1],
		"unentrusted":  all[2],
		"trustRecord":  constants(t, "loop/trust/effect.go", "What"),
	}
}

func ofPeople(t *testing.T) map[string][]string {
	t.Helper()
	var verbs []string
	for _, r := range people.Rules() {
		verbs = append(verbs, string(r.Verb))
	}
	return map[string][]string{
		"role":      texts(people.Roles()),
		"verb":      verbs,
		"authority": constants(t, "people/verb.go", "Authority"),
		"refusal":   texts(people.Codes()),
		"deed":      store.Deeds(),
		"request":   constants(t, "people/request.go", "State"),
	}
}

func ofRoom(t *testing.T) map[string][]string {
	t.Helper()
	return map[string][]string{
		"act":      append(firsts(t, "server/room/acts.go", "deeds"), "curtail_hall", "restore_hall"), // in hall_acts.go
		"problem":  called(t, "server/room", 1, "problem"),
		"step":     firsts(t, "server/room/money_statement.go", "families"),
		"cash":     constants(t, "books/statement/cash.go", "Activity"),
		"level":    listed(t, "server/room/money_cost.go", "CostLevel", "Key"),
		"standing": append(constants(t, "replay/report/report.go", "Standing"), listed(t, "server/room/money_cost.go", "StandingPart", "Standing")...),
		"payment":  listed(t, "server/room/invoice_list.go", "InvoicePayment", "Kind"),
	}
}

func ofHosting(t *testing.T) map[string][]string {
	t.Helper()
	troubles := slices.Concat(
		texts(hall.Codes()), texts(curtail.Ills()), constants(t, "driver/slurm/trouble.go", "Code"),
		made(t, "driver/kueue/trouble.go", "Trouble"), made(t, "driver/kueue/rank.go", "Trouble"), made(t, "driver/kueue/usage.go", "Trouble"),
	)
	return map[string][]string{
		"hallTrouble":  troubles,
		"contract":     constants(t, "use/hosting/contract.go", "Kind"),
		"job":          append(constants(t, "engine/engine.go", "State"), listed(t, "server/room/hall_jobs.go", "hallJobsIn", "State")...),
		"jobEnd":       constants(t, "engine/engine.go", "End"),
		"node":         constants(t, "engine/engine.go", "NodeState"),
		"jobWhy":       constants(t, "server/tenant/why.go", "Cause"),
		"lever":        constants(t, "use/hosting/shed/shed.go", "Lever"),
		"curtailment":  constants(t, "loop/curtail/state.go", "Phase"),
		"curtailStep":  constants(t, "loop/curtail/state.go", "Stage"),
		"reservation":  constants(t, "store/tenants/reservation.go", "State"),
		"invoiceLine":  append(constants(t, "books/invoice/document.go", "LineKind"), constants(t, "books/rate/contract.go", "Kind")...),
		"unit":         constants(t, "books/rate/contract.go", "Unit"),
		"invoice":      constants(t, "books/invoice/document.go", "Kind"),
		"invoiceState": constants(t, "books/invoice/history.go", "State"),
	}
}

func ofBooks(t *testing.T) map[string][]string {
	t.Helper()
	one := "x"
	chart := books.Standard("Test LLC", "USD", "UTC").With(books.Bank(one), books.Restricted(one), books.Wallet(one), books.Pool(one),
		books.FairValue(books.Wallet(one)), books.Customer(one), books.Grid(one), books.Vendor(one), books.Debt(one), books.AccruedInterest(one), books.Carrying(books.Bank(one)))
	var accounts []string
	for _, a := range chart.Accounts {
		accounts = append(accounts, a.Code)
	}
	return map[string][]string{
		"account":     accounts,
		"accountKind": constants(t, "books/account.go", "Kind"),
		"entry":       constants(t, "books/transaction.go", "Standing"),
	}
}

func ofAlarms(t *testing.T) map[string][]string {
	t.Helper()
	var priorities []string
	for _, p := range alarm.Priorities() {
		priorities = append(priorities, strconv.Itoa(int(p)))
	}
	return map[string][]string{
		"priority":     priorities,
		"alarmState":   texts(alarm.States()),
		"alarmFamily":  constants(t, "alarm/definition.go", "Family"),
		"alarmWhat":    constants(t, "alarm/event.go", "What"),
		"alarmTell":    constants(t, "alarm/event.go", "Kind"),
		"alarmRefusal": texts(alarm.Codes()),
		"alarmDeed":    {"acknowledge", "shelve", "unshelve", "take-out", "put-back"}, // of the path in server/room/alarms.go
		"channel":      texts(alarm.Channels()),
		"event":        alarm.Events(),
	}
}

// grown are lists that books and papers add to as they go: what stands here is known, and
// pages show the rest as it came.
func grown(t *testing.T) map[string][]string {
	t.Helper()
	var booked []string
	for _, folder := range []string{"books/lot", "books/debt", "books/exchange", "books/invoice"} {
		booked = append(booked, called(t, folder, 0, ".transaction", ".move")...)
	}
	booked = append(slices.Concat(booked, called(t, "books/lot", 1, ".part"), called(t, "loop/settle", 1, ".pay", ".write", ".of")), "reversal", "year end")
	// A document or a settlement in a foreign currency has the currency behind it.
	booked = slices.DeleteFunc(booked, func(s string) bool { return s[len(s)-1] == ' ' })
	return map[string][]string{
		"booking":    booked,
		"parkReason": append(constants(t, "books/rate/interval.go", "Reason"), constants(t, "books/match/match.go", "Code")...),
		"parked":     {"usage", "interval", "receipt", "transfer"},
		"paper":      {"day", "price", "company", "contract", "invoice", "pool statement", "supplier statement"},
		"use":        {"mining", "hosting", "export", "house"},
		"param":      {"code", "heard", "turned", "power", "limit", "of", "such_as", "why", "text"}, // of alarms
		"assumes":    {"forecast_stays", "states_of_now"},
	}
}
