package whatsminer

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"

	"sluice/device"
	"sluice/driver/wire"
)

// The codes of v3.
const (
	v3OK        = 0
	v3Failed    = -1
	v3Unknown   = -2
	v3Missing   = -3
	v3Forbidden = -4
)

// askedV3 is one request of v3. The fields of an order stay empty in a question.
type askedV3 struct {
	Command string `json:"cmd"`
	Param   any    `json:"param,omitempty"`
	Token   string `json:"token,omitempty"`
	Account string `json:"account,omitempty"`
	At      int64  `json:"ts,omitempty"`
}

// answerV3 is one answer of v3.
type answerV3 struct {
	code int64
	when device.Value[int64] // the machine's clock, seconds since 1970
	msg  wire.Tree
	text string // of a message that is no object
}

// parseV3 reads an answer.
func parseV3(raw []byte) (answerV3, error) {
	t, err := wire.Parse(raw)
	if err != nil {
		return answerV3{}, err
	}
	code, ok := t.At("code").Whole()
	if !ok {
		return answerV3{}, fmt.Errorf("%w: no code: %.60q", errGarbled, raw)
	}
	a := answerV3{code: code, when: number(t.At("when")), text: t.At("msg").Text()}
	if code == v3OK && t.At("msg").Object() {
		a.msg = t.At("msg")
	}
	return a, nil
}

// askV3 asks for a report.
func (l line) askV3(ctx context.Context, q askedV3) (answerV3, error) {
	request, err := json.Marshal(q)
	if err != nil {
		return answerV3{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, l.options.Read)
	defer cancel()
	r, err := l.network.AskFrame(ctx, l.host, l.port, request)
	if err != nil {
		return answerV3{}, fmt.Errorf("%s: %w", q.Command, err)
	}
	a, err := parseV3(r.Bytes)
	if err != nil {
		return answerV3{}, fmt.Errorf("%s: %w", q.Command, err)
	}
	return a, nil
}

// The questions of v3. A status without a parameter answers nothing.
func infoV3() askedV3    { return askedV3{Command: "get.device.info"} }
func settingV3() askedV3 { return askedV3{Command: "get.miner.setting"} }
func statusV3(param string) askedV3 {
	return askedV3{Command: "get.miner.status", Param: param}
}

// identifyV3 finds a machine that speaks v3.
func identifyV3(ctx context.Context, l line) (device.Identity, error) {
	a, err := l.askV3(ctx, infoV3())
	if err != nil {
		return device.Identity{}, err
	}
	api := a.msg.At("system", "api").Text()
	if api == "" {
		return device.Identity{}, fmt.Errorf("get.device.info: code %d %s: no API version", a.code, a.text)
	}
	return identity(a.msg.At("miner", "type").Text(), api, a.msg.At("system", "fwversion").Text(),
		a.msg.At("network", "mac").Text(), a.msg.At("miner", "miner-sn").Text()), nil
}

// account is who gives orders in v3 when the credential names nobody.
const account = "super"

// sign is an order of v3 with its token: the beginning of a digest over the
// order, the password, the machine's salt and the time, in seconds.
func sign(q askedV3, c device.Credential, salt string, at int64) askedV3 {
	digest := sha256.Sum256([]byte(q.Command + string(c.Secret) + salt + strconv.FormatInt(at, 10)))
	q.Token = base64.StdEncoding.EncodeToString(digest[:])[:8]
	q.At, q.Account = at, c.User
	if q.Account == "" {
		q.Account = account
	}
	return q
}
