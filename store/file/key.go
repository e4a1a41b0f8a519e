package file

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
	keyMost  = 4096 // bytes of the file
	others   = 0o077
)

// KeyFile is a file beside a database with the key of what is sealed in it. Only its
// owner may read it.
type KeyFile struct {
	Path    string
	Of      string // whose key it is, such as "people"
	Mark    string // what stands before the key
	Says    string // first line of a new file
	Lost    string // what to do where it is missing
	Exposed string // what to do where others may read it
	Err     error  // what the errors of a wrong key wrap
}

// Key seals with AES-256-GCM. It shows nowhere.
type Key struct {
	secret people.Secret
	wrong  error
}

// Find reads the key. Where nothing is sealed yet and the file is missing, it makes one
// from chance.
func (f KeyFile) Find(fresh bool, chance func([]byte)) (Key, error) {
	text, err := f.read()
	if errors.Is(err, fs.ErrNotExist) && fresh {
		b := make([]byte, keyBytes)
		chance(b)
		text = "# " + f.Says + "\n" + f.Mark + base64.StdEncoding.EncodeToString(b) + "\n"
		err = whole.Create(f.Path, whole.Private, whole.Text([]byte(text)))
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w: the file is missing: %s", f.Err, f.Lost)
	}
	if err != nil {
		return Key{}, fmt.Errorf("key of %s %s: %w", f.Of, f.Path, err)
	}
	for line := range strings.Lines(text) {
		if b, ours := strings.CutPrefix(strings.TrimSpace(line), f.Mark); ours {
			if raw, err := base64.StdEncoding.Strict().DecodeString(b); err == nil && len(raw) == keyBytes {
				return Key{people.Hide(string(raw)), f.Err}, nil
			}
		}
	}
	return Key{}, fmt.Errorf("key of %s %s: %w: it holds none: take it from a copy", f.Of, f.Path, f.Err)
}

// read reads a file that nobody else may read.
func (f KeyFile) read() (string, error) {
	in, err := os.Open(f.Path)
	if err != nil {
		return "", err
	}
	defer in.Close() //nolint:errcheck // read only
	about, err := in.Stat()
	if err != nil {
		return "", err
	}
	if about.Mode().Perm()&others != 0 {
		return "", fmt.Errorf("others may read it: chmod 600 %s, and %s if they did", f.Path, f.Exposed)
	}
	b, err := io.ReadAll(io.LimitReader(in, keyMost))
	return string(b), err
}

// ID tells keys apart and does not give them away. The label keeps the same key of two
// uses from having one id.
func (k Key) ID(label string) []byte {
	sum := sha256.Sum256([]byte(label + k.secret.Reveal()))
	return sum[:8]
}

func (k Key) cipher() (cipher.AEAD, error) {
	block, err := aes.NewCipher([]byte(k.secret.Reveal()))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Seal encrypts a secret. It opens with the same words about it only.
func (k Key) Seal(about string, secret []byte) ([]byte, error) {
	c, err := k.cipher()
	if err != nil {
		return nil, err
	}
	return c.Seal(nil, nil, secret, []byte(about)), nil
}

// Open decrypts what was sealed with these words about it. The error wraps that of the
// key's file where it was not, or by another key.
func (k Key) Open(about string, sealed []byte) ([]byte, error) {
	c, err := k.cipher()
	if err != nil {
		return nil, err
	}
	secret, err := c.Open(nil, nil, bytes.Clone(sealed), []byte(about))
	if err != nil {
		return nil, k.wrong
	}
	return secret, nil
}
