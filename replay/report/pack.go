package report

import (
	"encoding/base64"
	"encoding/binary"
)

// pack writes a trace as text for the page: per value the difference to the
// last known one, folded so that small steps of either sign are small numbers,
// plus one, as a variable-length integer; a gap is zero. A year of quarter
// hours takes about 60 kB where decimal text takes 200.
func pack(t Trace) string {
	out := make([]byte, 0, 2*len(t))
	var last int64
	for _, v := range t {
		if v == Gap {
			out = append(out, 0)
			continue
		}
		step := int64(v) - last
		out = binary.AppendUvarint(out, fold(step)+1)
		last = int64(v)
	}
	return base64.StdEncoding.EncodeToString(out)
}

// fold turns 0, -1, 1, -2 ... into 0, 1, 2, 3 ...
func fold(v int64) uint64 {
	if v < 0 {
		return uint64(-v)*2 - 1
	}
	return uint64(v) * 2
}
