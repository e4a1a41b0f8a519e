package unit_test

import (
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluice/unit"
)

func TestParseMicro(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"-31.25": -31_250_000, "+5": 5_000_000, " 17 ": 17_000_000, ".5": 500_000, "5.": 5_000_000, "-0": 0, "0.000001": 1,
		"0.0000005": 0, "0.0000015": 2, "0.0000025": 2, "-0.0000015": -2, "0.00000250000000001": 3, "2.0000005": 2_000_000,
		"1e3": 1_000_000_000, "1E-05": 10, "2.5e-6": 2, "12.5e-7": 1, "00012": 12_000_000,
		"1234567890123.123456": 1_234_567_890_123_123_456, "9223372036854.775807": math.MaxInt64, "-9223372036854.775807": -math.MaxInt64, "9223372036854.7758074": math.MaxInt64,
		"0e40": 0, "1e-40": 0,
	} {
		if got, err := unit.ParseMicro(text); err != nil || got != want {
			t.Errorf("%q: got %d, %v; want %d", text, got, err, want)
		}
	}
}

func TestParseMicroRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", "-", "+", ".", "e3", "1e", "1e99", "1e+", "NaN", "nan", "Inf", "-inf", "infinity", "--5", "+-5", "-+5", "0x10", "0x1p4",
		"1_000", "1,5", "1 000", "1.2.3", "five", "9223372036854.775808", "-9223372036854.775808", "9223372036854.7758075", "1e13", "99999999999999999999", "٣",
	} {
		if got, err := unit.ParseMicro(text); err == nil {
			t.Errorf("%q was read as %d", text, got)
		} else if !strings.Contains(err.Error(), "read ") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestParseDecimalScales(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		text     string
		decimals int
		want     int64
	}{
		"difficulty to a whole number": {"148258433855481.3125", 0, 148_258_433_855_481},
		"a half to the even below":     {"2.5", 0, 2},
		"a half to the even above":     {"3.5", 0, 4},
		"bitcoin to satoshi":           {"7.02445463", 8, 702_445_463},
		"a price per kWh to micro/MWh": {"0.0451", 9, 45_100_000},
	}
	for name, c := range cases {
		if got, err := unit.ParseDecimal(c.text, c.decimals); err != nil || got != c.want {
			t.Errorf("%s: got %d, %v; want %d", name, got, err, c.want)
		}
	}
}

func TestFromFloat(t *testing.T) {
	t.Parallel()
	for f, want := range map[float64]int64{31.25: 31_250_000, -31.25: -31_250_000, 0.5e-6: 0, 1.5e-6: 2, 2.5e-6: 2, -1.5e-6: -2} {
		if got := unit.FromFloat(f); got != want {
			t.Errorf("%v: got %d, want %d", f, got, want)
		}
	}
}

func TestParseMicroReadsBackWhatWasWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Int64Range(-math.MaxInt64+1, math.MaxInt64-1).Draw(t, "v")
		m, sign := v, ""
		if v < 0 {
			m, sign = -v, "-"
		}
		text := fmt.Sprintf("%s%d.%06d", sign, m/1_000_000, m%1_000_000)
		if got, err := unit.ParseMicro(text); err != nil || got != v {
			t.Fatalf("%q: got %d, %v; want %d", text, got, err, v)
		}
	})
}

func FuzzParseMicro(f *testing.F) {
	for _, text := range []string{"-31.25", "0.0000005", "1e-05", "9223372036854.775807", "NaN", "0x1p4", "1_0", "", "-.5e1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := unit.ParseMicro(text)
		exact, ok := new(big.Rat).SetString(strings.TrimSpace(text))
		if err != nil {
			return
		}
		if !ok {
			t.Fatalf("%q is no number but was read as %d", text, got)
		}
		// The distance from the exact number is at most half a millionth, and
		// where it is exactly half the result is even.
		exact.Mul(exact, big.NewRat(1_000_000, 1))
		away := exact.Sub(exact, new(big.Rat).SetInt64(got))
		switch half := away.Abs(away).Cmp(big.NewRat(1, 2)); {
		case half > 0, half == 0 && got%2 != 0:
			t.Fatalf("%q was read as %d", text, got)
		}
	})
}
