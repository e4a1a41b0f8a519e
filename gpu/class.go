package gpu

// Class is a kind of work, as far as it decides how speed follows power. Curves of
// one class do not hold for another.
type Class string

// The classes of work.
const (
	AnyWork   Class = "" // nobody stated it
	Training  Class = "training"
	Inference Class = "inference"
	Prefill   Class = "prefill" // inference that reads its prompt
	Decode    Class = "decode"  // inference that writes its answer
	HPC       Class = "hpc"
)

// near lists the classes whose curve stands in for one that has none, best first.
func (c Class) near() []Class {
	switch c {
	case Prefill, Decode:
		return []Class{Inference, AnyWork}
	case Inference:
		return []Class{Prefill, Decode, AnyWork}
	case AnyWork, Training, HPC:
	}
	return []Class{AnyWork}
}
