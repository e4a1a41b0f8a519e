// Package pool reads what a mining pool credited, from a file that a person or
// a script brings: how much accepted work in which window of time. It is one of
// three ways to know a hash rate; docs/formula/verify.md compares them.
//
// The file is CSV with one header line. A line that begins with # is a comment.
//
//	time                 start of the window, RFC 3339 with its offset
//	minutes              its length, 1 to 1440
//	accepted_difficulty  difficulty of all accepted shares together
//	shares               how many they were
//	group                mining group that they are of; empty or no such column: the whole site
//
// A file is understood completely or refused, with every fault named by its
// line. Nothing is guessed: a window that is not there is not known, and one
// with zero shares says that the pool credited nothing.
package pool
