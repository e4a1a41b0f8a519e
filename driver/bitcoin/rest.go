package bitcoin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sluice/unit"
)

// RestConfig says which web service is asked.
type RestConfig struct {
	URL     string        // such as https://mempool.space, or one of your own
	CA      []byte        // PEM of its certificate; empty: those of the system
	Timeout time.Duration // for one answer; 0: half a minute
	Stale   time.Duration // an answer that a cache has kept for longer is refused; 0: five minutes
}

// Rest asks a web service that speaks the API of mempool (and of Esplora). It
// proves nothing: what the service says is believed as far as it agrees with
// itself. It learns which addresses are asked for.
type Rest struct {
	web   web
	stale time.Duration
}

const (
	restMost  = 8 << 20 // bytes of one answer
	staleMost = 5 * time.Minute
)

// OpenRest makes the connection's settings; nothing is sent yet.
func OpenRest(c RestConfig) (*Rest, error) {
	w, err := newWeb(c.URL, c.CA, c.Timeout, restMost)
	if err != nil {
		return nil, fmt.Errorf("open the web service: %w", err)
	}
	if c.Stale <= 0 {
		c.Stale = staleMost
	}
	return &Rest{web: w, stale: c.Stale}, nil
}

// errAbsent is a status of 404.
var errAbsent = errors.New("there is no such thing")

// get asks for a path below /api/.
func (r *Rest) get(ctx context.Context, path ...string) ([]byte, error) {
	u := r.web.base.JoinPath(append([]string{"api"}, path...)...)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("ask for %s: %w", u.Path, err)
	}
	a, err := r.web.do(req)
	if err != nil {
		return nil, err
	}
	if err := r.judge(a); err != nil {
		return nil, fmt.Errorf("ask %s for %s: %w", u.Host, u.Path, err)
	}
	return a.body, nil
}

// judge refuses what is no answer, or too old a one.
func (r *Rest) judge(a reply) error {
	switch a.status {
	case http.StatusOK:
	case http.StatusNotFound:
		return errAbsent
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return fmt.Errorf("%w: status %d, wait %s: ask less often, or run your own", ErrBusy, a.status, quote(a.header.Get("Retry-After")))
	default:
		return fmt.Errorf("%w: status %d: %s", ErrAnswer, a.status, quote(string(a.body)))
	}
	if age, err := strconv.ParseInt(a.header.Get("Age"), 10, 32); err == nil && time.Duration(age)*time.Second > r.stale {
		return fmt.Errorf("%w: a cache has kept it for %d s, at most %s are believed", ErrAnswer, age, r.stale)
	}
	return nil
}

// decode asks for a path and decodes its JSON.
func (r *Rest) decode(ctx context.Context, out any, path ...string) error {
	body, err := r.get(ctx, path...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("read what %s says of %s: %w: %w", r.web.base.Host, strings.Join(path, "/"), ErrAnswer, err)
	}
	return nil
}

// Tip is the latest block that the service knows.
func (r *Rest) Tip(ctx context.Context) (Block, error) {
	var height int64
	if err := r.decode(ctx, &height, "blocks", "tip", "height"); err != nil {
		return Block{}, err
	}
	b, err := r.BlockAt(ctx, height)
	if errors.Is(err, ErrNoBlock) {
		return Block{}, fmt.Errorf("the tip at %d: %w", height, ErrMoved)
	}
	return b, err
}

// BlockAt is the block at a height of the best chain.
func (r *Rest) BlockAt(ctx context.Context, height int64) (Block, error) {
	if height < 0 {
		return Block{}, fmt.Errorf("block %d: %w", height, ErrNoBlock)
	}
	text, err := r.get(ctx, "block-height", strconv.FormatInt(height, 10))
	if errors.Is(err, errAbsent) {
		return Block{}, fmt.Errorf("block %d: %w", height, ErrNoBlock)
	}
	if err != nil {
		return Block{}, err
	}
	b := Block{Height: height, Hash: strings.TrimSpace(string(text))}
	if _, err := hashOf(b); err != nil || len(b.Hash) != 64 {
		return Block{}, fmt.Errorf("block %d: %w: %s is no hash", height, ErrAnswer, quote(b.Hash))
	}
	var head struct {
		ID        string `json:"id"`
		Height    int64  `json:"height"`
		Timestamp int64  `json:"timestamp"`
	}
	if err := r.decode(ctx, &head, "block", b.Hash); errors.Is(err, errAbsent) {
		return Block{}, fmt.Errorf("block %d: %w", height, ErrMoved)
	} else if err != nil {
		return Block{}, err
	}
	if head.ID != b.Hash || head.Height != height || head.Timestamp <= 0 {
		return Block{}, fmt.Errorf("block %d: %w: its two answers are about different blocks", height, ErrAnswer)
	}
	b.Time = time.Unix(head.Timestamp, 0).UTC()
	return b, nil
}

// Unspent asks for the unspent outputs of the receipt's address.
func (r *Rest) Unspent(ctx context.Context, want Receipt) (bool, error) {
	var list []struct {
		TxID   string       `json:"txid"`
		Vout   uint32       `json:"vout"`
		Value  unit.Satoshi `json:"value"`
		Status restStatus   `json:"status"`
	}
	if err := r.decode(ctx, &list, "address", want.Address, "utxo"); err != nil {
		return false, err
	}
	for _, u := range list {
		if u.TxID != want.TxID || u.Vout != want.Vout {
			continue
		}
		if u.Value != want.Satoshi {
			return false, fmt.Errorf("output %d of %s: %w: it holds %d satoshi, remembered are %d", u.Vout, u.TxID, ErrAnswer, u.Value, want.Satoshi)
		}
		return u.Status.Confirmed && u.Status.BlockHash == want.BlockHash, nil
	}
	return false, nil
}

// Pace is the work of the whole network on average over a day.
type Pace struct {
	At   time.Time
	Rate unit.Hashrate
}

// Paces asks for the network's hash rate over a span that the service names:
// 3d, 1w, 1m, 3m, 6m, 1y, 2y or 3y. It is an estimate from the blocks found.
func (r *Rest) Paces(ctx context.Context, span string) ([]Pace, error) {
	var answer struct {
		Hashrates []struct {
			Timestamp int64   `json:"timestamp"`
			Average   float64 `json:"avgHashrate"` // hashes per second; past 2^63 since 2016
		} `json:"hashrates"`
	}
	if err := r.decode(ctx, &answer, "v1", "mining", "hashrate", span); err != nil {
		return nil, err
	}
	out := make([]Pace, 0, len(answer.Hashrates))
	for _, h := range answer.Hashrates {
		rate := math.RoundToEven(h.Average / 1e9)
		if rate < 0 || rate >= math.MaxInt64 || h.Timestamp <= 0 {
			return nil, fmt.Errorf("hash rate at %d: %w: %g is none", h.Timestamp, ErrAnswer, h.Average)
		}
		out = append(out, Pace{At: time.Unix(h.Timestamp, 0).UTC(), Rate: unit.Hashrate(rate) * unit.Gigahash})
	}
	return out, nil
}
