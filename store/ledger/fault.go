package ledger

import (
	"errors"

	"sluice/store/file"
)

// The failures of a ledger. Those of a transaction by itself are in package books.
var (
	ErrConflict = errors.New("it is in the books already, and says something else")
	ErrUnknown  = errors.New("it is not in the books")
	ErrSettled  = errors.New("the pending transaction was settled already")
	ErrReversed = errors.New("the transaction was reversed already")
	ErrReversal = errors.New("it does not take back exactly what it names")
	ErrLocked   = errors.New("the period is locked")
	ErrLot      = errors.New("the lot does not hold that")
	ErrInvalid  = errors.New("the books cannot do that")
	ErrNewer    = errors.New("a newer program wrote the books")
	ErrForeign  = file.ErrForeign
	ErrHeld     = errors.New("another program writes these books")
	ErrUnsealed = errors.New("a transaction in the books was never sealed")
	ErrBroken   = errors.New("the ledger stopped after a failed write")
	ErrClosed   = errors.New("the ledger is closed")
)
