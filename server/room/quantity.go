package room

import (
	"fmt"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"sluice/unit"
)

// Micro is money, or a price, in millionths of a currency unit, as a text: numbers of a
// browser are exact only to 2^53.
type Micro int64

// Joules is energy, as a text for the same reason.
type Joules int64

// MarshalText writes all digits.
func (m Micro) MarshalText() ([]byte, error) { return strconv.AppendInt(nil, int64(m), 10), nil }

// UnmarshalText takes whole millionths.
func (m *Micro) UnmarshalText(text []byte) error { return whole((*int64)(m), text, "millionths") }

// MarshalText writes all digits.
func (j Joules) MarshalText() ([]byte, error) { return strconv.AppendInt(nil, int64(j), 10), nil }

// UnmarshalText takes whole joules.
func (j *Joules) UnmarshalText(text []byte) error { return whole((*int64)(j), text, "joules") }

func whole(to *int64, text []byte, of string) error {
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return fmt.Errorf("%.30q is no whole number of %s", text, of)
	}
	*to = n
	return nil
}

// digits is how whole numbers in a text are described.
func digits(says string) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: "^-?[0-9]{1,19}$", Description: says}
}

// Schema describes the text.
func (Micro) Schema(huma.Registry) *huma.Schema {
	return digits("Whole millionths of a currency unit.")
}

// Schema describes the text.
func (Joules) Schema(huma.Registry) *huma.Schema { return digits("Whole joules.") }

// priced is a price that is known; nil: it is not.
func priced(p unit.Price, known bool) *Micro {
	if !known {
		return nil
	}
	return new(Micro(p))
}
