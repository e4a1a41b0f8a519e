package room

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"sluice/people"
)

// idempotencyKey is the header that names a deed.
const idempotencyKey = "Idempotency-Key"

// The length of a key.
const (
	keyLeast = 8
	keyMost  = 128
)

// mostKept is the longest answer that is kept, in bytes.
const mostKept = 256 << 10

// keptFor is for how long an answer is given again.
const keptFor = 24 * time.Hour

// keeper remembers which deeds were asked for, and what was answered. A key belongs to
// one person.
type keeper interface {
	// Claim takes a key for a request with a mark. Where it was taken before, held is the
	// mark of that request, and answer what was answered; nil while it is under way.
	Claim(ctx context.Context, key string, mark []byte, now time.Time) (held, answer []byte, err error)
	// Keep keeps the answer of a key that was claimed.
	Keep(ctx context.Context, key string, answer []byte) error
	// Release forgets a key: nothing was done, or nobody knows how much.
	Release(ctx context.Context, key string) error
}

// kept is an answer as it is kept. One without a status was shown once.
type kept struct {
	Status int               `json:"status"`
	Header map[string]string `json:"header,omitempty"`
	Body   []byte            `json:"body,omitempty"`
}

// headersKept are the headers of an answer that are given again.
func headersKept() []string { return []string{"Content-Type", "ETag", "Location", "Retry-After"} }

type deedKey struct{}

// shownOnce says of the answer that it holds a secret: it is not kept.
func shownOnce(ctx context.Context) {
	if rec, is := ctx.Value(deedKey{}).(*recorder); is {
		rec.secret = true
	}
}

// goodKey reports whether a text can be a key.
func goodKey(key string) bool {
	strange := strings.ContainsFunc(key, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-'
	})
	return len(key) >= keyLeast && len(key) <= keyMost && !strange
}

// once lets every deed happen once. What is open to all, and who is nobody, goes on: there
// is nothing to repeat, or the answer is a refusal.
func (r *Room) once(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		t, found := r.routeOf(req)
		if !found || !t.changes() || t.reach == open {
			next.ServeHTTP(w, req)
			return
		}
		who, err := r.known(req)
		if err != nil {
			next.ServeHTTP(w, req)
			return
		}
		key := req.Header.Get(idempotencyKey)
		if !goodKey(key) || len(req.Header.Values(idempotencyKey)) > 1 {
			r.answer(w, problem(http.StatusBadRequest, "key_missing", "each deed has a key in the header "+idempotencyKey, "send 8 to 128 letters, digits, - or _, anew for each deed"))
			return
		}
		body, err := r.bodyOf(w, req, t)
		if err != nil {
			r.answer(w, unread(err))
			return
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		r.deedOnce(w, req, attempt{key: who + " " + key, mark: markOf(req, body), next: next, lower: t.lowers()})
	})
}

// keeperOf is where keys are kept: on disk, where there is a store.
func keeperOf(s AnswerStore) keeper {
	if s == nil {
		return newRecent()
	}
	return newDurable(s)
}

// lowers reports a deed in the safe direction: doing it twice does no harm, and a broken
// disk must not keep anybody from it.
func (t route) lowers() bool {
	return slices.Contains([]people.Verb{people.Lower, people.Stop, people.LockOut, people.Demote, people.Pause}, t.verb)
}

// attempt is one try of a deed.
type attempt struct {
	key   string
	mark  []byte
	next  http.Handler
	lower bool // it takes one person and no delay, so it does not wait for a disk
}

func (r *Room) deedOnce(w http.ResponseWriter, req *http.Request, a attempt) {
	ctx := req.Context()
	held, answer, err := r.deeds.Claim(ctx, a.key, a.mark, r.cfg.Clock())
	_, said := errors.AsType[*Problem](err)
	switch {
	case err != nil && !said && a.lower:
		r.noted(ctx, "keep the key of a deed, so it is done without", err)
		a.next.ServeHTTP(w, req)
	case err != nil:
		r.answer(w, told(err))
	case held == nil:
		r.do(w, req, a)
	case subtle.ConstantTimeCompare(held, a.mark) == 0:
		r.answer(w, problem(http.StatusConflict, "key_reused", "this key belongs to another request", "choose a new key for each deed"))
	case answer == nil:
		p := problem(http.StatusConflict, "in_progress", "the first request with this key is under way", "wait, and repeat it")
		p.wait = 1
		r.answer(w, p)
	default:
		r.repeat(w, answer)
	}
}

