package power

import (
	"sluice/series"
	"sluice/unit"
)

// Limit is what the connection allows over the intervals of a plan.
type Limit struct {
	Import  series.Profile[unit.Power] // contract limit or, when lower, an instruction of the grid
	Export  series.Profile[unit.Power]
	Rating  unit.Power // hard limit of the equipment; 0: the contract limit is hard
	Ordered bool       // an instruction of the grid is in force

	Branches []Branch // halls and feeders behind the connection
}

// Branch is a hall or feeder and the uses that hang on it. Its limit is physics.
type Branch struct {
	Name string
	Max  unit.Power // at the meter, cooling included
	Uses []string
}
