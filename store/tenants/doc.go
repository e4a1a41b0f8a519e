// Package tenants keeps what is known of tenants in one SQLite file: who they are and
// by which tokens they are known, what they asked for and what became of it, what they
// used, how they were served, which curtailments are planned, what engines were
// commanded, and which accounts they have there.
//
// Words:
//
//	Tenant      the proof of who asks: only a token that was issued, or the office, makes one
//	Desk        what a tenant may ask and say; every method takes the Tenant, and answers
//	            with nothing of another one
//	Office      what the operator may ask and say, of all tenants
//	token       a random secret of 256 bits; only its salted hash is kept
//	wish        what a tenant asks to reserve; its states are added to it, never changed
//	event       one curtailment; its commands are stored before they are sent
//	notice      what a tenant is told of an event: times, not prices
//
// What was written is there: every call returns without error only after it is on
// stable storage, and otherwise nothing of it is. Usage, service, states, commands and
// answers are added and never changed; the database itself refuses it. The same again
// changes nothing; the same name with other content is refused. One program writes.
// After a failed commit the store refuses everything, and the program must open it anew.
package tenants
