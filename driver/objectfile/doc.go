// Package objectfile reads and writes objects as YAML: several documents in a file,
// each one object with apiVersion, kind, metadata and spec.
//
// A file is either understood completely or refused with every fault at once, each
// with line, column, the path of its field, what is wrong and what to do. Numbers keep
// every digit. An unknown key is a fault and the nearest known one is named.
//
// A JSON Schema of each kind stands in the folder schema. It is what files are checked
// by, what editors are given, and what forms are made from. The tests write it from
// the key tables of the readers of sites, entities, quotes and templates, and from the
// Go types of the other kinds, so that schema and reader cannot drift apart.
//
// What a schema cannot say is checked by the readers of those files: the caller wires
// them as a Check.
package objectfile
