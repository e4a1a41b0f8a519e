package bitcoin

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/btcutil/v2/gcs"
	"github.com/btcsuite/btcd/btcutil/v2/gcs/builder"
	"github.com/btcsuite/btcd/wire/v2"

	"sluice/unit"
)

// NodeConfig says how the user's own node is reached.
type NodeConfig struct {
	URL      string        // such as http://127.0.0.1:8332
	User     string        // of the RPC interface
	Password string        // of the RPC interface; it moves no coins when the node has no wallet
	CA       []byte        // PEM of the node's certificate; empty: those of the system
	Timeout  time.Duration // for one answer; 0: half a minute
}

// Node is the user's own node, asked over JSON-RPC with the methods that btcd
// and Bitcoin Core share. It must not be pruned below the first block that is
// looked at. Blocks are checked against their hash and their list of
// transactions; that they carry the network's work is left to the node.
type Node struct {
	rpc     rpc
	filters atomic.Int32 // how the node is asked for filters, one of the filter constants
}

// How a node is asked for compact filters (BIP 158), so that not every block is
// carried over.
const (
	filterUntried int32 = iota
	filterBtcd
	filterCore
	filterNone
)

// OpenNode makes the connection's settings; nothing is sent yet.
func OpenNode(c NodeConfig) (*Node, error) {
	w, err := newWeb(c.URL, c.CA, c.Timeout, answerMost)
	if err != nil {
		return nil, fmt.Errorf("open the node: %w", err)
	}
	if w.base.Scheme == "http" && !w.near() {
		return nil, fmt.Errorf("open the node: %w: a password would cross the internet in the clear to %s: use https, or a tunnel", ErrConfig, w.base.Host)
	}
	return &Node{rpc: rpc{web: w, user: c.User, password: c.Password}}, nil
}

// Tip is the latest block that the node believes in.
func (n *Node) Tip(ctx context.Context) (Block, error) {
	var hash string
	if err := n.rpc.call(ctx, &hash, "getbestblockhash"); err != nil {
		return Block{}, err
	}
	return n.header(ctx, hash)
}

// header is the block of a hash.
func (n *Node) header(ctx context.Context, hash string) (Block, error) {
	var h struct {
		Hash   string `json:"hash"`
		Height int64  `json:"height"`
		Time   int64  `json:"time"`
	}
	if err := n.rpc.call(ctx, &h, "getblockheader", hash, true); err != nil {
		return Block{}, err
	}
	if h.Hash != hash || h.Height < 0 || h.Time <= 0 {
		return Block{}, fmt.Errorf("getblockheader: %w: it is about another block", ErrAnswer)
	}
	return Block{Height: h.Height, Hash: hash, Time: time.Unix(h.Time, 0).UTC()}, nil
}

// BlockAt is the block at a height of the best chain.
func (n *Node) BlockAt(ctx context.Context, height int64) (Block, error) {
	var hash string
	err := n.rpc.call(ctx, &hash, "getblockhash", height)
	if fault, is := errors.AsType[*rpcFault](err); is && (fault.Code == rpcRangeCore || fault.Code == rpcRangeBtcd) {
		return Block{}, fmt.Errorf("block %d: %w", height, ErrNoBlock)
	}
	if err != nil {
		return Block{}, err
	}
	b, err := n.header(ctx, hash)
	if err == nil && b.Height != height {
		return Block{}, fmt.Errorf("block %d: %w: its header says height %d", height, ErrAnswer, b.Height)
	}
	return b, err
}

// Moves reads the blocks of the query, or those that the node's filters name.
func (n *Node) Moves(ctx context.Context, q Query) (Moves, error) { return scan(ctx, n, q) }

func (n *Node) block(ctx context.Context, b Block) (*wire.MsgBlock, error) {
	var text string
	if err := n.rpc.call(ctx, &text, "getblock", b.Hash, 0); err != nil {
		return nil, err
	}
	raw, err := hex.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("block %d: %w: not hexadecimal", b.Height, ErrAnswer)
	}
	var block wire.MsgBlock
	if err := block.Deserialize(bytes.NewReader(raw)); err != nil {
		return nil, fmt.Errorf("block %d: %w: %w", b.Height, ErrAnswer, err)
	}
	if block.BlockHash().String() != b.Hash || len(block.Transactions) == 0 {
		return nil, fmt.Errorf("block %d: %w: it has another hash than was asked for", b.Height, ErrAnswer)
	}
	if blockchain.CalcMerkleRoot(btcutil.NewBlock(&block).Transactions(), false) != block.Header.MerkleRoot {
		return nil, fmt.Errorf("block %d: %w: its transactions are not those of its header", b.Height, ErrAnswer)
	}
	return &block, nil
}

