// Package unit holds the integer quantities that the whole house counts in.
//
// Sign, stated once: positive power and energy mean that the site CONSUMES;
// what the site feeds into the grid is negative. A price is what the consumer
// pays, so a negative price pays the consumer. Money is positive when it is
// earned and negative when it is spent, wherever a sum is called a margin.
//
// Rounding, stated once: every product or quotient is formed in 128 bits and
// rounded half to even, once, at the moment it becomes an amount. Nothing is
// rounded twice and no residue is dropped silently.
//
//	power       Power       int64 W
//	energy      Energy      int64 J
//	hash rate   Hashrate    int64 GH/s
//	hashes      Work        int64 GH (10^9 hashes)
//	efficiency  Efficiency  int64 mJ/TH (thousandths of a joule per terahash)
//	money       Amount      int64 millionths of a currency unit
//	bitcoin     Satoshi     int64
//	energy price  Price     int64 millionths of a currency unit per MWh
//	hashprice   Hashprice   int64 millionths of a currency unit per PH/s and day
//	ratio       Ratio       int64 millionths
package unit
