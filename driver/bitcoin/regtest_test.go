package bitcoin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcjson"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/rpcclient"
	"github.com/btcsuite/btcd/wire/v2"
)

var regnet = &chaincfg.RegressionNetParams

// workshop is where btcd is built, once.
var workshop string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "bitcoin-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	workshop = dir
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

var build = sync.OnceValues(func() (string, error) {
	program := filepath.Join(workshop, "btcd")
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "github.com/btcsuite/btcd").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return program, nil
})

// regtest is a btcd of our own on a chain of our own.
type regtest struct {
	t      *testing.T
	client *rpcclient.Client
	url    string
	peer   string // host:port
	known  map[chainhash.Hash]*btcjson.GetBlockVerboseTxResult
}

const rpcUser, rpcPassword = "someone", "something"

func startBtcd(t *testing.T, mining address.Address) *regtest {
	t.Helper()
	program, err := build()
	if err != nil {
		t.Skipf("SKIPPED, AND NOTHING OF THE CHAIN IS TESTED: btcd cannot be built here. Missing is the go command or the module github.com/btcsuite/btcd v0.26.0 with what it needs: %v", err)
	}
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.conf")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	peer, rpc := freePort(t), freePort(t)
	cmd := exec.Command(program, "--regtest", "--datadir="+dir, "--logdir="+dir, "--configfile="+empty, "--listen="+peer, "--rpclisten="+rpc,
		"--rpcuser="+rpcUser, "--rpcpass="+rpcPassword, "--notls", "--txindex", "--addrindex", "--nostalldetect", "--debuglevel=warn",
		"--miningaddr="+mining.EncodeAddress())
	cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := errors.Join(cmd.Process.Signal(os.Interrupt), cmd.Wait())
		if err != nil {
			t.Logf("btcd ended with %v", err)
		}
	})
	client, err := rpcclient.New(&rpcclient.ConnConfig{Host: rpc, User: rpcUser, Pass: rpcPassword, HTTPPostMode: true, DisableTLS: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Shutdown(); client.WaitForShutdown() })
	g := &regtest{t: t, client: client, url: "http://" + rpc, peer: peer, known: map[chainhash.Hash]*btcjson.GetBlockVerboseTxResult{}}
	eventually(t, "btcd answers", func() bool { _, err := client.GetBlockCount(); return err == nil })
	return g
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // only its number is wanted
	return l.Addr().String()
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
