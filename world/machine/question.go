package machine

import (
	"bytes"
	"encoding/json"
	"errors"
	"net"
	"strings"
)

// Question is one question to the interface that many firmwares have from cgminer.
type Question struct {
	Command   string
	Parameter string // what is no text in JSON stays as it was written
	NewAPI    bool   // asks stock Antminer firmware for its newer form
}

// errNoQuestion is JSON that does not hold one.
var errNoQuestion = errors.New("no question in the way of cgminer")

// ReadQuestion reads one question from a connection and reports whether one came.
func ReadQuestion(conn net.Conn) (Question, bool) {
	in, ok := Request(conn)
	if !ok {
		return Question{}, false
	}
	q, err := ParseQuestion(in)
	return q, err == nil && q.Command != ""
}

// ParseQuestion reads an object of JSON, or words with a bar between them.
func ParseQuestion(in []byte) (Question, error) {
	in = bytes.TrimSpace(in)
	var q Question
	if len(in) == 0 || in[0] != '{' {
		q.Command, q.Parameter, _ = strings.Cut(string(in), "|")
		return q, nil
	}
	var x struct {
		Command   string          `json:"command"`
		Parameter json.RawMessage `json:"parameter"`
		NewAPI    bool            `json:"new_api"` // counts here only, never inside a parameter
	}
	if json.Unmarshal(in, &x) != nil {
		return q, errNoQuestion
	}
	q.Command, q.NewAPI = x.Command, x.NewAPI
	if json.Unmarshal(x.Parameter, &q.Parameter) != nil {
		q.Parameter = string(x.Parameter)
	}
	return q, nil
}
