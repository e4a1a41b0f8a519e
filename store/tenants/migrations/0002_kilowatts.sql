-- Critical kilowatts of colocation; 0 where GPUs are asked for.
ALTER TABLE wish ADD COLUMN kilowatts INTEGER NOT NULL DEFAULT 0;
