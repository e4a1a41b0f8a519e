// Package board writes the report of a plan: one page for a browser (WriteHTML), the
// same on A4 (WritePDF), and a workbook with live formulas (WriteXLSX).
//
// It takes a Report, which is data: the plan with the standing of every figure, the
// months of its expected path, what they are worth, and, where paths of chance were
// drawn, the Risk of it. It computes nothing that a decision rests on but sums over
// months and years, and says beside every forecast how it was tested.
//
// How to read the report: docs/board.md. What its figures are: docs/formula/capital.md.
package board
