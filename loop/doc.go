// Package loop turns the wheel. One turn, every settlement interval:
//
//  1. observe   meters, devices and markets say what is true: Snapshot
//  2. forecast  looks ahead from it: Outlook
//  3. (bids)    each use states what power is worth to it: bids.go lists the uses
//  4. dispatch  gives every megawatt its best use: Plan
//  5. actuate   turns the plan into bounded instructions: Orders, Receipts
//  6. verify    believes the meter: Delivery
//  7. settle    writes the books: Entry
//
// Open does 1 to 5 when an interval begins, Close does 6 and 7 when it has
// ended. Time arrives with the call; nothing here reads a clock. The same wheel
// turns live, over recorded markets and over a simulated plant: only who calls
// it, and what stands behind its ports, differs.
//
// One goroutine owns a wheel and everything in it.
package loop
