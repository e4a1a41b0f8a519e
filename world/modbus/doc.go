// Package modbus is a simulated energy meter on the wire: a Modbus TCP server
// that shows the truth of the simulated world in the registers of any template,
// and lies, stalls and breaks in the ways in which meters do.
//
// It reads the template file by itself and encodes with other means than the
// driver decodes, so that the two can prove each other wrong.
package modbus
