package portfolio

import (
	"fmt"
	"math"
	"math/rand/v2"

	"sluice/capital"
)

// Reduced is a few paths that stand for many.
type Reduced struct {
	Path   []int     // the paths kept, in rising order
	Weight []float64 // the share of paths each stands for; they sum to 1
	Of     []int     // for every path, by its place in Path, what stands for it
	// Kept is the share of the spread of the paths (sum of squared distances from their
	// mean) that lies between the groups; what is lost lies within them, and with it
	// some of the tail.
	Kept float64
}

// mostRounds bounds the clustering, which settles long before.
const mostRounds = 100

// Reduce picks k of many simulated paths by clustering, and gives each the share of
// paths around it as its weight. A path is a row of figures on one scale, such as its
// discounted cash flow by quarter, of one or of several options. The paths kept are
// paths that were drawn, not means, so that their extremes stay true.
//
// The first centres are drawn as by k-means++ (Arthur and Vassilvitskii 2007) from
// the stream of the seed; then each path joins the nearest centre, and the path
// nearest to the mean of a group (which has the least sum of squared distances in
// it) becomes its centre, until nothing changes. The same input gives the same output.
//
// Source: docs/formula/portfolio.md.
func Reduce(paths [][]float64, k int, seed uint64) (Reduced, error) {
	if err := checkPaths(paths, k); err != nil {
		return Reduced{}, err
	}
	centre := spread(paths, k, capital.Stream(seed, 0))
	of := make([]int, len(paths))
	for range mostRounds {
		moved := join(paths, centre, of)
		if !recentre(paths, centre, of) && !moved {
			break
		}
	}
	join(paths, centre, of)
	return reduced(paths, centre, of), nil
}

func checkPaths(paths [][]float64, k int) error {
	f := &faults{}
	if k < 1 || k > len(paths) {
		f.add("%d scenarios of %d paths: ask for at least 1 and at most as many as there are", k, len(paths))
	}
	for i, x := range paths {
		if len(x) == 0 || len(x) != len(paths[0]) {
			f.add("path %d has %d figures, the first %d: give every path the same, at least one", i, len(x), len(paths[0]))
		}
		numbers(f, fmt.Sprintf("path %d", i), "figure", x)
	}
	return f.err()
}

// apart is the squared distance of two paths.
func apart(a, b []float64) float64 {
	var sum float64
	for i, v := range a {
		sum += (v - b[i]) * (v - b[i])
	}
	return sum
}

// spread draws the first centres: each with a probability in proportion to its
// squared distance from those already drawn. Where all paths left equal a centre,
// the first of them that is none is taken.
func spread(paths [][]float64, k int, r *rand.Rand) []int {
	centre := []int{r.IntN(len(paths))}
	far := make([]float64, len(paths))
	used := map[int]bool{centre[0]: true}
	for i := range far {
		far[i] = math.Inf(1)
	}
	for len(centre) < k {
		var sum float64
		for i, x := range paths {
			far[i] = min(far[i], apart(x, paths[centre[len(centre)-1]]))
			sum += far[i]
		}
		next := drawn(far, r.Float64()*sum)
		for i := 0; next < 0 || used[next]; i++ {
			next = i
		}
		used[next] = true
		centre = append(centre, next)
	}
	return centre
}

// drawn is where a running sum passes a level, or -1.
func drawn(weight []float64, level float64) int {
	for i, w := range weight {
		if level -= w; level < 0 {
			return i
		}
	}
	return -1
}

// join lets every path join the nearest centre, the first of equals. A centre stays
// with itself, so that no group is empty.
func join(paths [][]float64, centre, of []int) (moved bool) {
	for i, x := range paths {
		best, least := 0, math.Inf(1)
		for c, p := range centre {
			if p == i {
				best = c
				break
			}
			if d := apart(x, paths[p]); d < least {
				best, least = c, d
			}
		}
		moved = moved || of[i] != best
		of[i] = best
	}
	return moved
}

// recentre makes the path nearest to the mean of each group its centre.
func recentre(paths [][]float64, centre, of []int) (moved bool) {
	mean, count := means(paths, len(centre), of)
	least := make([]float64, len(centre))
	best := make([]int, len(centre))
	for c := range centre {
		least[c], best[c] = math.Inf(1), centre[c]
	}
	for i, x := range paths {
		if c := of[i]; count[c] > 0 {
			if d := apart(x, mean[c]); d < least[c] {
				least[c], best[c] = d, i
			}
		}
	}
	for c := range centre {
		moved = moved || best[c] != centre[c]
		centre[c] = best[c]
	}
	return moved
}

// means are the mean path of each group and its size.
func means(paths [][]float64, k int, of []int) (mean [][]float64, count []int) {
	mean, count = make([][]float64, k), make([]int, k)
	for c := range mean {
		mean[c] = make([]float64, len(paths[0]))
	}
	for i, x := range paths {
		count[of[i]]++
		for n, v := range x {
			mean[of[i]][n] += v
		}
	}
	for c := range mean {
		for n := range mean[c] {
			mean[c][n] /= float64(max(1, count[c]))
		}
	}
	return mean, count
}

// reduced puts the groups in the order of their centres.
func reduced(paths [][]float64, centre, of []int) Reduced {
	place := make([]int, len(centre)) // of each group
	for c := range centre {
		for d := range centre {
			if centre[d] < centre[c] {
				place[c]++
			}
		}
	}
	out := Reduced{Path: make([]int, len(centre)), Weight: make([]float64, len(centre)), Of: make([]int, len(of))}
	for c, i := range centre {
		out.Path[place[c]] = i
	}
	for i, c := range of {
		out.Of[i] = place[c]
		out.Weight[place[c]] += 1 / float64(len(of))
	}
	out.Kept = kept(paths, len(centre), of)
	return out
}

// kept is the share of the spread that lies between groups; 1 where there is none.
func kept(paths [][]float64, k int, of []int) float64 {
	group, _ := means(paths, k, of)
	all, _ := means(paths, 1, make([]int, len(of)))
	var within, whole float64
	for i, x := range paths {
		within += apart(x, group[of[i]])
		whole += apart(x, all[0])
	}
	if whole == 0 {
		return 1
	}
	return 1 - within/whole
}
