package drivertest

import (
	"testing"

	"sluice/driver/wire"
)

// Tree parses an answer that must be JSON.
func Tree(t *testing.T, answer []byte) wire.Tree {
	t.Helper()
	x, err := wire.Parse(answer)
	if err != nil {
		t.Fatalf("parse %.200q: %v", answer, err)
	}
	return x
}
