// Package supplier holds the final statement of a supplier of power against what
// was metered and accrued, line by line, and says of every difference how much of
// it is quantity and how much is price.
//
// Source: docs/formula/supplier.md.
package supplier
