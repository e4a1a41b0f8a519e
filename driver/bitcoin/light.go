package bitcoin

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/btcutil/v2/gcs"
	"github.com/btcsuite/btcd/btcutil/v2/gcs/builder"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/walletdb"
	_ "github.com/btcsuite/btcwallet/walletdb/bdb" // the only way to this database: its driver announces itself
	"github.com/lightninglabs/neutrino"
	"github.com/lightninglabs/neutrino/headerfs"
)

// LightConfig says where the light client keeps its headers and whom it asks.
type LightConfig struct {
	Network Network
	Folder  string   // of its own; a second client must not use it
	Peers   []string // host:port of nodes that serve compact filters; none: the network's own lists are used
}

// Light is a client of the network itself: it checks the work of all headers,
// and asks for a block only where the block's filter names a watched script.
type Light struct {
	service *neutrino.ChainService
	db      walletdb.DB

	mu     sync.Mutex
	closed bool
	work   sync.WaitGroup // questions under way; none begins once closed is set
}

// lockWait is how long a database that another process holds is waited for.
const lockWait = 5 * time.Second

// OpenLight starts the client; it reads headers from then on. Close ends it.
func OpenLight(ctx context.Context, c LightConfig) (*Light, error) {
	net, err := c.Network.params()
	if err != nil {
		return nil, fmt.Errorf("open the light client: %w", err)
	}
	if err := os.MkdirAll(c.Folder, 0o700); err != nil {
		return nil, fmt.Errorf("open the light client: %w", err)
	}
	db, err := walletdb.Create("bdb", filepath.Join(c.Folder, "light.db"), true, lockWait, false)
	if err != nil {
		return nil, fmt.Errorf("open the light client in %s: %w: is another one running?", c.Folder, err)
	}
	service, err := neutrino.NewChainService(neutrino.Config{
		DataDir: c.Folder, Database: db, ChainParams: *net, ConnectPeers: c.Peers, PersistToDisk: true,
	})
	if err == nil {
		err = service.Start(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the light client in %s: %w", c.Folder, err), db.Close())
	}
	return &Light{service: service, db: db}, nil
}

// Close ends the client and waits for the questions under way. A second call does nothing.
func (l *Light) Close() error {
	l.mu.Lock()
	already := l.closed
	l.closed = true
	l.mu.Unlock()
	if already {
		return nil
	}
	stopped := l.service.Stop()
	l.work.Wait()
	return errors.Join(stopped, l.db.Close())
}

// begin counts a question, unless the client is closed.
func (l *Light) begin() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.work.Add(1)
	}
	return !l.closed
}

// Current says whether the client believes that it has read all headers and
// filter headers of its peers. Before that Tip is behind.
func (l *Light) Current() bool { return l.service.IsCurrent() }

// Peers is how many nodes the client is connected to.
func (l *Light) Peers() int { return int(l.service.ConnectedCount()) }

// Tip is the latest block whose header and filter header are known.
func (l *Light) Tip(ctx context.Context) (Block, error) {
	if err := ctx.Err(); err != nil {
		return Block{}, err
	}
	if !l.begin() {
		return Block{}, fmt.Errorf("read the latest header: %w", ErrClosed)
	}
	defer l.work.Done()
	best, err := l.service.BestBlock()
	if err != nil {
		return Block{}, fmt.Errorf("read the latest header: %w", err)
	}
	return Block{Height: int64(best.Height), Hash: best.Hash.String(), Time: best.Timestamp.UTC()}, nil
}

// BlockAt is the block at a height of the best chain.
func (l *Light) BlockAt(ctx context.Context, height int64) (Block, error) {
	tip, err := l.Tip(ctx)
	if err != nil {
		return Block{}, err
	}
	if height < 0 || height > tip.Height {
		return Block{}, fmt.Errorf("block %d: %w", height, ErrNoBlock)
	}
	h, err := l.service.BlockHeaders.FetchHeaderByHeight(uint32(height))
	if err != nil {
		return Block{}, fmt.Errorf("read header %d: %w", height, err)
	}
	return Block{Height: height, Hash: h.BlockHash().String(), Time: h.Timestamp.UTC()}, nil
}

