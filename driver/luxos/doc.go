// Package luxos speaks the dialect of LuxOS: JSON on TCP port 4028 in the
// framing of cgminer, one request a connection.
//
// Where it stands, and how well that is known:
//
//   - A command that changes something needs a session. The firmware has exactly
//     one; it ends after a minute without use; it coordinates and does not
//     protect: there is no password (vendor documentation). This driver logs on,
//     acts and logs off within one Apply. Code 402 means that another holds the
//     session: Busy. The session that the command "session" would show belongs
//     to somebody else and is never borrowed.
//   - "curtail sleep" turns off boards and power supply and outlives a reboot;
//     profiles and reboots are refused while asleep (vendor documentation; older
//     documents let a reboot wake).
//   - The word in CurtailMode while awake is "None" (recorded). While asleep it
//     is "Sleep" in what third parties publish, which no recording of ours
//     confirms; so every other word than those of an awake machine counts as
//     asleep in the intent, and Activity says asleep only when the machine does
//     not say that its power supply is on.
//   - The watts of a profile are labels: the recorded machine sits at a profile
//     of 1188 W and says that it draws 1051 W. "PSU": false beside the watts is
//     taken to mean an estimate (assumption).
//   - "total rate" in "stats" is a mean over the boards, not a total (recorded).
//     Hash rates come from "summary" in GH/s, the ideal from the boards' nominal
//     MH/s, matched by nothing but summed: boards come in any order.
//   - A bare number from 0 to 3 as a profile is read as a board number: numbers
//     are never sent.
//   - The temperature manager (ATM) moves the profile by itself. This driver
//     does not switch it off; the ack of a level says when it is on, and a mode
//     that differs later is contention, not failure.
package luxos
