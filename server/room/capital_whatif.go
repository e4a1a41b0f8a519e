package room

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"sluice/object"
)

// changesMost is how many figures of a plan are changed at once.
const changesMost = 200

type whatIfPlanIn struct {
	InPlan
	Body struct {
		Changes []CapitalWish `json:"changes" minItems:"1" maxItems:"200"`
	}
}

// planWhatIf works a plan out with other figures. The changed plan is checked as if it
// were applied.
func (r *Room) planWhatIf(ctx context.Context, v Visit, in *whatIfPlanIn) (CapitalWhatIf, error) {
	out := CapitalWhatIf{}
	if _, err := r.planner(); err != nil {
		return out, err
	}
	if len(in.Body.Changes) > changesMost {
		return out, wrong(fmt.Sprintf("%d figures are changed", len(in.Body.Changes)), fmt.Sprintf("change at most %d at once", changesMost))
	}
	all, err := r.versions(ctx, v, objectIn{string(object.CapitalPlan), in.Plan}, 1)
	if err != nil {
		return out, err
	}
	if all[0].Deleted {
		return out, missing("plan", in.Plan)
	}
	changed := all[0]
	if changed.Spec, err = refigured(changed.Spec, in.Body.Changes); err != nil {
		return out, err
	}
	if err := r.readable(changed.Name, changed.Spec); err != nil {
		return out, err
	}
	out.Version, out.Spec = all[0].Version, changed.Spec
	before, err := planText(all[0])
	if err != nil {
		return out, err
	}
	after, err := planText(changed)
	if err != nil {
		return out, err
	}
	was, is := r.begin(in.Plan, before), r.begin(in.Plan, after) //nolint:contextcheck // others wait for them too
	if out.Saved, err = was.wait(ctx); err != nil {
		return out, err
	}
	out.Changed, err = is.wait(ctx)
	return out, err
}

// readable checks a changed plan as an apply would.
func (r *Room) readable(name string, spec json.RawMessage) error {
	o := object.Object{APIVersion: object.APIVersion, Kind: object.CapitalPlan, Metadata: object.Metadata{Name: name}}
	if err := json.Unmarshal(spec, &o.Spec); err != nil {
		return wrong("spec: "+err.Error(), "send figures that a plan has")
	}
	reader, err := r.registry.read()
	if err != nil {
		return err
	}
	if err := reader.Check("plan", o); err != nil {
		return unreadable(err)
	}
	return nil
}

// refigured is a plan with other figures.
func refigured(spec json.RawMessage, changes []CapitalWish) (json.RawMessage, error) {
	var tree map[string]any
	d := json.NewDecoder(bytes.NewReader(spec))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		return nil, fmt.Errorf("read a plan as it is stored: %w", err)
	}
	for _, c := range changes {
		if err := c.into(tree); err != nil {
			return nil, err
		}
	}
	return json.Marshal(tree)
}

// into writes a figure at its place.
func (c CapitalWish) into(tree map[string]any) error {
	found, set := seek(tree, strings.Split(c.Place, "."))
	no := func(what, hint string) error {
		return problem(http.StatusUnprocessableEntity, "no_figure", fmt.Sprintf("%s: %s", clip(c.Place, 200), what), hint)
	}
	switch was := found.(type) {
	case json.Number:
		if _, err := strconv.ParseFloat(c.Value, 64); err != nil || !json.Valid([]byte(c.Value)) {
			return no(fmt.Sprintf("%q is no number", clip(c.Value, 60)), "write one such as 0.11 or 60000000, without commas, units or a percent sign")
		}
		set(json.Number(c.Value))
	case string:
		month := regexp.MustCompile(`^[0-9]{4}-(0[1-9]|1[0-2])$`)
		if !month.MatchString(was) {
			return no("no figure of the plan stands there", "take its place from the list of assumptions")
		}
		if !month.MatchString(c.Value) {
			return no(fmt.Sprintf("%q is no month", clip(c.Value, 60)), "write one such as 2026-04")
		}
		set(c.Value)
	default:
		return no("no figure of the plan stands there", "take its place from the list of assumptions")
	}
	return nil
}

// seek finds what stands at a place such as sites, fjord, power, price_per_mwh, 0. A name
// may hold dots, so the longest that fits counts.
func seek(in any, parts []string) (found any, set func(any)) {
	for n := len(parts); n > 0; n-- {
		head, rest := strings.Join(parts[:n], "."), parts[n:]
		here, put := child(in, head)
		switch {
		case put == nil:
			continue
		case len(rest) == 0:
			return here, put
		}
		if found, set = seek(here, rest); set != nil {
			return found, set
		}
	}
	return nil, nil
}

// child is what stands directly below under a key, a name of a list's entry, or its number.
func child(in any, key string) (found any, set func(any)) {
	switch x := in.(type) {
	case map[string]any:
		if v, is := x[key]; is {
			return v, func(v any) { x[key] = v }
		}
	case []any:
		for i, v := range x {
			if m, is := v.(map[string]any); is && m["name"] == key {
				return v, func(v any) { x[i] = v }
			}
		}
		if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(x) {
			return x[i], func(v any) { x[i] = v }
		}
	}
	return nil, nil
}
