package seal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"sluice/device"
)

// mode is permissions that a file must not have.
type mode = fs.FileMode

// Who may not read or write a file of secrets.
const (
	ownerOnly mode = 0o077
	groupToo  mode = 0o007
)

// ErrExposed says that others may read credentials in the clear.
var ErrExposed = errors.New("others may read these passwords")

// Source is where credentials come from.
type Source struct {
	File     string              // empty: none
	KeyFile  string              // opens a sealed File; empty: as FindKey says
	Env      func(string) string // os.Getenv
	Families []device.Family     // that may stand in a line
	Writes   bool                // machines will be told something with them
}

// Load reads the credentials, sealed or in the clear. SLUICE_DEVICE_USER and
// SLUICE_DEVICE_PASSWORD hold for whatever the file leaves out. The warning is
// empty when there is nothing to mend. A file in the clear that others may read
// is ErrExposed where machines will be told something.
func Load(s Source) (Book, string, error) {
	rest := device.Credential{User: s.Env("SLUICE_DEVICE_USER"), Secret: device.Secret(s.Env("SLUICE_DEVICE_PASSWORD"))}
	if s.File == "" {
		return Book{}.Else(rest), "", nil
	}
	text, open, err := slurp(s.File, 2*fileMax, ownerOnly)
	if err != nil {
		return Book{}, "", fmt.Errorf("credentials: %w", err)
	}
	warning := ""
	if Sealed(text) {
		if text, err = s.open(text); err != nil {
			return Book{}, "", err
		}
	} else if warning, err = s.plain(open); err != nil {
		return Book{}, "", err
	}
	b, err := Parse(s.File, text, s.Families)
	if err != nil {
		return Book{}, "", err
	}
	return b.Else(rest), warning, nil
}

func (s Source) open(text []byte) ([]byte, error) {
	k, err := FindKey(s.KeyFile, s.Env)
	if err == nil {
		text, err = k.Open(text)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.File, err)
	}
	return text, nil
}

// plain says what is wrong with passwords in the clear.
func (s Source) plain(open bool) (string, error) {
	remedy := fmt.Sprintf("sluice device seal --in %s --out %s.sealed", s.File, s.File)
	if open && s.Writes {
		return "", fmt.Errorf("%s: %w: chmod 600 %s, or better: %s", s.File, ErrExposed, s.File, remedy)
	}
	if open {
		return fmt.Sprintf("%s holds passwords in the clear and others may read them: chmod 600 %s, or better: %s", s.File, s.File, remedy), nil
	}
	return fmt.Sprintf("%s holds passwords in the clear: %s", s.File, remedy), nil
}

// Plain reads a file of credentials in the clear, to seal it.
func Plain(name string) ([]byte, error) {
	text, _, err := slurp(name, fileMax, ownerOnly)
	if err != nil {
		return nil, err
	}
	if Sealed(text) {
		return nil, fmt.Errorf("%s is sealed already", name)
	}
	return text, nil
}

// slurp reads a bounded file and reports whether it grants what it must not.
// The file that is judged is the one that is read.
func slurp(name string, most int64, forbidden mode) (text []byte, open bool, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, false, err
	}
	defer f.Close() //nolint:errcheck // read only
	about, err := f.Stat()
	if err != nil {
		return nil, false, err
	}
	text, err = io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, false, fmt.Errorf("read %s: %w", name, err)
	}
	if int64(len(text)) > most {
		return nil, false, fmt.Errorf("%s: more than %d bytes", name, most)
	}
	return text, about.Mode().Perm()&forbidden != 0, nil
}

// secretMost bounds a file with one secret, bytes.
const secretMost = 16 << 10

// Secret is the one secret in a file, sealed or in the clear, without the end of its line.
// A file in the clear that others may read is ErrExposed. keyFile and env say where the
// key is, as FindKey does.
func Secret(name, keyFile string, env func(string) string) (string, error) {
	text, open, err := slurp(name, secretMost, ownerOnly)
	if err != nil {
		return "", err
	}
	if Sealed(text) {
		text, err = Source{File: name, KeyFile: keyFile, Env: env}.open(text)
	} else if open {
		err = fmt.Errorf("%s: %w: chmod 600 %s", name, ErrExposed, name)
	}
	if err != nil {
		return "", err
	}
	out := strings.TrimRight(string(text), "\r\n")
	if out == "" || strings.ContainsAny(out, "\r\n\x00") {
		return "", fmt.Errorf("%s: one line with the secret is needed", name)
	}
	return out, nil
}
