package bitcoin

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/btcsuite/btcd/address/v2/base58"
)

// secretShapes are what private keys look like, whether or not their checksums
// are right: a mistyped key is a secret too.
//
//nolint:gochecknoglobals // a table that nothing changes
var secretShapes = []*regexp.Regexp{
	regexp.MustCompile(`^(?i:[txyzuv]prv)`),                                                               // extended private keys
	regexp.MustCompile(`^(0[xX])?([0-9a-fA-F]{32}|[0-9a-fA-F]{64}|[0-9a-fA-F]{128})$`),                    // entropy, keys and seeds in hexadecimal
	regexp.MustCompile(`^[5KL9c][1-9A-HJ-NP-Za-km-z]{50,51}$`),                                            // wallet import format
	regexp.MustCompile(`^6P[1-9A-HJ-NP-Za-km-z]{56}$`),                                                    // encrypted keys, BIP 38
	regexp.MustCompile(`^S([1-9A-HJ-NP-Za-km-z]{21}|[1-9A-HJ-NP-Za-km-z]{25}|[1-9A-HJ-NP-Za-km-z]{29})$`), // mini keys
	regexp.MustCompile(`^(?i:ms1|nsec1)[0-9a-zA-Z]{40,}$`),                                                // shared seeds, BIP 93, and Nostr keys
	regexp.MustCompile(`^(?i:PRIVATE|SECRET)$`),                                                           // armour around a key
}

// wordsMost is how many plain words a target may have before it is taken for a seed.
const wordsMost = 5

// refuseSecret is ErrSecret for text that holds what looks like a secret. The
// error never repeats the text, nor does any other error about a target.
func refuseSecret(text string) error {
	words := 0
	for _, token := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if plainWord(token) {
			words++
		}
		if words > wordsMost || secretToken(token) {
			return fmt.Errorf("%w and was refused: enter an address, an extended public key or a public descriptor; treat this secret as seen by others and move its coins", ErrSecret)
		}
	}
	return nil
}

// plainWord is true for what could be a word of a seed phrase, in any script.
func plainWord(token string) bool {
	n := 0
	for _, r := range token {
		if !unicode.IsLetter(r) {
			return false
		}
		n++
	}
	return n <= 10
}

// secretToken is true for what looks like a key.
func secretToken(token string) bool {
	for _, shape := range secretShapes {
		if shape.MatchString(token) {
			return true
		}
	}
	body, version, err := base58.CheckDecode(token)
	return err == nil && (len(body) == 32 || len(body) == 33) && (version == 0x80 || version == 0xef)
}
