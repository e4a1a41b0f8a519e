// Package bookkeeper writes the books of a site that runs: it reads the papers that
// the site keeps, day by day, and hands what is settled to the clerk of the company.
//
// A day is booked once it is over and every interval of it has its price. What
// never got one is not guessed: after a while the day is booked without it, and
// the stretch is parked in suspense with the reason. Booking again changes nothing,
// so it may be stopped and begun anew at any time.
package bookkeeper
