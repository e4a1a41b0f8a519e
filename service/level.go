package service

import "sluice/unit"

// Scope says what fails by itself.
type Scope string

// The scopes of a promise.
const (
	Fleet    Scope = "fleet"    // all units together, weighted
	Instance Scope = "instance" // each node by itself
)

// Tier is one tier of credits.
type Tier struct {
	Below  unit.Ratio // availability strictly below it; who reaches it has the better tier
	Credit unit.Ratio // of the fee
}

// Level is what a contract promises for a month.
type Level struct {
	Scope Scope
	Tiers []Tier     // availability falling, credit rising
	Cap   unit.Ratio // most of the fee that is credited; 0: all of it
}
