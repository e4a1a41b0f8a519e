package room

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// nonceMark is where index.html wants its nonce.
const nonceMark = "__NONCE__"

// leastPacked is from how many bytes on a file is worth compressing.
const leastPacked = 1024

// page is one file of the pages.
type page struct {
	whole  []byte
	packed []byte // by gzip; nil: not worth it
	kind   string
	tag    string // changes with the content
}

// pages are the files that a browser loads, compressed once.
type pages struct {
	files map[string]page // by path without a slash before
	index []byte          // index.html without its nonce; nil: there are no pages
	tag   string          // of index.html
}

// newPages reads all files. Where they cannot be read there are none.
func newPages(from fs.FS) *pages {
	p := &pages{files: map[string]page{}}
	if from == nil {
		return p
	}
	err := fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(from, name)
		if err == nil && name != "index.html" {
			p.files[name] = packed(name, b)
		}
		if name == "index.html" {
			p.index, p.tag = b, tagOf(b)
		}
		return err
	})
	if err != nil {
		return &pages{files: map[string]page{}}
	}
	return p
}

func tagOf(b []byte) string {
	sum := sha256.Sum256(b)
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}

// packed is a file, compressed where that makes it smaller.
func packed(name string, b []byte) page {
	p := page{whole: b, kind: kindOf(name), tag: tagOf(b)}
	if len(b) < leastPacked || strings.HasPrefix(p.kind, "font/") || strings.HasPrefix(p.kind, "image/p") {
		return p
	}
	if z := squeeze(b); len(z) < len(b)*9/10 {
		p.packed = z
	}
	return p
}

func squeeze(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(b) // memory takes everything
	_ = z.Close()
	return out.Bytes()
}

// kindOf is the kind of a file. It does not ask the machine, so that every one serves the
// same.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".json", ".map", ".webmanifest":
		return "application/json"
	case ".wasm":
		return "application/wasm"
	case ".png":
		return "image/png"
	case ".ico":
		return "image/x-icon"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	return "application/octet-stream"
}

// serve answers with a file, or with the page, which knows its own paths.
func (p *pages) serve(r *Room, w http.ResponseWriter, req *http.Request) {
	if !reads(req) {
		w.Header().Set("Allow", "GET, HEAD")
		r.answer(w, problem(http.StatusMethodNotAllowed, "method", "pages are read only", "the interface is under /v1"))
		return
	}
	if p.index == nil {
		plain(w, http.StatusNotFound, "This program was built without its pages. The interface is under /v1: see /v1/docs.\n")
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+req.URL.Path), "/")
	if f, found := p.files[name]; found {
		f.serve(w, req, strings.HasPrefix(name, "assets/"))
		return
	}
	if strings.HasPrefix(name, "assets/") { // of another version: never the page instead of a script
		r.answer(w, problem(http.StatusNotFound, "unknown", "there is no such file; the program may be another version by now", "load the page anew"))
		return
	}
	p.home(w, req)
}

// serve answers with a file. The name of one under assets changes with its content.
func (f page) serve(w http.ResponseWriter, req *http.Request, lasting bool) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("ETag", f.tag)
	h.Set("Cache-Control", "no-cache")
	if lasting {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	b := f.whole
	if f.packed != nil {
		h.Set("Vary", "Accept-Encoding")
		if unpacks(req) {
			h.Set("Content-Encoding", "gzip")
			b = f.packed
		}
	}
	send(w, req, f.tag, b)
}

// home answers with the page. Every answer has a nonce of its own; the tag is that of the
// file, and an answer without content brings no nonce that would not fit.
func (p *pages) home(w http.ResponseWriter, req *http.Request) {
	h, n := w.Header(), nonce()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", p.tag)
	if !same(req, p.tag) {
		h.Set("Content-Security-Policy", policy(n))
	} else {
		h.Del("Content-Security-Policy") // that of the answer that the browser kept holds
	}
	b := bytes.ReplaceAll(p.index, []byte(nonceMark), []byte(n))
	h.Set("Vary", "Accept-Encoding")
	if len(b) >= leastPacked && unpacks(req) {
		h.Set("Content-Encoding", "gzip")
		b = squeeze(b)
	}
	send(w, req, p.tag, b)
}

// same reports whether the browser has what it asks for.
func same(req *http.Request, tag string) bool {
	for has := range strings.SplitSeq(req.Header.Get("If-None-Match"), ",") {
		if has = strings.TrimPrefix(strings.TrimSpace(has), "W/"); has == tag || has == "*" {
			return true
		}
	}
	return false
}

// unpacks reports whether the browser reads gzip.
func unpacks(req *http.Request) bool {
	for one := range strings.SplitSeq(req.Header.Get("Accept-Encoding"), ",") {
		name, how, _ := strings.Cut(strings.TrimSpace(one), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			return !strings.HasPrefix(strings.ReplaceAll(how, " ", ""), "q=0") || strings.HasPrefix(strings.ReplaceAll(how, " ", ""), "q=0.")
		}
	}
	return false
}

func send(w http.ResponseWriter, req *http.Request, tag string, b []byte) {
	if same(req, tag) {
		w.Header().Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Length", itoa(len(b)))
	if req.Method != http.MethodHead {
		_, _ = w.Write(b) // who is gone is told nothing
	}
}
