package site

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/unit"
)

const mw = unit.Megawatt

func pecos() Site {
	return Site{
		Name: "pecos", Place: "Pecos, Texas", Zone: time.UTC, Currency: "USD", MustRun: 500 * unit.Kilowatt,
		Connection: Connection{Import: 50 * mw, Export: 20 * mw, Rating: 60 * mw, RampPerMinute: 5 * mw},
		Feeders:    []Feeder{{"f1", 30 * mw}, {"f2", 25 * mw}},
		Halls:      []Hall{{"a", "f1", 20 * mw}, {"b", "f1", 40 * mw}, {"c", "f2", 25 * mw}},
		Meters:     []Meter{{"m0", RevenueMeter, ""}, {"m1", FeederMeter, "f1"}, {"m2", HallMeter, "c"}, {"m3", GenerationMeter, "ridge"}},
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		spoil func(*Site)
		want  []string // every one of these, and nothing else where empty
	}{
		"a sound site":                          {func(*Site) {}, nil},
		"must-run load above the import limit":  {func(s *Site) { s.MustRun = 51 * mw }, []string{"must-run load 51.000 MW is larger than the connection of 50.000 MW: lower"}},
		"must-run load above the rating":        {func(s *Site) { s.MustRun, s.Connection.Rating = 45*mw, 40*mw }, []string{"must-run load 45.000 MW is larger than the connection of 40.000 MW", "below the contract"}},
		"a hall of an unknown feeder":           {func(s *Site) { s.Halls[1].Feeder = "f9" }, []string{`hall "b" hangs on feeder "f9"`}},
		"rating below the contract":             {func(s *Site) { s.Connection.Rating = 40 * mw }, []string{"40.000 MW, is below the contract of 50.000 MW import"}},
		"no connection":                         {func(s *Site) { s.Connection = Connection{} }, []string{"import limit is 0 W", "must-run load 500.0 kW is larger"}},
		"negative export, ramp":                 {func(s *Site) { s.Connection.Export, s.Connection.RampPerMinute = -1, -1 }, []string{"must not be negative"}},
		"a feeder and a hall without a limit":   {func(s *Site) { s.Feeders[0].Limit, s.Halls[0].Limit = 0, 0 }, []string{`feeder "f1" has a limit of 0 W`, `hall "a" has a limit of 0 W`}},
		"names missing and repeated":            {func(s *Site) { s.Name, s.Feeders[1].Name, s.Halls[2].Name = "", "f1", "" }, []string{"it has no name", `feeder "f1" is stated twice`, "hall 3 has no name"}},
		"no zone, no currency":                  {func(s *Site) { s.Zone, s.Currency = nil, "dollar" }, []string{"time zone", `currency "dollar"`}},
		"two revenue meters":                    {func(s *Site) { s.Meters[1].Kind = RevenueMeter }, []string{"2 revenue meters"}},
		"a position":                            {func(s *Site) { s.Position = &Position{Latitude: 31_400_000, Longitude: -103_500_000} }, nil},
		"a position at the ends of the earth":   {func(s *Site) { s.Position = &Position{Latitude: -90 * Degree, Longitude: 180 * Degree} }, nil},
		"a position beyond the pole":            {func(s *Site) { s.Position = &Position{Latitude: 90*Degree + 1} }, []string{"latitude is 90.000001°: state degrees from -90"}},
		"a position beyond the date line":       {func(s *Site) { s.Position = &Position{Longitude: -180_500_000} }, []string{"longitude is -180.5°: state degrees from -180"}},
		"no meter at all":                       {func(s *Site) { s.Meters = nil }, []string{"0 revenue meters"}},
		"a meter of nothing, and of what kind?": {func(s *Site) { s.Meters[1].Of, s.Meters[2].Of, s.Meters[3].Kind = "f7", "z", "gas" }, []string{`feeder "f7"`, `hall "z"`, `kind "gas"`}},
		"a generation meter of no plant":        {func(s *Site) { s.Meters[3].Of = "" }, []string{`meter "m3" measures generation ""`}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := pecos()
			c.spoil(&s)
			err := s.Validate()
			if len(c.want) == 0 {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !errors.Is(err, ErrSite) {
				t.Fatalf("got %v, want faults", err)
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%v\ndoes not say %q", err, w)
				}
			}
		})
	}
}

func TestRoomOfAHall(t *testing.T) {
	t.Parallel()
	for hall, want := range map[string]unit.Power{"a": 20 * mw, "b": 30 * mw, "c": 25 * mw} {
		if got, known := pecos().Room(hall); !known || got != want {
			t.Errorf("hall %s has room for %v (%v), want %v", hall, got, known, want)
		}
	}
	if _, known := pecos().Room("z"); known {
		t.Error("an unknown hall has room")
	}
	if got := len(pecos().On("f1")); got != 2 {
		t.Errorf("%d halls on f1, want 2", got)
	}
}

// TestLimitsNeverPassTheRating holds for any connection, sound or not.
func TestLimitsNeverPassTheRating(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.Int64Range(0, 1_000_000_000)
		c := Connection{Import: unit.Power(p.Draw(t, "import")), Export: unit.Power(p.Draw(t, "export")), Rating: unit.Power(p.Draw(t, "rating"))}
		if c.Ceiling() > c.Rating || c.Outlet() > c.Rating || c.Ceiling() > c.Import || c.Outlet() > c.Export {
			t.Fatalf("%+v lets %v in and %v out", c, c.Ceiling(), c.Outlet())
		}
	})
}
