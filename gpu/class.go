package gpu

// Class is a kind of work, as far as it decides how speed follows power.
type Class string

// The classes of work.
const (
	AnyWork   Class = ""
	Training  Class = "training"
	Inference Class = "inference"
	HPC       Class = "hpc"
)
