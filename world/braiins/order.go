package braiins

import (
	"encoding/json"
	"net/http"
	"strings"

	"sluice/device"
	"sluice/unit"
)

// orders are the requests that change something.
func orders() map[string]func(*server, http.ResponseWriter, request) {
	return map[string]func(*server, http.ResponseWriter, request){
		"/actions/pause": pause, "/actions/stop": pause, "/actions/resume": resume, "/actions/start": resume,
		"/actions/locate": locate, "/actions/reboot": reboot, "/performance/power-target": target,
	}
}

// pause says whether the machine was paused already.
func pause(s *server, w http.ResponseWriter, r request) {
	was := r.m.State(s.now()).Intent == device.Asleep
	r.m.Sleep(s.now())
	say(w, was)
}

func resume(s *server, w http.ResponseWriter, r request) {
	was := r.m.State(s.now()).Intent == device.Running
	r.m.Wake(s.now(), false)
	say(w, was)
}

func locate(_ *server, w http.ResponseWriter, r request) {
	if json.Unmarshal(r.body, &r.x.locate) != nil {
		fail(w, http.StatusBadRequest, "a boolean is wanted")
		return
	}
	say(w, r.x.locate)
}

// reboot drops every token; whether a pause outlives it is not known, and here
// it does not.
func reboot(s *server, w http.ResponseWriter, r request) {
	r.x.token = ""
	r.m.Reboot(s.now(), false)
	w.WriteHeader(http.StatusNoContent)
}

// target takes an absolute target within the constraints and echoes it.
func target(s *server, w http.ResponseWriter, r request) {
	var in struct {
		Watt *int64 `json:"watt"`
	}
	all := r.m.Spec.Presets
	if err := json.NewDecoder(strings.NewReader(string(r.body))).Decode(&in); err != nil || in.Watt == nil {
		fail(w, http.StatusBadRequest, "watt is missing")
		return
	}
	p := unit.Power(*in.Watt)
	if p < all[0].Power || p > all[len(all)-1].Power {
		fail(w, http.StatusBadRequest, "power target is out of the constraints")
		return
	}
	r.x.target = p
	r.m.SetPower(s.now(), p)
	say(w, watt(p))
}
