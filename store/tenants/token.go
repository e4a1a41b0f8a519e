package tenants

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"sluice/store/file"
)

// The parts of a token: sluice_ID_SECRET. The id is no secret, it says where to look.
const (
	tokenPrefix = "sluice_"
	idBytes     = 8
	secretBytes = 32
	saltBytes   = 16
	mostTokens  = 50 // that one tenant has at once
)

// Token is what is known of one: everything but its secret.
type Token struct {
	ID      string
	Label   string // what it is for
	Issued  time.Time
	Until   time.Time // zero: it does not end by itself
	Revoked time.Time // zero: it is valid
}

// secret fills with what nobody can guess.
func secret(b []byte) error {
	_, err := rand.Read(b)
	return err
}

// digest is what is kept of a secret. A secret of 256 random bits needs no slow hash.
func digest(salt []byte, id string, secret []byte) []byte {
	h := sha256.New()
	for _, part := range [][]byte{salt, []byte(id), secret} {
		_, _ = h.Write(part) // a hash never fails
	}
	return h.Sum(nil)
}

// Issue makes a token for a tenant. The text is shown once and kept nowhere.
func (o Office) Issue(ctx context.Context, t Tenant, label string, at, until time.Time) (text string, token Token, err error) {
	var f faults
	f.text("label", label)
	f.moment("issued", at)
	f.When(!until.IsZero() && !until.After(at), "it ends on %v, before it begins", until)
	b := make([]byte, idBytes+secretBytes+saltBytes)
	if err := errors.Join(t.check(), f.Err(), o.s.random(b)); err != nil {
		return "", Token{}, fmt.Errorf("issue a token to tenant %q: %w", t.name, err)
	}
	id, secret, salt := hex.EncodeToString(b[:idBytes]), b[idBytes:idBytes+secretBytes], b[idBytes+secretBytes:]
	token = Token{ID: id, Label: label, Issued: at.UTC(), Until: until.UTC()}
	err = o.s.write(ctx, func(ctx context.Context, p pen) error {
		open, err := file.Gather(ctx, p, file.Number, "SELECT count(*) FROM token WHERE tenant = ? AND revoked_us IS NULL", t.name)
		if err == nil && open[0] >= mostTokens {
			err = fmt.Errorf("%w: it has %d tokens: revoke one first", ErrFull, open[0])
		}
		if err != nil {
			return err
		}
		_, err = p.Exec(ctx, "INSERT INTO token (id, tenant, label, salt, hash, issued_us, until_us) VALUES (?, ?, ?, ?, ?, ?, ?)",
			id, t.name, label, salt, digest(salt, id, secret), at.UnixMicro(), file.Micros(until))
		return err
	})
	if err != nil {
		return "", Token{}, fmt.Errorf("issue a token to tenant %q: %w", t.name, err)
	}
	return tokenPrefix + id + "_" + base64.RawURLEncoding.EncodeToString(secret), token, nil
}

// Revoke ends a token at once. One that was revoked stays so.
func (o Office) Revoke(ctx context.Context, t Tenant, id string, at time.Time) error {
	err := t.check()
	if err == nil {
		err = o.s.write(ctx, func(ctx context.Context, p pen) error {
			n, err := p.Exec(ctx, "UPDATE token SET revoked_us = coalesce(revoked_us, ?) WHERE id = ? AND tenant = ?", at.UnixMicro(), id, t.name)
			if err == nil && n == 0 {
				err = ErrUnknown
			}
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("revoke token %.60q of tenant %q: %w", id, t.name, err)
	}
	return nil
}

// Tokens are the tenant's, those that ended too, the first one first.
func (d Desk) Tokens(ctx context.Context, t Tenant) ([]Token, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	return file.Gather(ctx, d.s.file, func(scan file.Scanner) (x Token, err error) {
		var issued, until, revoked sql.NullInt64
		err = scan(&x.ID, &x.Label, &issued, &until, &revoked)
		x.Issued, x.Until, x.Revoked = file.Instant(issued), file.Instant(until), file.Instant(revoked)
		return x, err
	}, "SELECT id, label, issued_us, until_us, revoked_us FROM token WHERE tenant = ? ORDER BY issued_us, id", t.name)
}

// kept is what is stored of a token.
type kept struct {
	tenant                 string
	salt, hash             []byte
	until, revoked, closed sql.NullInt64
}

// Authenticate says whose a token is. Whatever is wrong with it, the error is ErrToken
// alone and takes as long: who guesses learns nothing.
func (d Desk) Authenticate(ctx context.Context, text string, now time.Time) (Tenant, error) {
	id, secret, whole := parse(text)
	found, err := file.Gather(ctx, d.s.file, func(scan file.Scanner) (k kept, err error) {
		return k, scan(&k.tenant, &k.salt, &k.hash, &k.until, &k.revoked, &k.closed)
	}, "SELECT k.tenant, k.salt, k.hash, k.until_us, k.revoked_us, t.closed_us FROM token k JOIN tenant t ON t.name = k.tenant WHERE k.id = ?", id)
	if err != nil {
		return Tenant{}, fmt.Errorf("authenticate: %w", err)
	}
	k := kept{salt: make([]byte, saltBytes), hash: make([]byte, sha256.Size)}
	if len(found) == 1 {
		k = found[0]
	}
	same := subtle.ConstantTimeCompare(digest(k.salt, id, secret), k.hash) == 1
	ended := k.revoked.Valid || k.closed.Valid || k.until.Valid && now.UnixMicro() >= k.until.Int64
	if !same || !whole || ended || len(found) != 1 {
		return Tenant{}, ErrToken
	}
	return Tenant{k.tenant}, nil
}

// parse cuts a token into its parts.
func parse(text string) (id string, secret []byte, whole bool) {
	rest, ours := strings.CutPrefix(text, tokenPrefix)
	id, body, cut := strings.Cut(rest, "_")
	secret = make([]byte, secretBytes)
	b, err := base64.RawURLEncoding.Strict().DecodeString(body)
	if !ours || !cut || err != nil || len(b) != secretBytes || len(id) != 2*idBytes {
		return "", secret, false
	}
	return id, b, true
}
