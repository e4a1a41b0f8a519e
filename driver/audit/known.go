package audit

import (
	"strings"

	"sluice/device"
)

// published lists the credentials that a family leaves the factory with, from
// public lists of client libraries. What asks for none has none.
func published(id device.Identity) []device.Credential {
	switch id.Family {
	case device.Antminer:
		return []device.Credential{{User: "root", Secret: "root"}}
	case device.WhatsMiner:
		if strings.HasPrefix(id.Firmware, "WhatsMiner API 3") {
			return []device.Credential{{User: "super", Secret: "super"}}
		}
		return []device.Credential{{User: "admin", Secret: "admin"}}
	case device.Braiins:
		return []device.Credential{{User: "root", Secret: ""}, {User: "root", Secret: "root"}}
	case device.VNish:
		return []device.Credential{{Secret: "admin"}}
	case device.EPIC:
		return []device.Credential{{Secret: "letmein"}}
	case device.LuxOS, device.Avalon:
	}
	return nil
}

// logsIn reports whether Open itself is an attempt to log in, with whatever
// credential it gets.
func logsIn(f device.Family) bool { return f == device.Braiins }

// obeysAll reports whether a family asks nobody for a credential by design.
func obeysAll(f device.Family) bool { return f == device.LuxOS || f == device.Avalon }

// Allow is a list of pools that machines may mine at.
type Allow []struct{ URL, Worker string }

// Holds reports whether a pool is on the list. In both parts a * stands for any
// characters, also for none; everything else is compared as it is written.
func (a Allow) Holds(p device.Pool) bool {
	for _, r := range a {
		if Matches(r.URL, p.URL) && Matches(r.Worker, p.Worker) {
			return true
		}
	}
	return false
}

// Matches reports whether text is what pattern says, where * stands for any characters.
func Matches(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	first, last := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return pattern == text
	}
	if len(text) < len(first)+len(last) || !strings.HasPrefix(text, first) || !strings.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, p := range parts[1 : len(parts)-1] {
		_, rest, ok := strings.Cut(text, p)
		if !ok {
			return false
		}
		text = rest
	}
	return true
}
