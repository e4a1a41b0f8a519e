// Package oracle compares package solve with independent solvers on seeded
// random dispatch models: linear and mixed-integer, with negative prices,
// binding limits, demand charges, coincident peaks, restart costs, storage,
// sell-back, reserves and semi-continuous processes.
//
// The oracle of every test run is Debian's python3-scipy. SLUICE_ORACLE=skip
// leaves it out. The peers of test/peers run when SLUICE_PEERS_PYTHON names a
// Python that has them.
package oracle
