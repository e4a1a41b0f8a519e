package people

import (
	"embed"

	"sluice/store/step"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// application marks our files, so that another program's database is refused.
const application = 0x536c5070 // "SlPp"

// migrations are the steps in order; the n-th leads to version n.
func migrations() ([]string, error) { return step.Texts(migrationFiles, "migrations/*.sql") }

// database is the file at a path.
func database(path string) step.Database { return step.Database{Path: path, Sign: application} }
