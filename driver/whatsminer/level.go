package whatsminer

import (
	"errors"
	"fmt"
	"strings"

	"sluice/device"
	"sluice/unit"
)

// errLimit says that a percentage has nothing to be a percentage of.
var errLimit = errors.New("the machine states no limit in watts")

// percentOf is the highest whole percentage of a limit that keeps below p, and
// the power that it stands for, rounded down. More than the limit is the limit.
// Zero is never asked for: machines take it for "as much as the limit allows".
func percentOf(p, limit unit.Power) (int64, unit.Power, bool) {
	if p <= 0 || limit <= 0 || limit >= noLimit {
		return 0, 0, false
	}
	share := 100 * int64(min(p, limit)) / int64(limit)
	return share, unit.Power(int64(limit) * share / 100), share >= 1
}

// levels fills in how a machine with that limit is held below full power.
func (o Options) levels(c *device.Capabilities, limit device.Value[unit.Power]) {
	c.Level, c.LevelCost = device.Percent, device.Hot
	if o.Restarting {
		c.Level, c.LevelCost = device.Watts, device.Restarts
	}
	switch {
	case !limit.Known:
		c.Level, c.LevelCost = device.NoLevels, ""
	case o.Restarting:
		c.Least, c.Most, c.Step = 0, limit.Value, 1
	default:
		c.Least, c.Most, c.Step = percentStep(limit.Value), limit.Value, percentStep(limit.Value)
	}
}

// percentStep is one percent of a limit, rounded up so that it is never refused.
func percentStep(limit unit.Power) unit.Power { return (limit + 99) / 100 }

// mode is one of the named modes, in lower case.
func mode(name string) (string, bool) {
	switch m := strings.ToLower(strings.TrimSpace(name)); m {
	case "low", "normal", "high":
		return m, true
	}
	return "", false
}

// badMode and badPower say what can be asked instead.
func badMode(name string) string {
	return fmt.Sprintf("there is no mode %q: low, normal or high", bounded(name, 40))
}

func badPower(p, limit unit.Power) string {
	return fmt.Sprintf("%d W cannot be held: between 1 %% and all of %d W", p, limit)
}
