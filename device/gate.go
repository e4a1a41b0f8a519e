package device

import "errors"

// ErrAuth says that a machine does not take a credential.
var ErrAuth = errors.New("the credential is not taken")

// Access is whether a machine takes a credential.
type Access string

// The answers.
const (
	Granted Access = "granted"
	Denied  Access = "denied"
	Unasked Access = "unasked" // it obeys whoever reaches it
	Untold  Access = "untold"  // only an order would tell, and none was given
)

// Gate is what guards a machine, as far as a question that changes nothing can tell.
type Gate struct {
	Access Access
	Locked Value[bool] // its interface for orders is switched off
}
