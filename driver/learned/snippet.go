package learned

import (
	"fmt"
	"io"

	"github.com/goccy/go-yaml"

	"sluice/unit"
	"sluice/use/mining"
)

// The keys of a site file, as far as they are written here.
type (
	siteKeys struct {
		Models []modelKeys `yaml:"models"`
	}
	modelKeys struct {
		Name    string      `yaml:"name"`
		Maker   string      `yaml:"maker,omitempty"`
		Cooling string      `yaml:"cooling"`
		Curves  []curveKeys `yaml:"curves"`
	}
	curveKeys struct {
		Firmware string      `yaml:"firmware,omitempty"`
		Points   []pointKeys `yaml:"points"`
	}
	pointKeys struct {
		Label      string   `yaml:"label"`
		Power      int64    `yaml:"power_w"`
		Hash       terahash `yaml:"hashrate_ths"`
		Confidence string   `yaml:"confidence"`
		Source     string   `yaml:"source"`
	}
	terahash unit.Hashrate
)

// MarshalYAML writes GH/s as TH/s without going through a float.
func (h terahash) MarshalYAML() ([]byte, error) {
	return fmt.Appendf(nil, "%d.%03d", h/terahash(unit.Terahash), h%terahash(unit.Terahash)), nil
}

// Snippet writes models as the part of a site file that declares them. Models
// that do not validate are refused.
func Snippet(w io.Writer, models []mining.Model) error {
	var out siteKeys
	for _, m := range models {
		if err := m.Validate(); err != nil {
			return fmt.Errorf("write curves: %w", err)
		}
		k := modelKeys{Name: m.Name, Maker: m.Maker, Cooling: m.Cooling}
		for _, c := range m.Curves {
			curve := curveKeys{Firmware: c.Firmware}
			for _, p := range c.Points {
				curve.Points = append(curve.Points, pointKeys{p.Label, int64(p.Power), terahash(p.Hashrate), string(p.Confidence), p.Source})
			}
			k.Curves = append(k.Curves, curve)
		}
		out.Models = append(out.Models, k)
	}
	text, err := yaml.Marshal(out)
	if err != nil {
		return fmt.Errorf("write curves: %w", err)
	}
	_, err = w.Write(text)
	return err
}
