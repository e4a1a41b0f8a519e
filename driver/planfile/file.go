package planfile

import (
	"embed"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"sluice/capital"
	"sluice/driver/yamlfile"
)

// ErrFile is what every complaint about a plan file is.
var ErrFile = errors.New("the plan cannot be used")

// File is a plan as somebody wrote it.
type File struct {
	Name string
	Plan capital.Plan
	// Histories are files of power prices by the name that sites use; a file is a path
	// beside the plan file, or the word of a shipped one such as houston.
	Histories map[string]string

	lines map[string]int // where each path stands, such as $.projects[0].contract
}

// written is what may stand in a file, in its order.
type written struct {
	Plan      capital.Plan
	Histories map[string]string `yaml:"histories"`
}

// sizeMax bounds a plan file, bytes.
const sizeMax = 1 << 20

//go:embed example/*.yaml
var examples embed.FS

func shelf() yamlfile.Shelf {
	return yamlfile.Shelf{Kind: "plan", Examples: examples, Most: sizeMax}
}

// Example is the plan file of that name inside the program.
func Example(name string) ([]byte, error) { return shelf().Example(name) }

// Load reads the file at a path, or the example of that name.
func Load(name string) (*File, error) {
	text, err := shelf().Text(name)
	if err != nil {
		return nil, err
	}
	return Read(name, text)
}

// Read reads a plan from the text of a file; name is for messages and for the paths of
// histories. The error names everything that is wrong, each with its line, and is
// ErrFile, or capital.ErrPlan where the text is fine and the plan is not.
func Read(name string, text []byte) (*File, error) {
	f := &File{Name: name, lines: map[string]int{}}
	d := decoder{file: f}
	if in := d.parse(text); in != nil {
		f.Plan, f.Histories = in.Plan, in.Histories
	}
	if len(d.faults) > 0 {
		return nil, errors.Join(d.faults...)
	}
	if err := errors.Join(f.Locate(f.Plan.Check()), f.histories(), f.standings()); err != nil {
		return nil, err
	}
	return f, nil
}

// Line is where a path such as $.projects[0].contract.ends stands, or else the
// closest one above it; 0: nowhere.
func (f *File) Line(path string) int {
	for {
		if line, ok := f.lines[path]; ok {
			return line
		}
		i := strings.LastIndexAny(path, ".[")
		if i < 0 {
			return 0
		}
		path = path[:i]
	}
}

// Fault is an error about what stands at a path, with file and line.
func (f *File) Fault(path string, err error) error {
	where := f.Name + ": "
	if line := f.Line(path); line > 0 {
		where += fmt.Sprintf("line %d: ", line)
	}
	if short := strings.TrimPrefix(strings.TrimPrefix(path, "$"), "."); short != "" {
		where += short + ": "
	}
	return fmt.Errorf("%s%w", where, err)
}

// Locate puts file and line before every fault of a plan.
func (f *File) Locate(err error) error {
	parts := yamlfile.Parts(err)
	for i, e := range parts {
		if fault, ok := errors.AsType[capital.Fault](e); ok {
			parts[i] = f.Fault(fault.At, fault.Err)
			continue
		}
		parts[i] = fmt.Errorf("%s: %w", f.Name, e)
	}
	return errors.Join(parts...)
}

// histories checks that sites and histories name each other.
func (f *File) histories() error {
	var faults []error
	used := map[string]bool{}
	for i, s := range f.Plan.Sites {
		name := s.Power.History
		if name == "" {
			continue
		}
		used[name] = true
		if f.Histories[name] == "" {
			faults = append(faults, f.Fault(fmt.Sprintf("$.sites[%d].power.history", i),
				fmt.Errorf("no history is named %q: add histories: {%s: a file of power prices, or %s}: %w", name, name, strings.Join(Shipped(), ", "), ErrFile)))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.Histories)) {
		path := "$.histories." + name
		if !used[name] {
			faults = append(faults, f.Fault(path, fmt.Errorf("no site uses it: write power: {history: %s} at one, or leave it out: %w", name, ErrFile)))
		}
		if word := f.Histories[name]; shippedWord(word) && shipped()[word] == "" {
			faults = append(faults, f.Fault(path, fmt.Errorf("%q is no shipped history: there is %s; a file of your own is written as ./%s.csv: %w", word, strings.Join(Shipped(), ", "), word, ErrFile)))
		}
	}
	return errors.Join(faults...)
}

// standings refuses a standing that nobody knows, and one without a source.
func (f *File) standings() error {
	known := []capital.Standing{capital.Measured, capital.Signed, capital.PublicFig, capital.Press, capital.Assumed}
	var faults []error
	for _, place := range slices.Sorted(maps.Keys(f.Plan.Sources)) {
		s, path := f.Plan.Sources[place], "$.sources."+place
		if !slices.Contains(known, s.Standing) {
			faults = append(faults, f.Fault(path+".standing", fmt.Errorf("%.40q: one of measured, contract, published, press, assumed: %w", s.Standing, ErrFile)))
		} else if s.From == "" && s.Standing != capital.Assumed {
			faults = append(faults, f.Fault(path+".from", fmt.Errorf("a figure that is %s comes from somewhere: say where, or write standing: assumed: %w", s.Standing, ErrFile)))
		}
	}
	return errors.Join(faults...)
}

// shipped are the histories inside the program, as package data names them.
func shipped() map[string]string {
	return map[string]string{"houston": "houston_rt15_2021-2025.csv.gz", "se1": "se1_synthetic_2025.csv.gz", "washington": "washington_synthetic_2025.csv.gz"}
}

// Shipped are the words for the histories inside the program.
func Shipped() []string { return slices.Sorted(maps.Keys(shipped())) }

func shippedWord(file string) bool { return !strings.ContainsAny(file, `./\`) }

// Prices is where the prices of a history stand: the name of a shipped file of
// package data, or a path.
func (f *File) Prices(history string) (name string, inside bool) {
	file := f.Histories[history]
	if shippedWord(file) {
		return shipped()[file], true
	}
	if filepath.IsAbs(file) {
		return file, false
	}
	return filepath.Join(filepath.Dir(f.Name), file), false
}
