// Package room keeps what the control room knows in one SQLite file, room.db: the objects
// that people decide, what each settlement interval of a site came to, the alarms, the
// answers to requests that may come again, what is to be said outside, and how each
// person's page is set.
//
// Words:
//
//	Object    something people decide, with every version it had
//	version   counts the changes of one object from 1; a deletion is one, and what is made
//	          again under the name goes on from there, so that no version means two things
//	Interval  what one settlement interval of a site came to; a correction replaces it
//	Answer    what was answered to a request of a person with a key; open: it was begun,
//	          and nobody has said how it ended
//	Message   one notification to one contact: waiting, sent or dropped
//	Setting   a value of one person under a key
//
// What was written is there: every call returns without error only after it is on stable
// storage, and otherwise nothing of it is. What one call is given is kept whole or not at
// all. One program writes; after a failed commit the store refuses everything, and the
// program must open it anew.
//
// Everything has a bound, and ErrFull says which one was met. What is only remembered goes
// by itself when there is more than fits, the oldest first: events of alarms, finished
// answers, finished messages. Versions of objects and intervals never go. An answer that
// is open goes by Forget only: a request of which nobody knows how it ended must not be
// done a second time by chance.
//
// The file is not sealed: no password and no token belongs into a spec, a body or an answer.
package room
