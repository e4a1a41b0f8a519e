-- Times named _us are microseconds since 1970 in UTC, those named _s seconds.
CREATE TABLE tenant (
	name      TEXT    PRIMARY KEY,
	label     TEXT    NOT NULL,
	since_us  INTEGER NOT NULL,
	closed_us INTEGER
) STRICT, WITHOUT ROWID;

-- A contract is of one tenant for ever.
CREATE TABLE contract (
	name     TEXT    PRIMARY KEY,
	tenant   TEXT    NOT NULL REFERENCES tenant (name),
	since_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX contract_tenant ON contract (tenant);

-- The secret of a token is nowhere; hash is the SHA-256 of salt, id and secret.
CREATE TABLE token (
	id         TEXT    PRIMARY KEY,
	tenant     TEXT    NOT NULL REFERENCES tenant (name),
	label      TEXT    NOT NULL,
	salt       BLOB    NOT NULL CHECK (length(salt) = 16),
	hash       BLOB    NOT NULL CHECK (length(hash) = 32),
	issued_us  INTEGER NOT NULL,
	until_us   INTEGER,
	revoked_us INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX token_tenant ON token (tenant);

CREATE TABLE wish (
	id       TEXT    PRIMARY KEY,
	tenant   TEXT    NOT NULL REFERENCES tenant (name),
	key      TEXT    NOT NULL,
	kind     TEXT    NOT NULL,
	hall     TEXT    NOT NULL,
	model    TEXT    NOT NULL,
	gpus     INTEGER NOT NULL,
	from_us  INTEGER NOT NULL,
	until_us INTEGER,
	says     TEXT    NOT NULL,
	UNIQUE (tenant, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE wish_state (
	wish  TEXT    NOT NULL REFERENCES wish (id),
	seq   INTEGER NOT NULL,
	state TEXT    NOT NULL CHECK (state IN ('asked', 'accepted', 'refused', 'cancelled')),
	at_us INTEGER NOT NULL,
	person TEXT    NOT NULL,
	why   TEXT    NOT NULL,
	PRIMARY KEY (wish, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE usage (
	contract  TEXT    NOT NULL REFERENCES contract (name),
	component TEXT    NOT NULL,
	meter     TEXT    NOT NULL,
	from_s    INTEGER NOT NULL,
	to_s      INTEGER NOT NULL CHECK (to_s > from_s),
	revision  INTEGER NOT NULL CHECK (revision > 0),
	quantity  INTEGER NOT NULL CHECK (quantity >= 0),
	measure   TEXT    NOT NULL,
	estimated INTEGER NOT NULL,
	evidence  BLOB    NOT NULL CHECK (length(evidence) = 32),
	PRIMARY KEY (contract, component, meter, from_s, to_s, revision)
) STRICT, WITHOUT ROWID;

-- What each job used, beside what is billed; of an interval the highest revision counts.
CREATE TABLE work (
	contract  TEXT    NOT NULL REFERENCES contract (name),
	job       TEXT    NOT NULL,
	meter     TEXT    NOT NULL,
	from_s    INTEGER NOT NULL,
	to_s      INTEGER NOT NULL CHECK (to_s > from_s),
	revision  INTEGER NOT NULL,
	gpu_s     INTEGER NOT NULL,
	slice_s   INTEGER NOT NULL,
	it_j      INTEGER NOT NULL,
	plant_j   INTEGER NOT NULL,
	estimated INTEGER NOT NULL,
	PRIMARY KEY (contract, job, meter, from_s, to_s, revision)
) STRICT, WITHOUT ROWID;
CREATE INDEX work_interval ON work (meter, from_s, to_s);

-- What usage and service were made of. It names other tenants: the office's alone.
CREATE TABLE paper (
	hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
	body BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE held (
	number    INTEGER PRIMARY KEY,
	contract  TEXT    NOT NULL REFERENCES contract (name),
	component TEXT    NOT NULL,
	from_s    INTEGER NOT NULL,
	to_s      INTEGER NOT NULL,
	why       TEXT    NOT NULL,
	engine    INTEGER NOT NULL,
	witness   INTEGER NOT NULL,
	source    TEXT    NOT NULL,
	at_us     INTEGER NOT NULL,
	UNIQUE (contract, component, from_s, to_s, why)
) STRICT;
CREATE TABLE held_release (
	held  INTEGER PRIMARY KEY REFERENCES held (number),
	at_us INTEGER NOT NULL,
	person TEXT    NOT NULL,
	why   TEXT    NOT NULL
) STRICT;

-- The service of a contract in a period, whole: a later revision replaces it.
CREATE TABLE service (
	contract TEXT    NOT NULL REFERENCES contract (name),
	from_s   INTEGER NOT NULL,
	to_s     INTEGER NOT NULL CHECK (to_s > from_s),
	revision INTEGER NOT NULL,
	at_us    INTEGER NOT NULL,
	body     BLOB    NOT NULL,
	hash     BLOB    NOT NULL CHECK (length(hash) = 32),
	PRIMARY KEY (contract, from_s, to_s, revision)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
	id    TEXT    PRIMARY KEY,
	hall  TEXT    NOT NULL,
	at_us INTEGER NOT NULL,
	body  BLOB    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE event_state (
	event TEXT    NOT NULL REFERENCES event (id),
	seq   INTEGER NOT NULL,
	state TEXT    NOT NULL,
	at_us INTEGER NOT NULL,
	why   TEXT    NOT NULL,
	PRIMARY KEY (event, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE command (
	event TEXT    NOT NULL REFERENCES event (id),
	seq   INTEGER NOT NULL,
	at_us INTEGER NOT NULL,
	body  BLOB    NOT NULL,
	PRIMARY KEY (event, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE answer (
	event  TEXT    NOT NULL,
	seq    INTEGER NOT NULL,
	number INTEGER NOT NULL,
	body   BLOB    NOT NULL,
	PRIMARY KEY (event, seq, number),
	FOREIGN KEY (event, seq) REFERENCES command (event, seq)
) STRICT, WITHOUT ROWID;

-- There is no price in what a tenant is told.
CREATE TABLE notice (
	contract  TEXT    NOT NULL REFERENCES contract (name),
	event     TEXT    NOT NULL,
	revision  INTEGER NOT NULL CHECK (revision > 0),
	at_us     INTEGER NOT NULL,
	from_us   INTEGER NOT NULL,
	until_us  INTEGER NOT NULL,
	measure   TEXT    NOT NULL,
	gpus      INTEGER NOT NULL,
	says      TEXT    NOT NULL,
	withdrawn INTEGER NOT NULL,
	PRIMARY KEY (contract, event, revision)
) STRICT, WITHOUT ROWID;

CREATE TABLE account (
	tenant   TEXT    NOT NULL REFERENCES tenant (name),
	engine   TEXT    NOT NULL,
	account  TEXT    NOT NULL,
	queue    TEXT    NOT NULL,
	endpoint TEXT    NOT NULL,
	hint     TEXT    NOT NULL,
	at_us    INTEGER NOT NULL,
	until_us INTEGER,
	ended_us INTEGER,
	PRIMARY KEY (tenant, engine)
) STRICT, WITHOUT ROWID;
-- No two tenants share an account of an engine.
CREATE UNIQUE INDEX account_one ON account (engine, account);

CREATE TRIGGER contract_stays BEFORE UPDATE ON contract BEGIN SELECT RAISE(ABORT, 'a contract never changes hands'); END;
CREATE TRIGGER contract_keeps BEFORE DELETE ON contract BEGIN SELECT RAISE(ABORT, 'a contract is never removed'); END;
CREATE TRIGGER tenant_keeps BEFORE DELETE ON tenant BEGIN SELECT RAISE(ABORT, 'a tenant is closed, never removed'); END;
CREATE TRIGGER wish_stays BEFORE UPDATE ON wish BEGIN SELECT RAISE(ABORT, 'a wish is never changed'); END;
CREATE TRIGGER wish_keeps BEFORE DELETE ON wish BEGIN SELECT RAISE(ABORT, 'a wish is never removed'); END;
CREATE TRIGGER wish_state_stays BEFORE UPDATE ON wish_state BEGIN SELECT RAISE(ABORT, 'states are added'); END;
CREATE TRIGGER wish_state_keeps BEFORE DELETE ON wish_state BEGIN SELECT RAISE(ABORT, 'states are added'); END;
CREATE TRIGGER usage_stays BEFORE UPDATE ON usage BEGIN SELECT RAISE(ABORT, 'usage is corrected by a higher revision'); END;
CREATE TRIGGER usage_keeps BEFORE DELETE ON usage BEGIN SELECT RAISE(ABORT, 'usage is corrected by a higher revision'); END;
CREATE TRIGGER work_stays BEFORE UPDATE ON work BEGIN SELECT RAISE(ABORT, 'work is corrected by a higher revision'); END;
CREATE TRIGGER work_keeps BEFORE DELETE ON work BEGIN SELECT RAISE(ABORT, 'work is corrected by a higher revision'); END;
CREATE TRIGGER paper_stays BEFORE UPDATE ON paper BEGIN SELECT RAISE(ABORT, 'a paper is never changed'); END;
CREATE TRIGGER service_stays BEFORE UPDATE ON service BEGIN SELECT RAISE(ABORT, 'service is corrected by a higher revision'); END;
CREATE TRIGGER service_keeps BEFORE DELETE ON service BEGIN SELECT RAISE(ABORT, 'service is corrected by a higher revision'); END;
CREATE TRIGGER command_stays BEFORE UPDATE ON command BEGIN SELECT RAISE(ABORT, 'a command is never changed'); END;
CREATE TRIGGER command_keeps BEFORE DELETE ON command BEGIN SELECT RAISE(ABORT, 'a command is never removed'); END;
CREATE TRIGGER answer_stays BEFORE UPDATE ON answer BEGIN SELECT RAISE(ABORT, 'answers are added'); END;
CREATE TRIGGER answer_keeps BEFORE DELETE ON answer BEGIN SELECT RAISE(ABORT, 'answers are added'); END;
CREATE TRIGGER event_state_stays BEFORE UPDATE ON event_state BEGIN SELECT RAISE(ABORT, 'states are added'); END;
CREATE TRIGGER event_state_keeps BEFORE DELETE ON event_state BEGIN SELECT RAISE(ABORT, 'states are added'); END;
CREATE TRIGGER notice_stays BEFORE UPDATE ON notice BEGIN SELECT RAISE(ABORT, 'a notice is withdrawn by a higher revision'); END;
CREATE TRIGGER notice_keeps BEFORE DELETE ON notice BEGIN SELECT RAISE(ABORT, 'a notice is withdrawn by a higher revision'); END;
CREATE TRIGGER held_stays BEFORE UPDATE ON held BEGIN SELECT RAISE(ABORT, 'what is held is released'); END;
CREATE TRIGGER held_keeps BEFORE DELETE ON held BEGIN SELECT RAISE(ABORT, 'what is held is released'); END;
