package service

import (
	"errors"
	"fmt"

	"sluice/unit"
)

// ErrLevel marks a promise that cannot be kept or priced.
var ErrLevel = errors.New("no valid service level")

// Validate reports everything that is wrong with a promise, each with what to do.
// A promise of full availability is no fault: it is only dear. It wraps ErrLevel.
func (l Level) Validate() error {
	var faults []error
	say := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("%w: "+format, append([]any{ErrLevel}, args...)...))
	}
	if l.Scope != Fleet && l.Scope != Instance && (l.Scope != "" || l.Promises()) {
		say("scope %q is not known: say %q if all units fail together, %q if each node fails by itself", l.Scope, Fleet, Instance)
	}
	if l.Cap < 0 || l.Cap > unit.One {
		say("a cap of %s lies outside 0 to 100 %%: leave it out to credit up to the whole fee", percent(l.Cap))
	}
	for i, t := range l.Tiers {
		if t.Below <= 0 || t.Below > unit.One {
			say("tier %d: an availability of %s cannot be missed or not be reached: state it above 0 and up to 100 %%", i+1, percent(t.Below))
		}
		if t.Credit <= 0 || t.Credit > unit.One {
			say("tier %d: a credit of %s: state a share of the fee above 0 and up to 100 %%", i+1, percent(t.Credit))
		}
		if i > 0 && t.Below >= l.Tiers[i-1].Below {
			say("tier %d: %s is not below the %s of the tier before: put the tiers in falling order of availability", i+1, percent(t.Below), percent(l.Tiers[i-1].Below))
		}
		if i > 0 && t.Credit <= l.Tiers[i-1].Credit {
			say("tier %d: a credit of %s is not above the %s of the tier before: a worse month is credited more, or the tier is left out", i+1, percent(t.Credit), percent(l.Tiers[i-1].Credit))
		}
	}
	return errors.Join(faults...)
}

func percent(r unit.Ratio) string { return fmt.Sprintf("%.4g %%", 100*r.Float()) }
