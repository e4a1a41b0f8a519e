// Package quotefile reads what a quote is made of: inputs with their sources,
// scenarios of power price and hashprice, and what else a seller wants judged. What a
// person says on the command line takes the place of what the file says.
//
// Every fault is told at once, with its file and line or its flag, and with what to
// do. An input that is missing is a fault; one without a source is an assumption and
// stays marked as one.
package quotefile
