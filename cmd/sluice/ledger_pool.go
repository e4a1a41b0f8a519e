package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sluice/books"
	"sluice/books/match"
	"sluice/driver/bitcoin"
	"sluice/store/ledger"
	"sluice/unit"
)

// poolFlags say which pool is audited, by what, and who is asked about the chain.
type poolFlags struct {
	walletFlags
	pool, statement, work   string
	scheme, fee, share      string
	bitcoin, blockFees      string
	changes                 []string
	dayZone, policy, by     string
	site                    string
	delay                   int
	confirmations           int64
	book, takeBack          bool
	terms                   match.Terms
	ratio, part             unit.Ratio
	perBlock                unit.Satoshi
	zone                    *time.Location
	from, to                time.Time
	known                   []time.Time
	statementText, workText []byte
}

func newLedgerPool(f *ledgerFlags) *cobra.Command {
	var x poolFlags
	c := &cobra.Command{
		Use: "pool --books FOLDER --pool NAME --period 2025-09 --statement FILE --work FILE [--watch FILE --node URL] [--book --by NAME]", Args: cobra.NoArgs,
		Short: "Hold work, a pool's statement, the chain and the books against each other",
		Long: `Audits a pool: what the accepted work of each day is worth on average, what the
pool credited for it, what arrived on the chain, and what the books have of it.
Every difference has a name and an amount, and fails the command.

With --book, credits that the books do not have are booked at the price of their
day, those that they have otherwise are corrected, and payouts move coins from the
pool's account to the wallet, the oldest first. A payout whose block a
reorganisation took away is taken back. What cannot be booked is parked with its
evidence: see 'sluice ledger suspense'. The statement is filed as a paper; the same
one again changes nothing.

--statement has the columns
  kind,id,day,time,amount_btc,fee_btc,txid,address
where kind is credit or payout. The amount of a credit is after the pool's fee.
--work has the columns day,accepted_UNIT,stale_UNIT,rejected_UNIT, the last two
may both be left out; UNIT is ph_days or hashes.

The worth of work comes from the shipped history of the network or from --bitcoin.
The shipped one has new coins only: say with --block-fees what users pay in a block
on average over the window that the pool takes. Where difficulty or reward changed,
the hours are not in the history: name the instant with --change, or the half day on
either side counts as within both. --watch holds the addresses that this pool pays;
the source is named as in 'sluice ledger wallet'.
` + exitHelp,
		Example: `  sluice ledger pool --books books --pool pool --period 2025-09 --statement 2025-09.csv --work work.csv
  sluice ledger pool --books books --pool pool --period 2025-09 --statement 2025-09.csv --work work.csv \
    --watch payout.txt --start 912000 --node http://127.0.0.1:8332 --book --by anna`,
		RunE: func(c *cobra.Command, _ []string) error {
			return withBooks(c, f, func(ctx context.Context, s *shelf, w io.Writer) error {
				if err := x.check(f, s); err != nil {
					return input(err)
				}
				return x.run(ctx, s, w, f.json)
			})
		},
	}
	x.flags(c)
	return c
}

func (x *poolFlags) flags(c *cobra.Command) {
	p := c.Flags()
	p.StringVar(&x.pool, "pool", "", "name of the pool, as in its account Assets:Digital:Pool:NAME")
	p.StringVar(&x.statement, "statement", "", "CSV file of the pool")
	p.StringVar(&x.work, "work", "", "CSV file of the work of each day")
	p.StringVar(&x.scheme, "scheme", "fpps", "fpps: the pool pays the expected value; pplns: a share of the blocks that it finds")
	p.StringVar(&x.fee, "fee", "0.02", "share that the pool keeps")
	p.StringVar(&x.share, "pool-share", "", "share of the network that the pool has, for pplns: by it luck is judged")
	p.StringVar(&x.bitcoin, "bitcoin", shippedBitcoin, "daily history of the network")
	p.StringVar(&x.blockFees, "block-fees", "0", "BTC that users pay in a block on average, beside the history's reward")
	p.StringSliceVar(&x.changes, "change", nil, "instant of a block from which difficulty or reward changed, such as 2025-09-05T13:02:11Z")
	p.StringVar(&x.dayZone, "day-zone", "UTC", "zone in which the pool cuts its days")
	p.IntVar(&x.delay, "delay-days", 3, "days within which a credit is paid out")
	p.Int64Var(&x.confirmations, "confirmations", 3, "blocks from which a receipt counts")
	p.StringVar(&x.account, "wallet", "", "account of the wallet that is paid (default: the only one)")
	p.StringVar(&x.policy, "price-policy", "close-utc-1", "version of the rule by which prices are chosen")
	p.StringVar(&x.watch, "watch", "", "file with the addresses that the pool pays, one a line; without it the chain is not asked")
	x.source(c)
	p.BoolVar(&x.book, "book", false, "book what the books do not have")
	p.BoolVar(&x.takeBack, "take-back", false, "with --book: take transfers back that the books took for granted, and let receipts take their place")
	p.StringVar(&x.by, "by", "", "who books")
	p.StringVar(&x.site, "site", "", "site that the credits are tagged with")
}

