-- By whom else a person may be known: an issuer of OpenID Connect and its name for them.
CREATE TABLE subject (
	issuer   TEXT    NOT NULL,
	subject  TEXT    NOT NULL,
	person   TEXT    NOT NULL REFERENCES person (name),
	since_us INTEGER NOT NULL,
	PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX subject_person ON subject (person);

-- Roles that somebody has because of a group at an issuer. They end with it.
CREATE TABLE group_role (
	person TEXT NOT NULL REFERENCES person (name),
	issuer TEXT NOT NULL,
	role   TEXT NOT NULL,
	site   TEXT NOT NULL,
	tenant TEXT NOT NULL,
	PRIMARY KEY (person, issuer, role, site, tenant)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER subject_stays BEFORE UPDATE ON subject BEGIN SELECT RAISE(ABORT, 'a subject is of one person'); END;
