package people

import (
	"fmt"

	"sluice/store/file"
)

// keyMark stands before the key in its file.
const keyMark = "sluice-people-key-1:"

// key seals the secrets of the apps.
type key struct{ file.Key }

// findKey reads the key of a file. Where the database is new and the file is missing, it
// makes one.
func findKey(name string, fresh bool, random func([]byte)) (key, error) {
	k, err := file.KeyFile{
		Path: name, Of: "people", Mark: keyMark, Says: "The key of people.db. Keep a copy apart from copies of the database.",
		Lost: "take it from a copy", Exposed: "let people make new codes", Err: ErrKey,
	}.Find(fresh, random)
	return key{k}, err
}

// id tells keys apart and does not give them away.
func (k key) id() []byte { return k.ID("id of a key of people ") }

// seal encrypts the secret of a person's app. It opens for that person only.
func (k key) seal(person string, secret []byte) ([]byte, error) {
	return k.Seal("code of "+person, secret)
}

// open decrypts the secret of a person's app.
func (k key) open(person string, sealed []byte) ([]byte, error) {
	secret, err := k.Open("code of "+person, sealed)
	if err != nil {
		return nil, fmt.Errorf("the code of %s: %w", person, err)
	}
	return secret, nil
}
