package main

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"sluice/server/room"
)

// databasesMost bounds the databases that are listed.
const databasesMost = 100

// computer is what is known of the disk and the files of the control room. What cannot be
// asked is left out.
func (h *house) computer(ctx context.Context) room.ComputerNow {
	out := room.ComputerNow{Disks: []room.DiskNow{}, Files: databases(ctx, h.data)}
	if d, known := diskOf(h.data); known {
		out.Disks = append(out.Disks, d)
	}
	return out
}

// diskOf is the file system of the data directory.
func diskOf(dir string) (room.DiskNow, bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return room.DiskNow{}, false
	}
	return room.DiskNow{Of: "data", Free: int64(s.Bavail) * s.Bsize, Size: int64(s.Blocks) * s.Bsize}, true //nolint:gosec // of a disk
}

// databases are those below a directory, each with what it has not folded in yet.
func databases(ctx context.Context, dir string) []room.StoreFile {
	out := []room.StoreFile{}
	_ = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil || len(out) == databasesMost:
			return fs.SkipAll
		case err != nil:
			return nil //nolint:nilerr // what is gone meanwhile is not listed
		}
		if e.IsDir() && e.Name() == "telemetry" {
			return fs.SkipDir // many files, and none of them is one
		}
		if e.IsDir() || !strings.HasSuffix(e.Name(), ".db") {
			return nil
		}
		name, err := filepath.Rel(dir, path)
		about, gone := e.Info()
		if err != nil || gone != nil {
			return nil //nolint:nilerr // likewise
		}
		x := room.StoreFile{Name: filepath.ToSlash(name), Bytes: about.Size(), Changed: about.ModTime().UTC()}
		if wal, err := os.Stat(path + "-wal"); err == nil {
			x.Bytes += wal.Size()
			if wal.ModTime().After(x.Changed) {
				x.Changed = wal.ModTime().UTC()
			}
		}
		out = append(out, x)
		return nil
	})
	return out
}