// check reads the flags and tells all that is wrong with them.
func (x *poolFlags) check(f *ledgerFlags, s *shelf) error {
	var faults []error
	fault := func(err error) { faults = append(faults, err) }
	if x.pool == "" || x.statement == "" || x.work == "" || f.period == "" {
		return errors.New("name the pool with --pool, the period with --period, its statement with --statement, and the work with --work")
	}
	if x.book && strings.TrimSpace(x.by) == "" {
		fault(errors.New("--book: say who books with --by"))
	}
	if x.takeBack && (!x.book || x.watch == "") {
		fault(errors.New("--take-back: only with --book and --watch, because receipts take the place of what is taken back"))
	}
	fault(x.money())
	fault(x.days(f.period))
	fault(x.accounts(s))
	var err error
	if x.statementText, err = slurp(x.statement); err != nil {
		fault(err)
	}
	if x.workText, err = slurp(x.work); err != nil {
		fault(err)
	}
	return errors.Join(faults...)
}

// money reads terms, shares and amounts.
func (x *poolFlags) money() error {
	var faults []error
	scheme := map[string]match.Scheme{"fpps": match.Expected, "pplns": match.Found}[x.scheme]
	if scheme == "" {
		faults = append(faults, fmt.Errorf("--scheme %q: it is fpps or pplns", x.scheme))
	}
	if x.delay < 0 || x.confirmations < 1 || x.confirmations > 100 {
		faults = append(faults, errors.New("--delay-days is 0 or more, --confirmations 1 to 100"))
	}
	x.terms = match.Usual(x.pool, scheme)
	x.terms.Delay, x.terms.Confirmed = time.Duration(x.delay)*24*time.Hour, x.confirmations
	var err error
	if x.ratio, err = shareOf("--fee", x.fee); err != nil {
		faults = append(faults, err)
	}
	if x.share != "" || scheme == match.Found {
		if x.part, err = shareOf("--pool-share", x.share); err != nil || x.part == 0 {
			faults = append(faults, fmt.Errorf("--pool-share %q: with pplns, say which share of the network the pool has, such as 0.05", x.share))
		}
	}
	per, err := books.Bitcoin.Parse(x.blockFees)
	if err != nil || per < 0 || per > int64(100*unit.Bitcoin) {
		faults = append(faults, fmt.Errorf("--block-fees %q: bitcoin of one block, such as 0.05", x.blockFees))
	}
	x.perBlock = unit.Satoshi(per)
	return errors.Join(faults...)
}

func shareOf(flag, text string) (unit.Ratio, error) {
	v, err := unit.ParseMicro(text)
	if err != nil || v < 0 || v >= int64(unit.One) {
		return 0, fmt.Errorf("%s %q: a share is 0 or more and below 1, such as 0.02", flag, text)
	}
	return unit.Ratio(v), nil
}

// days reads the period, and the instants of changes, in the zone of the pool.
func (x *poolFlags) days(period string) error {
	var err error
	if x.zone, err = time.LoadLocation(x.dayZone); err != nil || x.dayZone == "" || x.dayZone == "Local" {
		return fmt.Errorf("--day-zone %q: write UTC or the IANA name of a zone", x.dayZone)
	}
	if x.from, x.to, err = periodIn(period, x.zone); err != nil {
		return err
	}
	for _, text := range x.changes {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return fmt.Errorf("--change %q: write an instant such as 2025-09-05T13:02:11Z", text)
		}
		x.known = append(x.known, at.UTC())
	}
	return nil
}

// accounts finds the pool's account and the wallet that it pays.
func (x *poolFlags) accounts(s *shelf) error {
	var pools, wallets []string
	for _, a := range s.chart.Accounts {
		switch {
		case strings.HasPrefix(a.Name, books.Pool("X")[:len(books.Pool("X"))-1]):
			pools = append(pools, a.Name)
		case strings.HasPrefix(a.Name, books.Wallet("X")[:len(books.Wallet("X"))-1]):
			wallets = append(wallets, a.Name)
		}
	}
	if !slices.Contains(pools, books.Pool(x.pool)) {
		return fmt.Errorf("%w: %s: the pools of %s are %s; add one under accounts in a file for 'sluice ledger post'", books.ErrAccount, books.Pool(x.pool), s.chart.Entity, strings.Join(pools, ", "))
	}
	if x.account == "" && len(wallets) == 1 {
		x.account = wallets[0]
	}
	if !slices.Contains(wallets, x.account) {
		return fmt.Errorf("%w: name the wallet that is paid with --wallet, one of %s", books.ErrAccount, strings.Join(wallets, ", "))
	}
	return nil
}

// errPool fails a command whose pool does not agree.
var errPool = errors.New("the statements of the pool do not agree")

