// Package bitcoin watches addresses on the Bitcoin chain. It can look and
// nothing else: there is no way to give it a private key, and text that looks
// like one is refused in words that do not repeat it.
//
// A Source tells where the chain stands and what moved on the watched scripts.
// There are three: Node asks the user's own node, Light is a light client that
// asks the network itself, Rest asks a web service that speaks mempool's API.
// Update brings what is remembered (Seen) up to the source's latest block, and
// says in News what came and what a reorganisation took back.
//
// Amounts are satoshis. A receipt is positive, a spend says what left.
package bitcoin
