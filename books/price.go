package books

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"sluice/unit"
)

// Price is what one whole unit of an asset was worth at an instant, and who says so.
type Price struct {
	Asset  Asset
	Quote  unit.Currency
	At     time.Time
	Value  unit.Amount // of one whole unit, such as one bitcoin
	Source string      // such as the market whose close it is
	Policy string      // version of the rule by which this price was chosen
}

// ErrNoPrice is the failure of what cannot be valued: no earlier price is taken
// in the place of one that is missing.
var ErrNoPrice = errors.New("no price")

// The name of a price: price/BTC/USD/2025-09-30T05:00:00Z/close-1.
const (
	priceParts = 5
	priceTime  = "2006-01-02T15:04:05Z"
)

// Name tells one price from every other.
func (p Price) Name() string {
	return fmt.Sprintf("price/%s/%s/%s/%s", p.Asset, p.Quote, p.At.UTC().Format(priceTime), p.Policy)
}

// Canonical is a price as it is stored and hashed: name and source, each after its
// length, and the value. Asset and quote hold no slash, and At is a whole second.
func (p Price) Canonical() []byte {
	return number(text(text(nil, p.Name()), p.Source), int64(p.Value))
}

// Hash is the evidence that a transaction refers to: the SHA-256 of Canonical.
func (p Price) Hash() Hash { return sha256.Sum256(p.Canonical()) }

// ErrPrice is bytes that Canonical did not write.
var ErrPrice = errors.New("not the canonical bytes of a price")

// ParsePrice reads what Canonical wrote. The error wraps ErrPrice for anything else.
func ParsePrice(b []byte) (Price, error) {
	name, rest, named := cutText(b)
	source, value, sourced := cutText(rest)
	parts := strings.SplitN(name, "/", priceParts)
	if !named || !sourced || len(value) != 8 || len(parts) != priceParts {
		return Price{}, fmt.Errorf("read a price of %d bytes: %w: it has a name of five parts, a source and a value", len(b), ErrPrice)
	}
	at, err := time.Parse(priceTime, parts[3])
	if err != nil {
		return Price{}, fmt.Errorf("read price %.80q: %w: %w", name, ErrPrice, err)
	}
	p := Price{
		Asset: Asset(parts[1]), Quote: unit.Currency(parts[2]), At: at, Source: source, Policy: parts[4],
		Value: unit.Amount(binary.BigEndian.Uint64(value)), //nolint:gosec // all bits count, the sign too
	}
	if !bytes.Equal(p.Canonical(), b) {
		return Price{}, fmt.Errorf("read price %.80q: %w: something else wrote it", name, ErrPrice)
	}
	return p, nil
}

// cutText takes a text with its length off the front.
func cutText(b []byte) (s string, rest []byte, ok bool) {
	if len(b) < 8 {
		return "", nil, false
	}
	n, rest := binary.BigEndian.Uint64(b), b[8:]
	if n > uint64(len(rest)) {
		return "", nil, false
	}
	return string(rest[:n]), rest[n:], true
}

// Of is what a quantity of the asset is worth, rounded half to even.
func (p Price) Of(quantity int64) (unit.Amount, error) {
	if p.Value <= 0 || p.Source == "" || p.At.IsZero() {
		return 0, fmt.Errorf("value %s with %s: %w: a price is above zero and says when and whose it is", p.Asset, p.Name(), ErrNoPrice)
	}
	one := int64(1)
	for range p.Asset.Decimals() {
		one *= 10
	}
	v, ok := unit.TryMulDiv(quantity, int64(p.Value), one)
	if !ok {
		return 0, fmt.Errorf("value %s %s with %s: %w", p.Asset.Text(quantity), p.Asset, p.Name(), ErrOverflow)
	}
	return unit.Amount(v), nil
}

// DerivedID is an id that the same facts always make, so that booking them again
// changes nothing.
func DerivedID(what string, facts ...string) string {
	b := text(nil, what)
	for _, f := range facts {
		b = text(b, f)
	}
	sum := sha256.Sum256(b)
	return fmt.Sprintf("%s/%x", strings.Join(strings.Fields(what), "-"), sum[:16])
}
