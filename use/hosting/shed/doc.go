// Package shed says who gives up power with the least damage: which jobs are
// slowed down, which are stopped, and which empty nodes go off, so that so many
// watts fall within so many seconds and stay away for so long.
//
// Everything here is pure and counts in whole watts of IT power and millionths of
// money. What a job draws is measured, never a nameplate. A gang is one job and one
// decision. Firm tenants come last. Source: docs/formula/shed.md.
package shed
