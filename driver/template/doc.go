// Package template reads the files that describe meters and strips: one YAML
// object of plain values, lists of text and objects within it. It is strict and
// knows no dialect itself. Every key must be asked for, none may be stated twice,
// and anchors and tags are refused. All faults of a file are reported at once,
// each with its line and its remedy.
package template
