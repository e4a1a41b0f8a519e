package yamlfile

import (
	"slices"
	"strings"
)

// Parts takes joined errors apart, however deep they are joined.
func Parts(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var out []error
		for _, e := range joined.Unwrap() {
			out = append(out, Parts(e)...)
		}
		return out
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

// nameMost bounds a name to which a near one is looked for, bytes.
const nameMost = 80

// Nearest is the name that takes the fewest letters to reach; empty when none is near.
func Nearest(name string, names []string) string {
	best, least := "", max(2, len(name)/2)+1
	if len(name) > nameMost {
		return ""
	}
	for _, n := range slices.Sorted(slices.Values(names)) {
		if d := letters(strings.ToLower(name), strings.ToLower(n)); d < least {
			best, least = n, d
		}
	}
	return best
}

// letters is how many letters to add, drop, change or swap with their neighbour to turn
// a into b.
func letters(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			changed := last[j]
			if a[i] != b[j] {
				changed++
			}
			row[j+1] = min(changed, row[j]+1, last[j+1]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
