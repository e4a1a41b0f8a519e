-- What stands beside the journal: papers, documents, what is parked. Each row, each
-- lock and each state of a chart is filed in one chain of hashes per entity.
CREATE TABLE filing (
	entity  INTEGER NOT NULL REFERENCES entity,
	number  INTEGER NOT NULL,
	what    TEXT    NOT NULL CHECK (what IN ('chart', 'lock', 'paper', 'document', 'parked', 'released')),
	subject INTEGER NOT NULL, -- number of the row of that kind; of a chart, how many accounts it had
	content BLOB    NOT NULL CHECK (length(content) = 32),
	hash    BLOB    NOT NULL CHECK (length(hash) = 32),
	PRIMARY KEY (entity, number),
	UNIQUE (entity, what, subject)
) STRICT, WITHOUT ROWID;
CREATE TABLE paper (
	entity INTEGER NOT NULL REFERENCES entity,
	number INTEGER NOT NULL,
	kind   TEXT    NOT NULL CHECK (kind <> ''),
	name   TEXT    NOT NULL,
	hash   BLOB    NOT NULL CHECK (length(hash) = 32),
	packed INTEGER NOT NULL CHECK (packed IN (0, 1)), -- 1: the body is deflated
	body   BLOB    NOT NULL,
	PRIMARY KEY (entity, number),
	UNIQUE (entity, hash, kind)
) STRICT;
CREATE INDEX paper_kind ON paper (entity, kind, number);
CREATE TABLE document (
	entity INTEGER NOT NULL,
	number INTEGER NOT NULL,
	series TEXT    NOT NULL CHECK (series <> ''),
	serial INTEGER NOT NULL CHECK (serial > 0),
	draft  BLOB    NOT NULL CHECK (length(draft) = 32), -- hash of what was to be issued
	paper  BLOB    NOT NULL CHECK (length(paper) = 32), -- hash of what was issued
	txn    TEXT    NOT NULL, -- by which it was posted
	PRIMARY KEY (entity, number),
	UNIQUE (entity, series, serial),
	UNIQUE (entity, draft),
	FOREIGN KEY (entity, txn) REFERENCES txn (entity, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE parked (
	entity INTEGER NOT NULL REFERENCES entity,
	number INTEGER NOT NULL,
	id     TEXT    NOT NULL CHECK (id <> ''),
	kind   TEXT    NOT NULL CHECK (kind <> ''),
	reason TEXT    NOT NULL CHECK (reason <> ''),
	says   TEXT    NOT NULL,
	at     INTEGER NOT NULL,
	booked INTEGER NOT NULL,
	paper  BLOB    NOT NULL CHECK (length(paper) IN (0, 32)),
	PRIMARY KEY (entity, number),
	UNIQUE (entity, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE released (
	entity INTEGER NOT NULL,
	number INTEGER NOT NULL,
	parked INTEGER NOT NULL,
	at     INTEGER NOT NULL,
	person TEXT    NOT NULL CHECK (person <> ''),
	why    TEXT    NOT NULL CHECK (why <> ''),
	PRIMARY KEY (entity, number),
	UNIQUE (entity, parked),
	FOREIGN KEY (entity, parked) REFERENCES parked
) STRICT, WITHOUT ROWID;

CREATE TRIGGER filing_follows BEFORE INSERT ON filing BEGIN
	SELECT RAISE(ABORT, 'books: a number of a filing is left out or given twice')
		WHERE NEW.number <> 1 + (SELECT coalesce(max(f.number), 0) FROM filing f WHERE f.entity = NEW.entity);
END;
CREATE TRIGGER document_follows BEFORE INSERT ON document BEGIN
	SELECT RAISE(ABORT, 'books: a number of a document is left out or given twice')
		WHERE NEW.serial <> 1 + (SELECT coalesce(max(d.serial), 0) FROM document d WHERE d.entity = NEW.entity AND d.series = NEW.series);
END;
CREATE TRIGGER filing_stays BEFORE UPDATE ON filing BEGIN
	SELECT RAISE(ABORT, 'books: a filing is never changed');
END;
CREATE TRIGGER filing_keeps BEFORE DELETE ON filing BEGIN
	SELECT RAISE(ABORT, 'books: a filing is never removed');
END;
CREATE TRIGGER paper_stays BEFORE UPDATE ON paper BEGIN
	SELECT RAISE(ABORT, 'books: a paper is never changed');
END;
CREATE TRIGGER paper_keeps BEFORE DELETE ON paper BEGIN
	SELECT RAISE(ABORT, 'books: a paper is never removed');
END;
CREATE TRIGGER document_stays BEFORE UPDATE ON document BEGIN
	SELECT RAISE(ABORT, 'books: a document is never changed');
END;
CREATE TRIGGER document_keeps BEFORE DELETE ON document BEGIN
	SELECT RAISE(ABORT, 'books: a document is never removed');
END;
CREATE TRIGGER parked_stays BEFORE UPDATE ON parked BEGIN
	SELECT RAISE(ABORT, 'books: what is parked is never changed');
END;
CREATE TRIGGER parked_keeps BEFORE DELETE ON parked BEGIN
	SELECT RAISE(ABORT, 'books: what is parked is never removed');
END;
CREATE TRIGGER released_stays BEFORE UPDATE ON released BEGIN
	SELECT RAISE(ABORT, 'books: a release is never changed');
END;
CREATE TRIGGER released_keeps BEFORE DELETE ON released BEGIN
	SELECT RAISE(ABORT, 'books: a release is never removed');
END;
