package invoice

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"sluice/books"
)

// ErrCanonical is bytes that are a document, but not as they were issued.
var ErrCanonical = errors.New("not the canonical bytes of a document")

// Canonical is a document as it is stored and hashed: JSON in one line, fields in
// a fixed order, amounts as strings of millionths. The same document has the same bytes.
func (d Document) Canonical() ([]byte, error) {
	if err := d.Validate(); err != nil {
		return nil, err
	}
	return json.Marshal(d)
}

// Hash is the SHA-256 of the canonical bytes.
func (d Document) Hash() (books.Hash, error) {
	b, err := d.Canonical()
	return sha256.Sum256(b), err
}

// Parse reads canonical bytes. Anything but exactly what Canonical wrote is an
// error that wraps ErrCanonical or ErrDocument.
func Parse(b []byte) (Document, error) { return exactly[Document](b, "document") }

// canonical is what has canonical bytes.
type canonical interface{ Canonical() ([]byte, error) }

// exactly reads what wrote itself as these bytes and no others.
func exactly[T canonical](b []byte, what string) (T, error) {
	var none, x T
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&x); err != nil {
		return none, fmt.Errorf("read a %s: %w: %w", what, ErrCanonical, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return none, fmt.Errorf("read a %s: %w: something follows it", what, ErrCanonical)
	}
	again, err := x.Canonical()
	if err != nil {
		return none, fmt.Errorf("read a %s: %w", what, err)
	}
	if !bytes.Equal(again, b) {
		return none, fmt.Errorf("read a %s: %w: it was written by something else", what, ErrCanonical)
	}
	return x, nil
}
