package fleet

import (
	"strconv"
	"time"

	"sluice/device"
	"sluice/unit"
	"sluice/world/machine"
)

// model is an invented machine in the sizes of its family.
type model struct {
	name    string
	presets []device.Preset
	full    int // index of the preset in force when it was delivered
	standby unit.Power
	times   machine.Times
}

// steps makes presets of rising power; a label of "" is the watts.
func steps(labels []string, watts []unit.Power, hashes []unit.Hashrate) []device.Preset {
	var out []device.Preset
	for i, w := range watts {
		name := strconv.FormatInt(int64(w), 10)
		if labels != nil {
			name = labels[i]
		}
		out = append(out, device.Preset{Name: name, Power: w, Hash: hashes[i]})
	}
	return out
}

const second = time.Second

// quiet is the model of Avalon that is told to sleep and to wake by a schedule.
const quiet = "Q"

// models is what a fleet is made of: one model a family, and of Avalon one for
// each way of going to sleep. Times and standby follow the table of the
// reference; they are inputs of a simulation.
func models() map[device.Family][]model {
	return map[device.Family][]model{
		device.Antminer: {{
			"S21", steps([]string{"low", "normal", "high"}, []unit.Power{2600, 3500, 4400}, []unit.Hashrate{160_000, 200_000, 235_000}), 1, 40,
			machine.Times{Down: 10 * second, Dark: 60 * second, FirstHash: 120 * second, Up: 480 * second, Level: 60 * second},
		}},
		device.WhatsMiner: {{
			"M50S_VH13", steps([]string{"low", "normal", "high"}, []unit.Power{2600, 3300, 3900}, []unit.Hashrate{104_000, 126_000, 142_000}), 1, 35,
			machine.Times{Down: 5 * second, Dark: 40 * second, FirstHash: 60 * second, Up: 600 * second, Level: 20 * second},
		}},
		device.LuxOS: {{
			"Antminer S19k Pro", steps([]string{"190MHz", "290MHz", "390MHz", "590MHz", "690MHz"}, []unit.Power{784, 1188, 1657, 2794, 3461}, []unit.Hashrate{39_200, 59_800, 80_500, 121_800, 142_400}), 3, 25,
			machine.Times{Down: 3 * second, FirstHash: 20 * second, Up: 120 * second, UpFast: 8 * second, Level: 10 * second},
		}},
		device.Braiins: {{
			"Antminer S19 XP", steps(nil, []unit.Power{1500, 2000, 2500, 3031, 3400}, []unit.Hashrate{76_000, 99_000, 120_000, 141_000, 151_000}), 3, 40,
			machine.Times{Down: 5 * second, FirstHash: 10 * second, Up: 60 * second, Level: 20 * second},
		}},
		device.VNish: {{
			"Antminer S21 Pro", steps(nil, []unit.Power{1500, 2550, 2800, 3510, 4000}, []unit.Hashrate{101_000, 170_000, 188_000, 234_000, 262_000}), 3, 40,
			machine.Times{Down: 10 * second, Dark: 22 * second, FirstHash: 90 * second, Up: 160 * second, Level: 20 * second},
		}},
		device.Avalon: {{
			"1246", steps([]string{"0", "1", "2"}, []unit.Power{2200, 3300, 3900}, []unit.Hashrate{82_000, 110_000, 121_000}), 1, 11,
			machine.Times{Down: 9 * second, Dark: 20 * second, FirstHash: 120 * second, Up: 300 * second, Level: 60 * second},
		}, {
			quiet, steps([]string{"0", "1", "2"}, []unit.Power{800, 1300, 1674}, []unit.Hashrate{52_000, 75_000, 90_000}), 2, 17,
			machine.Times{Down: 9 * second, Dark: 20 * second, FirstHash: 120 * second, Up: 300 * second, Level: 60 * second},
		}},
		device.EPIC: {{
			"Antminer S19J Pro", steps(nil, []unit.Power{3000}, []unit.Hashrate{100_000}), 0, 40,
			machine.Times{Down: 5 * second, FirstHash: 60 * second, Up: 300 * second, Level: 60 * second},
		}},
	}
}

// Families lists the families of a fleet, in the order in which they are told.
func Families() []device.Family {
	return []device.Family{device.Antminer, device.WhatsMiner, device.LuxOS, device.Braiins, device.VNish, device.Avalon, device.EPIC}
}

// faster divides every time by speed.
func faster(t machine.Times, speed int) machine.Times {
	d := time.Duration(speed)
	return machine.Times{Down: t.Down / d, Dark: t.Dark / d, FirstHash: t.FirstHash / d, Up: t.Up / d, UpFast: t.UpFast / d, Level: t.Level / d, Reboot: 20 * second / d}
}
