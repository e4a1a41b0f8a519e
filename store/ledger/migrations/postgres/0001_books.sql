-- The same tables and rules as in sqlite/0001_books.sql.
CREATE TABLE asset (
	id    BIGINT PRIMARY KEY,
	code  TEXT   NOT NULL UNIQUE,
	scale BIGINT NOT NULL
);
CREATE TABLE entity (
	id       BIGINT PRIMARY KEY,
	name     TEXT NOT NULL UNIQUE,
	currency TEXT NOT NULL,
	zone     TEXT NOT NULL
);
CREATE TABLE account (
	id     BIGINT PRIMARY KEY,
	entity BIGINT NOT NULL REFERENCES entity,
	code   TEXT   NOT NULL,
	name   TEXT   NOT NULL,
	asset  BIGINT NOT NULL REFERENCES asset,
	level  BIGINT NOT NULL,
	UNIQUE (entity, name)
);
CREATE TABLE tags (
	id           BIGINT PRIMARY KEY,
	site         TEXT NOT NULL,
	use          TEXT NOT NULL,
	contract     TEXT NOT NULL,
	counterparty TEXT NOT NULL,
	project      TEXT NOT NULL,
	model        TEXT NOT NULL,
	UNIQUE (site, use, contract, counterparty, project, model)
);
CREATE TABLE lot (
	id       BIGINT PRIMARY KEY,
	entity   BIGINT NOT NULL REFERENCES entity,
	name     TEXT   NOT NULL,
	acquired BIGINT NOT NULL,
	UNIQUE (entity, name)
);
CREATE TABLE txn (
	entity    BIGINT NOT NULL REFERENCES entity,
	seq       BIGINT NOT NULL CHECK (seq > 0),
	id        TEXT   NOT NULL,
	kind      TEXT   NOT NULL,
	standing  TEXT   NOT NULL CHECK (standing IN ('posted', 'pending', 'void')),
	at        BIGINT NOT NULL,
	booked    BIGINT NOT NULL,
	source    TEXT   NOT NULL,
	evidence  BYTEA  NOT NULL CHECK (length(evidence) IN (0, 32)),
	belongs   TEXT   NOT NULL,
	reverses  TEXT   NOT NULL,
	settles   TEXT   NOT NULL,
	narration TEXT   NOT NULL,
	input     BYTEA  NOT NULL CHECK (length(input) = 32),
	previous  BYTEA  NOT NULL CHECK (length(previous) = 32),
	hash      BYTEA  NOT NULL CHECK (length(hash) = 32),
	sealed    BIGINT NOT NULL CHECK (sealed IN (0, 1)),
	PRIMARY KEY (entity, seq)
);
CREATE UNIQUE INDEX txn_id ON txn (id, entity); -- the entity last: who asks for (entity, seq) must not be led here
CREATE UNIQUE INDEX txn_reverses ON txn (reverses, entity) WHERE reverses <> '';
CREATE UNIQUE INDEX txn_settles ON txn (settles, entity) WHERE settles <> '';
CREATE INDEX txn_unsealed ON txn (sealed) WHERE sealed = 0;
CREATE TABLE entry (
	entity  BIGINT NOT NULL,
	seq     BIGINT NOT NULL,
	line    BIGINT NOT NULL,
	account BIGINT NOT NULL REFERENCES account,
	amount  BIGINT NOT NULL CHECK (amount <> 0),
	lot     BIGINT NOT NULL, -- 0: none
	cost    BIGINT NOT NULL,
	tags    BIGINT NOT NULL REFERENCES tags,
	PRIMARY KEY (entity, seq, line),
	FOREIGN KEY (entity, seq) REFERENCES txn
);
CREATE INDEX entry_lot ON entry (lot, account) WHERE lot <> 0;
CREATE TABLE period (
	entity  BIGINT NOT NULL REFERENCES entity,
	number  BIGINT NOT NULL,
	unlocks BIGINT NOT NULL, -- 0: a lock, else the number of the lock that is taken back
	since   BIGINT NOT NULL,
	until   BIGINT NOT NULL,
	at      BIGINT NOT NULL,
	person  TEXT   NOT NULL CHECK (person <> ''),
	second  TEXT   NOT NULL,
	reason  TEXT   NOT NULL,
	root    BYTEA  NOT NULL CHECK (length(root) = 32),
	balance BYTEA  NOT NULL CHECK (length(balance) = 32),
	PRIMARY KEY (entity, number),
	CHECK (since < until),
	CHECK (unlocks = 0 OR second <> '' AND person <> second AND reason <> '')
);
CREATE UNIQUE INDEX period_unlocks ON period (entity, unlocks) WHERE unlocks <> 0;

