-- How the result of a saved query is drawn; empty where nobody said.

ALTER TABLE saved_queries ADD COLUMN chart TEXT NOT NULL DEFAULT '';
ALTER TABLE query_versions ADD COLUMN chart TEXT NOT NULL DEFAULT '';
