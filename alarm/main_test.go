package alarm

import "time"

// noon is when most tests begin.
var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
