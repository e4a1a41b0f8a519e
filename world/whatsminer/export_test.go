package whatsminer

import (
	"bytes"

	"sluice/world/machine"
)

// Answer is what both dialects say to the same bytes, the second one counting.
func (s *Server) Answer(m *machine.Machine, request []byte) []byte {
	if q, err := readV2(bytes.NewReader(request)); err == nil {
		if a := s.answerV2(m, q); a != nil {
			return a
		}
	}
	return s.answerV3(m, request)
}
