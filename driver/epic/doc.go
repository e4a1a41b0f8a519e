// Package epic speaks the dialect of ePIC's PowerPlay firmware: JSON over HTTP on
// port 4028, where other firmware speaks cgminer. Where facts stand: [S] in the
// source of a public project, [A] our assumption, [U] not known.
//
// Questions need no login; every order carries the password in its body [S].
// HTTP 200 is no yes: the yes is "result":true, and a refusal gives its reason as
// free text, in which only a word about the password is looked for [A].
//
// "Operating State" is both what the machine was told and what it does: Idling
// is paused, Mining runs, and every other word is a change between the two [S].
// A machine that idles and hashes is said to run.
//
// The power is the power supply's own input reading. A level is the target of
// the PowerTune algorithm, in watts and within bounds that the machine states.
// It counts only while the tuner is on, which is left to the operator; changing
// it starts a tuning of unknown length [U]. The tuner's other settings are read
// and sent back, since the firmware forgets those that are left out [S].
//
// How to blink is not known well enough to be ordered [U].
package epic
