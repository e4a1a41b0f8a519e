package device_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"sluice/device"
)

// TestSecretsPrintAsStars plants a canary and looks for it in whatever prints.
// Only %p of what is no pointer gets past Format; vet refuses that one.
func TestSecretsPrintAsStars(t *testing.T) {
	t.Parallel()
	const canary = "canary-7f3a"
	c := device.Credential{User: "root", Secret: canary}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%T", "%c", "%08.3f"} {
		fmt.Fprintf(&out, verb+verb+verb, c, &c, c.Secret)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+verb, struct{ k device.Kept }{device.Keep(c)}, &struct{ K device.Kept }{device.Keep(c)})
	}
	fmt.Fprintln(&out, c, []device.Credential{c}, map[string]device.Credential{"a": c}, errors.Join(fmt.Errorf("wrong: %v %d", c, c.Secret)))
	b, err := json.Marshal(map[string]any{"c": c, "s": c.Secret, "p": &c})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(b)
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("said", "c", c, "s", c.Secret, "p", &c)
	}
	func() {
		defer func() { fmt.Fprint(&out, recover()) }()
		panic(c)
	}()
	for _, form := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary)} {
		if strings.Contains(out.String(), form) {
			t.Errorf("the secret was printed: %s", out.String())
		}
	}
	if !strings.Contains(out.String(), "***") {
		t.Error("nothing was printed at all")
	}
}

// TestPlantedLeakIsFound: the search above finds a secret that is no Secret.
func TestPlantedLeakIsFound(t *testing.T) {
	t.Parallel()
	c := struct{ secret device.Secret }{"canary-7f3a"}
	if got := fmt.Sprintf("%+v", c); !strings.Contains(got, "canary-7f3a") {
		t.Errorf("an unexported field printed as %s: the rule about Kept may go", got)
	}
}
