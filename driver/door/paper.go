package door

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// longestAsk bounds what somebody asks, in bytes.
const longestAsk = 64 << 10

// Read reads the one JSON object that somebody asks with into to. A field that nobody
// knows is an error: it may be a limit with a letter wrong.
func Read(w http.ResponseWriter, r *http.Request, to any) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, longestAsk))
	d.DisallowUnknownFields()
	err := d.Decode(to)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("more than one request came")
		}
	}
	if err != nil {
		return fmt.Errorf("read the request: %w", err)
	}
	return nil
}

// Write answers with an object that a person can read.
func Write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	_ = e.Encode(v) // who asked may be gone
}
