package room

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluice/people"
)

// hidden is what no file may hold.
const hidden = "telegram://token-of-ours@telegram?chats=7"

// note is a secret that ann stored.
func note(name string, second int64) SecretNote { return SecretNote{name, at(second), "ann"} }

// TestSecrets: what was stored comes back, and no file holds it.
func TestSecrets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openAt(t, dir)
	if _, err := s.Secret(t.Context(), "ops"); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
	must(t, s.SetSecret(t.Context(), note("ops", 1), people.Hide("another one")), s.SetSecret(t.Context(), note("hook", 2), people.Hide(hidden)), s.SetSecret(t.Context(), note("ops", 3), people.Hide(hidden)))
	must(t, s.Close())
	s = openAt(t, dir)
	for _, name := range []string{"ops", "hook"} {
		if got, err := s.Secret(t.Context(), name); err != nil || got.Reveal() != hidden {
			t.Errorf("%s: %v", name, err)
		}
	}
	all, err := s.Secrets(t.Context())
	if err != nil || len(all) != 2 || all[0] != note("hook", 2) || all[1] != note("ops", 3) {
		t.Errorf("%v %v", all, err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	must(t, err)
	for _, name := range files {
		text, err := os.ReadFile(name)
		must(t, err)
		if bytes.Contains(text, []byte("token-of-ours")) {
			t.Errorf("%s holds the secret", name)
		}
	}
	about, err := os.Stat(filepath.Join(dir, keyName))
	if err != nil || about.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", about, err)
	}
	must(t, s.SetSecret(t.Context(), note("ops", 4), people.Secret{}))
	if err := s.SetSecret(t.Context(), note("ops", 5), people.Secret{}); !errors.Is(err, ErrUnknown) {
		t.Errorf("taken away twice: %v", err)
	}
}

// TestKeyOfSecrets: without the key nothing opens, and no other one is made.
func TestKeyOfSecrets(t *testing.T) {
	t.Parallel()
	for sentence, spoil := range map[string]func(name string) error{
		"the file is gone": os.Remove,
		"the file is another": func(name string) error {
			return os.WriteFile(name, []byte(keyMark+strings.Repeat("A", 43)+"=\n"), 0o600)
		},
		"the file is empty": func(name string) error { return os.WriteFile(name, nil, 0o600) },
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := openAt(t, dir)
			must(t, s.SetSecret(t.Context(), note("ops", 1), people.Hide(hidden)), spoil(filepath.Join(dir, keyName)))
			if _, err := s.Secret(t.Context(), "ops"); !errors.Is(err, ErrKey) || strings.Contains(err.Error(), hidden) {
				t.Error(err)
			}
		})
	}
	t.Run("others may read it", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		s := openAt(t, dir)
		must(t, s.SetSecret(t.Context(), note("ops", 1), people.Hide(hidden)), os.Chmod(filepath.Join(dir, keyName), 0o644))
		if err := s.SetSecret(t.Context(), note("ops", 2), people.Hide(hidden)); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Error(err)
		}
	})
}

// TestASecretOfAnotherName does not open: nobody can hand one contact that of another.
func TestASecretOfAnotherName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openAt(t, dir)
	must(t, s.SetSecret(t.Context(), note("a", 1), people.Hide(hidden)), s.SetSecret(t.Context(), note("b", 1), people.Hide("another one")), s.Close())
	must(t, edit(t.Context(), dir, "UPDATE secret SET sealed = (SELECT sealed FROM secret WHERE name = 'a') WHERE name = 'b'"))
	s = openAt(t, dir)
	if _, err := s.Secret(t.Context(), "b"); !errors.Is(err, ErrKey) {
		t.Error(err)
	}
}

// TestBadSecrets are refused, and what was wrong does not repeat them.
func TestBadSecrets(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	for sentence, c := range map[string]struct {
		note  SecretNote
		value string
	}{
		"without a name":   {note("", 1), hidden},
		"of nobody":        {SecretNote{"a", at(1), ""}, hidden},
		"without a time":   {SecretNote{Name: "a", By: "ann"}, hidden},
		"that is too long": {note("a", 1), hidden + strings.Repeat("x", MostSecret)},
	} {
		if err := s.SetSecret(t.Context(), c.note, people.Hide(c.value)); !errors.Is(err, ErrInvalid) || strings.Contains(err.Error(), "token-of-ours") {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}
