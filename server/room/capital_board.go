package room

import (
	"context"
	"fmt"
	"net/http"

	"sluice/object"
	keep "sluice/store/room"
)

// BoardAsk says which report for a board is written.
type BoardAsk struct {
	Format   string // html, pdf, xlsx
	Language string // en, ar, pt
	Risk     []byte // CapitalFound.Board; nil: the plan alone
}

// workbook is the media type of an XLSX.
const workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

type boardIn struct {
	InPlan
	Format   string `query:"format" enum:"html,pdf,xlsx" default:"pdf"`
	Language string `query:"language" enum:"en,ar,pt" default:"en"`
	Risk     string `query:"risk" maxLength:"40" doc:"A run of risk that is part of it; the report is of the version that was run. Absent: the plan as it stands, alone."`
}

// boardReport writes a report.
func (r *Room) boardReport(ctx context.Context, v Visit, in *boardIn) (*document, error) {
	planner, err := r.planner()
	if err != nil {
		return nil, err
	}
	ask := BoardAsk{Format: in.Format, Language: in.Language}
	x, err := r.reported(ctx, v, in, &ask)
	if err != nil {
		return nil, err
	}
	text, err := planText(x)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, workWithin)
	defer cancel()
	select {
	case r.works.slots <- struct{}{}:
		defer func() { <-r.works.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	body, err := planner.Board(ctx, in.Plan, text, ask)
	if err != nil {
		return nil, unworkable(err)
	}
	media := map[string]string{"html": "text/html; charset=utf-8", "pdf": "application/pdf", "xlsx": workbook}[in.Format]
	name := fmt.Sprintf("%s-version-%d-%s.%s", x.Name, x.Version, in.Language, in.Format)
	return &document{ContentType: media, Disposition: `attachment; filename="` + name + `"`, Body: body}, nil
}

// reported is the version of a plan that a report is of: with a run of risk the one that
// was run.
func (r *Room) reported(ctx context.Context, v Visit, in *boardIn, ask *BoardAsk) (x keep.Object, err error) {
	most := 1
	var version int64
	if in.Risk != "" {
		ran, err := r.ranRisk(in.Plan, in.Risk)
		if err != nil {
			return x, err
		}
		if ran.State != "done" {
			return x, problem(http.StatusConflict, "risk_not_done", "that run has found nothing", "wait for its end, or take another one")
		}
		ask.Risk, version, most = ran.Board, ran.Version, 1000
	}
	all, err := r.versions(ctx, v, objectIn{string(object.CapitalPlan), in.Plan}, most)
	if err != nil {
		return x, err
	}
	for _, x := range all {
		if !x.Deleted && (version == 0 || x.Version == version) {
			return x, nil
		}
	}
	return x, missing("plan", in.Plan)
}
