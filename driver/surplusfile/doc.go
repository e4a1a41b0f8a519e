// Package surplusfile reads surplus energy by month: what a country or a plant could
// have made and nobody took.
//
// A file is CSV with the columns month and mwh, a row for each month, the oldest first
// and none left out: a month without surplus is 0. Lines that begin with # are comments;
// a file whose first line begins with "# MADE UP" says so wherever it is used. Every
// fault is told with its line and what to do, all of them at once.
package surplusfile
