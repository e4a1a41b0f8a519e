package gpu

import "sluice/unit"

// Model is one kind of GPU and its place in a server. Zero is not known.
type Model struct {
	Name    string     // such as "H100 SXM"
	TDP     unit.Power // default power limit
	Min     unit.Power // lowest limit that it takes
	Idle    unit.Power // of the GPU with nothing to do
	Memory  int        // GB
	PerNode int        // GPUs in a server or rack unit
	Node    unit.Power // of the server with every GPU at full load: system maximum
	Empty   unit.Power // of the server that runs nothing
	Cooling string     // air or liquid
	Source  string
}
