package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// The work of a passphrase, as a power of two: what sealing asks for, and the
// most that opening is willing to do. 18 is what the age tool itself writes and
// takes about a second and 256 MiB.
const (
	workMade = 17
	workMax  = 18
)

// phraseMin is the fewest letters of a passphrase.
const phraseMin = 12

// The failures of keys.
var (
	// ErrNoKey says that nothing tells how to open a sealed file.
	ErrNoKey = errors.New("no key: name a key file with --seal-key, set SLUICE_SEAL_PASSPHRASE, or give the service a systemd credential sluice-seal")
	// ErrWrongKey says that a key does not open a file.
	ErrWrongKey = errors.New("this key does not open it: is it the one that it was sealed with?")
	// ErrBroken says that a sealed file was changed or cut.
	ErrBroken = errors.New("the sealed file is damaged: take it from a copy, or seal the credentials anew")
)

// Key seals and opens. It prints as stars or an address, also within what holds
// it. The zero Key does neither.
type Key struct{ in func() *lock } // a function, because fmt looks behind pointers

// lock is what a key holds: a passphrase with its work, or an identity.
type lock struct {
	phrase   string
	identity *age.X25519Identity
	work     int
}

// key is what holds the lock.
func (l *lock) key() Key { return Key{func() *lock { return l }} }

// String hides the key.
func (Key) String() string { return "***" }

// GoString hides the key.
func (Key) GoString() string { return "***" }

// keyMark begins the line of a key file that matters.
const keyMark = "AGE-SECRET-KEY-1"

// NewKey makes a key and the text of the file that holds it.
func NewKey() (Key, []byte, error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return Key{}, nil, fmt.Errorf("make a key: %w", err)
	}
	text := "# A key of sluice device seal. Whoever has it can read what was sealed with it.\n" + id.String() + "\n"
	return (&lock{identity: id}).key(), []byte(text), nil
}

// ParseKey reads a key file, or a passphrase that stands alone on one line.
// Errors never tell what stands there.
func ParseKey(text []byte) (Key, error) {
	if !bytes.Contains(text, []byte(keyMark)) {
		return phrase(strings.TrimRight(string(text), "\r\n"))
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		id, err := age.ParseX25519Identity(line)
		if err != nil {
			return Key{}, errors.New("the line with the key cannot be read: was it cut?")
		}
		return (&lock{identity: id}).key(), nil
	}
	return Key{}, errors.New("the file holds no key")
}

// phrase is the key made of a passphrase.
func phrase(text string) (Key, error) {
	if strings.ContainsAny(text, "\r\n") {
		return Key{}, errors.New("a passphrase is one line")
	}
	if len([]rune(text)) < phraseMin {
		return Key{}, fmt.Errorf("a passphrase has at least %d letters", phraseMin)
	}
	return (&lock{phrase: text, work: workMade}).key(), nil
}

// FindKey takes the key from a file, or else from SLUICE_SEAL_PASSPHRASE, or
// else from the credential sluice-seal that systemd gives to a service. It is
// ErrNoKey where there is none of them.
func FindKey(file string, env func(string) string) (Key, error) {
	switch dir := env("CREDENTIALS_DIRECTORY"); {
	case file != "":
		return keyFile(file, ownerOnly)
	case env("SLUICE_SEAL_PASSPHRASE") != "":
		k, err := phrase(env("SLUICE_SEAL_PASSPHRASE"))
		if err != nil {
			err = fmt.Errorf("SLUICE_SEAL_PASSPHRASE: %w", err)
		}
		return k, err
	case dir != "":
		return keyFile(filepath.Join(dir, "sluice-seal"), groupToo) // systemd grants by group where it cannot by owner
	}
	return Key{}, ErrNoKey
}

// keyFile reads a key whose file none but those allowed may read.
func keyFile(name string, forbidden mode) (Key, error) {
	text, open, err := slurp(name, 64<<10, forbidden)
	if err != nil {
		return Key{}, fmt.Errorf("key: %w", err)
	}
	if open {
		return Key{}, fmt.Errorf("key %s: others may read it: chmod 600 %s, and make a new key if they could", name, name)
	}
	k, err := ParseKey(text)
	if err != nil {
		return Key{}, fmt.Errorf("key %s: %w", name, err)
	}
	return k, nil
}

// Sealed reports whether text is a sealed file.
func Sealed(text []byte) bool {
	return bytes.HasPrefix(text, []byte("age-encryption.org/v1\n")) || bytes.HasPrefix(bytes.TrimSpace(text[:min(len(text), 256)]), []byte(armor.Header))
}

// Seal encrypts text.
func (k Key) Seal(text []byte) ([]byte, error) {
	to, err := k.recipient()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	letters := armor.NewWriter(&out)
	w, err := age.Encrypt(letters, to)
	if err == nil {
		_, err = w.Write(text)
	}
	if err == nil {
		err = errors.Join(w.Close(), letters.Close())
	}
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return out.Bytes(), nil
}

func (k Key) recipient() (age.Recipient, error) {
	if k.in == nil {
		return nil, ErrNoKey
	}
	if k.in().identity != nil {
		return k.in().identity.Recipient(), nil
	}
	r, err := age.NewScryptRecipient(k.in().phrase)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	r.SetWorkFactor(k.in().work)
	return r, nil
}

// Open decrypts a sealed file of at most a few megabytes. It is ErrWrongKey
// when the key is another one, ErrBroken when the file was changed or cut.
func (k Key) Open(sealed []byte) ([]byte, error) {
	id, err := k.opener()
	if err != nil {
		return nil, err
	}
	var from io.Reader = bytes.NewReader(sealed)
	if !bytes.HasPrefix(sealed, []byte("age-encryption.org/")) {
		from = armor.NewReader(from)
	}
	r, err := age.Decrypt(from, id)
	if err != nil {
		return nil, refused(err)
	}
	text, err := io.ReadAll(io.LimitReader(r, fileMax+1))
	if err != nil {
		return nil, ErrBroken
	}
	if len(text) > fileMax {
		return nil, fmt.Errorf("open: more than %d bytes", fileMax)
	}
	return text, nil
}

func (k Key) opener() (age.Identity, error) {
	if k.in == nil {
		return nil, ErrNoKey
	}
	if k.in().identity != nil {
		return k.in().identity, nil
	}
	id, err := age.NewScryptIdentity(k.in().phrase)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	id.SetMaxWorkFactor(workMax)
	return id, nil
}

// refused says why a file was not opened, in words of ours.
func refused(err error) error {
	if _, other := errors.AsType[*age.NoIdentityMatchError](err); other {
		return ErrWrongKey
	}
	if strings.Contains(err.Error(), "work factor too large") {
		return fmt.Errorf("its passphrase asks for more work than 2^%d: seal it again with less", workMax)
	}
	return ErrBroken
}
