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
func Parse(b []byte) (Document, error) {
	var d Document
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return Document{}, fmt.Errorf("read a document: %w: %w", ErrCanonical, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Document{}, fmt.Errorf("read a document: %w: something follows it", ErrCanonical)
	}
	again, err := d.Canonical()
	if err != nil {
		return Document{}, fmt.Errorf("read a document: %w", err)
	}
	if !bytes.Equal(again, b) {
		return Document{}, fmt.Errorf("read document %s: %w: it was written by something else", d.Number, ErrCanonical)
	}
	return d, nil
}
