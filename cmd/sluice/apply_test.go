package main

import (
	"bytes"
	"encoding/base32"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/alarm"
	"sluice/people"
	"sluice/server/room"
	persons "sluice/store/people"
	records "sluice/store/room"
	"sluice/ui"
)

// roomAsked is a control room that answers, and how commands reach it.
type roomAsked struct {
	flags []string
}

// askable opens a control room with an administrator, and gives her a token.
func askable(t *testing.T) roomAsked {
	t.Helper()
	dir := t.TempDir()
	p, err := persons.Open(t.Context(), persons.Config{Directory: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	s, err := records.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	r, err := room.New(t.Context(), room.Config{
		People: p, Version: "test", Boot: "b", Clock: time.Now, Log: slog.New(slog.DiscardHandler),
		Objects: s, Secrets: s, Alarms: s, Outbox: s, Check: room.CheckSpec,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	srv := httptest.NewServer(r.Handler())
	t.Cleanup(srv.Close)
	file := filepath.Join(dir, "token")
	if err := os.WriteFile(file, []byte(tokenOfAdmin(t, p)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return roomAsked{[]string{"--server", srv.URL, "--token-file", file}}
}

// tokenOfAdmin makes the first administrator with an app, and a token of hers.
func tokenOfAdmin(t *testing.T, p *persons.Store) string {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	link, _, err := p.FirstLink(t.Context(), now)
	must(err)
	must(p.First(t.Context(), link, persons.Person{Name: "ann", Mail: "ann@example.org"}, people.Hide("correct horse battery"), now))
	_, v, err := p.LoginBy(t.Context(), persons.Claim{Provider: "test", Issuer: "https://issuer.test", Subject: "ann", Mail: "ann@example.org", Proven: true, Address: "192.0.2.1", Agent: "test"}, now)
	must(err)
	address, err := p.AskCode(t.Context(), v, now)
	must(err)
	u, err := url.Parse(address.Reveal())
	must(err)
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(u.Query().Get("secret"))
	must(err)
	_, err = p.ConfirmCode(t.Context(), v, people.Hide(people.CodeAt(secret, people.Step(now))), now)
	must(err)
	text, _, err := p.Issue(t.Context(), v, persons.Token{Label: "test", Scope: []people.Grant{{Role: people.Admin}}, Until: now.Add(time.Hour)}, now)
	must(err)
	return text.Reveal()
}

// run runs a command against the room. What is to be read stands in a file, for which -
// stands among the arguments.
func (a roomAsked) run(t *testing.T, in string, args ...string) (code int, out, complaints string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	all := append(slices.Clone(args), a.flags...)
	if i := slices.Index(all, "-"); i > 0 {
		all[i] = write(t, "in.yaml", in)
	}
	code = run(t.Context(), all, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

// siteOf is a small site with a limit.
func siteOf(limit string) string {
	return "apiVersion: sluice/v1\nkind: Site\nmetadata: {name: fjord}\nspec:\n  name: fjord\n  time_zone: Europe/Oslo\n  currency: EUR\n  connection: {import_limit_mw: " + limit + "}\n" +
		"  contracts:\n    spot: {settlement_point: NO4, published: day_ahead, gate_time: \"13:00\"}\n  groups:\n    - {name: row-1, model: Antminer S21, count: 100}\n"
}

const shiftContact = "apiVersion: sluice/v1\nkind: Contact\nmetadata: {name: shift, labels: {team: houston}}\nspec: {channel: mail, address: shift@example.org}\n"

// TestApplyDiffExport walks the three commands.
func TestApplyDiffExport(t *testing.T) {
	t.Parallel()
	a := askable(t)
	dir := t.TempDir()
	for name, text := range map[string]string{"site.yaml": siteOf("12"), "sub/contact.yml": shiftContact, "notes.txt": "no object", ".hidden.yaml": "nor this"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var exported string
	for _, step := range []struct {
		sentence, in string
		args         []string
		code         int
		says         []string
	}{
		{"a dry run", "", []string{"apply", "-f", dir, "--dry-run"}, 0, []string{"create Site/fjord", "spec.connection.import_limit_mw", "an apply takes one person"}},
		{"the difference before", "", []string{"diff", "-f", dir}, 1, []string{"create Contact/shift"}},
		{"an apply", "", []string{"apply", "-f", dir}, 0, []string{"applied: 2 changed"}},
		{"the same again", "", []string{"apply", "-f", dir}, 0, []string{"nothing to change"}},
		{"the difference after", "", []string{"diff", "-f", dir}, 0, []string{"no differences"}},
		{"a lower limit", siteOf("11"), []string{"apply", "-f", "-"}, 0, []string{"import_limit_mw  12", "11", "lower", "applied: 1 changed"}},
		{"a raised limit", siteOf("14"), []string{"diff", "-f", "-"}, 1, []string{"an apply takes two people", "raise"}},
		{"a raised limit without a reason", siteOf("14"), []string{"apply", "-f", "-"}, 2, []string{"say why"}},
		{"a raised limit with one", siteOf("14"), []string{"apply", "-f", "-", "--reason", "the utility agreed"}, 3, []string{"nothing was changed yet: somebody else has to approve request "}},
		{"the same as JSON", siteOf("14"), []string{"apply", "-f", "-", "--reason", "the utility agreed", "--json"}, 3, []string{`"request":{`, `"done":false`}},
		{"the difference as JSON", siteOf("14"), []string{"diff", "-f", "-", "--json"}, 1, []string{`"two":true`}},
		{"it stands as it stood", "", []string{"export", "--kind", "Site"}, 0, []string{"import_limit_mw: 11"}},
		{"half a file", "apiVersion: sluice/v1\nkind: [\n", []string{"diff", "-f", "-"}, 2, []string{"in.yaml:"}},
		{"a fault with its line", strings.Replace(siteOf("12"), "currency", "curency", 1), []string{"apply", "-f", "-"}, 2, []string{"in.yaml:7:3: spec.curency", "did you mean currency?"}},
		{"prune", siteOf("11"), []string{"apply", "-f", "-", "--prune", "--label", "team=houston"}, 0, []string{"delete Contact/shift"}},
		{"prune without a label", siteOf("11"), []string{"apply", "-f", "-", "--prune"}, 2, []string{"needs a label"}},
		{"a label without prune", siteOf("11"), []string{"apply", "-f", "-", "--label", "a=b"}, 2, []string{"--prune"}},
		{"no file", "", []string{"apply", "-f", filepath.Join(dir, "none.yaml")}, 2, []string{"none.yaml"}},
		{"a folder without files", "", []string{"diff", "-f", t.TempDir()}, 2, []string{"no file that ends in .yaml"}},
		{"a kind that is none", "", []string{"export", "--kind", "Castle"}, 2, []string{"Castle"}},
		{"everything", "", []string{"export"}, 0, []string{"kind: Site"}},
	} {
		code, out, complaints := a.run(t, step.in, step.args...)
		if code != step.code {
			t.Errorf("%s: exit code %d, want %d\n%s%s", step.sentence, code, step.code, out, complaints)
		}
		for _, says := range step.says {
			if !strings.Contains(out+complaints, says) {
				t.Errorf("%s does not say %q:\n%s%s", step.sentence, says, out, complaints)
			}
		}
		exported = out
	}
	if code, out, complaints := a.run(t, exported, "diff", "-f", "-"); code != 0 {
		t.Errorf("what was exported differs: %d %s%s", code, out, complaints)
	}
}

// TestApplyReachesNobody: what is wrong with the way there is told, and ends with 2 or 1.
func TestApplyReachesNobody(t *testing.T) {
	t.Parallel()
	a := askable(t)
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("slk_none_none"), 0o600); err != nil {
		t.Fatal(err)
	}
	for sentence, c := range map[string]struct {
		flags []string
		code  int
		says  string
	}{
		"no server":          {[]string{"--token-file", file, "--server", ""}, 2, "--server"},
		"no token":           {[]string{a.flags[0], a.flags[1], "--token-file", ""}, 2, "--token-file"},
		"another token":      {[]string{a.flags[0], a.flags[1], "--token-file", file}, 2, "make a new one"},
		"in the clear":       {[]string{"--server", "http://room.example", "--token-file", file}, 2, "in the clear"},
		"nobody listens":     {[]string{"--server", "http://127.0.0.1:1", "--token-file", file}, 1, "unreachable"},
		"no file with it":    {[]string{a.flags[0], a.flags[1], "--token-file", file + ".none"}, 2, "no such file"},
		"a folder of tokens": {[]string{a.flags[0], a.flags[1], "--token-file", t.TempDir()}, 2, "--token-file"},
	} {
		b := roomAsked{c.flags}
		if code, out, complaints := b.run(t, "", "export"); code != c.code || !strings.Contains(complaints, c.says) || out != "" {
			t.Errorf("%s: %d %s%s", sentence, code, out, complaints)
		}
		if code, _, complaints := b.run(t, shiftContact, "diff", "-f", "-"); code != 2 {
			t.Errorf("%s: diff ended with %d: %s", sentence, code, complaints)
		}
	}
}

// TestAlarmWords: messages go out in the words of the pages, and in English where one is
// missing.
func TestAlarmWords(t *testing.T) {
	t.Parallel()
	say, err := alarmWords(ui.Words)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range alarm.Texts() {
		for _, language := range []string{"en", "ar", "pt"} {
			if say(language)(text) == "" {
				t.Errorf("%s in %s is nothing", text.Key, language)
			}
		}
	}
	title := alarm.Text{Key: "alarm.connection_over.title", English: "More power is drawn than the connection allows"}
	if got := say("pt")(title); got == title.English {
		t.Errorf("Portuguese is %q", got)
	}
	if got := say("xx")(title); got != title.English {
		t.Errorf("another language is %q", got)
	}
}

// TestMailServer: what is half said is refused.
func TestMailServer(t *testing.T) {
	t.Parallel()
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("hunter-7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for sentence, c := range map[string]struct {
		flags smtpFlags
		good  bool
	}{
		"none":               {smtpFlags{security: "starttls"}, true},
		"a server":           {smtpFlags{server: "mail.example.org:587", security: "starttls", user: "a", password: password, from: "sluice@example.org"}, true},
		"without a port":     {smtpFlags{server: "mail.example.org", security: "starttls", from: "sluice@example.org"}, false},
		"without an address": {smtpFlags{server: "mail.example.org:587", security: "starttls"}, false},
		"in the clear":       {smtpFlags{server: "mail.example.org:25", security: "none", from: "sluice@example.org"}, false},
		"no server":          {smtpFlags{user: "a"}, false},
		"no password":        {smtpFlags{server: "mail.example.org:587", security: "tls", password: password + ".none", from: "sluice@example.org"}, false},
	} {
		m, err := c.flags.mail()
		if (err == nil) != c.good {
			t.Errorf("%s: %v", sentence, err)
		}
		if text, _ := json.Marshal(m); strings.Contains(string(text), "hunter") {
			t.Errorf("%s: %s", sentence, text)
		}
		if c.good && c.flags.password != "" && m.Password.Reveal() != "hunter-7" {
			t.Errorf("%s: another password", sentence)
		}
	}
}

// TestPipedIn: what is piped in is one file, under a name for messages.
func TestPipedIn(t *testing.T) {
	t.Parallel()
	all, err := objectFiles(strings.NewReader(shiftContact), "-")
	if err != nil || len(all) != 1 || all[0].Name != "standard input" || all[0].YAML != shiftContact {
		t.Errorf("%v %v", all, err)
	}
}
