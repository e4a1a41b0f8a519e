package device

import "context"

// Driver speaks one dialect.
//
// Probe and Open may be called from many goroutines at once for different
// addresses. The context carries the timeout of the whole call. Nothing is
// written to the machine, and Probe uses no credential.
type Driver interface {
	// Probe says which machine answers at a, or ErrNotMine.
	Probe(ctx context.Context, a Address) (Identity, error)
	// Open prepares to read and command the machine of that identity.
	Open(ctx context.Context, a Address, id Identity, c Credential) (Device, error)
}

// Device is one machine behind a driver.
//
// It is called from one goroutine at a time. Read and Apply do one bounded
// exchange each (a dialect may need several requests for it) and never retry;
// both may be repeated. An Ack is no proof. Close releases sessions and tokens
// and may be called twice.
type Device interface {
	Capabilities() Capabilities
	Read(ctx context.Context, w What) (Reading, error)
	Apply(ctx context.Context, c Command) Ack
	Close(ctx context.Context) error
}
