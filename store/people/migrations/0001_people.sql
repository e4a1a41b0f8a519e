-- Times named _us are microseconds since 1970 in UTC.
CREATE TABLE house (
	installation TEXT NOT NULL, -- of which this is the audit log
	key_id       BLOB NOT NULL  -- of the key that opens the secrets
) STRICT;

-- folded and mailbox are what the spellings of a name and an address have in common.
CREATE TABLE person (
	name        TEXT    PRIMARY KEY,
	folded      TEXT    NOT NULL UNIQUE,
	label       TEXT    NOT NULL,
	mail        TEXT    NOT NULL,
	mailbox     TEXT    UNIQUE,
	language    TEXT    NOT NULL,
	since_us    INTEGER NOT NULL,
	closed_us   INTEGER,
	password    TEXT,                       -- argon2id; null: none was set yet
	code        BLOB,                       -- sealed: the secret of the app
	code_asked  BLOB,                       -- sealed: one that was shown and not confirmed yet
	code_step   INTEGER NOT NULL DEFAULT 0  -- the last one that was used
) STRICT, WITHOUT ROWID;

CREATE TABLE held_role (
	person   TEXT    NOT NULL REFERENCES person (name),
	role     TEXT    NOT NULL,
	site     TEXT    NOT NULL,
	tenant   TEXT    NOT NULL,
	since_us INTEGER NOT NULL,
	PRIMARY KEY (person, role, site, tenant)
) STRICT, WITHOUT ROWID;

-- The first administrator, until there are two.
CREATE TABLE founder (
	person  TEXT    PRIMARY KEY REFERENCES person (name),
	at_us   INTEGER NOT NULL,
	over_us INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE recovery (
	person TEXT NOT NULL REFERENCES person (name),
	hash   BLOB NOT NULL CHECK (length(hash) = 32),
	PRIMARY KEY (person, hash)
) STRICT, WITHOUT ROWID;

-- Links that work once: of the first administrator, and with which a person sets a password.
CREATE TABLE link (
	hash     BLOB    PRIMARY KEY CHECK (length(hash) = 32),
	person   TEXT    UNIQUE REFERENCES person (name), -- null: of the first administrator
	until_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
	hash      BLOB    PRIMARY KEY CHECK (length(hash) = 32),
	person    TEXT    NOT NULL REFERENCES person (name),
	made_us   INTEGER NOT NULL,
	seen_us   INTEGER NOT NULL,
	proven_us INTEGER NOT NULL,
	address   TEXT    NOT NULL,
	agent     TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_person ON session (person);

CREATE TABLE token (
	id         TEXT    PRIMARY KEY,
	person     TEXT    NOT NULL REFERENCES person (name),
	label      TEXT    NOT NULL,
	hash       BLOB    NOT NULL CHECK (length(hash) = 32),
	scope      TEXT    NOT NULL, -- JSON
	made_us    INTEGER NOT NULL,
	until_us   INTEGER NOT NULL CHECK (until_us > made_us),
	used_us    INTEGER,
	revoked_us INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX token_person ON token (person);

CREATE TABLE request (
	id      TEXT    PRIMARY KEY,
	draft   TEXT    NOT NULL, -- JSON
	person  TEXT    NOT NULL REFERENCES person (name),
	token   TEXT    NOT NULL,
	made_us INTEGER NOT NULL,
	state   TEXT    NOT NULL CHECK (state IN ('open', 'approved', 'declined', 'expired', 'begun', 'done', 'failed')),
	second  TEXT    NOT NULL,
	at_us   INTEGER NOT NULL,
	last    TEXT    NOT NULL,
	why     TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX request_made ON request (made_us);
CREATE INDEX request_state ON request (state);

CREATE TABLE audit (
	seq     INTEGER PRIMARY KEY,
	at_us   INTEGER NOT NULL,
	who     TEXT    NOT NULL,
	how     TEXT    NOT NULL,
	second  TEXT    NOT NULL,
	verb    TEXT    NOT NULL,
	site    TEXT    NOT NULL,
	tenant  TEXT    NOT NULL,
	subject TEXT    NOT NULL,
	reason  TEXT    NOT NULL,
	before  TEXT    NOT NULL,
	after   TEXT    NOT NULL,
	effects TEXT    NOT NULL,
	hash    BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TRIGGER house_stays BEFORE UPDATE ON house BEGIN SELECT RAISE(ABORT, 'an installation stays what it is'); END;
CREATE TRIGGER house_keeps BEFORE DELETE ON house BEGIN SELECT RAISE(ABORT, 'an installation stays what it is'); END;
CREATE TRIGGER person_stays BEFORE UPDATE OF name, folded, since_us ON person BEGIN SELECT RAISE(ABORT, 'a name is of one person for ever'); END;
CREATE TRIGGER person_keeps BEFORE DELETE ON person BEGIN SELECT RAISE(ABORT, 'a person is closed, never removed'); END;
CREATE TRIGGER token_stays BEFORE UPDATE OF id, person, hash, scope, made_us, until_us ON token BEGIN SELECT RAISE(ABORT, 'a token is never widened'); END;
CREATE TRIGGER token_ends BEFORE UPDATE OF revoked_us ON token WHEN OLD.revoked_us IS NOT NULL AND NEW.revoked_us IS NOT OLD.revoked_us BEGIN SELECT RAISE(ABORT, 'what was revoked stays so'); END;
CREATE TRIGGER request_stays BEFORE UPDATE OF id, draft, person, token, made_us ON request BEGIN SELECT RAISE(ABORT, 'what was asked is never changed'); END;
CREATE TRIGGER request_ends BEFORE UPDATE ON request WHEN OLD.state IN ('declined', 'expired', 'done', 'failed') BEGIN SELECT RAISE(ABORT, 'what is over stays so'); END;
CREATE TRIGGER request_keeps BEFORE DELETE ON request BEGIN SELECT RAISE(ABORT, 'a request is never removed'); END;
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is added to'); END;
CREATE TRIGGER audit_keeps BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is added to'); END;
