package books_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/books"
	"sluice/unit"
)

// closing is the price of one bitcoin that the cases change a little.
func closing() books.Price {
	return books.Price{Asset: books.Bitcoin, Quote: "USD", At: noon(30), Value: 114_000 * unit.Unit, Source: "close of the day", Policy: "close/1"}
}

// TestPriceHash: what prices were hashed to before is what they are hashed to now.
func TestPriceHash(t *testing.T) {
	t.Parallel()
	const want = "598a6d8b044930dac44d75150770d6a6c81d89b4fdebd1b6928bbcefeb85e3a0"
	p := closing()
	if got := fmt.Sprintf("%x", p.Hash()); got != want || p.Hash() != sha256.Sum256(p.Canonical()) {
		t.Errorf("the hash is %s, and was %s", got, want)
	}
}

// TestParsePrice: every price is read back as it was, and nothing else is read.
func TestParsePrice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[^/]*`)
		want := books.Price{
			Asset: books.Asset(word.Draw(t, "asset")), Quote: unit.Currency(word.Draw(t, "quote")),
			At:    time.Unix(rapid.Int64Range(946684800, 253402300799).Draw(t, "at"), 0).UTC(),
			Value: unit.Amount(rapid.Int64().Draw(t, "value")), Source: rapid.String().Draw(t, "source"), Policy: rapid.String().Draw(t, "policy"),
		}
		got, err := books.ParsePrice(want.Canonical())
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Fatal(diff, err)
		}
	})
	whole := closing().Canonical()
	for sentence, b := range map[string][]byte{
		"nothing":                      nil,
		"a byte more":                  append(bytes.Clone(whole), 0),
		"a byte less":                  whole[:len(whole)-1],
		"no value":                     whole[:len(whole)-8],
		"a time with a part of second": bytes.Replace(bytes.Replace(whole, []byte("00:00Z"), []byte("00:00.5Z"), 1), whole[:8], []byte{0, 0, 0, 0, 0, 0, 0, whole[7] + 2}, 1),
		"another month":                bytes.Replace(whole, []byte("-09-"), []byte("-13-"), 1),
		"another thing":                bytes.Replace(whole, []byte("price"), []byte("Price"), 1),
		"a length beyond the end":      append([]byte{255, 255, 255, 255, 255, 255, 255, 255}, whole[8:]...),
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if p, err := books.ParsePrice(b); !errors.Is(err, books.ErrPrice) {
				t.Errorf("read as %v, %v", p, err)
			}
		})
	}
}

// FuzzParsePrice: what is read is written again byte by byte.
func FuzzParsePrice(f *testing.F) {
	f.Add(closing().Canonical())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := books.ParsePrice(b)
		if err != nil {
			if !errors.Is(err, books.ErrPrice) {
				t.Error(err)
			}
			return
		}
		if again := p.Canonical(); !bytes.Equal(again, b) || p.Hash() != sha256.Sum256(b) {
			t.Errorf("%q is written as %q", b, again)
		}
	})
}
