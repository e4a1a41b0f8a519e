package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// What the control room is measured with.
const (
	roomSites    = 200
	roomMachines = 100_000
	roomViewers  = 200
	filterMost   = 200 // milliseconds
	nowMost      = 10  // per cent of one processor
	flatMost     = 10  // per cent that memory may grow under viewers
)

// ui measures the control room: a list that is filtered, the figures of now, viewers
// that listen, and the first page in a real browser.
func (b *bench) ui(ctx context.Context) error {
	t := newTable("ui")
	t.note("sites and machines here are made up and answer at sockets; everything shares the processors, and the server's own time is counted")
	var faults []error
	for _, part := range []struct {
		name string
		run  func(context.Context, *table) error
	}{{"list", b.listed}, {"now", b.nowCost}, {"viewers", b.viewers}, {"page", b.firstPage}} {
		if b.measures(part.name) {
			faults = append(faults, part.run(ctx, t))
		}
	}
	return errors.Join(append(faults, b.publish(t))...)
}

// servedRoom is a control room in a process of its own.
type servedRoom struct {
	roomChild

	process *exec.Cmd
	input   io.Closer
	sites   func() // ends them
	client  *http.Client
}

// openRoom begins one, with its sites.
func openRoom(ctx context.Context) (*servedRoom, error) {
	dir, err := os.MkdirTemp("", "slb") // a short name: those of sockets are
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	s := &servedRoom{sites: func() { stop(); _ = os.RemoveAll(dir) }, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}}
	if err := s.begin(ctx, dir); err != nil {
		s.sites()
		return nil, err
	}
	if err := s.ready(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// begin starts sites and server.
func (s *servedRoom) begin(ctx context.Context, dir string) error {
	if err := serveSites(ctx, dir, roomSites, roomMachines); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	s.process = exec.CommandContext(ctx, self, "child-room", "-sites", strconv.Itoa(roomSites), "-at", dir) //nolint:gosec // this very program
	s.process.Stderr = os.Stderr
	if s.input, err = s.process.StdinPipe(); err != nil {
		return err
	}
	out, err := s.process.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.process.Start(); err != nil {
		return err
	}
	return json.NewDecoder(out).Decode(&s.roomChild)
}

// ready waits until all machines are there.
func (s *servedRoom) ready(ctx context.Context) error {
	for {
		var page struct{ All int }
		text, err := s.get(ctx, "/v1/sites/site-000/machines?limit=1")
		if err == nil {
			err = json.Unmarshal(text, &page)
		}
		if err == nil && page.All == roomMachines {
			return nil
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		}
	}
}

func (s *servedRoom) close() error {
	_ = s.input.Close()
	defer s.sites()
	return s.process.Wait()
}

func (s *servedRoom) request(ctx context.Context, path string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path, http.NoBody)
	if err == nil {
		req.AddCookie(&http.Cookie{Name: "sluice", Value: s.Cookie})
	}
	return req, err
}

func (s *servedRoom) get(ctx context.Context, path string) ([]byte, error) {
	req, err := s.request(ctx, path)
	if err != nil {
		return nil, err
	}
	a, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer a.Body.Close() //nolint:errcheck // read only
	text, err := io.ReadAll(a.Body)
	if a.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: %d %.200s", path, a.StatusCode, text)
	}
	return text, err
}

// spent is the processor time and the resident memory of the server by now.
func (s *servedRoom) spent() (cpu time.Duration, resident int64, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.process.Process.Pid))
	if err != nil {
		return 0, 0, err
	}
	f := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	const user, system, pages = 11, 12, 21 // of proc(5), after the name
	ticks := int64(0)
	for _, i := range []int{user, system} {
		n, _ := strconv.ParseInt(f[i], 10, 64)
		ticks += n
	}
	n, err := strconv.ParseInt(f[pages], 10, 64)
	return time.Duration(ticks) * 10 * time.Millisecond, n * int64(os.Getpagesize()), err
}

