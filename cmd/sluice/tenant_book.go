package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"sluice/driver/sitefile"
	counter "sluice/server/tenant"
	"sluice/store/tenants"
	"sluice/unit"
	"sluice/use/hosting"
)

// siteBook is what a site file says of halls and contracts, read again when it changes.
type siteBook struct {
	name  string
	store *tenants.Store
	out   io.Writer

	mu   sync.Mutex // guards what follows
	at   time.Time  // of the file
	file *sitefile.File
}

// newSiteBook reads a site file, or a shipped example by its name.
func newSiteBook(name string, store *tenants.Store, out io.Writer) (*siteBook, error) {
	b := &siteBook{name: name, store: store, out: out}
	file, err := readSite(name)
	if err != nil {
		return nil, err
	}
	if file.Hosting == nil {
		return nil, fmt.Errorf("%s has no hosting section: it says what GPUs there are and what is sold of them; see docs/site-file.md", file.Name)
	}
	b.file, b.at = file, b.changed()
	return b, nil
}

// changed is when the file was changed; zero for a shipped one.
func (b *siteBook) changed() time.Time {
	about, err := os.Stat(b.name)
	if err != nil {
		return time.Time{}
	}
	return about.ModTime()
}

// Book implements counter.Books. A file that cannot be read any more leaves what it said.
func (b *siteBook) Book(ctx context.Context) (hosting.Book, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if at := b.changed(); !at.Equal(b.at) && !at.IsZero() {
		b.at = at
		file, err := readSite(b.name)
		if err == nil && file.Hosting == nil {
			err = fmt.Errorf("%s has no hosting section any more", b.name)
		}
		if err == nil {
			err = counter.Bind(ctx, b.store.Office(), booked(file), now())
		}
		if err != nil {
			fmt.Fprintf(b.out, "warning: %s was changed and is not taken: %s: the last one stands\n", b.name, harmless(err.Error()))
		} else {
			b.file = file
		}
	}
	return booked(b.file), nil
}

// booked is what a site file says of GPUs.
func booked(f *sitefile.File) hosting.Book {
	room := map[string]unit.Power{}
	for _, h := range f.Hosting.Halls {
		if p, stated := f.Site.Room(h.Name); stated {
			room[h.Name] = p
		}
	}
	return hosting.Book{Halls: f.Hosting.Halls, Contracts: f.Hosting.Contracts, Room: room, Zone: f.Site.Zone}
}
