// Package mining knows Bitcoin mining: machine models and their measured power
// curves, groups of identical machines, what a hash earns, what a restart
// costs, and how heat changes both. It turns a group into one bid for power.
//
//	Catalogue   models and curves, embedded, each row with its source; a site adds its own
//	Group       machines of one model that are fed, cooled and switched alike
//	Rig         a group joined to its model: its steps, its bids, hash rate from power
//	Hull        a curve as steps, each dearer per hash than the one before
//	Network     difficulty, reward and price of a day, hence yield and hashprice
//	Retarget    the consensus rule; Progress estimates the next one
//
// Power here is IT power at the machine's plug; the marginal PUE leads to the
// meter. Every formula stands in docs/formula/mining.md with a worked number.
package mining