CREATE FUNCTION books_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'books: % of table % is refused: what is booked is never changed or removed', TG_OP, TG_TABLE_NAME;
END $$;
CREATE FUNCTION txn_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.sealed <> 0 THEN
		RAISE EXCEPTION 'books: a transaction begins unsealed';
	END IF;
	IF NEW.at < (SELECT max(p.until) FROM period p WHERE p.entity = NEW.entity AND p.unlocks = 0
		AND NOT EXISTS (SELECT 1 FROM period u WHERE u.entity = p.entity AND u.unlocks = p.number)) THEN
		RAISE EXCEPTION 'books: the period is locked';
	END IF;
	RETURN NEW;
END $$;
CREATE FUNCTION txn_seals() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE lines BIGINT;
BEGIN
	IF OLD.sealed <> 0 OR NEW.sealed <> 1
		OR (NEW.entity, NEW.seq, NEW.id, NEW.kind, NEW.standing, NEW.at, NEW.booked, NEW.source, NEW.evidence, NEW.belongs,
			NEW.reverses, NEW.settles, NEW.narration, NEW.input, NEW.previous, NEW.hash)
		<> (OLD.entity, OLD.seq, OLD.id, OLD.kind, OLD.standing, OLD.at, OLD.booked, OLD.source, OLD.evidence, OLD.belongs,
			OLD.reverses, OLD.settles, OLD.narration, OLD.input, OLD.previous, OLD.hash) THEN
		RAISE EXCEPTION 'books: a transaction is never changed';
	END IF;
	SELECT count(*) INTO lines FROM entry e WHERE e.entity = OLD.entity AND e.seq = OLD.seq;
	IF OLD.standing = 'void' AND lines > 0 OR OLD.standing <> 'void' AND lines < 2 THEN
		RAISE EXCEPTION 'books: a transaction has two lines or more, a void has none';
	END IF;
	IF EXISTS (SELECT 1 FROM entry e JOIN account a ON a.id = e.account
		WHERE e.entity = OLD.entity AND e.seq = OLD.seq AND a.entity <> OLD.entity) THEN
		RAISE EXCEPTION 'books: an account belongs to another entity';
	END IF;
	-- The sum of bigints is a numeric here, so it cannot overflow.
	IF EXISTS (SELECT 1 FROM entry e JOIN account a ON a.id = e.account
		WHERE e.entity = OLD.entity AND e.seq = OLD.seq GROUP BY a.asset HAVING sum(e.amount) <> 0) THEN
		RAISE EXCEPTION 'books: the lines do not sum to zero';
	END IF;
	RETURN NEW;
END $$;
CREATE FUNCTION entry_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF (SELECT sealed FROM txn t WHERE t.entity = NEW.entity AND t.seq = NEW.seq) <> 0 THEN
		RAISE EXCEPTION 'books: the transaction is sealed';
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER txn_begins BEFORE INSERT ON txn FOR EACH ROW EXECUTE FUNCTION txn_begins();
CREATE TRIGGER txn_seals BEFORE UPDATE ON txn FOR EACH ROW EXECUTE FUNCTION txn_seals();
CREATE TRIGGER txn_keeps BEFORE DELETE ON txn FOR EACH ROW EXECUTE FUNCTION books_stay();
CREATE TRIGGER txn_whole BEFORE TRUNCATE ON txn EXECUTE FUNCTION books_stay();
CREATE TRIGGER entry_begins BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION entry_begins();
CREATE TRIGGER entry_stays BEFORE UPDATE OR DELETE ON entry FOR EACH ROW EXECUTE FUNCTION books_stay();
CREATE TRIGGER entry_whole BEFORE TRUNCATE ON entry EXECUTE FUNCTION books_stay();
CREATE TRIGGER period_stays BEFORE UPDATE OR DELETE ON period FOR EACH ROW EXECUTE FUNCTION books_stay();
CREATE TRIGGER period_whole BEFORE TRUNCATE ON period EXECUTE FUNCTION books_stay();
CREATE TRIGGER lot_stays BEFORE UPDATE OR DELETE ON lot FOR EACH ROW EXECUTE FUNCTION books_stay();
CREATE TRIGGER tags_stay BEFORE UPDATE OR DELETE ON tags FOR EACH ROW EXECUTE FUNCTION books_stay();
CREATE TRIGGER account_stays BEFORE UPDATE OR DELETE ON account FOR EACH ROW EXECUTE FUNCTION books_stay();
CREATE TRIGGER entity_stays BEFORE UPDATE OR DELETE ON entity FOR EACH ROW EXECUTE FUNCTION books_stay();
CREATE TRIGGER asset_stays BEFORE UPDATE OR DELETE ON asset FOR EACH ROW EXECUTE FUNCTION books_stay();
