// Package vnish lets virtual machines speak the dialect of VNish on a network:
// JSON over HTTP with a password that is traded for a token, and the reports of
// cgminer on a second port, where "version" is an invalid command as on the real
// firmware. Pool lists carry the developers' pool, the fields of one page
// disagree in unit as the real ones do, and a saved preset takes force with the
// restart of mining.
//
// No recording shows an order carried out or a machine asleep; the answers to
// those follow the interface description that the firmware carries.
package vnish
