// Package pdf lays text and drawings on A4 sheets and writes them as a PDF.
//
// It knows how words are shaped, in Latin, Greek, Cyrillic and Arabic, where their
// lines end and which way they are read (setter); where text stands on a page (Sheet,
// Box, Cell, Column); and what a file is made of. It does not know what it prints:
// bills are in books/invoice, the report of a plan in capital/board. The fonts are
// inside, cut to the letters that are used. The same text has the same bytes.
//
// Lengths are hundredths of a point, from the left and from above.
package pdf