// suspect asks the node's filter. Without one every block is suspect.
func (n *Node) suspect(ctx context.Context, b Block, scripts [][]byte) (bool, error) {
	text, err := n.filter(ctx, b.Hash)
	if _, is := errors.AsType[*rpcFault](err); is {
		return true, nil // the block is read instead
	}
	if err != nil {
		return false, err
	}
	raw, err := hex.DecodeString(text)
	if err != nil {
		return false, fmt.Errorf("filter of block %d: %w: not hexadecimal", b.Height, ErrAnswer)
	}
	return matches(raw, b, scripts)
}

// matches asks a serialized filter for the scripts.
func matches(raw []byte, b Block, scripts [][]byte) (bool, error) {
	f, err := gcs.FromNBytes(builder.DefaultP, builder.DefaultM, raw)
	if err != nil {
		return false, fmt.Errorf("filter of block %d: %w: %w", b.Height, ErrAnswer, err)
	}
	hash, err := hashOf(b)
	if err != nil || f.N() == 0 {
		return false, err
	}
	may, err := f.MatchAny(builder.DeriveKey(&hash), scripts)
	if err != nil {
		return false, fmt.Errorf("filter of block %d: %w: %w", b.Height, ErrAnswer, err)
	}
	return may, nil
}

// filter asks in the way that the node was found to answer.
func (n *Node) filter(ctx context.Context, hash string) (string, error) {
	way := n.filters.Load()
	if way == filterUntried || way == filterBtcd {
		var text string
		err := n.rpc.call(ctx, &text, "getcfilter", hash, 0)
		if way = n.learn(err, filterBtcd, filterCore); way == filterBtcd {
			return text, err
		}
	}
	if way == filterCore {
		var core struct {
			Filter string `json:"filter"`
		}
		err := n.rpc.call(ctx, &core, "getblockfilter", hash, "basic")
		n.learn(err, filterCore, filterNone)
		return core.Filter, err
	}
	return "", &rpcFault{Code: rpcNoMethod}
}

// learn remembers this way, or the next one when the node has no such method.
func (n *Node) learn(err error, this, next int32) int32 {
	if fault, is := errors.AsType[*rpcFault](err); is && fault.Code == rpcNoMethod {
		this = next
	}
	n.filters.Store(this)
	return this
}

// Unspent asks the node's own table of unspent outputs.
func (n *Node) Unspent(ctx context.Context, r Receipt) (bool, error) {
	var answer json.RawMessage
	if err := n.rpc.call(ctx, &answer, "gettxout", r.TxID, r.Vout, false); err != nil {
		return false, err
	}
	if len(answer) == 0 || string(answer) == "null" {
		return false, nil
	}
	var out struct {
		Value  json.Number `json:"value"`
		Script struct {
			Hex string `json:"hex"`
		} `json:"scriptPubKey"`
	}
	if err := json.Unmarshal(answer, &out); err != nil {
		return false, fmt.Errorf("gettxout: %w: %w", ErrAnswer, err)
	}
	value, err := satoshi(out.Value)
	if err != nil {
		return false, fmt.Errorf("gettxout: %w", err)
	}
	if value != r.Satoshi || !strings.EqualFold(out.Script.Hex, r.Script) {
		return false, fmt.Errorf("gettxout: %w: the output holds %d satoshi for script %s, remembered are %d for %s", ErrAnswer, value, quote(out.Script.Hex), r.Satoshi, r.Script)
	}
	return true, nil
}

// coinsMost is all bitcoin that can ever be.
const coinsMost = 21_000_000 * unit.Bitcoin

// satoshi reads a JSON number of bitcoin exactly: what has a fraction of a
// satoshi is an error, not rounded.
func satoshi(n json.Number) (unit.Satoshi, error) {
	whole, err := unit.ParseDecimal(n.String(), 8)
	if err != nil || whole < 0 || unit.Satoshi(whole) > coinsMost {
		return 0, fmt.Errorf("%w: %s is no amount of bitcoin", ErrAnswer, quote(n.String()))
	}
	if finer, err := unit.ParseDecimal(n.String(), 11); err != nil || finer != whole*1000 {
		return 0, fmt.Errorf("%w: %s is finer than a satoshi", ErrAnswer, quote(n.String()))
	}
	return unit.Satoshi(whole), nil
}
