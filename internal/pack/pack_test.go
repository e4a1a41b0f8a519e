package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluice/internal/beside"
)

func TestTheSameInputGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	from, to := beside.Path(t, "data"), t.TempDir()
	var stderr bytes.Buffer
	if code := run([]string{from, to}, &stderr); code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	made, err := os.ReadDir(to)
	if err != nil || len(made) != 9 {
		t.Fatalf("made %d files: %v", len(made), err)
	}
	for _, m := range made {
		fresh, err := os.ReadFile(filepath.Join(to, m.Name()))
		if err != nil {
			t.Fatal(err)
		}
		kept, err := os.ReadFile(filepath.Join("../../data", m.Name()))
		if err != nil || !bytes.Equal(fresh, kept) {
			t.Errorf("%s differs from the file in data (%v): run go run ./internal/pack ../shared/data data", m.Name(), err)
		}
	}
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		args []string
		code int
		says string
	}{
		"no arguments":           {nil, 2, "usage"},
		"no collection":          {[]string{t.TempDir(), t.TempDir()}, 1, "no such file"},
		"one argument too many":  {[]string{"a", "b", "c"}, 2, "usage"},
		"a folder that is not":   {[]string{"nowhere", "nowhere"}, 1, "pack:"},
		"only the first of them": {[]string{"a"}, 2, "usage"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stderr bytes.Buffer
			if code := run(c.args, &stderr); code != c.code || !strings.Contains(stderr.String(), c.says) {
				t.Errorf("exit code %d: %s", code, stderr.String())
			}
		})
	}
}

func TestDecimals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v           int64
		scale, show int
		want        string
	}{
		{1_234_567, 6, 2, "1.23"},
		{-5_000, 6, 2, "0.00"},
		{-15_000, 6, 2, "-0.02"},
		{25_000, 6, 2, "0.02"},
		{312_500_000, 8, 8, "3.12500000"},
		{-7, 2, 2, "-0.07"},
		{100, 2, 2, "1.00"},
	} {
		if got := decimals(c.v, c.scale, c.show); got != c.want {
			t.Errorf("decimals(%d, %d, %d) = %s, want %s", c.v, c.scale, c.show, got, c.want)
		}
	}
}

func TestBusiestEpoch(t *testing.T) {
	t.Parallel()
	if e, n := busiest(map[int]int{7: 70, 8: 70}); e != 7 || n != 140 {
		t.Errorf("on a tie: epoch %d of %d blocks", e, n)
	}
	if e, n := busiest(map[int]int{7: 70, 8: 71}); e != 8 || n != 141 {
		t.Errorf("epoch %d of %d blocks", e, n)
	}
}
