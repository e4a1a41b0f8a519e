package bitcoin

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/btcsuite/btcd/chainhash/v2"
)

// rpc speaks JSON-RPC 1.0 over HTTP.
type rpc struct {
	web            web
	user, password string
}

// Codes of refusals: Core and btcd say differently that a height is above the tip.
const (
	rpcNoMethod  = -32601
	rpcRangeCore = -8
	rpcRangeBtcd = -1
	rpcWarmingUp = -28
)

// rpcFault is the node's refusal of a call.
type rpcFault struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// Error says what the node said.
func (f *rpcFault) Error() string {
	return fmt.Sprintf("the node refuses: %s (%d)", quote(f.Message), f.Code)
}

// call asks for one method; what the node answers is decoded into out.
func (c rpc) call(ctx context.Context, out any, method string, params ...any) error {
	if params == nil {
		params = []any{}
	}
	body, err := json.Marshal(map[string]any{"jsonrpc": "1.0", "id": 1, "method": method, "params": params})
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.web.base.String(), bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.SetBasicAuth(c.user, c.password)
	answer, err := c.web.do(r)
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	if err := readReply(answer.body, answer.status, out); err != nil {
		return fmt.Errorf("%s of %s: %w", method, c.web.base.Host, err)
	}
	return nil
}

// readReply takes the envelope off. Core answers refusals with status 404 and
// 500, so the body is read before the status is judged.
func readReply(text []byte, status int, out any) error {
	if status == http.StatusUnauthorized || status == http.StatusForbidden {
		return fmt.Errorf("%w: user or password are wrong, or this computer is not allowed", ErrConfig)
	}
	var reply struct {
		Result json.RawMessage `json:"result"`
		Error  *rpcFault       `json:"error"`
	}
	switch err := json.Unmarshal(text, &reply); {
	case err != nil:
		return fmt.Errorf("%w: status %d and no JSON: is this the RPC port?", ErrAnswer, status)
	case reply.Error != nil && reply.Error.Code == rpcWarmingUp:
		return fmt.Errorf("%w: it is starting: %s", ErrBusy, quote(reply.Error.Message))
	case reply.Error != nil:
		return reply.Error
	}
	if err := json.Unmarshal(reply.Result, out); err != nil {
		return fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	return nil
}

// hashOf is the hash of a block as the protocol holds it.
func hashOf(b Block) (chainhash.Hash, error) {
	h, err := chainhash.NewHashFromStr(b.Hash)
	if err != nil {
		return chainhash.Hash{}, fmt.Errorf("block %d: %w: %s is no hash", b.Height, ErrAnswer, quote(b.Hash))
	}
	return *h, nil
}
