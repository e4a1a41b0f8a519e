package ledger

import _ "modernc.org/sqlite" // the driver named "sqlite"
