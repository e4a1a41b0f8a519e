package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sluice/books"
	"sluice/driver/bitcoin"
	"sluice/store/ledger"
	"sluice/store/whole"
	"sluice/unit"
)

// walletFlags say which wallet is held against the chain, and who is asked.
type walletFlags struct {
	account, watch, network, seen string
	start                         int64
	node, user, service, light    string
	peers                         []string
}

func newLedgerWallet(f *ledgerFlags) *cobra.Command {
	var x walletFlags
	c := &cobra.Command{
		Use: "wallet --books FOLDER --account NAME --watch FILE --node URL", Short: "Hold what the books say that a wallet has against the chain", Args: cobra.NoArgs,
		Long: `Reads the chain for the addresses of a wallet and holds what is unspent there
against the account, to the satoshi. The file names addresses, extended public keys
or descriptors, one a line (docs/bitcoin.md). It is watch-only: a private key is
refused, wherever it is entered. What was read is remembered in a file, so that the
next reading goes on from there.

One source: your own node (--node, its password in SLUICE_NODE_PASSWORD), the light
client inside (--light), or a web service with mempool's API (--service), which
learns your addresses.
` + exitHelp,
		RunE: func(c *cobra.Command, _ []string) error {
			return withBooks(c, f, func(ctx context.Context, s *shelf, w io.Writer) (err error) {
				var h holding
				if err := x.ask(ctx, func(src bitcoin.Source, watch bitcoin.Watch) (err error) {
					h, err = x.hold(ctx, s, src, watch)
					return err
				}); err != nil {
					return err
				}
				if f.json {
					return errors.Join(h.fault(), printJSON(w, h))
				}
				h.print(w)
				return h.fault()
			})
		},
	}
	p := c.Flags()
	p.StringVar(&x.account, "account", "", "account of the wallet, such as Assets:Digital:Wallet:Treasury")
	p.StringVar(&x.watch, "watch", "", "file with what is watched, one a line")
	x.source(c)
	return c
}

// source are the flags by which a source of the chain is named.
func (x *walletFlags) source(c *cobra.Command) {
	p := c.Flags()
	p.StringVar(&x.network, "network", string(bitcoin.Mainnet), "mainnet, testnet3, signet or regtest")
	p.StringVar(&x.seen, "seen", "", "file in which is remembered what was read (default: beside --watch)")
	p.Int64Var(&x.start, "start", 0, "height of a block before the first receipt; needed the first time")
	p.StringVar(&x.node, "node", "", "URL of your own node's RPC interface")
	p.StringVar(&x.user, "node-user", "", "user of that interface")
	p.StringVar(&x.light, "light", "", "folder of the light client")
	p.StringSliceVar(&x.peers, "peer", nil, "host:port of a node for the light client (default: it looks for some)")
	p.StringVar(&x.service, "service", "", "URL of a web service with mempool's API")
}

// ask opens the source of the chain that was named and does something with it and
// with what is watched.
func (x *walletFlags) ask(ctx context.Context, do func(bitcoin.Source, bitcoin.Watch) error) (err error) {
	watch, err := x.targets()
	if err != nil {
		return input(err)
	}
	src, end, err := x.open(ctx)
	if err != nil {
		return input(err)
	}
	defer func() { err = errors.Join(err, end()) }()
	return do(src, watch)
}

// fileMost bounds what is watched and what is remembered, bytes.
const fileMost = 64 << 20

// targets reads what is watched.
func (x *walletFlags) targets() (bitcoin.Watch, error) {
	if x.watch == "" || x.account == "" {
		return bitcoin.Watch{}, errors.New("name the wallet's account with --account, and its addresses with --watch")
	}
	text, err := slurp(x.watch)
	if err != nil {
		return bitcoin.Watch{}, err
	}
	network := bitcoin.Network(x.network)
	targets, err := bitcoin.ParseTargets(strings.Split(string(text), "\n"), network)
	if err != nil {
		return bitcoin.Watch{}, fmt.Errorf("%s: %w", x.watch, err)
	}
	return bitcoin.Watch{Network: network, Targets: targets}, nil
}

func slurp(name string) ([]byte, error) {
	f, err := os.Open(filepath.Clean(name))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(f, fileMost+1))
	if len(text) > fileMost {
		err = fmt.Errorf("%s: more than %d bytes", name, fileMost)
	}
	return text, errors.Join(err, f.Close())
}

