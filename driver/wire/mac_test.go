package wire

import "testing"

// TestMACWithoutColons checks the form in which some machines run the digits together.
func TestMACWithoutColons(t *testing.T) {
	t.Parallel()
	for stated, want := range map[string]string{
		"024A0000007C": "02:4a:00:00:00:7c",
		"024A0000007":  "",
		"024A0000007M": "",
		"000000000000": "",
	} {
		if got := MAC(stated); got != want {
			t.Errorf("%q: %q, want %q", stated, got, want)
		}
	}
}
