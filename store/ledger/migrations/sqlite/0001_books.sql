-- Times are seconds since 1970 in UTC, amounts the smallest unit of their asset.
-- Nothing that is booked is ever changed or removed.
CREATE TABLE asset (
	id    INTEGER PRIMARY KEY,
	code  TEXT    NOT NULL UNIQUE,
	scale INTEGER NOT NULL
) STRICT;
CREATE TABLE entity (
	id       INTEGER PRIMARY KEY,
	name     TEXT NOT NULL UNIQUE,
	currency TEXT NOT NULL,
	zone     TEXT NOT NULL
) STRICT;
CREATE TABLE account (
	id     INTEGER PRIMARY KEY,
	entity INTEGER NOT NULL REFERENCES entity,
	code   TEXT    NOT NULL,
	name   TEXT    NOT NULL,
	asset  INTEGER NOT NULL REFERENCES asset,
	level  INTEGER NOT NULL,
	UNIQUE (entity, name)
) STRICT;
CREATE TABLE tags (
	id           INTEGER PRIMARY KEY,
	site         TEXT NOT NULL,
	use          TEXT NOT NULL,
	contract     TEXT NOT NULL,
	counterparty TEXT NOT NULL,
	project      TEXT NOT NULL,
	model        TEXT NOT NULL,
	UNIQUE (site, use, contract, counterparty, project, model)
) STRICT;
CREATE TABLE lot (
	id       INTEGER PRIMARY KEY,
	entity   INTEGER NOT NULL REFERENCES entity,
	name     TEXT    NOT NULL,
	acquired INTEGER NOT NULL,
	UNIQUE (entity, name)
) STRICT;
CREATE TABLE txn (
	entity    INTEGER NOT NULL REFERENCES entity,
	seq       INTEGER NOT NULL CHECK (seq > 0),
	id        TEXT    NOT NULL,
	kind      TEXT    NOT NULL,
	standing  TEXT    NOT NULL CHECK (standing IN ('posted', 'pending', 'void')),
	at        INTEGER NOT NULL,
	booked    INTEGER NOT NULL,
	source    TEXT    NOT NULL,
	evidence  BLOB    NOT NULL CHECK (length(evidence) IN (0, 32)),
	belongs   TEXT    NOT NULL,
	reverses  TEXT    NOT NULL,
	settles   TEXT    NOT NULL,
	narration TEXT    NOT NULL,
	input     BLOB    NOT NULL CHECK (length(input) = 32),
	previous  BLOB    NOT NULL CHECK (length(previous) = 32),
	hash      BLOB    NOT NULL CHECK (length(hash) = 32),
	sealed    INTEGER NOT NULL CHECK (sealed IN (0, 1)),
	PRIMARY KEY (entity, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX txn_id ON txn (entity, id);
CREATE UNIQUE INDEX txn_reverses ON txn (entity, reverses) WHERE reverses <> '';
CREATE UNIQUE INDEX txn_settles ON txn (entity, settles) WHERE settles <> '';
CREATE INDEX txn_unsealed ON txn (sealed) WHERE sealed = 0;
CREATE TABLE entry (
	entity  INTEGER NOT NULL,
	seq     INTEGER NOT NULL,
	line    INTEGER NOT NULL,
	account INTEGER NOT NULL REFERENCES account,
	amount  INTEGER NOT NULL CHECK (amount <> 0),
	lot     INTEGER NOT NULL, -- 0: none
	cost    INTEGER NOT NULL,
	tags    INTEGER NOT NULL REFERENCES tags,
	PRIMARY KEY (entity, seq, line),
	FOREIGN KEY (entity, seq) REFERENCES txn
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_lot ON entry (lot, account) WHERE lot <> 0;
CREATE TABLE period (
	entity  INTEGER NOT NULL REFERENCES entity,
	number  INTEGER NOT NULL,
	unlocks INTEGER NOT NULL, -- 0: a lock, else the number of the lock that is taken back
	since   INTEGER NOT NULL,
	until   INTEGER NOT NULL,
	at      INTEGER NOT NULL,
	person  TEXT    NOT NULL CHECK (person <> ''),
	second  TEXT    NOT NULL,
	reason  TEXT    NOT NULL,
	root    BLOB    NOT NULL CHECK (length(root) = 32),
	balance BLOB    NOT NULL CHECK (length(balance) = 32),
	PRIMARY KEY (entity, number),
	CHECK (since < until),
	CHECK (unlocks = 0 OR second <> '' AND person <> second AND reason <> '')
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX period_unlocks ON period (entity, unlocks) WHERE unlocks <> 0;

CREATE TRIGGER txn_begins BEFORE INSERT ON txn BEGIN
	SELECT RAISE(ABORT, 'books: a transaction begins unsealed') WHERE NEW.sealed <> 0;
	SELECT RAISE(ABORT, 'books: the period is locked') WHERE NEW.at < (
		SELECT max(p.until) FROM period p WHERE p.entity = NEW.entity AND p.unlocks = 0
		AND NOT EXISTS (SELECT 1 FROM period u WHERE u.entity = p.entity AND u.unlocks = p.number));
END;
CREATE TRIGGER txn_seals BEFORE UPDATE ON txn BEGIN
	SELECT RAISE(ABORT, 'books: a transaction is never changed') WHERE OLD.sealed <> 0 OR NEW.sealed <> 1
		OR (NEW.entity, NEW.seq, NEW.id, NEW.kind, NEW.standing, NEW.at, NEW.booked, NEW.source, NEW.evidence, NEW.belongs,
			NEW.reverses, NEW.settles, NEW.narration, NEW.input, NEW.previous, NEW.hash)
		<> (OLD.entity, OLD.seq, OLD.id, OLD.kind, OLD.standing, OLD.at, OLD.booked, OLD.source, OLD.evidence, OLD.belongs,
			OLD.reverses, OLD.settles, OLD.narration, OLD.input, OLD.previous, OLD.hash);
	SELECT RAISE(ABORT, 'books: a transaction has two lines or more, a void has none')
		WHERE (SELECT count(*) FROM entry e WHERE e.entity = OLD.entity AND e.seq = OLD.seq) NOT BETWEEN
			CASE OLD.standing WHEN 'void' THEN 0 ELSE 2 END AND CASE OLD.standing WHEN 'void' THEN 0 ELSE 1000000000 END;
	SELECT RAISE(ABORT, 'books: an account belongs to another entity')
		WHERE EXISTS (SELECT 1 FROM entry e JOIN account a ON a.id = e.account
			WHERE e.entity = OLD.entity AND e.seq = OLD.seq AND a.entity <> OLD.entity);
	SELECT RAISE(ABORT, 'books: the lines do not sum to zero')
		WHERE EXISTS (SELECT 1 FROM entry e JOIN account a ON a.id = e.account
			WHERE e.entity = OLD.entity AND e.seq = OLD.seq GROUP BY a.asset HAVING sum(e.amount) <> 0);
END;
CREATE TRIGGER txn_keeps BEFORE DELETE ON txn BEGIN
	SELECT RAISE(ABORT, 'books: a transaction is never removed');
END;
CREATE TRIGGER entry_begins BEFORE INSERT ON entry BEGIN
	SELECT RAISE(ABORT, 'books: the transaction is sealed')
		WHERE (SELECT sealed FROM txn t WHERE t.entity = NEW.entity AND t.seq = NEW.seq) <> 0;
END;
CREATE TRIGGER entry_stays BEFORE UPDATE ON entry BEGIN
	SELECT RAISE(ABORT, 'books: a line is never changed');
END;
CREATE TRIGGER entry_keeps BEFORE DELETE ON entry BEGIN
	SELECT RAISE(ABORT, 'books: a line is never removed');
END;
CREATE TRIGGER period_stays BEFORE UPDATE ON period BEGIN
	SELECT RAISE(ABORT, 'books: a lock is never changed');
END;
CREATE TRIGGER period_keeps BEFORE DELETE ON period BEGIN
	SELECT RAISE(ABORT, 'books: a lock is never removed');
END;
CREATE TRIGGER lot_stays BEFORE UPDATE ON lot BEGIN
	SELECT RAISE(ABORT, 'books: a lot is never changed');
END;
CREATE TRIGGER lot_keeps BEFORE DELETE ON lot BEGIN
	SELECT RAISE(ABORT, 'books: a lot is never removed');
END;
CREATE TRIGGER tags_stay BEFORE UPDATE ON tags BEGIN
	SELECT RAISE(ABORT, 'books: tags are never changed');
END;
CREATE TRIGGER tags_keep BEFORE DELETE ON tags BEGIN
	SELECT RAISE(ABORT, 'books: tags are never removed');
END;
CREATE TRIGGER account_stays BEFORE UPDATE ON account BEGIN
	SELECT RAISE(ABORT, 'books: an account is never changed');
END;
CREATE TRIGGER account_keeps BEFORE DELETE ON account BEGIN
	SELECT RAISE(ABORT, 'books: an account is never removed');
END;
CREATE TRIGGER entity_stays BEFORE UPDATE ON entity BEGIN
	SELECT RAISE(ABORT, 'books: an entity is never changed');
END;
CREATE TRIGGER entity_keeps BEFORE DELETE ON entity BEGIN
	SELECT RAISE(ABORT, 'books: an entity is never removed');
END;
CREATE TRIGGER asset_stays BEFORE UPDATE ON asset BEGIN
	SELECT RAISE(ABORT, 'books: the scale of an asset never changes');
END;
CREATE TRIGGER asset_keeps BEFORE DELETE ON asset BEGIN
	SELECT RAISE(ABORT, 'books: an asset is never removed');
END;
