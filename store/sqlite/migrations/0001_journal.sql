-- Times are microseconds since 1970 in UTC. Nothing in the journal is ever changed or removed.
CREATE TABLE journal (
	seq      INTEGER PRIMARY KEY,
	site     TEXT    NOT NULL,
	kind     TEXT    NOT NULL,
	key      TEXT    NOT NULL,
	subject  TEXT    NOT NULL,
	turn     INTEGER NOT NULL,
	at_us    INTEGER NOT NULL,
	term     INTEGER NOT NULL,
	plan     INTEGER NOT NULL,
	sequence INTEGER NOT NULL,
	hash     BLOB    NOT NULL CHECK (length(hash) = 32),
	body     TEXT    NOT NULL,
	UNIQUE (site, kind, key)
) STRICT;
CREATE INDEX journal_turn ON journal (site, turn);
CREATE INDEX journal_at ON journal (site, at_us);
CREATE INDEX journal_subject ON journal (site, kind, subject, seq);
CREATE TRIGGER journal_stays BEFORE UPDATE ON journal BEGIN
	SELECT RAISE(ABORT, 'a record of the journal is never changed');
END;
CREATE TRIGGER journal_keeps BEFORE DELETE ON journal BEGIN
	SELECT RAISE(ABORT, 'a record of the journal is never removed');
END;

CREATE TABLE epoch (
	site     TEXT    NOT NULL,
	subject  TEXT    NOT NULL,
	term     INTEGER NOT NULL,
	plan     INTEGER NOT NULL,
	sequence INTEGER NOT NULL,
	PRIMARY KEY (site, subject)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER epoch_forward BEFORE UPDATE ON epoch
WHEN (NEW.term, NEW.plan, NEW.sequence) < (OLD.term, OLD.plan, OLD.sequence) BEGIN
	SELECT RAISE(ABORT, 'an epoch never goes back');
END;
