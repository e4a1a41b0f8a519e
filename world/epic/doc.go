// Package epic serves virtual machines in the dialect of ePIC's PowerPlay
// firmware: JSON over HTTP on port 4028 and a page for people on 80, orders with
// the password in their body, and answers of status 200 whose "result" alone
// tells a yes from a no. The texts of refusals are invented: none is documented.
package epic
