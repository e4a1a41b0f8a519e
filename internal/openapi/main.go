// Command openapi prints the description of the control room's interface, from which
// the client of its pages is made.
package main

import (
	"fmt"
	"os"

	"sluice/server/room"
)

func main() {
	text, err := room.Describe("development")
	if err != nil {
		fmt.Fprintln(os.Stderr, "openapi:", err)
		os.Exit(1)
	}
	if _, err := os.Stdout.Write(text); err != nil {
		os.Exit(1)
	}
}
