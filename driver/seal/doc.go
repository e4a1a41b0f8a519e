// Package seal keeps the credentials of machines: encrypted in a file, hidden in
// memory from whatever prints, and given out for one machine at a time.
//
// A file of credentials is sealed with age, for a passphrase or for a key file.
// A Book is what such a file says. It answers one question: which credential
// does this machine at this address get? It gets none when another machine
// answers there than the one that was admitted.
package seal
