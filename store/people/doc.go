// Package people keeps who may do what in one SQLite file: people and their roles, how
// they show who they are, their sessions and tokens, what two people are asked for, and
// the audit log. What the rules are says sluice/people.
//
// Words:
//
//	Visitor    the proof of who asks: only a session or a token that is valid makes one,
//	           and each call asks anew whether it still is
//	session    of a person who logged in; 256 random bits, of which the hash is kept
//	token      of a program that acts for a person, with no more rights than that person
//	link       works once: of the first administrator, or with which a person sets a password
//	code       of an app, by RFC 6238; its secret is sealed with the key file
//	request    what one person asks and another one approves
//	entry      one line of the audit log
//
// What was written is there: every call returns without error only after it is on stable
// storage, and otherwise nothing of it is. Whatever changes a right writes its entry in
// the same transaction. Entries are added and never changed; the database itself refuses
// it, and Verify finds who went around it. One program writes. After a failed commit the
// store refuses everything, and the program must open it anew.
//
// Passwords, tokens, sessions, links and recovery codes are nowhere: only their hashes
// are. Whoever has the file and the key file has the secrets of the apps, and no password.
package people
