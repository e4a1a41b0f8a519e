package wire

import (
	"crypto/md5" //nolint:gosec // the machines' own login scheme; nothing of ours rests on it
	"strings"
)

// md5cryptAlphabet is the alphabet of the crypt family, six bits a letter.
const md5cryptAlphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// MD5Crypt is the hash that Unix writes as $1$salt$hash, without what stands
// before the last dollar. Some firmware logs in with it. The salt ends at its
// eighth byte or at a dollar. It is no protection by today's measure.
//
// Source: the md5crypt scheme of FreeBSD 2.0 (Poul-Henning Kamp, 1994).
func MD5Crypt(password, salt string) string {
	salt, _, _ = strings.Cut(salt, "$")
	p, s := []byte(password), []byte(salt[:min(len(salt), 8)])
	inner := md5.Sum(joined(p, s, p)) //nolint:gosec // see the import
	first := joined(p, []byte("$1$"), s)
	for n := len(p); n > 0; n -= md5.Size {
		first = append(first, inner[:min(n, md5.Size)]...)
	}
	for n := len(p); n > 0; n >>= 1 {
		if n&1 == 1 {
			first = append(first, 0)
		} else {
			first = append(first, p[0])
		}
	}
	return md5cryptText(md5cryptRounds(md5.Sum(first), p, s)) //nolint:gosec // see the import
}

// md5cryptRounds stretches the hash a thousand times.
func md5cryptRounds(sum [md5.Size]byte, p, s []byte) [md5.Size]byte {
	b := make([]byte, 0, 2*len(p)+len(s)+md5.Size)
	for i := range 1000 {
		b = b[:0]
		if i%2 == 1 {
			b = append(b, p...)
		} else {
			b = append(b, sum[:]...)
		}
		if i%3 != 0 {
			b = append(b, s...)
		}
		if i%7 != 0 {
			b = append(b, p...)
		}
		if i%2 == 1 {
			b = append(b, sum[:]...)
		} else {
			b = append(b, p...)
		}
		sum = md5.Sum(b) //nolint:gosec // see the import
	}
	return sum
}

// md5cryptText writes the hash in the scheme's own order of bytes: three bytes
// make four letters, the lowest six bits first, and the last byte makes two.
func md5cryptText(h [md5.Size]byte) string {
	var out strings.Builder
	letters := func(v uint32, n int) {
		for range n {
			out.WriteByte(md5cryptAlphabet[v&63])
			v >>= 6
		}
	}
	for i := range 5 {
		last := i + 12
		if i == 4 {
			last = 5
		}
		letters(uint32(h[i])<<16|uint32(h[i+6])<<8|uint32(h[last]), 4)
	}
	letters(uint32(h[11]), 2)
	return out.String()
}

// joined is all the parts in one new slice.
func joined(parts ...[]byte) []byte {
	var out []byte
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}
