package bitcoin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	node "sluice/internal/regtest"

	"github.com/google/go-cmp/cmp"

	"sluice/unit"
)

func TestSatoshi(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]unit.Satoshi{
		"0": 0, "50": 50e8, "49.9999": 4_999_990_000, "1e-08": 1, "0.1": 10_000_000, "20999999.97690000": 2_099_999_997_690_000, "0.29000000": 29_000_000,
	} {
		if got, err := satoshi(json.Number(text)); got != want || err != nil {
			t.Errorf("%s is %d: %v", text, got, err)
		}
	}
	for _, text := range []string{"-1", "1e-9", "0.123456789", "21000001", "NaN", "", "1e30"} {
		if got, err := satoshi(json.Number(text)); !errors.Is(err, ErrAnswer) {
			t.Errorf("%s is %d: %v", text, got, err)
		}
	}
}

// answering is a server that says the same to everybody.
func answering(t *testing.T, status int, header http.Header, body string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for k := range header {
			w.Header().Set(k, header.Get(k))
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestStrangeAnswers(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		status int
		header http.Header
		body   string
		rest   error // of Tip
		node   error
	}{
		"garbage":            {200, nil, "<html>hello", ErrAnswer, ErrAnswer},
		"nothing":            {200, nil, "", ErrAnswer, ErrAnswer},
		"another type":       {200, nil, `{"result":{"a":1}}`, ErrAnswer, ErrAnswer},
		"a redirect":         {302, http.Header{"Location": {"http://127.0.0.1:1/"}}, "", ErrAnswer, ErrAnswer},
		"too much":           {200, nil, strings.Repeat("1", answerMost+1), ErrAnswer, ErrAnswer},
		"a request to wait":  {429, http.Header{"Retry-After": {"60"}}, "slow down", ErrBusy, ErrAnswer},
		"a node that starts": {500, nil, `{"result":null,"error":{"code":-28,"message":"Loading block index"},"id":1}`, ErrAnswer, ErrBusy},
		"a wrong password":   {401, nil, "", ErrAnswer, ErrConfig},
		"an old answer":      {200, http.Header{"Age": {"301"}}, "5", ErrAnswer, ErrAnswer},
		"absence":            {404, nil, "no", errAbsent, ErrAnswer},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			url := answering(t, c.status, c.header, c.body)
			r, err := OpenRest(RestConfig{URL: url})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.Tip(t.Context()); !errors.Is(err, c.rest) {
				t.Errorf("the web service: %v", err)
			}
			n, err := OpenNode(NodeConfig{URL: url, User: node.User, Password: node.Password})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := n.Tip(t.Context()); !errors.Is(err, c.node) || strings.Contains(err.Error(), node.Password) || len(err.Error()) > 600 {
				t.Errorf("the node: %v", err)
			}
		})
	}
}

func TestSilenceEnds(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done(); close(ended) }))
	t.Cleanup(s.Close)
	r, err := OpenRest(RestConfig{URL: s.URL, Timeout: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Tip(t.Context()); err == nil {
		t.Error("silence is an answer")
	}
	<-ended
}

func TestAddressesOfSources(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"", "127.0.0.1:8332", "ftp://127.0.0.1", "http://", "http://someone:something@127.0.0.1:8332", "http://127.0.0.1/?password=something", "http://node.example.com:8332", "http://8.8.8.8:8332"} {
		_, err := OpenNode(NodeConfig{URL: url})
		if !errors.Is(err, ErrConfig) || strings.Contains(err.Error(), "something") {
			t.Errorf("%s: %v", url, err)
		}
	}
	for _, url := range []string{"http://127.0.0.1:8332", "http://[::1]:8332", "http://192.168.1.5:8332", "https://node.example.com"} {
		if _, err := OpenNode(NodeConfig{URL: url}); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
	if _, err := OpenNode(NodeConfig{URL: "https://127.0.0.1", CA: []byte("none")}); !errors.Is(err, ErrConfig) {
		t.Errorf("no certificate: %v", err)
	}
	if _, err := OpenLight(t.Context(), LightConfig{Network: "other", Folder: t.TempDir()}); !errors.Is(err, ErrConfig) {
		t.Errorf("another network: %v", err)
	}
}

// TestPaces: the network's rate is larger than 63 bits hold in hashes.
func TestPaces(t *testing.T) {
	t.Parallel()
	r, err := OpenRest(RestConfig{URL: answering(t, 200, nil, `{"hashrates":[{"timestamp":1656633600,"avgHashrate":240123456789012340000},{"timestamp":1763596800,"avgHashrate":1.1054321e+21}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.Paces(t.Context(), "1m")
	want := []Pace{{time.Unix(1656633600, 0).UTC(), 240_123_456_789}, {time.Unix(1763596800, 0).UTC(), 1_105_432_100_000}}
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("%v: %v", got, err)
	}
}

// TestCoreFilters: a node that has Core's method for filters and not btcd's is
// asked in Core's way from then on, and one that has neither not at all.
func TestCoreFilters(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		core  string
		calls string
	}{
		"core":                      {`{"result":{"filter":"0190a5c8","header":"00"},"error":null}`, "getcfilter getblockfilter getblockfilter "},
		"core without an index":     {`{"result":null,"error":{"code":-1,"message":"Index is not enabled"}}`, "getcfilter getblockfilter getblockfilter "},
		"a node without any filter": {`{"result":null,"error":{"code":-32601,"message":"Method not found"}}`, "getcfilter getblockfilter "},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			calls := ""
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var q struct{ Method string }
				_ = json.NewDecoder(r.Body).Decode(&q)
				calls += q.Method + " "
				if q.Method == "getblockfilter" {
					_, _ = w.Write([]byte(c.core))
					return
				}
				w.WriteHeader(http.StatusNotFound)
				_, _ = w.Write([]byte(`{"result":null,"error":{"code":-32601,"message":"Method not found"}}`))
			}))
			t.Cleanup(s.Close)
			n, err := OpenNode(NodeConfig{URL: s.URL})
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				_, err = n.suspect(t.Context(), Block{Hash: regnet.GenesisHash.String()}, [][]byte{{1}})
			}
			if err != nil || calls != c.calls {
				t.Errorf("called %s: %v", calls, err)
			}
		})
	}
}

// TestBlocksAreChecked: a node cannot pass another block, or other transactions, for the one asked for.
func TestBlocksAreChecked(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	genesis := regnet.GenesisBlock
	var raw strings.Builder
	if err := genesis.Serialize(&raw); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&text, "%x", raw.String())
	good := text.String()
	last := len(good) - 20
	for sentence, c := range map[string]struct {
		hash, block string
		want        error
	}{
		"the block":          {regnet.GenesisHash.String(), good, nil},
		"another block":      {strings.Repeat("ab", 32), good, ErrAnswer},
		"other transactions": {regnet.GenesisHash.String(), good[:last] + "00" + good[last+2:], ErrAnswer},
		"half a block":       {regnet.GenesisHash.String(), good[:100], ErrAnswer},
		"no hexadecimal":     {regnet.GenesisHash.String(), "zz", ErrAnswer},
	} {
		n, err := OpenNode(NodeConfig{URL: answering(t, 200, nil, `{"result":"`+c.block+`","error":null}`)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := n.block(t.Context(), Block{Hash: c.hash}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}