// repeat gives the first answer again.
func (r *Room) repeat(w http.ResponseWriter, text []byte) {
	var k kept
	if err := json.Unmarshal(text, &k); err != nil {
		r.answer(w, told(err))
		return
	}
	if k.Status == 0 {
		r.answer(w, problem(http.StatusConflict, "shown_once", "it was done, and its answer was given once", "look at what there is now; if the answer never came, take it back and do it anew"))
		return
	}
	for name, value := range k.Header {
		w.Header().Set(name, value)
	}
	w.Header().Set("Idempotent-Replayed", "true")
	w.WriteHeader(k.Status)
	_, _ = w.Write(k.Body) // who is gone is told nothing
}

// do carries a deed out and keeps its answer, where it came to one. It is kept also when
// the visitor is gone by then.
func (r *Room) do(w http.ResponseWriter, req *http.Request, a attempt) {
	rec := &recorder{ResponseWriter: w}
	ctx := context.WithoutCancel(req.Context())
	done := false
	defer func() {
		if !done {
			r.noted(ctx, "forget a deed", r.deeds.Release(ctx, a.key))
		}
	}()
	a.next.ServeHTTP(rec, req.WithContext(context.WithValue(req.Context(), deedKey{}, rec)))
	if rec.undone() {
		return
	}
	done = true
	text, err := json.Marshal(rec.keeps())
	if err == nil {
		err = r.deeds.Keep(ctx, a.key, text)
	}
	r.noted(ctx, "keep an answer", err)
}

func (r *Room) noted(ctx context.Context, what string, err error) {
	if err != nil {
		r.cfg.Log.ErrorContext(ctx, "cannot "+what, "cause", err)
	}
}

// markOf tells requests apart.
func markOf(req *http.Request, body []byte) []byte {
	h := sha256.New()
	for _, part := range [][]byte{[]byte(req.Method), []byte(req.URL.RequestURI()), []byte(req.Header.Get("Content-Type")), []byte(req.Header.Get("If-Match")), body} {
		sum := sha256.Sum256(part)
		h.Write(sum[:])
	}
	return h.Sum(nil)
}

// known is who asks, as far as keys are theirs: a person, or one of their tokens.
func (r *Room) known(req *http.Request) (string, error) {
	v, err := r.visitor(req)
	a := v.who.Actor()
	return a.Person + "/" + a.Token, err
}

// unread is why a body was not read.
func unread(err error) *Problem {
	if large, is := errors.AsType[*http.MaxBytesError](err); is {
		return tooLarge(large.Limit)
	}
	return problem(http.StatusRequestTimeout, "slow", "what was sent did not arrive whole", "send it again")
}

// recorder looks at an answer as it is written.
type recorder struct {
	http.ResponseWriter
	status int
	body   []byte
	long   bool // more than is kept
	secret bool
}

// Unwrap lets deadlines and flushing through.
func (c *recorder) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// WriteHeader keeps the status.
func (c *recorder) WriteHeader(status int) {
	if c.status == 0 {
		c.status = status
	}
	c.ResponseWriter.WriteHeader(status)
}

// Write keeps the body.
func (c *recorder) Write(b []byte) (int, error) {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	if c.long = c.long || len(c.body)+len(b) > mostKept; !c.long {
		c.body = append(c.body, b...)
	}
	return c.ResponseWriter.Write(b)
}

// undone reports an answer after which the same may be tried again: it failed, or nothing
// was done because of who asked and how often.
func (c *recorder) undone() bool {
	switch c.status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestTimeout, http.StatusTooManyRequests:
		return true
	}
	return c.status >= http.StatusInternalServerError
}

func (c *recorder) keeps() kept {
	if c.secret || c.long || c.Header().Get("Set-Cookie") != "" {
		return kept{}
	}
	k := kept{Status: c.status, Body: c.body, Header: map[string]string{}}
	if k.Status == 0 {
		k.Status = http.StatusOK
	}
	for _, name := range headersKept() {
		if value := c.Header().Get(name); value != "" {
			k.Header[name] = value
		}
	}
	return k
}
