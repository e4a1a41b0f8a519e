package modbus

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
)

func unhex(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// TestChecksum holds the request that a maker's manual prints with its sum, and
// the common check value of this sum over the digits one to nine.
func TestChecksum(t *testing.T) {
	t.Parallel()
	if got := framed(true, 0, question(5, span{kind: Holding, address: 0x5460, count: 60})); !bytes.Equal(got, unhex(t, "05 03 54 60 00 3C 54 71")) {
		t.Errorf("got % x", got)
	}
	if got := checksum([]byte("123456789")); got != 0x4B37 {
		t.Errorf("got %04x, want 4b37", got)
	}
	if got := framed(false, 7, question(1, span{kind: Input, address: 0x34, count: 2})); !bytes.Equal(got, unhex(t, "0007 0000 0006 01 04 0034 0002")) {
		t.Errorf("got % x", got)
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	serial := func(body string) string { b := unhex(t, body); return hex.EncodeToString(framed(true, 0, b)) }
	cases := map[string]struct {
		rtu  bool
		sent string
		want error
	}{
		"two registers":                {false, "0007 0000 0007 01 03 04 0102 0304", nil},
		"two registers, serial":        {true, serial("01 03 04 0102 0304"), nil},
		"an exception":                 {false, "0007 0000 0003 01 83 02", Exception(2)},
		"an exception, serial":         {true, serial("01 83 02"), Exception(2)},
		"an unknown exception":         {false, "0007 0000 0003 01 83 63", Exception(99)},
		"another transaction":          {false, "0006 0000 0007 01 03 04 0102 0304", ErrGarbled},
		"another protocol":             {false, "0007 0001 0007 01 03 04 0102 0304", ErrGarbled},
		"another unit":                 {false, "0007 0000 0007 02 03 04 0102 0304", ErrGarbled},
		"another function":             {false, "0007 0000 0007 01 04 04 0102 0304", ErrGarbled},
		"too few registers":            {false, "0007 0000 0005 01 03 02 0102", ErrGarbled},
		"too many registers":           {false, "0007 0000 0009 01 03 06 0102 0304 0506", ErrGarbled},
		"a count that lies":            {false, "0007 0000 0007 01 03 06 0102 0304", ErrGarbled},
		"an endless frame":             {false, "0007 0000 FFFF 01 03", ErrGarbled},
		"a frame of nothing":           {false, "0007 0000 0000", ErrGarbled},
		"half an answer":               {false, "0007 0000 0007 01 03 04 01", io.ErrUnexpectedEOF},
		"a web server":                 {false, hex.EncodeToString([]byte("HTTP/1.1 400 Bad Request\r\n")), ErrGarbled},
		"a wrong sum":                  {true, "01 03 04 0102 0304 0000", ErrGarbled},
		"a serial count beyond reason": {true, "01 03 FF 01", ErrGarbled},
		"half a serial answer":         {true, "01 03 04 0102", io.ErrUnexpectedEOF},
		"nothing":                      {false, "", io.EOF},
	}
	for name, c := range cases {
		words, err := answer(bytes.NewReader(unhex(t, c.sent)), c.rtu, 7, 1, span{kind: Holding, count: 2})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %x, %v; want %v", name, words, err, c.want)
		}
		if err == nil && (len(words) != 2 || words[0] != 0x0102 || words[1] != 0x0304) {
			t.Errorf("%s: got %x", name, words)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	for _, s := range []string{"0007 0000 0007 01 03 04 0102 0304", "0007 0000 0003 01 83 02", "01 83 02 c0f1", "01 03 04 0102 0304 0000", ""} {
		f.Add(unhex(f, s), false)
		f.Add(unhex(f, s), true)
	}
	f.Fuzz(func(t *testing.T, b []byte, rtu bool) {
		words, err := answer(bytes.NewReader(b), rtu, 7, 1, span{kind: Holding, count: 2})
		if err == nil && len(words) != 2 {
			t.Fatalf("%d words without an error", len(words))
		}
	})
}
