CREATE TABLE customers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    email TEXT NOT NULL COLLATE NOCASE UNIQUE,
    "Full Name" TEXT DEFAULT 'nobody',
    full_length INT GENERATED ALWAYS AS (length(email)) STORED,
    twice INT AS (id * 2),
    CONSTRAINT has_at CHECK (email LIKE '%@%')
);
CREATE INDEX customers_lower ON customers (lower(email), "Full Name" DESC) WHERE email IS NOT NULL;
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL CONSTRAINT orders_customer
        REFERENCES customers ON DELETE CASCADE ON UPDATE RESTRICT DEFERRABLE INITIALLY DEFERRED,
    region TEXT, place INTEGER,
    amount REAL CHECK (amount > 0),
    FOREIGN KEY (region, place) REFERENCES places (region, place)
);
CREATE TABLE places (region TEXT, place INTEGER, PRIMARY KEY (region, place)) WITHOUT ROWID, STRICT;
CREATE VIEW rich AS SELECT c.id, c.email FROM customers c JOIN orders o ON o.customer_id = c.id;
CREATE TRIGGER orders_stamp AFTER UPDATE OF amount ON orders BEGIN SELECT 1; END;
CREATE VIRTUAL TABLE words USING fts5(line);
INSERT INTO customers (email) VALUES ('a@b'), ('c@d');
ANALYZE;
