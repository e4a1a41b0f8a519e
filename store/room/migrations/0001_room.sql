-- Times named _us are microseconds since 1970 in UTC.

-- How much there is of what is bounded, so that nobody has to count it: the triggers do.
CREATE TABLE tally (
	what   TEXT    PRIMARY KEY,
	number INTEGER NOT NULL CHECK (number >= 0),
	bytes  INTEGER NOT NULL CHECK (bytes >= 0)
) STRICT, WITHOUT ROWID;
INSERT INTO tally VALUES ('object', 0, 0), ('version', 0, 0), ('answer', 0, 0), ('message', 0, 0), ('setting', 0, 0);

-- Which version of an object stands; deleted ones stay, so that no version comes twice.
CREATE TABLE object (
	id      INTEGER PRIMARY KEY,
	kind    TEXT    NOT NULL,
	site    TEXT    NOT NULL,
	name    TEXT    NOT NULL,
	version INTEGER NOT NULL CHECK (version > 0),
	deleted INTEGER NOT NULL CHECK (deleted IN (0, 1)),
	UNIQUE (kind, site, name)
) STRICT;
CREATE INDEX object_site ON object (site, kind, name);

-- Every version. That of a deletion has neither labels nor spec.
CREATE TABLE object_version (
	number     INTEGER PRIMARY KEY,
	object     INTEGER NOT NULL REFERENCES object (id),
	version    INTEGER NOT NULL,
	labels     TEXT    NOT NULL,
	spec       BLOB    NOT NULL,
	changed_us INTEGER NOT NULL,
	person     TEXT    NOT NULL,
	deleted    INTEGER NOT NULL,
	UNIQUE (object, version)
) STRICT;

-- The labels of the versions that stand.
CREATE TABLE label (
	key    TEXT    NOT NULL,
	value  TEXT    NOT NULL,
	object INTEGER NOT NULL REFERENCES object (id),
	PRIMARY KEY (key, value, object)
) STRICT, WITHOUT ROWID;
CREATE INDEX label_object ON label (object);

CREATE TRIGGER object_rises BEFORE UPDATE ON object WHEN new.version <> old.version + 1 OR new.kind <> old.kind OR new.site <> old.site OR new.name <> old.name
	BEGIN SELECT RAISE(ABORT, 'a version rises by one'); END;
CREATE TRIGGER object_keeps BEFORE DELETE ON object BEGIN SELECT RAISE(ABORT, 'an object is marked as deleted, never removed'); END;
CREATE TRIGGER object_version_stays BEFORE UPDATE ON object_version BEGIN SELECT RAISE(ABORT, 'versions are added'); END;
CREATE TRIGGER object_version_keeps BEFORE DELETE ON object_version BEGIN SELECT RAISE(ABORT, 'versions are added'); END;
CREATE TRIGGER object_more AFTER INSERT ON object BEGIN UPDATE tally SET number = number + 1 - new.deleted WHERE what = 'object'; END;
CREATE TRIGGER object_moved AFTER UPDATE OF deleted ON object BEGIN UPDATE tally SET number = number + old.deleted - new.deleted WHERE what = 'object'; END;
CREATE TRIGGER object_version_more AFTER INSERT ON object_version BEGIN UPDATE tally SET number = number + 1, bytes = bytes + length(new.spec) WHERE what = 'version'; END;

-- What each interval of a site came to; a correction replaces it.
CREATE TABLE interval (
	site      TEXT    NOT NULL,
	start_us  INTEGER NOT NULL,
	length_us INTEGER NOT NULL CHECK (length_us > 0),
	body      BLOB    NOT NULL,
	PRIMARY KEY (site, start_us)
) STRICT, WITHOUT ROWID;

-- The memory of the alarms, whole.
CREATE TABLE alarm_state (
	id   INTEGER PRIMARY KEY CHECK (id = 1),
	body BLOB    NOT NULL
) STRICT;