// Moves reads the blocks whose filters name a script.
func (l *Light) Moves(ctx context.Context, q Query) (Moves, error) { return scan(ctx, l, q) }

func (l *Light) suspect(ctx context.Context, b Block, scripts [][]byte) (bool, error) {
	hash, err := hashOf(b)
	if err != nil {
		return false, err
	}
	f, err := wait(ctx, l, func() (*gcs.Filter, error) {
		return l.service.GetCFilter(hash, wire.GCSFilterRegular, neutrino.OptimisticBatch())
	})
	if err != nil {
		return false, l.failed("filter", b, hash, err)
	}
	if f.N() == 0 {
		return false, nil
	}
	may, err := f.MatchAny(builder.DeriveKey(&hash), scripts)
	if err != nil {
		return false, fmt.Errorf("filter of block %d: %w: %w", b.Height, ErrAnswer, err)
	}
	return may, nil
}

func (l *Light) block(ctx context.Context, b Block) (*wire.MsgBlock, error) {
	hash, err := hashOf(b)
	if err != nil {
		return nil, err
	}
	block, err := wait(ctx, l, func() (*btcutil.Block, error) { return l.service.GetBlock(hash) })
	if err != nil {
		return nil, l.failed("block", b, hash, err)
	}
	return block.MsgBlock(), nil
}

// failed says why nothing came; a block that left the chain meanwhile is ErrMoved.
func (l *Light) failed(what string, b Block, hash chainhash.Hash, err error) error {
	if errors.Is(err, ErrClosed) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s %d: %w", what, b.Height, err)
	}
	if at, e := l.service.GetBlockHash(b.Height); e != nil || *at != hash {
		return fmt.Errorf("%s %d: %w", what, b.Height, ErrMoved)
	}
	return fmt.Errorf("%s %d from %d peers: %w", what, b.Height, l.Peers(), err)
}

// Unspent reads the filters from the receipt's block on and looks for a spend.
func (l *Light) Unspent(ctx context.Context, r Receipt) (bool, error) {
	at := Block{Height: r.Height, Hash: r.BlockHash}
	if stands, err := Stands(ctx, l, at); err != nil || !stands {
		return false, err
	}
	hash, err := hashOf(at)
	if err != nil {
		return false, err
	}
	txid, err := chainhash.NewHashFromStr(r.TxID)
	if err != nil {
		return false, fmt.Errorf("transaction %.64q: %w: this is no identifier", r.TxID, ErrAnswer)
	}
	in := neutrino.InputWithScript{OutPoint: wire.OutPoint{Hash: *txid, Index: r.Vout}, PkScript: Script{hex: r.Script}.bytes()}
	report, err := wait(ctx, l, func() (*neutrino.SpendReport, error) {
		return l.service.GetUtxo(neutrino.WatchInputs(in), neutrino.QuitChan(ctx.Done()),
			neutrino.StartBlock(&headerfs.BlockStamp{Height: int32(r.Height), Hash: hash}))
	})
	if err != nil {
		return false, l.failed("output in block", at, hash, err)
	}
	if report == nil || report.Output == nil {
		return false, nil
	}
	if report.Output.Value != int64(r.Satoshi) {
		return false, fmt.Errorf("output %d of %s: %w: it holds %d satoshi, remembered are %d", r.Vout, r.TxID, ErrAnswer, report.Output.Value, r.Satoshi)
	}
	return true, nil
}

// wait asks in a goroutine of its own, because the service knows no context.
// Close waits for its end.
func wait[T any](ctx context.Context, l *Light, ask func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	var none T
	if !l.begin() {
		return none, ErrClosed
	}
	got := make(chan answer, 1)
	go func() {
		defer l.work.Done()
		v, err := ask()
		got <- answer{v, err}
	}()
	select {
	case a := <-got:
		return a.value, a.err
	case <-ctx.Done():
		return none, ctx.Err()
	}
}
