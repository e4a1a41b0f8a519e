package hosting

// Counts is what happened with a contract, as counts that only rise: GPU-seconds,
// of a colocation contract kilowatt-seconds.
type Counts struct {
	Served    int64 // ran for the tenant
	Committed int64 // was to be kept for the tenant, used or not
	Lost      int64 // of Served: work that an eviction of ours undid
	Slowed    int64 // of Served: speed that power limits of ours took
	Down      int64 // of Committed: could not be used, whoever caused it
	Excused   int64 // of Down: as agreed, such as a call within the terms
	Late      int64 // work done after its deadline
	Evictions int64 // jobs that we stopped
}

// Plus is both together.
func (c Counts) Plus(d Counts) Counts {
	return Counts{
		Served: c.Served + d.Served, Committed: c.Committed + d.Committed, Lost: c.Lost + d.Lost, Slowed: c.Slowed + d.Slowed,
		Down: c.Down + d.Down, Excused: c.Excused + d.Excused, Late: c.Late + d.Late, Evictions: c.Evictions + d.Evictions,
	}
}

// Since is what was counted since an earlier count.
func (c Counts) Since(was Counts) Counts {
	return Counts{
		Served: c.Served - was.Served, Committed: c.Committed - was.Committed, Lost: c.Lost - was.Lost, Slowed: c.Slowed - was.Slowed,
		Down: c.Down - was.Down, Excused: c.Excused - was.Excused, Late: c.Late - was.Late, Evictions: c.Evictions - was.Evictions,
	}
}
