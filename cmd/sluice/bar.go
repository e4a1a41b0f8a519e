package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// bar shows how far long work is: a moving bar on a terminal, a line every
// tenth elsewhere.
type bar struct {
	w        io.Writer
	terminal bool
	begin    time.Time

	mu    sync.Mutex // guards what is below
	shown int        // permille on a terminal, tenths elsewhere
	open  bool
}

func newBar(w io.Writer) *bar {
	b := &bar{w: w, begin: time.Now(), shown: -1}
	if f, ok := w.(*os.File); ok {
		if i, err := f.Stat(); err == nil {
			b.terminal = i.Mode()&os.ModeCharDevice != 0
		}
	}
	return b
}

// Step implements replay.Progress.
func (b *bar) Step(done, total int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	grain := 10
	if b.terminal {
		grain = 500
	}
	at := done * grain / max(1, total)
	if at <= b.shown {
		return
	}
	b.shown = at
	share := float64(done) / float64(max(1, total))
	if !b.terminal {
		fmt.Fprintf(b.w, "replayed %3.0f %%, %v\n", 100*share, time.Since(b.begin).Round(time.Second))
		return
	}
	const width = 40
	full := int(share * width)
	left := "?"
	if share > 0.02 {
		left = time.Duration(float64(time.Since(b.begin)) * (1 - share) / share).Round(time.Second).String()
	}
	fmt.Fprintf(b.w, "\r[%s%s] %3.0f %%  %s left   ", strings.Repeat("=", full), strings.Repeat(" ", width-full), 100*share, left)
	b.open = true
}

// end leaves the line of the bar.
func (b *bar) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open {
		fmt.Fprintln(b.w)
	}
}
