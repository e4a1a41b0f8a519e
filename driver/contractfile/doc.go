// Package contractfile reads what a tenant has agreed, and the files by which its
// use, its outages and what excuses them are delivered.
//
// Every fault of a file is told with its line, all of them at once. A line of use
// that can be understood but not billed - negative, of a contract that nobody
// knows, at a time that ends before it begins - is read: package billing parks it
// with its reason. Only what cannot be understood refuses the file.
package contractfile
