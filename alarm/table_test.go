package alarm

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// tableRow is the row of docs/alarms.md for an alarm.
func tableRow(d Definition) string {
	return fmt.Sprintf("| `%s` | %s | %s | %s | %s | %s | %s |", d.Code, d.Priority, d.Title.English, d.Cause.English, d.Consequence.English, d.Action.English, within(d.Respond))
}

// TestThePageIsTheTable: docs/alarms.md holds every alarm as the code has it, every event,
// state and refusal, and no other row.
func TestThePageIsTheTable(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../docs/alarms.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	var rows []string
	for _, d := range Definitions() {
		rows = append(rows, tableRow(d))
	}
	t.Log("\n" + strings.Join(rows, "\n"))
	if !strings.Contains(page, "|\n"+strings.Join(rows, "\n")+"\n\n") {
		t.Error("docs/alarms.md does not hold the table as the code has it; it is printed above")
	}
	for _, c := range Codes() {
		row := fmt.Sprintf("| `%s` | %s |", c, c.Remedy())
		rows = append(rows, row)
		if !strings.Contains(page, row+"\n") {
			t.Errorf("docs/alarms.md lacks\n%s", row)
		}
	}
	for _, s := range States() {
		rows = append(rows, string(s))
		if !strings.Contains(page, "\n| `"+string(s)+"` |") {
			t.Errorf("docs/alarms.md has no row for the state %s", s)
		}
	}
	if n := strings.Count(page, "\n| `"); n != len(rows) {
		t.Errorf("docs/alarms.md has %d rows, want %d", n, len(rows))
	}
	if want := "`" + strings.Join(Events(), "`, `") + "`"; !strings.Contains(strings.ReplaceAll(page, "\n", " "), want) {
		t.Errorf("docs/alarms.md does not name the events: %s", want)
	}
}
