package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"sluice/books/invoice"
	"sluice/store/ledger"
)

// How the deliveries are disturbed.
const (
	killedTenants = 8
	killedSeed    = 7
)

// agreement is the contract file of a tenant.
const agreement = `contract: %[1]s
series: BENCH
currency: USD
time_zone: UTC
start: 2025-01-01
seller: {name: Bench LLC}
customer: {id: %[1]s, name: Tenant %[1]s}
versions:
  - version: 1
    valid_from: 2025-01-01
    valid_to: 2027-01-01
    terms:
      - {name: power, kind: reservation, unit: kW-month, commitment: 2000, price: hall}
      - {name: energy, kind: passthrough, unit: MWh, component: facility, it_component: it, pue_cap: 1.25, price: energy}
      - {name: tax, kind: tax, rate: 8.25 %%}
prices:
  - {name: hall, value: 125, from: 2025-01-01, source: bench}
  - {name: energy, value: 41.50, from: 2025-01-01, source: bench}
`

// opening is the company whose books these are.
const opening = `entity: Bench LLC
currency: USD
time_zone: UTC
bank: main
pool: pool
wallet: treasury
utility: grid
price_policy: bench
sell: none
`

// killed bills eight tenants twice: once as it should be, and once from deliveries
// that are repeated, out of order, cut in two and split over several files, while the
// program is killed again and again. The documents must be the same bytes.
func (b *bench) killed(ctx context.Context, t *table) error {
	program, err := b.build(ctx)
	if err != nil {
		return err
	}
	r := &siege{program: program, dir: filepath.Join(b.work, "killed"), random: rand.New(rand.NewPCG(killedSeed, 1))} //nolint:gosec // a seed, so that a finding can be repeated
	if err := r.write(); err != nil {
		return err
	}
	for i := range killedTenants {
		took, err := r.once(ctx, i)
		if err == nil {
			r.longest = took * 3 / 2
			err = r.again(ctx, i)
		}
		if err != nil {
			return err
		}
	}
	same, err := r.same(ctx)
	if err != nil {
		return err
	}
	t.add(
		figure{
			Name: "invoices the same to the byte", Value: float64(same), Unit: fmt.Sprintf("of %d", killedTenants),
			How: fmt.Sprintf("readings 30 %% repeated, shuffled, every tenth cut in two, split over five files, one of them delivered twice; %d kills, seed %d; journal verified, numbers without a gap", r.kills, killedSeed),
		}.
			promised(strconv.Itoa(killedTenants), same == killedTenants),
		figure{Name: "kills meanwhile", Value: float64(r.kills), Unit: "kills", How: "at a random moment within one and a half times what the command takes"},
	)
	return nil
}

// siege is two folders of books that must come to the same documents.
type siege struct {
	program, dir string
	random       *rand.Rand
	longest      time.Duration // from the start of a program to its kill
	kills        int
}

func (s *siege) file(name string) string { return filepath.Join(s.dir, name) }

// write writes contracts and readings, as they should be and disturbed.
func (s *siege) write() error {
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return err
	}
	faults := []error{os.WriteFile(s.file("entity.yaml"), []byte(opening), 0o644)}
	for i := range killedTenants {
		id := tenant(i)
		lines := csvOf(id)
		faults = append(faults, os.WriteFile(s.file(id+".yaml"), fmt.Appendf(nil, agreement, id), 0o644), s.csv(id+".csv", lines))
		for part, some := range s.disturb(cut(id)) {
			faults = append(faults, s.csv(fmt.Sprintf("%s-%d.csv", id, part), some))
		}
	}
	return errors.Join(faults...)
}

func (s *siege) csv(name string, lines []string) error {
	return os.WriteFile(s.file(name), []byte("contract,meter,component,start,end,quantity,unit\n"+strings.Join(lines, "\n")+"\n"), 0o644)
}

// csvOf is January of a tenant, a line for each reading.
func csvOf(id string) (out []string) {
	for _, r := range readings(id) {
		out = append(out, csvLine(r.Contract, r.Component, r.From, r.To, r.Quantity))
	}
	return out
}

// cut is the same with every tenth reading cut in two.
func cut(id string) (out []string) {
	for n, r := range readings(id) {
		if n%10 != 0 {
			out = append(out, csvLine(r.Contract, r.Component, r.From, r.To, r.Quantity))
			continue
		}
		out = append(out, csvLine(r.Contract, r.Component, r.From, r.From+300, r.Quantity/3), csvLine(r.Contract, r.Component, r.From+300, r.To, r.Quantity-r.Quantity/3))
	}
	return out
}

