package people

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// row of docs/people.md for a verb.
func tableRow(r Rule) string {
	var who []string
	for _, x := range r.Roles() {
		who = append(who, string(x))
	}
	token := "yes"
	switch {
	case !r.Token:
		token = "no"
	case r.Takes == Together:
		token = "may ask"
	}
	return fmt.Sprintf("| `%s` | %s | %s | %s | %s |", r.Verb, r.Says, r.Takes, strings.Join(who, ", "), token)
}

// TestThePageIsTheTable: docs/people.md holds every row as the code has it, every code
// with its remedy, and no other row.
func TestThePageIsTheTable(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../docs/people.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	var rows []string
	for _, r := range Rules() {
		rows = append(rows, tableRow(r))
	}
	t.Log("\n" + strings.Join(rows, "\n"))
	if whole := strings.Join(rows, "\n"); !strings.Contains(page, whole+"\n\n") {
		t.Error("docs/people.md does not hold the table as the code has it; it is printed above")
	}
	if n := strings.Count(page, "\n| `"); n != len(rows)+len(Codes()) {
		t.Errorf("docs/people.md has %d rows, want %d of verbs and %d of codes", n, len(rows), len(Codes()))
	}
	for _, c := range Codes() {
		if want := fmt.Sprintf("| `%s` | %s |", c, c.Remedy()); !strings.Contains(page, want) {
			t.Errorf("docs/people.md lacks\n%s", want)
		}
	}
	for _, r := range Roles() {
		if !strings.Contains(page, "`"+string(r)+"`") {
			t.Errorf("docs/people.md does not name %s", r)
		}
	}
}

// TestTheTableIsAsymmetric: the safe direction takes one person at once, what raises,
// pays or grants takes two, and whoever may raise may lower.
func TestTheTableIsAsymmetric(t *testing.T) {
	t.Parallel()
	takes := map[Verb]Authority{}
	for _, r := range Rules() {
		if takes[r.Verb] != "" {
			t.Errorf("%s has two rows", r.Verb)
		}
		takes[r.Verb] = r.Takes
		for _, x := range r.Roles() {
			if !x.Known() {
				t.Errorf("%s: no role %s", r.Verb, x)
			}
		}
		if len(r.Roles()) == 0 || r.Says == "" {
			t.Errorf("%s: nobody, or nothing", r.Verb)
		}
	}
	for want, verbs := range map[Authority][]Verb{
		AtOnce:   {Lower, Stop, LockOut, Demote, Pause, Decline, Revoke, Look},
		Proven:   {Unlock, SetUp, Adopt, Maintain, Post, Invoice, People, Tokens},
		Together: {Raise, Resume, Release, Promote, Interlock, Firmware, Payee, Close, Evict, Reverse, GiveRole, Credentials},
	} {
		for _, v := range verbs {
			if takes[v] != want {
				t.Errorf("%s takes %q, want %q", v, takes[v], want)
			}
		}
	}
	for _, role := range Roles() {
		at := Place{Tenant: "acme"}
		g := []Grant{{Role: role}}
		if role.OfTenant() {
			g[0].Tenant = "acme"
		}
		for up, down := range map[Verb]Verb{Raise: Lower, Resume: Stop, Promote: Demote, Release: LockOut, GiveRole: Revoke, Unlock: LockOut} {
			if Allowed(g, up, at) && !Allowed(g, down, at) {
				t.Errorf("%s may %s but not %s", role, up, down)
			}
		}
	}
}

// TestWhoDecidesAlone: roles that only look hold nothing that acts, and those of tenants
// nothing of the house.
func TestWhoDecidesAlone(t *testing.T) {
	t.Parallel()
	for role, want := range map[Role]bool{
		Viewer: false, Auditor: false, TenantUser: false,
		Operator: true, Dispatcher: true, Engineer: true, Trader: true, Finance: true, Admin: true, TenantAdmin: true, Agent: true,
	} {
		if role.Actuating() != want {
			t.Errorf("%s is actuating: %v", role, !want)
		}
	}
	for _, r := range Rules() {
		tenants := slices.ContainsFunc(r.Roles(), Role.OfTenant)
		if tenants && r.who&^of(TenantUser, TenantAdmin) != 0 {
			t.Errorf("%s is for tenants and for the house", r.Verb)
		}
		if r.Has(Agent) && r.Verb != Report {
			t.Errorf("an agent may %s", r.Verb)
		}
	}
}
