// Package wire is how every driver reaches a machine: through declared networks
// only, with a bound on every byte and every second. It speaks the framing that
// several dialects share and knows no dialect itself.
package wire
