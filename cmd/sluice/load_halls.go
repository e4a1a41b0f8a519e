package main

import (
	"sluice/data"
	"sluice/driver/sitefile"
	"sluice/gpu"
	"sluice/replay"
	"sluice/replay/report"
	"sluice/use/hosting"
	"sluice/world/hall"
	"sluice/world/jobs"
)

// readHalls makes the GPU halls of a site and the jobs of their tenants, which follow
// recorded jobs of other clusters.
func readHalls(s *replay.Setup, file *sitefile.File) error {
	h := file.Hosting
	if h == nil {
		return nil
	}
	var err error
	if s.Tenancies, err = file.Tenancies(); err != nil {
		return err
	}
	curves, err := gpu.StandardCurves()
	if err != nil {
		return err
	}
	for _, one := range h.Halls {
		c := hall.Config{Hall: one, Curves: curves}
		for _, k := range h.Contracts {
			if k.Hall == one.Name {
				c.Contracts = append(c.Contracts, k)
			}
		}
		if err := loads(s, &c, h.Load); err != nil {
			return err
		}
		if f, declared := file.Failures["hosting/"+one.Name]; declared {
			c.Failures = hall.Failures{Between: f.Between, Repair: f.Repair}
		}
		s.Halls = append(s.Halls, c)
	}
	return sources(s)
}

// loads brings a hall its tenants' jobs, from long enough before the period that it
// does not begin empty.
func loads(s *replay.Setup, c *hall.Config, load *sitefile.Load) error {
	if load == nil {
		s.Notes = append(s.Notes, "Nothing says what tenants do: their GPUs stand idle throughout. Declare hosting.load.")
		return nil
	}
	traces, err := jobs.Load(data.Open)
	if err != nil {
		return err
	}
	c.Seed, c.Saving = load.Seed, load.Checkpoints
	c.Streams, c.Profiles = map[string]*jobs.Stream{}, map[string]*jobs.Profile{}
	for _, k := range c.Contracts {
		if k.Kind == hosting.Colocation {
			c.Profiles[k.Name] = jobs.NewProfile(k.Name, load.Utilisation, load.Seed)
			continue
		}
		stream, err := traces.Stream(jobs.Config{Contract: k, Model: modelOf(c.Hall, k.Model), Load: load.Utilisation, Seed: load.Seed, From: s.From.Add(-replay.WarmUp)})
		if err != nil {
			return err
		}
		c.Streams[k.Name] = stream
	}
	return nil
}

func modelOf(h hosting.Hall, name string) gpu.Model {
	for _, g := range h.Groups {
		if g.Model.Name == name {
			return g.Model
		}
	}
	return gpu.Model{}
}

// sources names the traces in the report.
func sources(s *replay.Setup) error {
	for _, name := range []string{jobs.TrainingFile, jobs.InferenceFile} {
		facts, err := data.Facts(name)
		if err != nil {
			return err
		}
		s.Sources = append(s.Sources, report.Source{
			Name: name, What: "jobs of tenants", Standing: report.Assumed, SHA256: facts.SHA256, Rows: facts.Rows, Licence: facts.Licence,
			Note: "recorded elsewhere and scaled to this hall",
		})
	}
	return nil
}
