package vnish

import (
	"encoding/json"
	"net/http"

	"sluice/device"
	"sluice/unit"
)

type order = func(*server, http.ResponseWriter, request)

// orders are the requests that change something.
func orders() map[string]order {
	return map[string]order{
		"/mining/stop": stop, "/mining/pause": stop, "/mining/start": start, "/mining/resume": start, "/mining/restart": restart,
		"/mining/throttle": throttle, "/settings": save, "/find-miner": find, "/locate-miner": find, "/system/reboot": reboot,
	}
}

func done(w http.ResponseWriter) { say(w, map[string]any{"success": true}) }

func stop(s *server, w http.ResponseWriter, r request) {
	r.m.Sleep(s.now())
	done(w)
}

func start(s *server, w http.ResponseWriter, r request) {
	s.force(r)
	r.m.Wake(s.now(), false)
	done(w)
}

// restart takes what was saved in force, and mines.
func restart(s *server, w http.ResponseWriter, r request) {
	start(s, w, r)
}

// force brings the machine to the saved preset and the throttle.
func (s *server) force(r request) {
	r.x.current = r.x.saved
	if r.x.throttle == 100 {
		r.m.SetMode(s.now(), r.x.current)
		return
	}
	for _, p := range r.m.Spec.Presets {
		if p.Name == r.x.current {
			r.m.SetPower(s.now(), unit.Power(int64(p.Power)*r.x.throttle/100))
		}
	}
}

func throttle(s *server, w http.ResponseWriter, r request) {
	share, err := number(r.body["percent"])
	switch {
	case !s.options.throttles():
		fail(w, http.StatusNotFound, "not found")
	case err != nil || share < 20 || share > 100:
		fail(w, http.StatusBadRequest, "percent must be 20 to 100")
	default:
		r.x.throttle = share
		s.force(r)
		done(w)
	}
}

func number(v any) (int64, error) {
	n, _ := v.(json.Number)
	return n.Int64()
}

// save takes the part of the settings that was sent. A preset needs the whole
// overclock object, and takes force with a restart.
func save(s *server, w http.ResponseWriter, r request) {
	m, _ := r.body["miner"].(map[string]any)
	overclock, ok := m["overclock"].(map[string]any)
	if !ok || overclock["globals"] == nil || overclock["chains"] == nil {
		fail(w, http.StatusBadRequest, "overclock is not complete")
		return
	}
	name, _ := overclock["preset"].(string)
	if s.preset(r.m, name) == nil {
		fail(w, http.StatusBadRequest, "no such preset")
		return
	}
	changed := name != r.x.saved
	r.x.saved = name
	say(w, map[string]any{"restart_required": changed, "reboot_required": false})
}

func find(_ *server, w http.ResponseWriter, r request) {
	on, _ := r.body["on"].(bool)
	enabled, _ := r.body["is_enabled"].(bool)
	r.x.locate = on || enabled
	say(w, map[string]any{"on": r.x.locate})
}

// reboot drops every token. Whether a stop outlives it is a setting.
func reboot(s *server, w http.ResponseWriter, r request) {
	stays := s.options.Stays && r.m.State(s.now()).Intent == device.Asleep
	r.x.token = ""
	r.m.Reboot(s.now(), stays)
	say(w, map[string]any{"after": 3})
}
