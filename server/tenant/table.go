package tenant

import (
	"encoding/json"
	"net/http"
)

func query(name, says, example string) param { return param{name: name, says: says, example: example} }

// routes is all that is served.
func routes() []route {
	from := query("from", "Begin, an instant or a day in UTC.", "2025-09-01")
	to := query("to", "End.", "2025-09-02")
	contract := query("contract", "One contract; without it all of yours.", "acme-train")
	id := param{name: "id", says: "Id of the reservation.", path: true}
	return []route{
		{
			method: http.MethodGet, path: aboutPath, says: "This description.", open: true, answer: json.RawMessage{}, status: http.StatusOK,
			do: func(c call) (any, error) { return json.RawMessage(c.server.about), nil },
		},
		{method: http.MethodGet, path: "/v1/me", says: "Who you are, and your tokens without their secrets.", answer: Me{}, status: http.StatusOK, do: me},
		{method: http.MethodGet, path: "/v1/contracts", says: "What you agreed.", answer: []Contract{}, status: http.StatusOK, do: contracts},
		{method: http.MethodGet, path: "/v1/reservations", says: "What you asked for, and what became of it.", answer: []Reservation{}, status: http.StatusOK, do: reservations},
		{
			method: http.MethodPost, path: "/v1/reservations", says: "Asks for GPUs, or for power for hardware of your own. The same key and wish again is no second one.",
			body: func() any { return &Wish{} }, example: wishExample, also: colocationWishing, answer: Reservation{}, status: http.StatusCreated, do: ask,
		},
		{method: http.MethodGet, path: "/v1/reservations/{id}", says: "One reservation.", params: []param{id}, answer: Reservation{}, status: http.StatusOK, do: reservation},
		{method: http.MethodDelete, path: "/v1/reservations/{id}", says: "Takes a wish back that waits for its answer.", params: []param{id}, answer: Reservation{}, status: http.StatusOK, do: cancel},
		{
			method: http.MethodPost, path: "/v1/quote", says: "What GPUs, or power for hardware of your own, would cost, whether they can be had, and from when. It binds nobody and keeps nothing free.",
			body: func() any { return &Inquiry{} }, example: inquiryExample, also: colocationExample, answer: Quote{}, status: http.StatusOK, do: quoted,
		},
		{method: http.MethodGet, path: "/v1/jobs", says: "Your jobs in the engines: state, place in the queue, and why they wait.", answer: []Job{}, status: http.StatusOK, do: jobs},
		{
			method: http.MethodGet, path: "/v1/jobs/{engine}/{id...}", says: "One job, and why it waits.", answer: Job{}, status: http.StatusOK, do: job,
			params: []param{{name: "engine", says: "Engine that has it.", path: true}, {name: "id", says: "Id of the job in it.", path: true}},
		},
		{
			method: http.MethodGet, path: "/v1/usage", says: "GPU-seconds and energy by interval, as they are billed. By default the last day.", answer: Usages{}, csv: true, status: http.StatusOK, do: usage,
			params: []param{from, to, contract, query("component", "One component, such as it, facility or gpu-h100-sxm.", "it"), query("all", "true: corrected revisions too.", "true"), query("after", "How many to leave out, for the next page.", "1000")},
		},
		{
			method: http.MethodGet, path: "/v1/usage/jobs", says: "The same of each job, of intervals that begin in the stretch. By default of the last day.", answer: []JobUse{}, csv: true, status: http.StatusOK, do: usageOfJobs,
			params: []param{from, to, contract},
		},
		{
			method: http.MethodGet, path: "/v1/level", says: "Availability of a month so far, what counted against it, and the credit as it stands.", answer: []Level{}, status: http.StatusOK, do: level,
			params: []param{query("month", "Month such as 2025-09; without it the present one.", "2025-09"), contract},
		},
		{
			method: http.MethodGet, path: "/v1/curtailments", says: "Curtailments that come, are on, and were. By default from 30 days ago.", answer: []Curtailment{}, status: http.StatusOK, do: curtailments,
			params: []param{from},
		},
		{method: http.MethodGet, path: "/v1/access", says: "Your accounts in the engines, without secrets.", answer: []Account{}, status: http.StatusOK, do: accounts},
		{
			method: http.MethodPost, path: "/v1/access", says: "Makes your account in an engine, or renews it. The secret is in this answer and never again.",
			body: func() any { return &Admission{} }, example: `{"engine": "slurm"}`, answer: Access{}, status: http.StatusCreated, do: admit,
		},
	}
}
