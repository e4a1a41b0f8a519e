package braiins

import (
	"encoding/binary"
	"io"
	"net/http"
	"strconv"

	"sluice/device"
	"sluice/world/machine"
)

// Codes of gRPC: the code of an answer goes behind it.
const (
	fine          = 0
	invalid       = 3
	unimplemented = 12
	unauthorised  = 16
)

// methods are the calls of gRPC that have an equal in REST.
func methods() map[string]func(*server, request) message {
	return map[string]func(*server, request) message{
		"/braiins.bos.v1.MinerService/GetMinerDetails": farDetails,
		"/braiins.bos.v1.MinerService/GetMinerStats":   farStats,
		"/braiins.bos.v1.ActionsService/PauseMining":   farPause,
		"/braiins.bos.v1.ActionsService/Stop":          farPause,
		"/braiins.bos.v1.ActionsService/ResumeMining":  farResume,
		"/braiins.bos.v1.ActionsService/Start":         farResume,
	}
}

// call answers one call of gRPC. A login gives the token in its answer and
// beside it; every other call brings it along.
func (s *server) call(w http.ResponseWriter, r *http.Request, m *machine.Machine) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := request{Request: r, m: m, x: s.of(m)}
	body, err := io.ReadAll(r.Body)
	method := methods()[r.URL.Path]
	switch {
	case err != nil || len(body) < 5 || body[0] != 0 || int(binary.BigEndian.Uint32(body[1:5])) != len(body)-5:
		refuse(w, invalid, "one message without compression is wanted")
	case r.URL.Path == "/braiins.bos.v1.AuthenticationService/Login":
		said := texts(body[5:])
		if !s.enter(in.x, said[1], said[2]) {
			refuse(w, unauthorised, "Invalid username or password")
			return
		}
		w.Header().Set("Authorization", in.x.token)
		tell(w, message{}.text(1, in.x.token).number(2, uint64(s.options.Token.Seconds())))
	case method == nil:
		refuse(w, unimplemented, "")
	case !s.authorised(in):
		refuse(w, unauthorised, "Invalid or expired token")
	default:
		tell(w, method(s, in))
	}
}

// tell sends an answer in its frame, and the code of success behind it.
func tell(w http.ResponseWriter, m message) {
	w.Header().Set("Content-Type", "application/grpc")
	w.Header().Set(http.TrailerPrefix+"Grpc-Status", strconv.Itoa(fine))
	_, _ = w.Write(append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(m))), m...))
}

func refuse(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "application/grpc")
	w.Header().Set("Grpc-Status", strconv.Itoa(code))
	w.Header().Set("Grpc-Message", text)
}

func farDetails(s *server, r request) message {
	x := r.m.State(s.now())
	up := uint64(s.now().Sub(x.Booted).Seconds())
	return message{}.text(1, "uUTHH0m8").
		part(2, message{}.number(1, 1).text(3, r.m.Spec.Model).text(4, r.m.Spec.Model)).
		part(5, message{}.text(1, firmware).number(3, 1)).
		text(6, "Antminer").text(7, r.m.Spec.MAC).number(8, up).
		part(9, rate(float64(r.m.Spec.Nameplate.Hash))).
		number(10, up).number(11, up).number(12, uint64(status(x.Activity))).text(16, r.m.Spec.Serial)
}

// farStats leaves the power out when the machine states none.
func farStats(s *server, r request) message {
	x := r.m.State(s.now())
	h := float64(x.Hash)
	rates := message{}.part(1, rate(h)).part(4, rate(h*0.999)).part(9, rate(h*0.8)).part(10, rate(h*0.97))
	out := message{}.part(1, message{}.number(1, 10464).number(2, 18)).
		part(2, message{}.part(1, rates).part(2, rate(float64(nominal(r.m, x.Mode)))))
	if !x.Reported.Known {
		return out
	}
	return out.part(3, message{}.part(1, message{}.number(1, uint64(max(0, x.Reported.Value)))))
}

// rate is a hash rate in GH/s.
func rate(giga float64) message { return message{}.real(1, giga) }

func farPause(s *server, r request) message {
	was := r.m.State(s.now()).Intent == device.Asleep
	r.m.Sleep(s.now())
	return message{}.flag(1, was)
}

func farResume(s *server, r request) message {
	was := r.m.State(s.now()).Intent == device.Running
	r.m.Wake(s.now(), false)
	return message{}.flag(1, was)
}
