package room

import (
	"context"
	"net/http"

	"sluice/live/hall"
	"sluice/people"
)

// HallFloor tells where the servers of a hall stand and who sits there; hall.Client does.
type HallFloor interface {
	Floor(ctx context.Context) (hall.Floor, error)
}

// HallRacks are the racks of a hall.
type HallRacks struct {
	Known bool       `json:"known" doc:"False: the hall does not tell."`
	Floor hall.Floor `json:"floor"`
}

func (r *Room) serveFloor() {
	serve(r, route{
		method: http.MethodGet, path: "/v1/halls/{hall}/racks", id: "getHallRacks", says: "The racks of a hall: power, limits in force, servers and who sits there.",
		group: "hosting", reach: somewhere, verb: people.Look,
	}, r.hallRacks)
}

func (r *Room) hallRacks(ctx context.Context, v Visit, in *HallIn) (HallRacks, error) {
	x, err := r.hall(v, in.Hall, people.Look)
	if err != nil {
		return HallRacks{}, err
	}
	teller, can := x.Link.(HallFloor)
	if !can {
		return HallRacks{Floor: hall.Floor{Racks: []hall.Rack{}}}, nil
	}
	ctx, stop := context.WithTimeout(ctx, askMost)
	defer stop()
	f, err := teller.Floor(ctx)
	if err != nil {
		return HallRacks{}, ofHall(x.Name, err)
	}
	f.Racks = filled(f.Racks)
	return HallRacks{Known: true, Floor: f}, nil
}
