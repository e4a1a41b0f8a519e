package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"sluice/driver/seal"
	"sluice/live"
	"sluice/server/room"
	"sluice/store/whole"
)

// The files of a site that a control room runs.
const (
	runName    = "run.json"
	siteYAML   = "site.yaml"
	sealedName = "credentials.sealed"
	pidName    = "serve.pid"
	logName    = "serve.log"
	endedName  = "ended" // somebody ended its program: it is not started by itself
	sealKey    = "seal.key"
)

// socketMost is how long the name of a socket may be.
const socketMost = 103

// runFile is how the program of a site is run.
type runFile struct {
	Name        string       `json:"name"`
	Made        time.Time    `json:"made"`
	By          string       `json:"by"`
	Virtual     bool         `json:"virtual"`
	Credentials bool         `json:"credentials"`
	Run         room.SiteRun `json:"run"`
}

// attaching is the control room that shows sites.
type attaching interface {
	Attach(name string, link room.Link) error
	Detach(name string)
}

// roomSites are the sites that a control room runs: their folders stand below
// DIR/sites, and their programs run on when the room ends.
type roomSites struct {
	dir   string // of the control room
	self  string // this binary
	env   []string
	ends  bool // programs end with the room, as in a demonstration
	note  func(string)
	watch struct {
		first, most time.Duration // between an end and a new beginning
		look        time.Duration // between two looks at a program that somebody else started
		settle      time.Duration // a program that ends sooner has not begun
	}

	mu   sync.Mutex // guards what follows
	show attaching
	life context.Context //nolint:containedctx // of the programs; the end of the room ends it
	all  map[string]*siteProgram
	over sync.WaitGroup
}

// newRoomSites is the sites of the control room of a directory. Nothing is started yet.
func newRoomSites(dir string, note func(string)) (*roomSites, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	s := &roomSites{dir: dir, self: self, env: os.Environ(), note: note, all: map[string]*siteProgram{}}
	s.watch.first, s.watch.most, s.watch.look, s.watch.settle = restartFirst, restartMost, 2*time.Second, 2*time.Second
	return s, nil
}

// tell says which programs run on when the room ends, and how to end them.
func (s *roomSites) tell(w io.Writer) {
	for _, p := range s.List() {
		fmt.Fprintf(w, "site %s is run by this control room and runs on without it: end it on the pages, or with kill -INT and the number in %s\n",
			p.Name, filepath.Join(p.Folder, pidName))
	}
}

// folder is that of a site.
func (s *roomSites) folder(name string) string { return filepath.Join(s.dir, "sites", name) }

// begin attaches every site that was written down, and starts those that do not run. The
// errors say which ones cannot be.
func (s *roomSites) begin(ctx context.Context, show attaching) error {
	s.mu.Lock()
	s.show, s.life = show, ctx
	s.mu.Unlock()
	found, err := filepath.Glob(filepath.Join(s.dir, "sites", "*", runName))
	if err != nil {
		return err
	}
	var faults []error
	for _, name := range found {
		if strings.HasPrefix(filepath.Base(filepath.Dir(name)), ".") {
			continue // half written when the program ended
		}
		faults = append(faults, s.take(filepath.Dir(name)))
	}
	return errors.Join(faults...)
}

// take takes a site over from its folder.
func (s *roomSites) take(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, runName)) //nolint:gosec // below the directory of the room
	var run runFile
	if err == nil {
		err = json.Unmarshal(text, &run)
	}
	if err == nil && run.Name != filepath.Base(dir) {
		err = fmt.Errorf("it is called %q there", run.Name)
	}
	if err != nil {
		return fmt.Errorf("site %s: %s: %w", dir, runName, err)
	}
	p := &siteProgram{of: s, run: run, dir: dir, turns: make(chan turnAsked)}
	if err := s.show.Attach(run.Name, live.Dial(filepath.Join(dir, "data"))); err != nil {
		return err
	}
	s.mu.Lock()
	s.all[run.Name] = p
	s.mu.Unlock()
	s.over.Go(func() { p.keep(s.life) })
	return nil
}

// wait waits until nothing is watched any more, and where programs end with the room
// until they have ended.
func (s *roomSites) wait() { s.over.Wait() }

