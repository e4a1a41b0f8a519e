package ledger

import _ "github.com/jackc/pgx/v5/stdlib" // the driver named "pgx"
