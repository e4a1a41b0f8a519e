package portfolio

import (
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"
)

func cpu() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(0, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
func TestRoot(t *testing.T) {
	seed, _ := strconv.Atoi(os.Getenv("SEED"))
	p := company(uint64(seed), 50)
	vary(&p, os.Getenv("VARY"))
	tb, _ := newTable(&p)
	solver(t)
	c0 := cpu()
	s := newSearch(tb, Options{Gap: 1e-3, Solver: solver(t)})
	t.Log("thin", cpu()-c0)
	c0 = cpu()
	share, err := s.relax(t.Context())
	t.Log("relax", cpu()-c0, err, len(s.b.cuts), s.ceil)
	c0 = cpu()
	frac := 0
	for _, v := range share {
		if v > 1e-6 && v < 1-1e-6 {
			frac++
		}
	}
	for _, f := range []float64{0.0005, 0.001, 0.003, 0.01, 0.03} {
		n := 0
		for _, l := range s.loss {
			if l <= f*s.ceil {
				n++
			}
		}
		t.Log(f, n)
	}
	t.Log("fractional", frac)
}
