package people

import (
	"crypto/sha256"
	"strings"
)

// Recovery codes, for who lost the app. Each works once.
const (
	RecoveryCount  = 10
	RecoveryBytes  = 10 // of chance in each: 80 bits, too many to guess even with the hash at hand
	recoveryGroup  = 4
	recoveryLength = RecoveryBytes * 8 / 5
)

// crockford are the letters of codes: none of them is taken for another one.
const crockford = "0123456789abcdefghjkmnpqrstvwxyz"

// RecoveryCode makes a code of RecoveryBytes random bytes, in groups of four.
func RecoveryCode(random [RecoveryBytes]byte) Secret {
	var out strings.Builder
	have, bits := uint(0), 0
	for n, b := 0, 0; n < recoveryLength; n++ {
		if bits < 5 {
			have, bits, b = have<<8|uint(random[b]), bits+8, b+1
		}
		if n > 0 && n%recoveryGroup == 0 {
			out.WriteByte('-')
		}
		bits -= 5
		out.WriteByte(crockford[have>>bits&31])
	}
	return Hide(out.String())
}

// RecoveryHash is what is kept of a code; false where the text cannot be one. Case,
// blanks and dashes make no difference, nor letters that are taken for digits.
func RecoveryHash(said Secret) (hash [sha256.Size]byte, right bool) {
	plain := strings.Map(func(r rune) rune {
		switch r {
		case '-', ' ':
			return -1
		case 'o':
			return '0'
		case 'i', 'l':
			return '1'
		}
		return r
	}, strings.ToLower(said.Reveal()))
	if len(plain) != recoveryLength || strings.Trim(plain, crockford) != "" {
		return hash, false
	}
	return sha256.Sum256([]byte("recovery code " + plain)), true
}
