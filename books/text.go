package books

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sluice/unit"
)

// Text is an amount of an asset with all its decimals, such as -12.340000 of USD.
func (a Asset) Text(amount int64) string {
	sign, m := "", uint64(amount)
	if amount < 0 {
		sign, m = "-", -uint64(amount)
	}
	scale := uint64(1)
	for range a.Decimals() {
		scale *= 10
	}
	return fmt.Sprintf("%s%d.%0*d", sign, m/scale, a.Decimals(), m%scale)
}

// Parse reads an amount of an asset as people write it. More decimals than the
// asset has are an error: money is not rounded by reading it.
func (a Asset) Parse(text string) (int64, error) {
	_, fraction, _ := strings.Cut(text, ".")
	if len(strings.TrimRight(fraction, "0 ")) > a.Decimals() {
		return 0, fmt.Errorf("read %q: %s has %d decimals", text, a, a.Decimals())
	}
	return unit.ParseDecimal(text, a.Decimals())
}

// sorted are the keys of a map in order.
func sorted[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
