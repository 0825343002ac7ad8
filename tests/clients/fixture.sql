CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, city text, born date, balance numeric(12,2), note bytea);

INSERT INTO customers SELECT n, 'customer ' || n, (ARRAY['Oslo','Lima','Kobe'])[1 + n % 3], DATE '1970-01-01' + n, n * 1.25, decode(md5(n::text), 'hex') FROM generate_series(1, 500) AS n;

CREATE TABLE orders (id int PRIMARY KEY, customer int NOT NULL REFERENCES customers, amount numeric(12,2) CHECK (amount >= 0), placed timestamptz NOT NULL, tags text[], detail jsonb);

INSERT INTO orders SELECT n, 1 + n % 500, n * 0.5, TIMESTAMPTZ '2024-01-01 00:00:00+00' + n * interval '1 minute', ARRAY['a' || n % 7, NULL], jsonb_build_object('n', n) FROM generate_series(1, 2000) AS n;

CREATE TABLE scratch (id int, label text, amount float8);

CREATE INDEX orders_by_customer ON orders (customer);

CREATE VIEW spending AS SELECT c.name, sum(o.amount) AS total FROM customers c JOIN orders o ON o.customer = c.id GROUP BY c.name;

CREATE FUNCTION warn_and_add(a int, b int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'adding % and %', a, b USING DETAIL = 'the detail', HINT = 'the hint', ERRCODE = '01P99'; RETURN a + b; END $$;

ALTER TABLE scratch REPLICA IDENTITY FULL;

CREATE PUBLICATION everything FOR ALL TABLES;
