// Package planfile reads and writes plans: what a company means to do with its sites
// over years, as a person writes it in YAML.
//
//	Load, Read  a file, strictly: a key that is not known is a fault with the nearest one that is
//	Write       a plan as a file that reads back to the same plan
//	Cut         a series of power prices as whole weeks, as package capital/model takes them
//	Unit        what a figure of a plan is counted in, by its place
//
// Every fault is told at once, with its file, its line, and what to do. The keys are
// those of capital.Plan, and histories beside them: names of power prices with the
// file that each stands in. docs/plan.md lists them all.
package planfile
