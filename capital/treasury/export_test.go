package treasury

// Seller lets a test hand in a rule that cheats.
type Seller = seller

// BacktestRule is Backtest under any rule.
func BacktestRule(m Miner, path Path, rule Seller) (Report, error) { return backtest(m, path, rule) }

// Walker steps one miner through path after path, as Run does on one processor.
func Walker(m Miner, p Policy) (func(Path) (Outcome, error), error) {
	w, err := newWalk(m)
	var rule seller = p
	return func(path Path) (Outcome, error) { return w.run(path, rule, nil) }, err
}
