// Package object is what people decide, as objects: sites, entities, meter
// templates, quotes, contacts, routes, policies and the roles of groups. The
// store holds them and is the one source of truth; YAML and JSON only carry them.
//
// An object has a kind, a name, labels and a spec. The kinds are a closed table.
// A spec is a Value: a tree of texts, numbers and truths with one canonical form,
// so that what is exported and applied again differs in nothing.
//
// Diff tells by field what changes, and for each field how many people it takes:
// the risk. What lowers takes one person at once; what raises a limit or changes
// who is paid takes two. A field that nobody classed is dangerous when its path
// names a limit and it does not fall, or when its path names somebody who is paid.
//
// Plan turns objects that were read into changes of those that are stored, and
// refuses all of them when one is bad.
//
// Nothing here reads a file, a clock or the network.
package object
