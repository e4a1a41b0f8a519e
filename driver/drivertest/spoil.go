package drivertest

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// spoiler is one way in which a machine, or somebody in its place, is hostile.
type spoiler struct {
	name  string
	run   func(answer []byte) script // what stands in the place of a true answer
	cut   int                        // where the request is cut; 0: nowhere
	turns bool                       // what it means is turned: it may well say no to an order that was carried out
	slow  bool                       // it lasts as long as the driver lets it
}

// Where a request is cut.
const (
	cutBefore = iota + 1
	cutAmid
)

// script is a stream of bytes.
type script struct {
	data    []byte
	forever []byte        // repeated after the data without end; empty: the stream ends
	every   time.Duration // one byte each time; 0: as many as are asked for
	end     error         // nil: io.EOF
	keeps   bool          // what the answer means stays: an order that was carried out may be accepted
	at      int
}

// errOver says that nobody waits any longer.
var errOver = errors.New("over")

// read plays the stream.
func (s *script) read(b []byte, over <-chan struct{}) (int, error) {
	select {
	case <-over:
		return 0, errOver
	default:
	}
	if s.every > 0 {
		t := time.NewTimer(s.every)
		defer t.Stop()
		select {
		case <-over:
			return 0, errOver
		case <-t.C:
		}
		b = b[:1]
	}
	n := 0
	if s.at < len(s.data) {
		n = copy(b, s.data[s.at:])
		s.at += n
		return n, nil
	}
	for len(s.forever) > 0 && n < len(b) {
		b[n] = s.forever[(s.at-len(s.data))%len(s.forever)]
		s.at++
		n++
	}
	if n == 0 && s.end != nil {
		return 0, s.end
	} else if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// framed reports whether an answer is one frame: its length before it.
func framed(answer []byte) bool {
	return len(answer) > 4 && int(binary.LittleEndian.Uint32(answer)) == len(answer)-4
}

// complete reports whether an answer over HTTP is as long as it says.
func complete(answer []byte) bool {
	r := replyOf(answer)
	return r.http != nil && r.http.ContentLength >= 0 && r.http.ContentLength == int64(len(r.body))
}

// reply is a true answer in its parts.
type reply struct {
	raw  []byte
	body []byte
	http *http.Response // nil: no HTTP
}

func replyOf(raw []byte) reply {
	r := reply{raw: raw, body: bytes.TrimRight(raw, "\x00")}
	if framed(raw) {
		r.body = raw[4:]
	} else if bytes.HasPrefix(raw, []byte("HTTP/")) {
		if h, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(raw)), nil); err == nil {
			r.http = h
			r.body, _ = io.ReadAll(h.Body)
			_ = h.Body.Close()
		}
	}
	return r
}

// head is the status line and headers, without a length unless one is given.
func (r reply) head(length int) string {
	var b strings.Builder
	b.WriteString("HTTP/1.1 " + r.http.Status + "\r\n")
	for k, v := range r.http.Header {
		if k != "Content-Length" && k != "Connection" {
			for _, x := range v {
				b.WriteString(k + ": " + x + "\r\n")
			}
		}
	}
	if length >= 0 {
		b.WriteString("Content-Length: " + strconv.Itoa(length) + "\r\n")
	}
	b.WriteString("Connection: close\r\n\r\n")
	return b.String()
}

// with is the answer with another body, whole and well-formed.
func (r reply) with(body []byte) []byte {
	switch {
	case r.http != nil:
		return append([]byte(r.head(len(body))), body...)
	case framed(r.raw):
		return append(binary.LittleEndian.AppendUint32(nil, uint32(len(body))), body...) //nolint:gosec // test data are short
	}
	return append(bytes.Clone(body), 0)
}

// open is the beginning of the answer, with a body that goes on for as long as it likes.
func (r reply) open(body string) []byte {
	switch {
	case r.http != nil:
		return []byte(r.head(-1) + body)
	case framed(r.raw):
		return append([]byte{0, 0, 1, 0}, body...)
	}
	return []byte(body)
}

// announce is the beginning of an answer with a body of so many bytes.
func (r reply) announce(length int) []byte {
	switch {
	case r.http != nil:
		return []byte(r.head(length))
	case framed(r.raw):
		return binary.LittleEndian.AppendUint32(nil, uint32(length)) //nolint:gosec // what the suite says
	}
	return nil
}

// whole is a spoiler that puts one body in the place of another.
func whole(name string, body func([]byte) []byte) spoiler {
	return spoiler{name: name, run: func(a []byte) script {
		r := replyOf(a)
		return script{data: r.with(body(r.body))}
	}}
}

// flooded is a spoiler that goes on after a beginning without end.
func flooded(name, begin, forever string, every time.Duration) spoiler {
	return spoiler{name: name, slow: every > 0, run: func(a []byte) script {
		return script{data: replyOf(a).open(begin), forever: []byte(forever), every: every}
	}}
}