func csvLine(contract, component string, from, to, joules int64) string {
	stamp := func(s int64) string { return time.Unix(s, 0).UTC().Format(time.RFC3339) }
	return strings.Join([]string{contract, "hall", component, stamp(from), stamp(to), strconv.FormatInt(joules, 10), "J"}, ",")
}

// disturb repeats three of ten lines, shuffles all and deals them into five files.
func (s *siege) disturb(lines []string) [][]string {
	all := append([]string{}, lines...)
	for _, l := range lines {
		if s.random.IntN(10) < 3 {
			all = append(all, l)
		}
	}
	s.random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	out := make([][]string, 5)
	for _, l := range all {
		k := s.random.IntN(len(out))
		out[k] = append(out[k], l)
	}
	return out
}

// issue is the command that bills a tenant into a folder of books.
func (s *siege) issue(ctx context.Context, books string, i int, usage ...string) *exec.Cmd {
	args := []string{"invoice", "issue", "--books", s.file(books), "--entity-file", s.file("entity.yaml"), "--contract", s.file(tenant(i) + ".yaml"), "--period", "2025-01", "--date", "2025-02-01"}
	for _, u := range usage {
		args = append(args, "--usage", s.file(u))
	}
	return exec.CommandContext(ctx, s.program, args...)
}

// once bills a tenant as it should be, and says how long that took.
func (s *siege) once(ctx context.Context, i int) (time.Duration, error) {
	u, err := execute(s.issue(ctx, "quiet", i, tenant(i)+".csv"))
	return u.Wall, err
}

// again bills a tenant from the disturbed readings. Three times of four the program
// is killed; then the same is done again.
func (s *siege) again(ctx context.Context, i int) error {
	var usage []string
	for part := range 5 {
		usage = append(usage, fmt.Sprintf("%s-%d.csv", tenant(i), part))
	}
	for try := 0; ; try++ {
		s.random.Shuffle(len(usage), func(i, j int) { usage[i], usage[j] = usage[j], usage[i] })
		c := s.issue(ctx, "besieged", i, append(usage, usage[0])...)
		if try < 12 {
			killed, err := s.kill(c)
			if err != nil {
				return err
			}
			if killed {
				s.kills++
			}
			continue
		}
		_, err := execute(c)
		return err
	}
}

// kill starts a program and kills it at a random moment. False: it had ended.
func (s *siege) kill(c *exec.Cmd) (bool, error) {
	var said bytes.Buffer
	c.Stderr = &said
	if err := c.Start(); err != nil {
		return false, err
	}
	timer := time.AfterFunc(time.Duration(s.random.Int64N(int64(s.longest))), func() { _ = c.Process.Kill() })
	err := c.Wait()
	timer.Stop()
	if w, ok := c.ProcessState.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return true, nil
	}
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, said.Bytes())
	}
	return false, err
}

// same is how many documents of both folders are the same bytes, once both are
// proven and numbered without a gap.
func (s *siege) same(ctx context.Context) (n int, err error) {
	quiet, err := documents(ctx, s.file("quiet"))
	if err != nil {
		return 0, err
	}
	besieged, err := documents(ctx, s.file("besieged"))
	if err != nil {
		return 0, err
	}
	if len(besieged) != len(quiet) {
		return 0, fmt.Errorf("%d documents, %d after the kills", len(quiet), len(besieged))
	}
	for i := range quiet {
		if bytes.Equal(quiet[i], besieged[i]) {
			n++
		}
	}
	return n, nil
}

// documents are the canonical bytes of all documents of proven books.
func documents(ctx context.Context, dir string) (out [][]byte, err error) {
	store, err := ledger.Open(ctx, ledger.Config{Directory: dir})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }() //nolint:contextcheck // what is open is closed whatever became of ctx
	if _, err := store.Verify(ctx, "Bench LLC"); err != nil {
		return nil, err
	}
	var numbers []invoice.Number
	for d, err := range store.Documents(ctx, "Bench LLC") {
		if err != nil {
			return nil, err
		}
		text, err := d.Canonical()
		if err != nil {
			return nil, err
		}
		out, numbers = append(out, text), append(numbers, d.Number)
	}
	return out, invoice.Gapless(numbers)
}
