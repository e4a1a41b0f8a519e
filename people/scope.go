package people

import (
	"errors"
	"fmt"
	"time"
)

// The lengths of what lets somebody in.
const (
	IdleActuating = 30 * time.Minute // a session of who can change something ends after doing nothing for so long
	SessionMost   = 12 * time.Hour   // and every session ends after so long
	LinkFor       = 15 * time.Minute // the link for the first administrator
	InviteFor     = 72 * time.Hour   // the link with which a person sets their own password
	TokenUsual    = 90 * 24 * time.Hour
	TokenMost     = 366 * 24 * time.Hour
	mostGrants    = 100 // of one token
)

// Idle is after how long of doing nothing a session of who has these grants ends.
func Idle(grants []Grant) time.Duration {
	if Actuating(grants) {
		return IdleActuating
	}
	return SessionMost
}

// CheckScope says what is wrong with a token that somebody wants, from now until an
// instant. It never holds more than its maker, and it always ends.
func CheckScope(maker Actor, scope []Grant, now, until time.Time) error {
	for _, g := range scope {
		if err := maker.May(Tokens, g.Place(), now); err != nil {
			return err
		}
	}
	var all []error
	if len(scope) == 0 || len(scope) > mostGrants {
		all = append(all, fmt.Errorf("a token has 1 to %d grants", mostGrants))
	}
	for _, g := range scope {
		if err := g.Validate(); err != nil {
			all = append(all, err)
		} else if !Covers(maker.Grants, []Grant{g}) {
			all = append(all, fmt.Errorf("%v is more than you have: a token holds no more than its maker", g))
		}
	}
	if !until.After(now) || until.Sub(now) > TokenMost {
		all = append(all, fmt.Errorf("a token ends within %d days", TokenMost/(24*time.Hour)))
	}
	return errors.Join(all...)
}
