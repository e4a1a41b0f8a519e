package slurm

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// hostsMost bounds how many names one expression may stand for.
const hostsMost = 1 << 16

var errHosts = errors.New("not a list of hosts")

// hosts writes an expression such as "n[1-2,05],gpu7" out, in order of name.
func hosts(expression string) ([]string, error) {
	if expression == "" || expression == "(null)" || expression == "None assigned" {
		return nil, nil
	}
	var out []string
	for _, item := range split(expression) {
		names, err := expand(item)
		if err != nil {
			return nil, fmt.Errorf("%w: %.80q", err, expression)
		}
		if out = append(out, names...); len(out) > hostsMost {
			return nil, fmt.Errorf("%w: %.80q stands for more than %d", errHosts, expression, hostsMost)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// split cuts at commas outside of brackets.
func split(s string) []string {
	var out []string
	depth, begin := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '[':
			depth++
		case ']':
			depth--
		case ',':
			if depth == 0 {
				out, begin = append(out, s[begin:i]), i+1
			}
		}
	}
	return append(out, s[begin:])
}

// expand writes one item out: the ranges of its first bracket, then the rest.
func expand(item string) ([]string, error) {
	head, tail, found := strings.Cut(item, "[")
	if !found {
		if !word(item) {
			return nil, errHosts
		}
		return []string{item}, nil
	}
	ranges, rest, closed := strings.Cut(tail, "]")
	if !closed {
		return nil, errHosts
	}
	ends := []string{""}
	if rest != "" {
		var err error
		if strings.HasPrefix(rest, "[") || strings.Contains(rest, "[") {
			return nil, errHosts // several dimensions: no hall of ours counts so
		}
		if ends, err = expand("x" + rest); err != nil {
			return nil, err
		}
		ends[0] = ends[0][1:]
	}
	var out []string
	for r := range strings.SplitSeq(ranges, ",") {
		numbers, err := count(r)
		if err != nil {
			return nil, err
		}
		for _, n := range numbers {
			name := head + n + ends[0]
			if !word(name) {
				return nil, errHosts
			}
			out = append(out, name)
		}
		if len(out) > hostsMost {
			return nil, errHosts
		}
	}
	return out, nil
}

// count writes a range such as "08-11" out, leading zeros kept.
func count(r string) ([]string, error) {
	low, high, ranged := strings.Cut(r, "-")
	if !ranged {
		high = low
	}
	from, err := strconv.ParseUint(low, 10, 31)
	to, err2 := strconv.ParseUint(high, 10, 31)
	if err != nil || err2 != nil || to < from || to-from >= hostsMost {
		return nil, errHosts
	}
	var out []string
	for n := from; n <= to; n++ {
		out = append(out, fmt.Sprintf("%0*d", len(low), n))
	}
	return out, nil
}
