// Package alarm says what a person on shift has to act on, and who is told of it.
//
// Words:
//
//	Definition  one alarm of the closed list: priority, cause, consequence, what to do, and
//	            within what time. What needs nobody is an event and not in the list
//	Condition   something that holds at a site, as status or notices say it
//	Alarm       a condition that people were told of, until it has ended and somebody has
//	            acknowledged it
//	place       the feeder or hall that a condition belongs to; empty: the whole site
//	hidden      suppressed by design: another alarm explains it, or the site's design does
//	shelved     put aside by a person, with a reason, until an hour
//	out         out of service: a person took it out until a person puts it back
//	ring        an alarm that came up, as far as the rates are concerned
//	flood       more rings in 10 minutes than the operators on shift can answer
//	Contact     somebody who can be told outside the control room
//	Route       which alarms reach which contacts, and who is next if nobody answers
//	Tell        one message to one contact
//
// A Kernel takes events and returns effects. It holds everything in a Memory that is plain
// data: a kernel made of it goes on as if nothing had happened. Nothing in here reads a
// clock, a file or the network: instants are given. The list of alarms and what the states
// mean is docs/alarms.md.
package alarm
