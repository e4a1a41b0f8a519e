package verify

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// packer packs the stated changes of a step: most are zero, the others whole watts.
type packer struct {
	out   bytes.Buffer
	flate *flate.Writer
	plain []byte
}

func newPacker() *packer {
	p := &packer{}
	p.flate, _ = flate.NewWriter(&p.out, flate.DefaultCompression) // the level is a good one
	return p
}

func (p *packer) pack(moved []float32) []byte {
	p.plain = p.plain[:0]
	for _, v := range moved {
		p.plain = binary.AppendVarint(p.plain, int64(v))
	}
	p.out.Reset()
	p.flate.Reset(&p.out)
	if _, err := p.flate.Write(p.plain); err != nil {
		panic("pack a step: " + err.Error()) // a buffer takes everything
	}
	if err := p.flate.Close(); err != nil {
		panic("pack a step: " + err.Error())
	}
	return slices.Clone(p.out.Bytes())
}

// unpack reads the changes of so many units, no more and no fewer.
func unpack(packed []byte, units int) ([]float32, error) {
	r := bytes.NewBuffer(nil)
	n, err := io.Copy(r, io.LimitReader(flate.NewReader(bytes.NewReader(packed)), int64(units)*binary.MaxVarintLen64+1))
	if err != nil || n > int64(units)*binary.MaxVarintLen64 {
		return nil, fmt.Errorf("changes of more than %d units, or damaged: %w", units, senseless(err))
	}
	out := make([]float32, units)
	for i := range out {
		v, err := binary.ReadVarint(r)
		if err != nil || v > movedMost || v < -movedMost {
			return nil, fmt.Errorf("unit %d of %d changed by %d W: %w", i, units, v, senseless(err))
		}
		out[i] = float32(v)
	}
	if r.Len() > 0 {
		return nil, fmt.Errorf("%d bytes beyond %d units", r.Len(), units)
	}
	return out, nil
}

// movedMost is beyond what the statement of one unit can change by, W.
const movedMost = 8 * int64(mostOfAll)

// errSense says that a number is beyond sense.
var errSense = errors.New("beyond sense")

func senseless(err error) error {
	if err == nil {
		return errSense
	}
	return err
}
