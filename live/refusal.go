package live

import (
	"fmt"
	"strings"

	"sluice/loop/trust"
)

// refusalOf is a no of the modes, in words and with what to do.
func refusalOf(x trust.Refusal) error {
	all := []string{string(x.Code)}
	if means := refusalMeans(x.Code); means != "" {
		all[0] += ": " + means
	}
	for _, m := range x.Missing {
		all = append(all, m.String())
	}
	return fmt.Errorf("%w: %s", ErrNo, strings.Join(all, "; "))
}

// refusalMeans says what a person can do about a no of the modes.
func refusalMeans(c trust.Code) string {
	return map[trust.Code]string{
		trust.NoName:       "say who you are with --by",
		trust.NoReason:     "say why with --reason",
		trust.NotNext:      "a site goes up one stage at a time",
		trust.NotLower:     "that is not below the stage in which the site is",
		trust.NotReady:     "the stage has not shown enough yet",
		trust.NotAdvisory:  "only a site in advisory follows recommendations",
		trust.SamePerson:   "whoever asked cannot approve: somebody else does",
		trust.IsExpired:    "its time is over: ask anew",
		trust.IsClosed:     "it was answered already",
		trust.NotThere:     "there is none with this number: sluice control status shows those that are open",
		trust.Overtaken:    "the stage has changed since: ask anew",
		trust.HasChanged:   "it would move more than was shown: ask anew, and look at the effect",
		trust.TooMany:      "too many are open: answer those first",
		trust.OldPlan:      "a recommendation of a later plan is followed already",
		trust.OverCap:      "it would move more power than the site may",
		trust.NothingToAct: "it names no machine that may be moved",
	}[c]
}
