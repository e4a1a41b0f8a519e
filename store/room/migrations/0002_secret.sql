-- Credentials by which others are reached, such as the address of a chat. Each is sealed
-- under the key in room.key and opens under its own name only.
CREATE TABLE secret (
	name       TEXT    PRIMARY KEY,
	sealed     BLOB    NOT NULL,
	changed_us INTEGER NOT NULL,
	person     TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