-- Added with numbers that rise by one; the oldest are forgotten.
CREATE TABLE alarm_event (
	seq     INTEGER PRIMARY KEY,
	at_us   INTEGER NOT NULL,
	site    TEXT    NOT NULL,
	code    TEXT    NOT NULL,
	subject TEXT    NOT NULL,
	what    TEXT    NOT NULL,
	person  TEXT    NOT NULL,
	reason  TEXT    NOT NULL,
	body    BLOB
) STRICT;
CREATE INDEX alarm_event_at ON alarm_event (at_us);
CREATE INDEX alarm_event_site ON alarm_event (site);
CREATE INDEX alarm_event_code ON alarm_event (code);

-- What was answered to a request that may come again. The id is the order of beginning.
CREATE TABLE answer (
	id       INTEGER PRIMARY KEY,
	person   TEXT    NOT NULL,
	key      TEXT    NOT NULL,
	begun_us INTEGER NOT NULL,
	hash     BLOB    NOT NULL,
	open     INTEGER NOT NULL CHECK (open IN (0, 1)),
	status   INTEGER NOT NULL,
	header   TEXT    NOT NULL,
	body     BLOB    NOT NULL,
	UNIQUE (person, key)
) STRICT;
CREATE INDEX answer_done ON answer (id) WHERE open = 0;
CREATE INDEX answer_person ON answer (person, open, id);
CREATE INDEX answer_begun ON answer (begun_us);
CREATE TRIGGER answer_more AFTER INSERT ON answer BEGIN UPDATE tally SET number = number + 1, bytes = bytes + length(new.body) + length(new.header) WHERE what = 'answer'; END;
CREATE TRIGGER answer_grows AFTER UPDATE ON answer
	BEGIN UPDATE tally SET bytes = bytes + length(new.body) + length(new.header) - length(old.body) - length(old.header) WHERE what = 'answer'; END;
CREATE TRIGGER answer_less AFTER DELETE ON answer BEGIN UPDATE tally SET number = number - 1, bytes = bytes - length(old.body) - length(old.header) WHERE what = 'answer'; END;

-- What is to be said outside. No number comes twice: what was queued last is never forgotten
-- before something was queued after it.
CREATE TABLE message (
	id      INTEGER PRIMARY KEY,
	contact TEXT    NOT NULL,
	event   TEXT    NOT NULL,
	body    BLOB    NOT NULL,
	made_us INTEGER NOT NULL,
	next_us INTEGER NOT NULL,
	tries   INTEGER NOT NULL,
	state   TEXT    NOT NULL CHECK (state IN ('waiting', 'sent', 'dropped')),
	why     TEXT    NOT NULL,
	done_us INTEGER
) STRICT;
CREATE INDEX message_due ON message (next_us, id) WHERE state = 'waiting';
CREATE INDEX message_done ON message (id) WHERE state <> 'waiting';
CREATE TRIGGER message_more AFTER INSERT ON message BEGIN UPDATE tally SET number = number + 1, bytes = bytes + length(new.body) WHERE what = 'message'; END;
CREATE TRIGGER message_less AFTER DELETE ON message BEGIN UPDATE tally SET number = number - 1, bytes = bytes - length(old.body) WHERE what = 'message'; END;

CREATE TABLE setting (
	person     TEXT    NOT NULL,
	key        TEXT    NOT NULL,
	value      BLOB    NOT NULL,
	changed_us INTEGER NOT NULL,
	PRIMARY KEY (person, key)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER setting_more AFTER INSERT ON setting BEGIN UPDATE tally SET number = number + 1, bytes = bytes + length(new.value) WHERE what = 'setting'; END;
CREATE TRIGGER setting_other AFTER UPDATE ON setting BEGIN UPDATE tally SET bytes = bytes + length(new.value) - length(old.value) WHERE what = 'setting'; END;
CREATE TRIGGER setting_less AFTER DELETE ON setting BEGIN UPDATE tally SET number = number - 1, bytes = bytes - length(old.value) WHERE what = 'setting'; END;
