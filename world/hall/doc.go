// Package hall is a virtual GPU hall in virtual time: servers that are up, empty,
// off, booting or broken, jobs that arrive, wait, run at the speed of their power
// limit, save and end, and the power that all of it draws.
//
// A Hall is a compute engine (engine.Engine, engine.Recorder) and the power agent
// of its servers (gpu.Agent), and decides nothing beyond what such an engine
// decides: who starts next within quota and watts, on which servers, and which
// preemptible job makes room for a reserved one. Curtailing it is done through
// those two ports only, as on a real site.
//
// Time is virtual and counted in whole seconds; however a stretch is cut, the same
// happens in it. What fails, what arrives and how warm it is does not depend on
// what the hall was told, so different policies meet the same world.
package hall
