// Package sitefile reads the declaration of a site: its connection, halls and
// contracts, its machines, and what a plan of it looks like. The file is YAML;
// docs/site-file.md lists every key and schema.json lets an editor check them.
//
// The rule of the package: a file is either understood completely or refused
// with every fault at once, each with its line, its column and its remedy. An
// unknown key is a fault, so that a misspelt limit is never a missing limit.
//
// A key carries its unit last (import_limit_mw, restart_minutes, pue). Numbers
// are read from their literal text into integers: 0.1 stays 0.1, and a number
// with more digits than its quantity keeps is refused instead of rounded.
// Money is in the currency of the site, so keys say price_per_mwh.
//
// The keys are the struct tags of declaration and what hangs below it:
//
//	key      the name in the file
//	unit     of a number; it decides how the text becomes an integer
//	need     the key must be there
//	default  what an absent key means, read like a value of the file
//	absent   what an absent key means, in words, where it is worked out
//	low      least value
//	high     largest value
//	one      the words that are allowed
//	doc      meaning, for docs/site-file.md and schema.json
package sitefile