// listed measures how soon a list of 100,000 machines answers when it is filtered.
func (b *bench) listed(ctx context.Context, t *table) (err error) {
	s, err := openRoom(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	questions := []string{"search=sn0009", "search=s21+hall-1&sort=power&down=true", "sort=power", "search=10.0.3", "state=asleep", "hall=hall-7&sort=model", "offset=90000&limit=200"}
	var took []float64
	for range 40 {
		for _, q := range questions {
			begin := time.Now()
			if _, err := s.get(ctx, "/v1/sites/site-000/machines?"+q); err != nil {
				return err
			}
			took = append(took, float64(time.Since(begin).Microseconds())/1000)
		}
	}
	slices.Sort(took)
	t.add(
		figure{Name: "list of 100,000 machines filtered, half of the answers", Value: took[len(took)/2], Unit: "ms", How: "280 requests over HTTP, 7 questions, 199 other sites"},
		figure{Name: "list of 100,000 machines filtered, the slowest", Value: took[len(took)-1], Unit: "ms", How: "the same"}.atMost(filterMost),
	)
	return nil
}

// nowCost measures what it costs to keep the figures of 200 sites up to date each second.
func (b *bench) nowCost(ctx context.Context, t *table) (err error) {
	s, err := openRoom(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	w := &listener{}
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	go w.listen(ctx, s)
	before, _, err := s.spent()
	if err != nil {
		return err
	}
	<-ctx.Done()
	after, _, err := s.spent()
	if err != nil {
		return err
	}
	t.add(
		figure{Name: "figures of 200 sites kept and told each second, one processor", Value: 100 * (after - before).Seconds() / 60, Unit: "%", How: "processor time of the server in a minute with one viewer; each site answers at a socket of its own"}.atMost(nowMost),
		figure{Name: "updates that the viewer got in that minute", Value: float64(w.told.Load()), Unit: "", How: "events named now"}.promised(">= 55", w.told.Load() >= 55),
	)
	return nil
}

// listener is one page that listens. It counts what it is told and what it missed.
type listener struct {
	told, missed, behind, broken atomic.Int64
}

// listen reads the stream until ctx ends.
func (w *listener) listen(ctx context.Context, s *servedRoom) {
	req, err := s.request(ctx, "/v1/events")
	if err != nil {
		w.broken.Add(1)
		return
	}
	a, err := s.client.Do(req)
	if err != nil {
		w.broken.Add(1)
		return
	}
	defer a.Body.Close() //nolint:errcheck // read only
	lines := bufio.NewScanner(a.Body)
	lines.Buffer(make([]byte, 0, 64<<10), 4<<20)
	last := int64(-1)
	for lines.Scan() {
		if id, is := strings.CutPrefix(lines.Text(), "id: bench."); is {
			n, _ := strconv.ParseInt(id, 10, 64)
			if last >= 0 && n > last+1 {
				w.missed.Add(n - last - 1)
			}
			last = n
		}
		switch lines.Text() {
		case "event: now":
			w.told.Add(1)
		case "event: behind":
			w.behind.Add(1)
		}
	}
	if ctx.Err() == nil {
		w.broken.Add(1)
	}
}

// viewers measures 200 pages that listen: nothing lost, memory flat.
func (b *bench) viewers(ctx context.Context, t *table) (err error) {
	s, err := openRoom(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	w := &listener{}
	ctx, stop := context.WithTimeout(ctx, b.minutes)
	defer stop()
	var all sync.WaitGroup
	for range roomViewers {
		all.Go(func() { w.listen(ctx, s) })
	}
	var early, late int64
	settled := time.After(min(b.minutes/5, time.Minute))
	select {
	case <-settled:
	case <-ctx.Done():
	}
	cpu, early, err := s.spent()
	if err != nil {
		return err
	}
	begin := time.Now()
	<-ctx.Done()
	end, late, err := s.spent()
	if err != nil {
		return err
	}
	seconds := time.Since(begin).Seconds()
	all.Wait()
	how := fmt.Sprintf("%d streams for %v, all on this computer", roomViewers, b.minutes)
	growth := 100 * float64(late-early) / float64(early)
	t.add(
		figure{Name: "200 viewers: updates told", Value: float64(w.told.Load()), Unit: "", How: how},
		figure{Name: "200 viewers: events missed", Value: float64(w.missed.Load() + w.behind.Load()), Unit: "", How: how}.atMost(0),
		figure{Name: "200 viewers: streams that broke", Value: float64(w.broken.Load()), Unit: "", How: how}.atMost(0),
		figure{Name: "200 viewers: memory grew", Value: growth, Unit: "%", How: fmt.Sprintf("resident: %d MB, then %d MB", early>>20, late>>20)}.atMost(flatMost),
		figure{Name: "200 viewers: processor of the server", Value: 100 * (end - cpu).Seconds() / seconds, Unit: "%", How: "of one"},
	)
	return nil
}