// List implements room.Programs.
func (s *roomSites) List() []room.SiteProgram {
	s.mu.Lock()
	all := slices.Collect(maps.Values(s.all))
	s.mu.Unlock()
	out := make([]room.SiteProgram, 0, len(all))
	for _, p := range all {
		out = append(out, p.view())
	}
	slices.SortFunc(out, func(a, b room.SiteProgram) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Turn implements room.Programs.
func (s *roomSites) Turn(ctx context.Context, name string, t room.ProgramTurn) error {
	s.mu.Lock()
	p := s.all[name]
	s.mu.Unlock()
	if p == nil {
		return fmt.Errorf("%w: %s", room.ErrNoProgram, name)
	}
	asked := turnAsked{turn: t, done: make(chan error, 1)}
	select {
	case p.turns <- asked:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case err := <-asked.done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Begin implements room.Programs: all of the folder is written beside its place, and then
// put there at once.
func (s *roomSites) Begin(ctx context.Context, n room.NewSite) error {
	final := s.folder(n.Name)
	if socket := filepath.Join(final, "data", live.SocketName); len(socket) > socketMost {
		return fmt.Errorf("the name of the socket %s is longer than %d bytes: choose a shorter name, or run the control room in a shorter directory", socket, socketMost)
	}
	if _, err := os.Lstat(final); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %s", room.ErrSiteExists, final)
	}
	half := filepath.Join(s.dir, "sites", ".new-"+n.Name+"-"+rand.Text()[:8])
	err := s.write(half, n)
	if err == nil {
		err = os.Rename(half, final)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write site %s down: %w", n.Name, err), os.RemoveAll(half))
	}
	if err := s.take(final); err != nil {
		return errors.Join(err, os.RemoveAll(final))
	}
	if err := s.settled(ctx, n.Name); err != nil {
		return errors.Join(err, s.undo(n.Name)) //nolint:contextcheck // also when the visitor is gone
	}
	return nil
}

// write writes the folder of a site.
func (s *roomSites) write(dir string, n room.NewSite) error {
	if err := os.MkdirAll(filepath.Join(dir, "data"), 0o700); err != nil {
		return err
	}
	files := map[string][]byte{siteYAML: n.YAML}
	maps.Copy(files, n.Files)
	run := runFile{Name: n.Name, Made: n.At.UTC(), By: n.By, Virtual: ofThisComputer(n.Networks), Credentials: len(n.Logins) > 0, Run: n.Run}
	if run.Credentials {
		sealed, err := s.seal(n.Logins)
		if err != nil {
			return err
		}
		files[sealedName] = sealed
	}
	text, err := json.MarshalIndent(run, "", "  ")
	if err != nil {
		return err
	}
	files[runName] = append(text, '\n')
	for name, b := range files {
		if name != filepath.Base(name) {
			return fmt.Errorf("file %q stands in another folder", name)
		}
		if err := whole.Create(filepath.Join(dir, name), whole.Private, whole.Text(b)); err != nil {
			return err
		}
	}
	return nil
}

// seal seals credentials with the key of the room, which is made when it is needed first.
func (s *roomSites) seal(text []byte) ([]byte, error) {
	name := filepath.Join(s.dir, sealKey)
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		_, fresh, err := seal.NewKey()
		if err == nil {
			err = whole.Create(name, whole.Private, whole.Text(fresh))
		}
		if err != nil {
			return nil, fmt.Errorf("make the key %s: %w", name, err)
		}
		s.note("made the key " + name + ", with which credentials of machines are sealed: keep a copy of it elsewhere")
	}
	key, err := seal.FindKey(name, os.Getenv)
	if err != nil {
		return nil, err
	}
	return key.Seal(text)
}

// settled waits a moment: a program that cannot begin ends at once, and says why.
func (s *roomSites) settled(ctx context.Context, name string) error {
	s.mu.Lock()
	p := s.all[name]
	s.mu.Unlock()
	return s.stands(ctx, p, s.watch.settle, "")
}

// stands waits until a program is in a state, or for so long. One that has ended by then
// says why.
func (s *roomSites) stands(ctx context.Context, p *siteProgram, most time.Duration, state string) error {
	end := time.After(most)
	for {
		select {
		case <-end:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(s.watch.settle / 20):
		}
		switch v := p.view(); v.State { //nolint:contextcheck // a second at most
		case state:
			return nil
		case "waiting":
			return fmt.Errorf("its program ended at once: %s", strings.Join(last(v.Log, 3), " "))
		}
	}
}

// last are the last n lines.
func last(lines []string, n int) []string { return lines[max(0, len(lines)-n):] }

// undo takes a site away that did not begin.
func (s *roomSites) undo(name string) error {
	err := s.Turn(context.WithoutCancel(s.life), name, forgetProgram)
	s.mu.Lock()
	delete(s.all, name)
	s.mu.Unlock()
	s.show.Detach(name)
	return errors.Join(err, os.RemoveAll(s.folder(name)))
}

// forgetProgram ends a program and what watches it.
const forgetProgram room.ProgramTurn = "forget"

// ofThisComputer reports whether all networks are of this computer.
func ofThisComputer(networks []string) bool {
	return len(networks) > 0 && !slices.ContainsFunc(networks, func(n string) bool { return !strings.HasPrefix(n, "127.") })
}
