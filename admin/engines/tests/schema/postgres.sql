CREATE ROLE reader LOGIN;
CREATE ROLE seller LOGIN;
CREATE SCHEMA sales;
COMMENT ON SCHEMA sales IS 'what is sold';
GRANT USAGE ON SCHEMA sales TO reader;
CREATE TYPE sales.mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN sales.positive AS integer DEFAULT 1 NOT NULL CONSTRAINT above_zero CHECK (VALUE > 0);
CREATE TYPE sales.address AS (street text, number integer);
CREATE TYPE sales.span AS RANGE (SUBTYPE = date);
CREATE SEQUENCE sales.ticket START 100 INCREMENT 5 CACHE 10 CYCLE MAXVALUE 1000000;
SELECT nextval('sales.ticket');
CREATE TABLE sales.customers (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text COLLATE "C" NOT NULL CONSTRAINT customers_email_once UNIQUE,
    "Full Name" varchar(80),
    feeling sales.mood DEFAULT 'ok',
    full_length integer GENERATED ALWAYS AS (length(email)) STORED,
    gone integer,
    created timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE sales.customers DROP COLUMN gone;
COMMENT ON TABLE sales.customers IS 'who buys';
COMMENT ON COLUMN sales.customers.email IS 'where bills go';
CREATE INDEX customers_lower ON sales.customers (lower(email), "Full Name" DESC) INCLUDE (created)
    WHERE email IS NOT NULL;
CREATE TABLE sales.orders (
    id bigserial PRIMARY KEY,
    customer_id integer NOT NULL CONSTRAINT orders_customer
        REFERENCES sales.customers (id) ON DELETE CASCADE ON UPDATE RESTRICT DEFERRABLE INITIALLY DEFERRED,
    amount numeric(10, 2) CONSTRAINT amount_above_zero CHECK (amount > 0),
    during tstzrange,
    EXCLUDE USING gist (during WITH &&)
) WITH (fillfactor = 70);
ALTER TABLE sales.orders ADD CONSTRAINT amount_low CHECK (amount < 100000) NOT VALID;
CREATE TABLE sales.events (day date NOT NULL, kind integer, CONSTRAINT events_key PRIMARY KEY (day, kind))
    PARTITION BY RANGE (day);
CREATE TABLE sales.events_2026 PARTITION OF sales.events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE sales.notes (day date, kind integer, CONSTRAINT notes_event
    FOREIGN KEY (day, kind) REFERENCES sales.events (day, kind));
CREATE TABLE sales.old_notes () INHERITS (sales.notes);
CREATE UNLOGGED TABLE sales.scratch (line text);
CREATE VIEW sales.rich WITH (security_barrier) AS
    SELECT c.id, c.email FROM sales.customers c JOIN sales.orders o ON o.customer_id = c.id WHERE o.amount > 10;
CREATE MATERIALIZED VIEW sales.totals AS SELECT customer_id, sum(amount) AS total FROM sales.orders GROUP BY 1;
CREATE UNIQUE INDEX totals_customer ON sales.totals (customer_id);
CREATE FUNCTION sales.total(who integer, since date DEFAULT '2000-01-01') RETURNS numeric
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sales
    AS 'SELECT sum(amount) FROM sales.orders WHERE customer_id = who';
CREATE FUNCTION sales.total(who text) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT AS 'SELECT 1.0';
CREATE PROCEDURE sales.clean(IN days integer) LANGUAGE sql AS 'DELETE FROM sales.scratch';
CREATE AGGREGATE sales.product(numeric) (SFUNC = numeric_mul, STYPE = numeric, INITCOND = '1');
CREATE FUNCTION sales.stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER orders_stamp BEFORE INSERT OR UPDATE OF amount ON sales.orders
    FOR EACH ROW EXECUTE FUNCTION sales.stamp();
CREATE TRIGGER events_stamp AFTER DELETE ON sales.events FOR EACH ROW EXECUTE FUNCTION sales.stamp();
ALTER TABLE sales.customers ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON sales.customers AS RESTRICTIVE FOR SELECT TO reader USING (email = CURRENT_USER);
GRANT SELECT ON sales.orders TO reader;
GRANT SELECT, UPDATE ON sales.orders TO seller WITH GRANT OPTION;
GRANT SELECT (email) ON sales.customers TO reader;
REVOKE EXECUTE ON FUNCTION sales.total(integer, date) FROM PUBLIC;
CREATE TABLE public.plain (id integer);
CREATE FOREIGN DATA WRAPPER nothing;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER nothing;
CREATE FOREIGN TABLE sales.remote (id integer) SERVER elsewhere;
INSERT INTO sales.customers (email) SELECT 'c' || n FROM generate_series(1, 500) n;
ANALYZE sales.customers;
