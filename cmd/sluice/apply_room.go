package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"sluice/alarm"
	messages "sluice/driver/notify"
	"sluice/people"
	"sluice/server/room"
)

// alarmWords says alarms in the languages of a folder of words; a text that is missing
// there is said in English.
func alarmWords(words fs.FS) (func(language string) alarm.Say, error) {
	all := map[string]map[string]string{}
	names, err := fs.Glob(words, "src/words/*/alarmtexts.json")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := fs.ReadFile(words, name)
		if err != nil {
			return nil, err
		}
		said := map[string]string{}
		if err := json.Unmarshal(text, &said); err != nil {
			return nil, fmt.Errorf("words of alarms %s: %w", name, err)
		}
		all[strings.Split(name, "/")[2]] = said
	}
	return func(language string) alarm.Say {
		return func(t alarm.Text) string {
			if said := all[language][t.Key]; said != "" {
				return said
			}
			return t.English
		}
	}, nil
}

// smtpFlags is the mail server of a control room.
type smtpFlags struct{ server, security, user, from, password string }

// bind declares them.
func (f *smtpFlags) bind(c *cobra.Command) {
	l := c.Flags()
	l.StringVar(&f.server, "smtp", "", "mail server by which contacts are told, as HOST:PORT")
	l.StringVar(&f.security, "smtp-security", string(messages.StartTLS), "starttls, tls, or none for a server on this computer")
	l.StringVar(&f.user, "smtp-user", "", "name for the mail server, where it asks for one")
	l.StringVar(&f.password, "smtp-password-file", "", "file with its password")
	l.StringVar(&f.from, "smtp-from", "", "address from which mail comes, such as sluice@example.org")
}

// mail is the server that the flags name; none is no error.
func (f *smtpFlags) mail() (room.MailServer, error) {
	if f.server == "" {
		if f.user != "" || f.from != "" || f.password != "" {
			return room.MailServer{}, errors.New("--smtp is missing: name the mail server as HOST:PORT, or leave the other --smtp flags out")
		}
		return room.MailServer{}, nil
	}
	m := room.MailServer{Server: f.server, Security: messages.Security(f.security), User: f.user, From: f.from}
	if f.password != "" {
		b, err := os.ReadFile(f.password)
		if err != nil {
			return m, fmt.Errorf("--smtp-password-file: %w", err)
		}
		m.Password = people.Hide(strings.TrimRight(string(b), "\r\n"))
	}
	_, err := messages.NewMail(messages.Letterbox{Server: m.Server, Security: m.Security, User: m.User, Password: m.Password, From: m.From, To: "shift@example.org"}, messages.Options{})
	if err != nil {
		return m, fmt.Errorf("--smtp: %w", err)
	}
	return m, nil
}
