package braiins

import (
	"maps"
	"testing"

	"pgregory.net/rapid"
)

// TestTexts: what was written comes back, however long it is.
func TestTexts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.MapOf(rapid.Uint64Range(1, 1<<20), rapid.StringN(1, 300, -1)).Draw(t, "texts")
		var m message
		for k, v := range want {
			m = m.text(k, v)
		}
		if got := texts(m); !maps.Equal(got, want) {
			t.Fatalf("%v became %v", want, got)
		}
	})
}

// FuzzTexts: nothing that anybody sends is read beyond its end.
func FuzzTexts(f *testing.F) {
	f.Add([]byte(message{}.text(1, "root").text(2, "secret")))
	f.Add([]byte{0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	f.Fuzz(func(t *testing.T, b []byte) {
		total := 0
		for _, v := range texts(b) {
			total += len(v)
		}
		if total > len(b) {
			t.Errorf("%d bytes out of %d", total, len(b))
		}
	})
}
