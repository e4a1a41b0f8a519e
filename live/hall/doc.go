// Package hall runs a real GPU hall: it is the kernel of loop/curtail with engines,
// power agents, meters, disks and a clock around it.
//
//	Hall      the shell: one goroutine owns everything that changes, looks at the hall
//	          once in every beat, hands what it saw to the kernel and carries out what
//	          that decides
//	lane      one engine, one agent or one meter: it is asked one thing at a time, so
//	          that who does not answer keeps nobody else waiting
//	Meter     what shows the power of the hall, a rack or the site
//	witness   who held which GPU by the labels, against the engine's word
//	Proposal  a plan with its price, before anything is done
//	Door      the local socket at which a person sees, curtails and releases
//	Virtual   a hall of world/hall behind the same ports, for trying everything out
//
// The state of the kernel and every command are on disk before a command goes out.
// Where the disk refuses, what lowers power goes out all the same and is told; what
// gives back waits. A restart goes on where the last run was. Nothing that is missing
// counts as zero, and only a meter is proof. docs/hall.md says how a hall is run.
package hall
