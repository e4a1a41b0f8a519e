package model

// Path is one future of a plan, on the steps of a grid. The model only reads it.
type Path struct {
	Price   []float64   // per step: mean price of bitcoin
	Hash    []float64   // per step: mean hashprice, BTC/PH/day, fees in it
	Power   []int32     // per step: week of the power histories; nil: all weeks at once
	Rent    []float64   // per step: rents of compute, 1 at the begin
	Slip    [][]float64 // per project and phase: how many times longer; nil: as planned
	Overrun [][]float64 // per project and phase: how many times dearer
	Default []float64   // per project: months after the first rent at which the tenant pays no more; +Inf never
}

// slip is by how much a phase takes longer.
func (p *Path) slip(project, phase int) float64 {
	if p.Slip == nil {
		return 1
	}
	return p.Slip[project][phase]
}

// overrun is by how much a phase costs more.
func (p *Path) overrun(project, phase int) float64 {
	if p.Overrun == nil {
		return 1
	}
	return p.Overrun[project][phase]
}