// run reads the chain where it is named, audits, and prints.
func (x *poolFlags) run(ctx context.Context, s *shelf, w io.Writer, asJSON bool) (err error) {
	view := chainView{}
	if x.watch != "" {
		if err := x.ask(ctx, func(src bitcoin.Source, watch bitcoin.Watch) (err error) {
			view, err = x.look(ctx, src, watch)
			return err
		}); err != nil {
			return err
		}
	}
	r, err := x.settle(ctx, s, view)
	if err != nil {
		return err
	}
	if asJSON {
		return errors.Join(printJSON(w, r.view()), r.fault())
	}
	r.print(w)
	return r.fault()
}

// settle audits, books where that is asked for, and then audits what stands.
func (x *poolFlags) settle(ctx context.Context, s *shelf, view chainView) (*poolAudit, error) {
	r, err := x.audit(ctx, s, view)
	if err == nil && x.book {
		if err = r.book(ctx); err != nil {
			return nil, err
		}
		done := r.done
		if r, err = x.audit(ctx, s, view); err == nil {
			r.done = done
		}
	}
	if err != nil {
		return nil, err
	}
	return r, r.parked(ctx)
}

// poolAudit is one audit of a pool.
type poolAudit struct {
	match.Audit
	x       *poolFlags
	s       *shelf
	market  market
	chain   chainView
	paper   ledger.Paper
	filed   bool // the statement stands in the books already
	mine    map[string]bool
	work    []match.Day
	facts   match.Facts
	journal poolJournal
	open    []ledger.Parked
	done    poolDone
}

// poolDone is what was booked.
type poolDone struct {
	Credits     int `json:"credits"`
	Corrections int `json:"corrections"`
	Payouts     int `json:"payouts"`
	Reversed    int `json:"taken_back"`
	Parked      int `json:"parked"`
	Released    int `json:"released"`
}

// audit reads all that is known of the pool and holds it together.
func (x *poolFlags) audit(ctx context.Context, s *shelf, view chainView) (*poolAudit, error) {
	r := &poolAudit{x: x, s: s, chain: view, mine: map[string]bool{}}
	r.paper = ledger.Paper{Kind: "pool statement", Name: fmt.Sprintf("%s / %s", books.Part(x.pool), x.from.Format("2006-01")), Body: x.statementText}
	var err error
	if r.work, err = match.ReadWork(x.workText); err != nil {
		return nil, input(fmt.Errorf("%s: %w", x.work, err))
	}
	if r.market, err = x.marketOf(ctx, s); err != nil {
		return nil, err
	}
	if err := r.statements(ctx); err != nil {
		return nil, err
	}
	if err := r.value(); err != nil {
		return nil, input(err)
	}
	if err := r.receipts(ctx); err != nil {
		return nil, err
	}
	f := &r.facts
	f.From, f.To, f.Start, f.End, f.At = x.from.Format(time.DateOnly), x.to.Format(time.DateOnly), x.from, x.to, now()
	if err := r.read(ctx); err != nil {
		return nil, err
	}
	if r.Audit, err = match.Month(x.terms, *f); err != nil {
		return nil, input(err)
	}
	r.Differences = slices.DeleteFunc(r.Differences, func(d match.Difference) bool { return d.Code == match.Contradiction && !r.mine[d.On] })
	r.assumed()
	return r, nil
}

// statements reads this statement and those that were filed before, in their order.
func (r *poolAudit) statements(ctx context.Context) error {
	own, err := match.ReadStatement(r.x.statementText, r.x.zone)
	if err != nil {
		return input(fmt.Errorf("%s: %w", r.x.statement, err))
	}
	if len(own.Credits)+len(own.Claims) == 0 {
		return input(fmt.Errorf("%s: it has no line", r.x.statement))
	}
	for _, c := range own.Credits {
		r.mine[c.ID] = true
	}
	for _, c := range own.Claims {
		r.mine[c.ID] = true
	}
	prefix, hash := books.Part(r.x.pool)+" / ", r.paper.Hash()
	for p, err := range r.s.store.Papers(ctx, r.s.chart.Entity, r.paper.Kind) {
		if err != nil {
			return err
		}
		if !strings.HasPrefix(p.Name, prefix) {
			continue
		}
		lines, err := match.ReadStatement(p.Body, r.x.zone)
		if err != nil {
			return fmt.Errorf("paper %x: %w", p.Hash(), err)
		}
		r.filed = r.filed || p.Hash() == hash
		r.add(lines, p.Hash())
	}
	if !r.filed {
		r.add(own, hash)
	}
	return nil
}

func (r *poolAudit) add(lines match.Lines, evidence books.Hash) {
	for _, c := range lines.Credits {
		c.Evidence = evidence
		r.facts.Credits = append(r.facts.Credits, c)
	}
	for _, c := range lines.Claims {
		c.Foreign = r.x.watch != "" && c.Address != "" && !r.chain.ours[c.Address]
		r.facts.Claims = append(r.facts.Claims, c)
	}
}

// fault fails the command where anything but time is missing.
func (r *poolAudit) fault() error {
	n := 0
	for _, d := range r.Differences {
		if d.Code != match.Unconfirmed {
			n++
		}
	}
	if n+len(r.open) == 0 {
		return nil
	}
	return fmt.Errorf("%s, %s: %d differences, %d cases parked and open: %w", r.x.pool, r.facts.From, n, len(r.open), errPool)
}
