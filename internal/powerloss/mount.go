package powerloss

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// Device is what the system offers file systems of programs on.
const Device = "/dev/fuse"

// Mount shows the disk as a folder, until the returned function takes it away.
func Mount(folder string, d *Disk) (unmount func() error, err error) {
	root := &names{disk: d}
	server, err := fs.Mount(folder, root, &fs.Options{
		MountOptions: fuse.MountOptions{DirectMount: true, FsName: "powerloss", Name: "powerloss"},
	})
	if err != nil {
		return nil, fmt.Errorf("mount power-loss rig on %s: %w: run as root (or with fusermount3 installed) where %s may be opened", folder, err, Device)
	}
	return server.Unmount, nil
}

// Available tells whether the system has the device at all.
func Available() bool {
	_, err := os.Stat(Device)
	return err == nil
}

// names is the folder as the system asks for it.
type names struct {
	fs.Inode
	disk *Disk
}

// content is one file as the system asks for it.
type content struct {
	fs.Inode
	disk *Disk
	file *file
}

// handle is an open file. It dies with the power.
type handle struct {
	disk *Disk
	file *file
	life int
}

func (n *names) show(ctx context.Context, f *file, out *fuse.EntryOut) *fs.Inode {
	attributes(f, &out.Attr)
	return n.NewInode(ctx, &content{disk: n.disk, file: f}, fs.StableAttr{Mode: syscall.S_IFREG, Ino: f.number})
}

func attributes(f *file, out *fuse.Attr) {
	out.Mode, out.Size, out.Ino, out.Nlink = syscall.S_IFREG|0o600, uint64(len(f.current)), f.number, 1
	out.Blksize = block
}

// Lookup finds a name.
func (n *names) Lookup(ctx context.Context, name string, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	f := n.disk.current[name]
	if f == nil {
		return nil, syscall.ENOENT
	}
	return n.show(ctx, f, out), 0
}

// Create makes a file.
func (n *names) Create(ctx context.Context, name string, _, _ uint32, out *fuse.EntryOut) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) { //nolint:revive // the signature is the library's
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	f := n.disk.create(name)
	return n.show(ctx, f, out), &handle{n.disk, f, n.disk.life}, caching(name), 0
}

// Unlink removes a name.
func (n *names) Unlink(_ context.Context, name string) syscall.Errno {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	if n.disk.current[name] == nil {
		return syscall.ENOENT
	}
	delete(n.disk.current, name)
	return 0
}

// Rename moves a file to another name of the same folder.
func (n *names) Rename(_ context.Context, name string, _ fs.InodeEmbedder, to string, _ uint32) syscall.Errno {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	f := n.disk.current[name]
	if f == nil {
		return syscall.ENOENT
	}
	delete(n.disk.current, name)
	n.disk.current[to] = f
	return 0
}

// Readdir lists the names.
func (n *names) Readdir(context.Context) (fs.DirStream, syscall.Errno) {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	var out []fuse.DirEntry
	for name, f := range n.disk.current {
		out = append(out, fuse.DirEntry{Name: name, Ino: f.number, Mode: syscall.S_IFREG})
	}
	return fs.NewListDirStream(out), 0
}

// Fsync of the folder saves its names.
func (n *names) Fsync(context.Context, fs.FileHandle, uint32) syscall.Errno {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	return n.disk.syncNames()
}

// caching leaves the pages of SQLite's shared memory to the system, which can
// map only what it caches; everything else goes straight to the disk.
func caching(name string) uint32 {
	if strings.HasSuffix(name, "-shm") {
		return 0
	}
	return fuse.FOPEN_DIRECT_IO
}

// Open opens a file.
func (c *content) Open(context.Context, uint32) (fs.FileHandle, uint32, syscall.Errno) {
	c.disk.mu.Lock()
	defer c.disk.mu.Unlock()
	for name, f := range c.disk.current {
		if f == c.file {
			return &handle{c.disk, f, c.disk.life}, caching(name), 0
		}
	}
	return nil, 0, syscall.ENOENT
}

// Getattr tells the size.
func (c *content) Getattr(_ context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	c.disk.mu.Lock()
	defer c.disk.mu.Unlock()
	attributes(c.file, &out.Attr)
	return 0
}

// Setattr changes the size; modes and times are accepted and forgotten.
func (c *content) Setattr(_ context.Context, h fs.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	c.disk.mu.Lock()
	defer c.disk.mu.Unlock()
	if open, is := h.(*handle); is && open.life != c.disk.life {
		return syscall.EIO
	}
	if size, is := in.GetSize(); is {
		c.disk.resize(c.file, int64(size))
	}
	attributes(c.file, &out.Attr)
	return 0
}

// Read reads the current image.
func (h *handle) Read(_ context.Context, dest []byte, at int64) (fuse.ReadResult, syscall.Errno) {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	from := min(at, int64(len(h.file.current)))
	n := copy(dest, h.file.current[from:])
	return fuse.ReadResultData(dest[:n]), 0
}

// Write writes to the current image, unless the power went away since the file
// was opened: a dead program's last request may arrive late.
func (h *handle) Write(_ context.Context, data []byte, at int64) (uint32, syscall.Errno) {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if h.life != h.disk.life {
		return 0, syscall.EIO
	}
	if fault := h.disk.write(h.file, data, at); fault != 0 {
		return 0, fault
	}
	return uint32(len(data)), 0
}

// Fsync saves the file.
func (h *handle) Fsync(context.Context, uint32) syscall.Errno {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if h.life != h.disk.life {
		return syscall.EIO
	}
	return h.disk.sync(h.file)
}

// Flush of a closed file saves nothing.
func (h *handle) Flush(context.Context) syscall.Errno { return 0 }
