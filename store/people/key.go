package people

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"sluice/people"
	"sluice/store/whole"
)

const (
	keyBytes = 32
	keyMark  = "sluice-people-key-1:"
	keyMost  = 4096 // bytes of the file
	others   = 0o077
)

// key seals the secrets of the apps, with AES-256-GCM.
type key struct{ secret people.Secret }

// findKey reads the key of a file. Where the database is new and the file is missing, it
// makes one.
func findKey(name string, fresh bool, random func([]byte)) (key, error) {
	text, err := readKey(name)
	if errors.Is(err, fs.ErrNotExist) && fresh {
		b := make([]byte, keyBytes)
		random(b)
		text = "# The key of people.db. Keep a copy apart from copies of the database.\n" + keyMark + base64.StdEncoding.EncodeToString(b) + "\n"
		err = whole.Create(name, whole.Private, whole.Text([]byte(text)))
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w: the file is missing: take it from a copy", ErrKey)
	}
	if err != nil {
		return key{}, fmt.Errorf("key of people %s: %w", name, err)
	}
	for line := range strings.Lines(text) {
		if b, ours := strings.CutPrefix(strings.TrimSpace(line), keyMark); ours {
			if raw, err := base64.StdEncoding.Strict().DecodeString(b); err == nil && len(raw) == keyBytes {
				return key{people.Hide(string(raw))}, nil
			}
		}
	}
	return key{}, fmt.Errorf("key of people %s: %w: it holds none: take it from a copy", name, ErrKey)
}

// readKey reads a file that nobody else may read.
func readKey(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close() //nolint:errcheck // read only
	about, err := f.Stat()
	if err != nil {
		return "", err
	}
	if about.Mode().Perm()&others != 0 {
		return "", fmt.Errorf("others may read it: chmod 600 %s, and let people make new codes if they did", name)
	}
	b, err := io.ReadAll(io.LimitReader(f, keyMost))
	return string(b), err
}

// id tells keys apart and does not give them away.
func (k key) id() []byte {
	sum := sha256.Sum256([]byte("id of a key of people " + k.secret.Reveal()))
	return sum[:8]
}

func (k key) cipher() (cipher.AEAD, error) {
	block, err := aes.NewCipher([]byte(k.secret.Reveal()))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// seal encrypts the secret of a person's app. It opens for that person only.
func (k key) seal(person string, secret []byte) ([]byte, error) {
	c, err := k.cipher()
	if err != nil {
		return nil, err
	}
	return c.Seal(nil, nil, secret, []byte("code of "+person)), nil
}

// open decrypts the secret of a person's app.
func (k key) open(person string, sealed []byte) ([]byte, error) {
	c, err := k.cipher()
	if err != nil {
		return nil, err
	}
	secret, err := c.Open(nil, nil, bytes.Clone(sealed), []byte("code of "+person))
	if err != nil {
		return nil, fmt.Errorf("the code of %s: %w", person, ErrKey)
	}
	return secret, nil
}
