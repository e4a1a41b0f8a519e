package bitcoin

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// service speaks mempool's API about the chain of a btcd.
type service struct {
	g      *regtest
	mu     sync.Mutex
	blocks map[string]*wire.MsgBlock
}

func serve(t *testing.T, g *regtest) *httptest.Server {
	t.Helper()
	s := &service{g: g, blocks: map[string]*wire.MsgBlock{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/blocks/tip/height", func(w http.ResponseWriter, _ *http.Request) {
		s.say(w, len(s.chain())-1)
	})
	mux.HandleFunc("GET /api/block-height/{height}", func(w http.ResponseWriter, r *http.Request) {
		h, err := strconv.Atoi(r.PathValue("height"))
		if chain := s.chain(); err == nil && h < len(chain) {
			_, _ = w.Write([]byte(chain[h]))
			return
		}
		http.Error(w, "Block not found", http.StatusNotFound)
	})
	mux.HandleFunc("GET /api/block/{hash}", func(w http.ResponseWriter, r *http.Request) {
		h := slices.Index(s.chain(), r.PathValue("hash"))
		if h < 0 {
			http.Error(w, "Block not found", http.StatusNotFound)
			return
		}
		s.say(w, map[string]any{"id": r.PathValue("hash"), "height": h, "timestamp": s.block(r.PathValue("hash")).Header.Timestamp.Unix(), "difficulty": 4.6e-10})
	})
	mux.HandleFunc("GET /api/address/{address}/txs/chain", s.history)
	mux.HandleFunc("GET /api/address/{address}/txs/chain/{last}", s.history)
	mux.HandleFunc("GET /api/address/{address}/utxo", s.utxo)
	mux.HandleFunc("GET /api/v1/mining/hashrate/1m", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"hashrates":[{"timestamp":1656633600,"avgHashrate":240123456789012340000},{"timestamp":1763596800,"avgHashrate":1.1054321e+21}],"difficulty":[],"currentHashrate":1.1e21,"currentDifficulty":1.5e14}`))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

func (s *service) say(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		s.g.t.Error(err)
	}
}

// chain are the hashes of the best chain, from the tip down by what each block names before it.
func (s *service) chain() []string {
	best, err := s.g.client.GetBestBlockHash()
	if err != nil {
		s.g.t.Error(err)
		return nil
	}
	var out []string
	for hash := best.String(); ; {
		out = append(out, hash)
		if hash == regnet.GenesisHash.String() {
			break
		}
		hash = s.block(hash).Header.PrevBlock.String()
	}
	slices.Reverse(out)
	return out
}

func (s *service) block(hash string) *wire.MsgBlock {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.blocks[hash] == nil {
		s.blocks[hash] = s.g.wireBlock(hash)
	}
	return s.blocks[hash]
}

type object = map[string]any

// walk calls do for each transaction of the chain, the oldest first, with the
// outputs that its inputs take.
func (s *service) walk(do func(tx *wire.MsgTx, status object, taken []*wire.TxOut)) {
	outs := map[wire.OutPoint]*wire.TxOut{}
	for h, hash := range s.chain() {
		b := s.block(hash)
		status := object{"confirmed": true, "block_height": h, "block_hash": hash, "block_time": b.Header.Timestamp.Unix()}
		for _, tx := range b.Transactions {
			var taken []*wire.TxOut
			for _, in := range tx.TxIn {
				taken = append(taken, outs[in.PreviousOutPoint])
			}
			for i, out := range tx.TxOut {
				outs[wire.OutPoint{Hash: tx.TxHash(), Index: uint32(i)}] = out
			}
			do(tx, status, taken)
		}
	}
}

func scriptAt(r *http.Request) string {
	a, err := address.DecodeAddress(r.PathValue("address"), regnet)
	if err != nil {
		return "no address"
	}
	b, _ := txscript.PayToAddrScript(a)
	return hex.EncodeToString(b)
}

func outObject(o *wire.TxOut) object {
	if o == nil {
		return nil
	}
	return object{"scriptpubkey": hex.EncodeToString(o.PkScript), "value": o.Value}
}

func (s *service) history(w http.ResponseWriter, r *http.Request) {
	want, last := scriptAt(r), r.PathValue("last")
	list := []object{}
	s.walk(func(tx *wire.MsgTx, status object, taken []*wire.TxOut) {
		ours := false
		var vin, vout []object
		for i, in := range tx.TxIn {
			ours = ours || taken[i] != nil && hex.EncodeToString(taken[i].PkScript) == want
			vin = append(vin, object{"txid": in.PreviousOutPoint.Hash.String(), "vout": in.PreviousOutPoint.Index, "is_coinbase": taken[i] == nil, "prevout": outObject(taken[i])})
		}
		for _, out := range tx.TxOut {
			ours = ours || hex.EncodeToString(out.PkScript) == want
			vout = append(vout, outObject(out))
		}
		if ours {
			list = append(list, object{"txid": tx.TxHash().String(), "vin": vin, "vout": vout, "status": status})
		}
	})
	slices.Reverse(list)
	if last != "" {
		list = list[slices.IndexFunc(list, func(o object) bool { return o["txid"] == last })+1:]
	}
	s.say(w, list[:min(len(list), 25)])
}

func (s *service) utxo(w http.ResponseWriter, r *http.Request) {
	want := scriptAt(r)
	held := map[wire.OutPoint]object{}
	s.walk(func(tx *wire.MsgTx, status object, _ []*wire.TxOut) {
		for _, in := range tx.TxIn {
			delete(held, in.PreviousOutPoint)
		}
		for i, out := range tx.TxOut {
			if hex.EncodeToString(out.PkScript) == want {
				held[wire.OutPoint{Hash: tx.TxHash(), Index: uint32(i)}] = object{"txid": tx.TxHash().String(), "vout": i, "value": out.Value, "status": status}
			}
		}
	})
	list := []object{}
	for _, o := range held {
		list = append(list, o)
	}
	s.say(w, list)
}
