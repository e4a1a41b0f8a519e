// Package room is the HTTP interface of the control room: everything that a person
// can see and do, and the pages with which they do it. It decides nothing: whether
// somebody may is said by people, what a site does by the site, what is booked by the
// books. It holds what it was told last, with its age.
//
//	Room     the whole: sites that are attached, people, objects, alarms, events
//	route    one thing that can be asked; each names the right that it takes and where,
//	         or it is not served
//	Visit    who asks: a session of the page or a token, and when
//	mirror   what one site said last; one goroutine asks it
//	Problem  why not, with a code, what is wrong and what to do (RFC 9457)
//	Event    what changed, told to every page that is open
//
// What takes two people is asked for by one, approved by another one and then carried
// out once; the site is told both names. What lowers takes one person and no delay.
//
// Quantities over JSON: power in watts, counts and satoshi as numbers; energy in
// joules and money in millionths as texts, because numbers of a browser are exact
// only to 2^53; amounts of plans, which are estimates, as numbers in whole units of
// their currency. Times are RFC 3339 in UTC. A missing value is absent, never zero.
package room
