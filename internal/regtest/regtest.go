// Package regtest runs a btcd of our own on a chain of our own, for tests. The
// program is a tool of this module and is built from its source, once.
package regtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The name and the password that the node asks for.
const (
	User     = "someone"
	Password = "something"
)

// Node is a running btcd.
type Node struct {
	URL  string // of its remote procedures
	Peer string // host:port to which other nodes connect
}

// patience is how long a node may take to answer first.
const patience = time.Minute

// Start runs a node whose blocks pay that address, until the test ends. That it
// cannot be built fails the test: nothing of the chain would be tested.
func Start(tb testing.TB, mining string) Node {
	tb.Helper()
	build := exec.CommandContext(tb.Context(), "go", "tool", "-n", "btcd")
	var trouble strings.Builder
	build.Stderr = &trouble // what it downloads, too
	program, err := build.Output()
	if err != nil {
		tb.Fatalf("btcd is a tool in go.mod and cannot be built: %v: %s", err, trouble.String())
	}
	dir := tb.TempDir()
	empty := filepath.Join(dir, "empty.conf")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		tb.Fatal(err)
	}
	peer, rpc := Port(tb), Port(tb)
	run := exec.Command(strings.TrimSpace(string(program)), "--regtest", "--datadir="+dir, "--logdir="+dir, "--configfile="+empty, "--listen="+peer, "--rpclisten="+rpc, //nolint:gosec,noctx // built from our own module; it ends with an interrupt, not with the context
		"--rpcuser="+User, "--rpcpass="+Password, "--notls", "--txindex", "--addrindex", "--nostalldetect", "--debuglevel=warn", "--miningaddr="+mining)
	run.Stdout, run.Stderr = tb.Output(), tb.Output()
	if err := run.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := errors.Join(run.Process.Signal(os.Interrupt), run.Wait()); err != nil {
			tb.Logf("btcd ended with %v", err)
		}
	})
	n := Node{URL: "http://" + rpc, Peer: peer}
	n.wait(tb)
	return n
}

// wait returns once the node answers.
func (n Node) wait(tb testing.TB) {
	tb.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.After(patience)
	for {
		if _, err := n.Ask(tb, "getblockcount"); err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-late:
			tb.Fatal("btcd never answered")
		}
	}
}

// Ask calls a procedure of the node.
func (n Node) Ask(tb testing.TB, method string, params ...any) (json.RawMessage, error) {
	tb.Helper()
	if params == nil {
		params = []any{}
	}
	body, err := json.Marshal(map[string]any{"jsonrpc": "1.0", "id": 1, "method": method, "params": params})
	if err != nil {
		return nil, err
	}
	q, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, n.URL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	q.SetBasicAuth(User, Password)
	r, err := http.DefaultClient.Do(q)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(r.Body)
	if err := errors.Join(err, r.Body.Close()); err != nil {
		return nil, err
	}
	var out struct {
		Result json.RawMessage
		Error  *struct{ Message string }
	}
	if err := json.Unmarshal(text, &out); err != nil {
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	if out.Error != nil {
		return nil, fmt.Errorf("%s: %s", method, out.Error.Message)
	}
	return out.Result, nil
}

// Port is an address on this computer that nobody listens at.
func Port(tb testing.TB) string {
	tb.Helper()
	l, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // only its number is wanted
	return l.Addr().String()
}
