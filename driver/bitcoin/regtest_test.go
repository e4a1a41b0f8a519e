package bitcoin

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcjson"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/rpcclient"
	"github.com/btcsuite/btcd/wire/v2"

	node "sluice/internal/regtest"
)

var regnet = &chaincfg.RegressionNetParams

// regtest is a btcd of our own on a chain of our own.
type regtest struct {
	t      *testing.T
	client *rpcclient.Client
	url    string
	peer   string // host:port
	known  map[chainhash.Hash]*btcjson.GetBlockVerboseTxResult
}

func startBtcd(t *testing.T, mining address.Address) *regtest {
	t.Helper()
	n := node.Start(t, mining.EncodeAddress())
	client, err := rpcclient.New(&rpcclient.ConnConfig{Host: strings.TrimPrefix(n.URL, "http://"), User: node.User, Pass: node.Password, HTTPPostMode: true, DisableTLS: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Shutdown(); client.WaitForShutdown() })
	g := &regtest{t: t, client: client, url: n.URL, peer: n.Peer, known: map[chainhash.Hash]*btcjson.GetBlockVerboseTxResult{}}
	return g
}

// eventually asks again and again until it is true.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("it never came true that %s", what)
		}
	}
}

// mine makes blocks and returns the hash of the last.
func (g *regtest) mine(n uint32) string {
	g.t.Helper()
	hashes, err := g.client.Generate(n)
	if err != nil {
		g.t.Fatal(err)
	}
	return hashes[len(hashes)-1].String()
}

func (g *regtest) best() string {
	g.t.Helper()
	h, err := g.client.GetBestBlockHash()
	if err != nil {
		g.t.Fatal(err)
	}
	return h.String()
}

func (g *regtest) hashAt(height int64) string {
	g.t.Helper()
	h, err := g.client.GetBlockHash(height)
	if err != nil {
		g.t.Fatal(err)
	}
	return h.String()
}

// raw calls a method that rpcclient does not know.
func (g *regtest) raw(method string, params ...any) {
	g.t.Helper()
	var texts []json.RawMessage
	for _, p := range params {
		text, err := json.Marshal(p)
		if err != nil {
			g.t.Fatal(err)
		}
		texts = append(texts, text)
	}
	if _, err := g.client.RawRequest(method, texts); err != nil {
		g.t.Fatalf("%s: %v", method, err)
	}
}

// blocks are all blocks of the best chain as btcd writes them in JSON.
func (g *regtest) blocks() []*btcjson.GetBlockVerboseTxResult {
	g.t.Helper()
	n, err := g.client.GetBlockCount()
	if err != nil {
		g.t.Fatal(err)
	}
	var out []*btcjson.GetBlockVerboseTxResult
	for h := range n + 1 {
		hash, err := g.client.GetBlockHash(h)
		if err != nil {
			g.t.Fatal(err)
		}
		if g.known[*hash] == nil {
			if g.known[*hash], err = g.client.GetBlockVerboseTx(hash); err != nil {
				g.t.Fatal(err)
			}
		}
		out = append(out, g.known[*hash])
	}
	return out
}

func (g *regtest) wireBlock(hash string) *wire.MsgBlock {
	g.t.Helper()
	h, err := chainhash.NewHashFromStr(hash)
	if err != nil {
		g.t.Fatal(err)
	}
	b, err := g.client.GetBlock(h)
	if err != nil {
		g.t.Fatal(err)
	}
	return b
}
