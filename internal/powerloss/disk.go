// Package powerloss is a rig that takes the power away from a program that
// writes, and counts what it had acknowledged and lost.
//
// Killing a program proves nothing: what it wrote and did not sync survives in
// the memory of the system. The rig is a file system of its own. It keeps two
// images of everything: the current one, which programs see, and the durable
// one. Only fsync copies from the first to the second, and only for the file or
// the folder that it names. A cut makes the durable image the current one; of
// what was not synced it lets nothing, half or all survive, in blocks, some of
// them torn in sectors, as a real drive does.
//
// The rig is believed only after it was calibrated: a sound program must lose
// nothing, and programs that leave out an fsync must lose.
package powerloss

import (
	"maps"
	"math/rand/v2"
	"sync"
	"syscall"
)

const (
	block  = 4096 // bytes that a drive takes together
	sector = 512  // bytes that a drive never tears
)

// file is one file in both images.
type file struct {
	number  uint64
	current []byte
	durable []byte
	dirty   map[int64]bool // blocks of current that are not durable
	resized bool           // the size of current is not durable
}

// Disk is a flat folder in both images. Its methods may be called from any goroutine.
type Disk struct {
	mu      sync.Mutex // guards everything below
	life    int        // raised by every cut; a handle of an earlier life is dead
	last    uint64     // number of the newest file; the folder itself is 1
	current map[string]*file
	durable map[string]*file
	room    int64 // bytes that all files may take
	failing int   // syncs until one fails; 0: none does
	syncs   int
}

// NewDisk makes an empty disk of 1 GiB.
func NewDisk() *Disk {
	return &Disk{last: 1, room: 1 << 30, current: map[string]*file{}, durable: map[string]*file{}}
}

// FailSync makes the n-th sync from now fail once. As on Linux, what it should
// have saved then counts as clean: a second sync reports success and saves nothing.
func (d *Disk) FailSync(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failing = n
}

// Syncs is how many syncs were asked for so far.
func (d *Disk) Syncs() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.syncs
}

func (d *Disk) create(name string) *file {
	d.last++
	f := &file{number: d.last, dirty: map[int64]bool{}}
	d.current[name] = f
	return f
}

// write changes the current image only.
func (d *Disk) write(f *file, data []byte, at int64) syscall.Errno {
	if at+int64(len(data)) > d.room {
		return syscall.ENOSPC
	}
	d.resize(f, max(int64(len(f.current)), at+int64(len(data))))
	copy(f.current[at:], data)
	for b := at / block; b*block < at+int64(len(data)); b++ {
		f.dirty[b] = true
	}
	return 0
}

func (d *Disk) resize(f *file, size int64) {
	old := int64(len(f.current))
	switch {
	case size == old:
		return
	case size < old:
		f.current = f.current[:size]
	default:
		f.current = append(f.current, make([]byte, size-old)...)
	}
	f.resized = true
	for b := min(old, size) / block; b*block < max(old, size); b++ {
		f.dirty[b] = true
	}
}

// sync saves the content of a file, not its name.
func (d *Disk) sync(f *file) syscall.Errno {
	fails := d.tick()
	if !fails {
		f.durable = sized(f.durable, len(f.current))
		for b := range f.dirty {
			f.save(b)
		}
	}
	f.dirty, f.resized = map[int64]bool{}, false
	if fails {
		return syscall.EIO
	}
	return 0
}

// syncNames saves which names the folder has, not what is in the files.
func (d *Disk) syncNames() syscall.Errno {
	if d.tick() {
		return syscall.EIO
	}
	d.durable = maps.Clone(d.current)
	return 0
}

// tick counts a sync and tells whether it is the one that fails.
func (d *Disk) tick() bool {
	d.syncs++
	if d.failing == 0 {
		return false
	}
	d.failing--
	return d.failing == 0
}

// save makes one block durable, as far as both images reach.
func (f *file) save(b int64) {
	from := b * block
	if end := min(from+block, int64(len(f.current)), int64(len(f.durable))); from < end {
		copy(f.durable[from:end], f.current[from:end])
	}
}

// sized cuts b or fills it up with zeros.
func sized(b []byte, size int) []byte {
	if size <= len(b) {
		return b[:size]
	}
	return append(b, make([]byte, size-len(b))...)
}

// Cut takes the power away. What was not synced survives with a chance of 0, a
// half or 1, the same for the whole cut; names likewise. A block that does not
// survive may be torn: some of its sectors do.
func (d *Disk) Cut(dice *rand.Rand) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.life++
	d.failing = 0
	chance := []float64{0, 0.5, 1}[dice.IntN(3)]
	for name, f := range d.current {
		if d.durable[name] != f && dice.Float64() < chance {
			d.durable[name] = f
		}
	}
	for name := range d.durable {
		if d.current[name] == nil && dice.Float64() < chance {
			delete(d.durable, name)
		}
	}
	d.current = map[string]*file{}
	for name, f := range d.durable {
		f.tear(dice, chance)
		// A new number keeps the system from using pages that it remembers.
		n := d.create(name)
		n.durable, n.current = f.durable, append([]byte(nil), f.durable...)
		d.durable[name] = n
	}
}

// tear lets some of what was not synced reach the durable image.
func (f *file) tear(dice *rand.Rand, chance float64) {
	if f.resized && dice.Float64() < chance {
		f.durable = sized(f.durable, len(f.current))
	}
	for b := range f.dirty {
		switch {
		case dice.Float64() < chance:
			f.save(b)
		case chance > 0:
			f.tearBlock(dice, b)
		}
	}
}

func (f *file) tearBlock(dice *rand.Rand, b int64) {
	for from := b * block; from < (b+1)*block; from += sector {
		if end := min(from+sector, int64(len(f.current)), int64(len(f.durable))); from < end && dice.IntN(2) == 0 {
			copy(f.durable[from:end], f.current[from:end])
		}
	}
}