// broken is a spoiler that ends with an error after a share of the answer.
func broken(name string, permille int, end error) spoiler {
	return spoiler{name: name, run: func(a []byte) script {
		whole := len(bytes.TrimRight(a, "\x00\r\n"))
		return script{data: a[:max(0, min(whole-1, whole*permille/1000))], end: end}
	}}
}

// web is a spoiler of what goes before a body; over no HTTP it is words.
func web(name, begin, forever string) spoiler {
	return spoiler{name: name, run: func([]byte) script { return script{data: []byte(begin), forever: []byte(forever)} }}
}

// spoilers lists the ways. trap is a port where nobody must knock.
func spoilers(trap int) []spoiler {
	reset := &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	key, number, text := regexp.MustCompile(`"([A-Za-z_ ]+)" ?:`), regexp.MustCompile(`: ?-?[0-9.]+`), regexp.MustCompile(`: ?"`)
	replaced := func(what *regexp.Regexp, by string) func([]byte) []byte {
		return func(b []byte) []byte { return what.ReplaceAll(b, []byte(by)) }
	}
	keeps := func(s spoiler) spoiler {
		run := s.run
		s.run = func(a []byte) script {
			out := run(a)
			out.keeps = true
			return out
		}
		return s
	}
	turns := func(s spoiler) spoiler { s = keeps(s); s.turns = true; return s }
	status := func(s spoiler) spoiler { // over HTTP the status says yes on its own
		run := s.run
		s.run = func(a []byte) script {
			out := run(a)
			out.keeps = replyOf(a).http != nil
			return out
		}
		return s
	}
	out := []spoiler{
		flooded("an answer without end", "", " ", 0),
		flooded("a string without end", `{"a":"`, "a", 0),
		flooded("brackets without end", "", "[", 0),
		flooded("pieces without end", "", "}", 0),
		flooded("nothing but zeros", "", "\x00", 0),
		flooded("one byte at a time", `{"a":"`, "a", 5*time.Millisecond),
		flooded("one blank at a time", "", " ", 5*time.Millisecond),
		{name: "10 MiB of blanks first", run: func(a []byte) script { return script{data: replyOf(a).announce(10 << 20), forever: []byte(" ")} }},
		keeps(whole("zeros in the middle", func(b []byte) []byte { // an answer may well be read in spite of them
			return bytes.Join([][]byte{b[:len(b)/2], b[len(b)/2:]}, []byte{0, 0})
		})),
		whole("deep lists", func([]byte) []byte {
			return []byte(strings.Repeat("[", 12_000) + strings.Repeat("]", 12_000))
		}),
		status(whole("deep objects", func([]byte) []byte {
			return []byte(strings.Repeat(`{"a":`, 3_000) + "1" + strings.Repeat("}", 3_000))
		})),
		whole("a page of HTML", func([]byte) []byte {
			return []byte("<!DOCTYPE html><html><body onload=\"alert(1)\">200 OK</body></html>")
		}),
		status(whole("nothing at all", func([]byte) []byte { return nil })),
		keeps(whole("doubled keys", replaced(key, `"$1":null,"$1":`))),
		turns(whole("codes for the terminal", replaced(text, ": \"\\u001b[2J<script>alert(1)</script>\\u0007\\u202e"))),
		turns(whole("codes as they are", replaced(text, ": \"\x1b[31m\x07\x9b\xff"))),
		turns(whole("numbers beyond all bounds", replaced(number, ": 1e400"))),
		turns(whole("numbers below all bounds", replaced(number, ": -9223372036854775808"))),
		{name: "cut before the request", cut: cutBefore, run: func([]byte) script { return script{end: reset} }},
		{name: "cut in the middle of the request", cut: cutAmid, run: func([]byte) script { return script{end: reset} }},
		broken("cut before the answer", 0, reset),
		broken("cut in the middle of the answer", 500, reset),
		web("headers without end", "HTTP/1.1 200 OK\r\n", "X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"),
		web("one header without end", "HTTP/1.1 200 OK\r\nX-A: ", "a"),
		web("patience without end", "", "HTTP/1.1 100 Continue\r\n\r\n"),
		web("chunks without end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n"),
		web("a length that lies", "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n{", ""),
	}
	for _, permille := range []int{1, 10, 100, 250, 400, 600, 750, 900, 990, 999} {
		out = append(out, broken("ends after "+strconv.Itoa(permille)+" per mille", permille, nil))
	}
	for _, status := range []string{"301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"} {
		out = append(out, web("sent elsewhere by "+status[:3], "HTTP/1.1 "+status+"\r\nLocation: http://127.0.0.1:"+strconv.Itoa(trap)+"/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", ""))
	}
	return out
}
