package site

import "strconv"

// Degrees is an angle in millionths of a degree. Of latitude that is eleven centimetres
// on the ground.
type Degrees int64

// Degree is one degree.
const Degree Degrees = 1_000_000

// How far a position goes: to the poles, and to the meridian opposite of Greenwich.
const (
	farthestNorth = 90 * Degree
	farthestEast  = 180 * Degree
)

// Position is where a site stands on the earth, by WGS 84. It is for maps: no plan and
// no bill reads it.
type Position struct {
	Latitude  Degrees `json:"latitude_microdegrees"`  // north positive
	Longitude Degrees `json:"longitude_microdegrees"` // east positive
}

// Float is the angle in degrees, for maps.
func (d Degrees) Float() float64 { return float64(d) / float64(Degree) }

// String writes the angle in degrees.
func (d Degrees) String() string { return strconv.FormatFloat(d.Float(), 'f', -1, 64) + "°" }

func (s Site) checkPosition(f *faults) {
	if s.Position == nil {
		return
	}
	if d := s.Position.Latitude; d < -farthestNorth || d > farthestNorth {
		f.say("its latitude is %v: state degrees from -90 in the south to 90 in the north", d)
	}
	if d := s.Position.Longitude; d < -farthestEast || d > farthestEast {
		f.say("its longitude is %v: state degrees from -180 in the west to 180 in the east", d)
	}
}
