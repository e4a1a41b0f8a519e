// Package trial is the shell around one trial of package commission: it asks the
// machine and the meter, hands on what they say, and carries out what the trial
// wants. One goroutine owns the trial, one talks with the machine and one with the
// meter; all of them have ended when Conduct returns.
package trial
