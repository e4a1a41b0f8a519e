package wire

import (
	"bytes"
	"crypto/aes"
	"errors"
	"fmt"
)

// errBlocks says that sealed bytes are no whole blocks.
var errBlocks = errors.New("sealed bytes are no whole blocks")

// SealECB encrypts each block of text by itself, filled up with zero bytes, as
// some firmware wants it. Equal blocks look equal: it hides little.
func SealECB(key, text []byte) ([]byte, error) {
	c, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	blocks := (len(text) + aes.BlockSize - 1) / aes.BlockSize
	out := make([]byte, blocks*aes.BlockSize)
	copy(out, text)
	for at := 0; at < len(out); at += aes.BlockSize {
		c.Encrypt(out[at:at+aes.BlockSize], out[at:at+aes.BlockSize])
	}
	return out, nil
}

// OpenECB decrypts what SealECB or a relative of it encrypted: what follows the
// last closing brace or bracket is filling, of whatever kind, and is cut off.
// A wrong key gives bytes without meaning, not an error.
func OpenECB(key, sealed []byte) ([]byte, error) {
	c, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	if len(sealed) == 0 || len(sealed)%aes.BlockSize != 0 {
		return nil, fmt.Errorf("open %d bytes: %w", len(sealed), errBlocks)
	}
	out := make([]byte, len(sealed))
	for at := 0; at < len(out); at += aes.BlockSize {
		c.Decrypt(out[at:at+aes.BlockSize], sealed[at:at+aes.BlockSize])
	}
	if end := bytes.LastIndexAny(out, "}]"); end >= 0 {
		out = out[:end+1]
	}
	return out, nil
}
