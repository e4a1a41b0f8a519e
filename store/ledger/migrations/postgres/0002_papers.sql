-- The same tables and rules as in sqlite/0002_papers.sql.
CREATE TABLE filing (
	entity  BIGINT NOT NULL REFERENCES entity,
	number  BIGINT NOT NULL,
	what    TEXT   NOT NULL CHECK (what IN ('chart', 'lock', 'paper', 'document', 'parked', 'released')),
	subject BIGINT NOT NULL, -- number of the row of that kind; of a chart, how many accounts it had
	content BYTEA  NOT NULL CHECK (length(content) = 32),
	hash    BYTEA  NOT NULL CHECK (length(hash) = 32),
	PRIMARY KEY (entity, number),
	UNIQUE (entity, what, subject)
);
CREATE TABLE paper (
	entity BIGINT NOT NULL REFERENCES entity,
	number BIGINT NOT NULL,
	kind   TEXT   NOT NULL CHECK (kind <> ''),
	name   TEXT   NOT NULL,
	hash   BYTEA  NOT NULL CHECK (length(hash) = 32),
	packed BIGINT NOT NULL CHECK (packed IN (0, 1)), -- 1: the body is deflated
	body   BYTEA  NOT NULL,
	PRIMARY KEY (entity, number),
	UNIQUE (entity, hash, kind)
);
ALTER TABLE paper ALTER body SET STORAGE EXTERNAL; -- it is small already
CREATE INDEX paper_kind ON paper (entity, kind, number);
CREATE TABLE document (
	entity BIGINT NOT NULL,
	number BIGINT NOT NULL,
	series TEXT   COLLATE "C" NOT NULL CHECK (series <> ''), -- ordered by its bytes, as in SQLite
	serial BIGINT NOT NULL CHECK (serial > 0),
	draft  BYTEA  NOT NULL CHECK (length(draft) = 32), -- hash of what was to be issued
	paper  BYTEA  NOT NULL CHECK (length(paper) = 32), -- hash of what was issued
	txn    TEXT   NOT NULL, -- by which it was posted
	PRIMARY KEY (entity, number),
	UNIQUE (entity, series, serial),
	UNIQUE (entity, draft),
	FOREIGN KEY (entity, txn) REFERENCES txn (entity, id)
);
CREATE TABLE parked (
	entity BIGINT NOT NULL REFERENCES entity,
	number BIGINT NOT NULL,
	id     TEXT   NOT NULL CHECK (id <> ''),
	kind   TEXT   NOT NULL CHECK (kind <> ''),
	reason TEXT   NOT NULL CHECK (reason <> ''),
	says   TEXT   NOT NULL,
	at     BIGINT NOT NULL,
	booked BIGINT NOT NULL,
	paper  BYTEA  NOT NULL CHECK (length(paper) IN (0, 32)),
	PRIMARY KEY (entity, number),
	UNIQUE (entity, id)
);
CREATE TABLE released (
	entity BIGINT NOT NULL,
	number BIGINT NOT NULL,
	parked BIGINT NOT NULL,
	at     BIGINT NOT NULL,
	person TEXT   NOT NULL CHECK (person <> ''),
	why    TEXT   NOT NULL CHECK (why <> ''),
	PRIMARY KEY (entity, number),
	UNIQUE (entity, parked),
	FOREIGN KEY (entity, parked) REFERENCES parked
);

CREATE FUNCTION filing_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.number <> 1 + (SELECT coalesce(max(f.number), 0) FROM filing f WHERE f.entity = NEW.entity) THEN
		RAISE EXCEPTION 'books: a number of a filing is left out or given twice';
	END IF;
	RETURN NEW;
END $$;
CREATE FUNCTION document_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.serial <> 1 + (SELECT coalesce(max(d.serial), 0) FROM document d WHERE d.entity = NEW.entity AND d.series = NEW.series) THEN
		RAISE EXCEPTION 'books: a number of a document is left out or given twice';
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER filing_follows BEFORE INSERT ON filing FOR EACH ROW EXECUTE FUNCTION filing_follows();
CREATE TRIGGER document_follows BEFORE INSERT ON document FOR EACH ROW EXECUTE FUNCTION document_follows();
CREATE TRIGGER filing_stays BEFORE UPDATE OR DELETE ON filing FOR EACH ROW EXECUTE FUNCTION books_stay();
CREATE TRIGGER filing_whole BEFORE TRUNCATE ON filing EXECUTE FUNCTION books_stay();
CREATE TRIGGER paper_stays BEFORE UPDATE OR DELETE ON paper FOR EACH ROW EXECUTE FUNCTION books_stay();
CREATE TRIGGER paper_whole BEFORE TRUNCATE ON paper EXECUTE FUNCTION books_stay();
CREATE TRIGGER document_stays BEFORE UPDATE OR DELETE ON document FOR EACH ROW EXECUTE FUNCTION books_stay();
CREATE TRIGGER document_whole BEFORE TRUNCATE ON document EXECUTE FUNCTION books_stay();
CREATE TRIGGER parked_stays BEFORE UPDATE OR DELETE ON parked FOR EACH ROW EXECUTE FUNCTION books_stay();
CREATE TRIGGER parked_whole BEFORE TRUNCATE ON parked EXECUTE FUNCTION books_stay();
CREATE TRIGGER released_stays BEFORE UPDATE OR DELETE ON released FOR EACH ROW EXECUTE FUNCTION books_stay();
CREATE TRIGGER released_whole BEFORE TRUNCATE ON released EXECUTE FUNCTION books_stay();
CREATE TRIGGER lot_whole BEFORE TRUNCATE ON lot EXECUTE FUNCTION books_stay();
CREATE TRIGGER tags_whole BEFORE TRUNCATE ON tags EXECUTE FUNCTION books_stay();
CREATE TRIGGER account_whole BEFORE TRUNCATE ON account EXECUTE FUNCTION books_stay();
