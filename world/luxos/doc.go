// Package luxos lets virtual machines speak the dialect of LuxOS on a network:
// TCP in the framing of cgminer, a NUL at the end of each reply, one session
// that ends after a minute without use, and the spellings and odd types of the
// real firmware (steps as text, boards out of order, a "total rate" that is a
// mean). The driver of the same name and third-party tools talk to it unchanged.
//
// Answers to what no recording shows (a sleeping machine, refusals other than
// 402) are assumptions and marked so beside the code.
package luxos
