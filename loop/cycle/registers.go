package cycle

import (
	"time"

	"sluice/unit"
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
	Meter   unit.Energy // IT energy and its cooling, as the site meter sees it
	Work    unit.Work   // hashes done
	Started unit.Power  // IT watts of step 0 started so far, cumulative
	Service Service     `json:",omitzero"` // of uses that serve tenants
}

// Service is what a use did for a tenant, as counts that only rise. They are
// GPU-seconds, of a colocation contract kilowatt-seconds.
type Service struct {
	Served    int64 // ran for the tenant
	Committed int64 // was to be kept for the tenant, used or not
	Lost      int64 // of Served: work that an eviction of ours undid
	Slowed    int64 // of Served: speed that power limits of ours took
	Down      int64 // of Committed: could not be used, whoever caused it
	Excused   int64 // of Down: as agreed, such as a call within the terms
	Late      int64 // work done after its deadline
	Evictions int64 // jobs that we stopped
}
