package whatsminer

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"sluice/driver/wire"
)

// tokenLife is how long a token is used; the machine forgets it after thirty minutes.
const tokenLife = 25 * time.Minute

// token is a login of v2: what it is signed with and what orders are sealed with.
type token struct {
	sign string
	key  []byte
	got  time.Time
}

// newToken makes a login from the three texts of get_token. Texts that are
// missing make a token that no machine takes.
func newToken(password, at, salt, newsalt string) token {
	secret := wire.MD5Crypt(password, salt)
	key := sha256.Sum256([]byte(secret))
	return token{sign: wire.MD5Crypt(secret+at, newsalt), key: key[:]}
}

// seal encrypts an order.
func (t token) seal(order map[string]any) ([]byte, error) {
	order["token"] = t.sign
	text, err := json.Marshal(order)
	if err != nil {
		return nil, fmt.Errorf("seal an order: %w", err)
	}
	sealed, err := wire.SealECB(t.key, text)
	if err != nil {
		return nil, err
	}
	return json.Marshal(struct {
		Enc  int    `json:"enc"`
		Data string `json:"data"`
	}{1, base64.StdEncoding.EncodeToString(sealed)})
}

// open reads the answer to a sealed order: a sealed one, or a plain one.
func (t token) open(raw []byte) (answer, error) {
	tree, err := wire.Parse(raw)
	if err != nil {
		return answer{}, err
	}
	enc, sealed := tree.At("enc").Value().(string)
	if !sealed {
		return parseV2(raw)
	}
	b, err := base64.StdEncoding.DecodeString(enc)
	if err != nil {
		return answer{}, fmt.Errorf("%w: %w", errGarbled, err)
	}
	text, err := wire.OpenECB(t.key, b)
	if err != nil {
		return answer{}, fmt.Errorf("%w: %w", errGarbled, err)
	}
	return parseV2(text)
}

// login returns the token kept, or asks for one. A refusal comes as a verdict
// whose class is not empty.
func (m *deviceV2) login(ctx context.Context) (token, verdict, error) {
	now := m.options.Clock()
	if age := now.Sub(m.token.got); m.token.sign != "" && age >= 0 && age < tokenLife {
		return m.token, verdict{}, nil
	}
	m.token = token{}
	a, err := m.askV2(ctx, "get_token")
	if err != nil {
		return token{}, verdict{}, err
	}
	if !a.good() || full(a.text) {
		return token{}, a.judge(), nil
	}
	msg := a.msg()
	at, salt, newsalt := msg.At("time").Text(), msg.At("salt").Text(), msg.At("newsalt").Text()
	if at == "" || salt == "" || newsalt == "" {
		return token{}, verdict{}, fmt.Errorf("get_token: %w: no time, salt or newsalt", errGarbled)
	}
	m.token = newToken(string(m.key().Secret), at, salt, newsalt)
	m.token.got = now
	return m.token, verdict{}, nil
}
