package sitefile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	_ "time/tzdata" // the tests need named zones on every machine
)

func TestTry(t *testing.T) {
	files, _ := filepath.Glob("/tmp/sf/*.yaml")
	for _, f := range files {
		text, _ := os.ReadFile(f)
		file, err := Read(strings.NewReader(string(text)), filepath.Base(f))
		t.Logf("--- %s\n%v", f, err)
		if err == nil {
			t.Log(file.Notes)
		}
	}
}
