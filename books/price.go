package books

import (
	"crypto/sha256"
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

// Name tells one price from every other.
func (p Price) Name() string {
	return fmt.Sprintf("price/%s/%s/%s/%s", p.Asset, p.Quote, p.At.UTC().Format("2006-01-02T15:04:05Z"), p.Policy)
}

// Hash is the evidence that a transaction refers to.
func (p Price) Hash() Hash {
	return sha256.Sum256(number(text(text(nil, p.Name()), p.Source), int64(p.Value)))
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
