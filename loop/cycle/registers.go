package cycle

import (
	"time"

	"sluice/unit"
	"sluice/use/hosting"
)

// Registers is the registers of all meters of a site at one instant. Registers
// only rise; the difference of two readings is what happened between them.
type Registers struct {
	At     time.Time
	Source string
	Import unit.Energy // drawn from the grid
	Export unit.Energy // fed into the grid, as a positive number
	Own    []OwnRegister
	Peak   unit.Power // highest import since the reading before
	Uses   []UseRegister
}

// OwnRegister is the register of one plant behind the meter.
type OwnRegister struct {
	Source    string
	Generated unit.Energy
}

// UseRegister is the registers of one use.
type UseRegister struct {
	Use     string
	IT      unit.Energy
	Meter   unit.Energy    // IT energy and its cooling, as the site meter sees it
	Work    unit.Work      // hashes done
	Started unit.Power     // IT watts of step 0 started so far, cumulative
	Service hosting.Counts `json:",omitzero"` // of uses that serve tenants
}
