package seal

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"

	"sluice/device"
)

// The bounds of a file of credentials.
const (
	fileMax = 4 << 20 // bytes, in the clear
	lineMax = 100_000
)

// Parse reads lines "family,user,password" and "@address,user,password", where
// the family * stands for all others and an address may be a network such as
// 10.20.0.0/16. All faults are named at once, by line; what stands there is
// never told.
func Parse(name string, text []byte, families []device.Family) (Book, error) {
	if len(text) > fileMax {
		return Book{}, fmt.Errorf("%s: more than %d bytes: split it", name, fileMax)
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
	r.FieldsPerRecord, r.Comment, r.TrimLeadingSpace = -1, '#', true
	out := Book{}.copied()
	var faults []error
	for last := 0; ; {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			if len(faults) > 0 {
				return Book{}, errors.Join(faults...)
			}
			return out.book(), nil
		}
		last++
		line, wrong := last, err != nil
		if !wrong {
			line, _ = r.FieldPos(0)
		} else if p, ok := errors.AsType[*csv.ParseError](err); ok {
			line = p.StartLine
		}
		last = max(last, line)
		switch {
		case line > lineMax:
			return Book{}, errors.Join(append(faults, fmt.Errorf("%s:%d: more than %d lines: split it", name, line, lineMax))...)
		case wrong || len(row) != 3:
			err = errors.New("write family,user,password or @address,user,password; a comma or a quote inside a field needs quotes around it")
		default:
			err = out.add(row, families)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s:%d: %w", name, line, err))
		}
	}
}

// add takes one line. Two lines for the same are an error: nobody could say
// which of them is meant.
func (e *entries) add(row []string, families []device.Family) error {
	c := device.Credential{User: row[1], Secret: device.Secret(row[2])}
	if text, ok := strings.CutPrefix(row[0], "@"); ok {
		p, err := placeOf(text)
		if err != nil {
			return err
		}
		if _, twice := e.places[p]; twice {
			return errors.New("a second line for the same address or network: remove one")
		}
		e.places[p] = c
		return nil
	}
	f := device.Family(row[0])
	if f != anybody && !slices.Contains(families, f) {
		return fmt.Errorf("no such family: use one of %v, * for all others, or @ and an address", families)
	}
	if _, twice := e.families[f]; twice {
		return errors.New("a second line for the same family: remove one")
	}
	e.families[f] = c
	return nil
}

// placeOf reads an address or a network.
func placeOf(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	if err != nil || p.Addr().Is4In6() {
		return p, errors.New("no address: write @ and one such as 10.20.1.17, or a network such as 10.20.0.0/16")
	}
	if p != p.Masked() {
		return p, errors.New("a network is written with its first address, such as 10.20.0.0/16")
	}
	return p, nil
}
