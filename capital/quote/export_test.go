package quote

// Wilson lets a test ask for the interval of a share.
func Wilson(k, n float64) (low, high float64) { return wilson(k, n) }
