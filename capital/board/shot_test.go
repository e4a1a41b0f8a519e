package board_test

import (
	"os"
	"testing"

	"sluice/capital/board"
)

func TestShots(t *testing.T) {
	for _, l := range board.Languages() {
		r := sample(t)
		r.Language = l
		f, _ := os.Create("/tmp/board/page-" + string(l) + ".html")
		if err := board.WriteHTML(f, r); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
}
