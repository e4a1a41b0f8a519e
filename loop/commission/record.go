package commission

import (
	"time"

	"sluice/device"
)

// Standings of what was learned.
const (
	ByMeter    = "measured by meter"
	ByWordOnly = "stated only"
)

// Record is what a trial taught about one machine. A value that is not known is
// nil, never zero. Powers are watts, hash rates GH/s, times milliseconds from the
// moment the order went out, ratios millionths.
type Record struct {
	At       time.Time     `json:"at"`
	Address  string        `json:"address"`
	Family   device.Family `json:"family"`
	Maker    string        `json:"maker,omitempty"`
	Model    string        `json:"model"`
	Firmware string        `json:"firmware"` // with its version
	MAC      string        `json:"mac,omitempty"`
	Serial   string        `json:"serial,omitempty"`
	Cooling  string        `json:"cooling,omitempty"` // air, hydro or immersion, when somebody said so
	Ambient  *int64        `json:"ambient_millic"`    // air at the inlet, when somebody said so

	Verdict     Verdict  `json:"verdict"`
	Why         string   `json:"why,omitempty"`
	NotRestored []string `json:"not_restored,omitempty"` // what could not be given back
	Notes       []string `json:"notes,omitempty"`
	Took        int64    `json:"took_ms"`
	Repeats     int      `json:"repeats"` // rounds begun anew because other load moved

	Standing   string `json:"standing"`
	Dedicated  bool   `json:"dedicated_meter"`
	Resolution int64  `json:"resolution_w"` // smallest difference that was believed
	Interval   int64  `json:"interval_ms"`  // widest gap between two samples; no time is known better

	Found    *int64      `json:"found_metered_w"` // at the level found
	Stated   *int64      `json:"found_stated_w"`
	Bias     *int64      `json:"bias_millionths"` // stated through metered
	Sleep    *int64      `json:"sleep_ms"`        // until below a tenth
	Residual *int64      `json:"residual_w"`
	Proof    string      `json:"residual_standing,omitempty"`
	Wakes    []WakeTimes `json:"wakes"`
	Points   []Point     `json:"points"` // rising in power
	Boot     *Boot       `json:"boot"`
}

// WakeTimes is one wake. Steady is when its power last left the band around what
// it settled at.
type WakeTimes struct {
	Fast      bool   `json:"fast"`
	Dark      int64  `json:"dark_ms"` // until it answered again; 0: it always did
	FirstHash *int64 `json:"first_hash_ms"`
	Ninety    *int64 `json:"ninety_percent_ms"`
	Steady    int64  `json:"steady_ms"`
	Overshoot int64  `json:"overshoot_w"` // highest above where it settled; 0: none above the resolution
}

// Point is one level.
type Point struct {
	Label   string `json:"label"`
	Asked   *int64 `json:"asked_w"` // the level's label in watts
	Metered *int64 `json:"metered_w"`
	Stated  *int64 `json:"stated_w"`
	Hash    *int64 `json:"hash_ghs"`
	Settle  *int64 `json:"settle_ms"` // the longest; nil of the level found, where nothing was asked
	Spread  int64  `json:"spread_w"`  // between the visits
}

// Boot is what a restart by order did. It is no power cut.
type Boot struct {
	Highest  int64 `json:"highest_w"`   // of one sample
	Interval int64 `json:"interval_ms"` // widest gap between samples over the boot
	Steady   int64 `json:"steady_w"`
	Kept     *bool `json:"kept_level"` // came back at the low level that it was told before; nil: it has none
}
