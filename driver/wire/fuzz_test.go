package wire

import (
	"bytes"
	"crypto/aes"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/iotest"
)

// pieces is a connection from which only reading is possible.
type pieces struct {
	net.Conn
	io.Reader
}

func (p pieces) Read(b []byte) (int, error) { return p.Reader.Read(b) }

// FuzzReadReply reads any stream as it comes and byte by byte. However it is
// cut, what comes out is bounded and a beginning of it, and what is whole by the
// plainest count of brackets is no more than what is needed to see that.
func FuzzReadReply(f *testing.F) {
	f.Add([]byte(`{"a":"}\"","b":[1]}` + "\x00rest"))
	f.Add([]byte("STATUS=S,Msg=ok|\x00"))
	f.Add([]byte(`{"a":[{}`))
	f.Fuzz(func(t *testing.T, stream []byte) {
		for _, cut := range []func(io.Reader) io.Reader{iotest.OneByteReader, iotest.DataErrReader} {
			got, err := readReply(pieces{Reader: cut(bytes.NewReader(stream))})
			if len(got) > ReplyMax || !bytes.HasPrefix(stream, got) || bytes.IndexByte(got, 0) >= 0 {
				t.Fatalf("%q was read as %q", stream, got)
			}
			if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, ErrTooLong) {
				t.Fatalf("%q: %v", stream, err)
			}
			if err == nil && len(stream) > 0 && len(got) == 0 && stream[0] != 0 && strings.Trim(string(stream), "\r\n") == string(stream) {
				t.Fatalf("%q was read as nothing", stream)
			}
		}
	})
}

// FuzzMAC: what comes out is nothing, or in the one form, and stays as it is.
func FuzzMAC(f *testing.F) {
	for _, s := range []string{"02:00:00:00:00:AB", "0200.0000.00ab", "0200000000ab", "02-00-00-00-00-ab", "00:00:00:00:00:00", "02:55:97:22:3M:72"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := MAC(s)
		if got == "" {
			return
		}
		if len(got) != 17 || strings.Trim(got, "0123456789abcdef:") != "" || MAC(got) != got {
			t.Errorf("%q gave %q", s, got)
		}
	})
}

// FuzzMD5Crypt: any salt that a machine may send gives a hash of the usual form.
func FuzzMD5Crypt(f *testing.F) {
	f.Add("admin", "BQ5hoXV9")
	f.Add("", "$1$x$y")
	f.Add("a long password with more than sixteen letters", "\x00\xff")
	f.Fuzz(func(t *testing.T, password, salt string) {
		if len(password) > 256 {
			return
		}
		if got := MD5Crypt(password, salt); len(got) != 22 || strings.Trim(got, md5cryptAlphabet) != "" {
			t.Errorf("%q with %q gave %q", password, salt, got)
		}
	})
}

// FuzzOpenECB: what was sealed is opened, and anything else is no panic.
func FuzzOpenECB(f *testing.F) {
	f.Add([]byte("0123456789abcdef0123456789abcdef"), []byte(`{"cmd":"status"}`))
	f.Add([]byte("short"), []byte{1, 2, 3})
	f.Fuzz(func(t *testing.T, key, text []byte) {
		if got, err := OpenECB(key, text); err == nil && len(got) > len(text) {
			t.Errorf("%d bytes gave %d", len(text), len(got))
		}
		if len(key) != 32 {
			return
		}
		text = append([]byte("{"), append(bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("}"), nil), []byte("]"), nil), '}')...)
		sealed, err := SealECB(key, text)
		if err != nil || len(sealed)%aes.BlockSize != 0 {
			t.Fatalf("seal: %d bytes, %v", len(sealed), err)
		}
		if got, err := OpenECB(key, sealed); err != nil || !bytes.Equal(got, text) {
			t.Errorf("%q came back as %q, %v", text, got, err)
		}
	})
}
