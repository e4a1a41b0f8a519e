// Package people says who may do what, and how somebody shows who they are.
//
// Words:
//
//	Role       what somebody is in the house: viewer, operator, engineer, ...
//	Verb       one thing that can be done, in words of the trade, from a closed list
//	Authority  what a verb takes: one person at once, one who has just shown again who
//	           they are, or two people
//	Grant      a role at one site or at all, or of one tenant
//	Place      where something is done: a site, and the tenant whose thing it is
//	Actor      who does something: a person, or a token of a person
//	Request    what two people are asked for: one asks, another one approves, it is
//	           carried out once, and all that within a quarter of an hour
//	Refusal    why not, with a code and what to do
//	Entry      one line of the audit log; a Chain notices when any of it was changed
//
// Authority is asymmetric: to lower, to stop, to lock out and to demote takes one
// person at once; what raises, pays or grants takes two. The table is docs/people.md.
//
// Nothing in here reads a clock, a file or chance: instants and random bytes are given.
package people
