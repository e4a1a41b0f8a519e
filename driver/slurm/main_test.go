package slurm_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// TestMain lets the clusters run beside each other: they wait more than they compute.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "6"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}
