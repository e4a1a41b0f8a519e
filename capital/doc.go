// Package capital is the floor of long decisions: what to build, what to sell it
// for over years, and what that is worth beside what the same power earns now.
// Each of its rooms knows one of them; quote prices a contract.
//
// Years and volatilities are not known to the millionth, so these rooms compute in
// floats. What goes in and what comes out are the integers of package unit, through
// one named conversion each way.
package capital