// open opens the one source that was named; the caller ends it.
func (x *walletFlags) open(ctx context.Context) (bitcoin.Source, func() error, error) {
	named := 0
	for _, s := range []string{x.node, x.light, x.service} {
		if s != "" {
			named++
		}
	}
	none := func() error { return nil }
	switch {
	case named != 1:
		return nil, none, errors.New("name one source: --node URL, --light FOLDER or --service URL")
	case x.node != "":
		n, err := bitcoin.OpenNode(bitcoin.NodeConfig{URL: x.node, User: x.user, Password: os.Getenv("SLUICE_NODE_PASSWORD")})
		return n, none, err
	case x.service != "":
		r, err := bitcoin.OpenRest(bitcoin.RestConfig{URL: x.service})
		return r, none, err
	}
	l, err := bitcoin.OpenLight(ctx, bitcoin.LightConfig{Network: bitcoin.Network(x.network), Folder: x.light, Peers: x.peers})
	if err != nil {
		return nil, none, err
	}
	return l, l.Close, nil
}

// holding is a wallet in the books and on the chain.
type holding struct {
	Account string       `json:"account"`
	Height  int64        `json:"height"`
	Block   string       `json:"block"`
	At      time.Time    `json:"block_time"`
	Chain   unit.Satoshi `json:"chain_sat"`
	Books   unit.Satoshi `json:"books_sat"`
	Outputs int          `json:"outputs"`
	Undone  int          `json:"taken_back"` // receipts and spends that a reorganisation took back since the last reading
}

// errHolding fails a command whose books are not as the chain is.
var errHolding = errors.New("the books and the chain differ")

func (h holding) fault() error {
	if h.Chain == h.Books {
		return nil
	}
	return fmt.Errorf("%s: the chain holds %s BTC, the books %s: %w: look for receipts and payments that are not booked", h.Account,
		books.Bitcoin.Text(int64(h.Chain)), books.Bitcoin.Text(int64(h.Books)), errHolding)
}

func (h holding) print(w io.Writer) {
	fmt.Fprintf(w, "%s at block %d of %s (%s)\n", h.Account, h.Height, h.At.UTC().Format("2006-01-02 15:04 UTC"), h.Block)
	fmt.Fprintf(w, "  chain  %s BTC in %d outputs\n  books  %s BTC\n", books.Bitcoin.Text(int64(h.Chain)), h.Outputs, books.Bitcoin.Text(int64(h.Books)))
	if h.Undone > 0 {
		fmt.Fprintf(w, "  a reorganisation took %d movements back that were seen before: reverse what was booked of them\n", h.Undone)
	}
}

// hold brings what is remembered up to the chain's end and holds it against the
// books of the same moment.
func (x *walletFlags) hold(ctx context.Context, s *shelf, src bitcoin.Source, watch bitcoin.Watch) (holding, error) {
	if a, ok := s.chart.Find(x.account); !ok || !a.Holds() {
		return holding{}, input(fmt.Errorf("%w: %s is no wallet in the chart of %s", books.ErrAccount, x.account, s.chart.Entity))
	}
	seen, file, err := x.remembered()
	if err != nil {
		return holding{}, input(err)
	}
	next, news, err := bitcoin.Update(ctx, src, watch, seen)
	if err != nil {
		return holding{}, err
	}
	err = whole.Replace(file, whole.Private, func(w io.Writer) error { return json.NewEncoder(w).Encode(next) })
	if err != nil {
		return holding{}, err
	}
	h := holding{
		Account: x.account, Height: news.Tip.Height, Block: news.Tip.Hash, At: news.Tip.Time,
		Chain: next.Holdings(news.Tip.Height), Outputs: len(next.Held(news.Tip.Height)), Undone: len(news.Undone.Receipts) + len(news.Undone.Spends),
	}
	all, err := s.store.Balances(ctx, ledger.Query{Entity: s.chart.Entity})
	for _, b := range all {
		if b.Account == x.account {
			h.Books += unit.Satoshi(b.Amount)
		}
	}
	return h, err
}

// remembered is what was read before, and the file in which it is kept.
func (x *walletFlags) remembered() (bitcoin.Seen, string, error) {
	file := x.seen
	if file == "" {
		file = x.watch + ".seen.json"
	}
	text, err := slurp(file)
	if errors.Is(err, fs.ErrNotExist) {
		if x.start <= 0 {
			return bitcoin.Seen{}, file, errors.New("the first reading needs --start: the height of a block before the wallet's first receipt")
		}
		return bitcoin.Seen{Start: x.start}, file, nil
	}
	if err != nil {
		return bitcoin.Seen{}, file, err
	}
	var seen bitcoin.Seen
	if err := json.Unmarshal(text, &seen); err != nil {
		return seen, file, fmt.Errorf("%s: %w: remove it, and the chain is read anew from --start", file, err)
	}
	return seen, file, nil
}
