// Package ui holds the built pages of the control room. They are made by Vite from the
// TypeScript beside this file: see README.md, and make build.
package ui

import "embed"

// Pages is the folder dist with index.html.
//
//go:embed all:dist
var Pages embed.FS

// Words are the texts of alarms by language, for messages that go outside.
//
//go:embed src/words/*/alarmtexts.json
var Words embed.FS
