-- group: parameters
--- bound 5
SELECT id, name FROM customers WHERE id = $1
--- bound 3|10
SELECT id, name FROM customers WHERE id > $1 ORDER BY id LIMIT $2
--- bound 10|20
SELECT * FROM products ORDER BY id LIMIT $1::int OFFSET $2::bigint
--- bound customer 7
SELECT id FROM customers WHERE name = $1
--- bound %omer 1%
SELECT id, name FROM customers WHERE name ILIKE $1 ORDER BY id
--- bound {1;2;3}
SELECT id FROM customers WHERE id = ANY (string_to_array(btrim($1, '{}'), ';')::int[]) ORDER BY id
--- bound NULL
SELECT count(*) FROM customers WHERE $1::text IS NULL OR name = $1
--- bound 2024-03-01|2024-04-01
SELECT date_trunc('day', placed) AS day, sum(total) FROM orders WHERE placed >= $1 AND placed < $2 GROUP BY 1 ORDER BY 1
--- bound happy
SELECT id FROM customers WHERE mood = $1::mood ORDER BY id LIMIT 3
--- bound dark
SELECT id FROM customers WHERE settings ->> 'theme' = $1 ORDER BY id LIMIT 3
--- bound {"theme": "dark"}
SELECT count(*) FROM customers WHERE settings @> $1::jsonb
--- bound 1|2|3
SELECT $1::int + $2::int * $3::int AS sum, $1::text || '-' || $2::text
--- bound '; DROP TABLE customers; --
SELECT $1::text AS harmless, count(*) FROM customers WHERE name = $1
--- bound public|customers
SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2 ORDER BY ordinal_position
--- bound customers
SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute AS a WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
--- bound customers
SELECT has_table_privilege($1::text, 'SELECT'), to_regclass($1::text)
--- bound console
SELECT set_config('application_name', $1, false)
--- bound 60000|true
SELECT set_config('statement_timeout', $1, $2::boolean)
--- bound UTC
SELECT placed AT TIME ZONE $1 FROM orders ORDER BY id LIMIT 3
--- bound thing & rare
SELECT id FROM products WHERE words @@ to_tsquery('english', $1) ORDER BY id LIMIT 5
--- bound 5
WITH wanted AS (SELECT $1::int AS id) SELECT c.* FROM customers AS c JOIN wanted USING (id)
--- bound 4
SELECT c.id, o.id FROM customers AS c LEFT JOIN LATERAL (SELECT id FROM orders WHERE customer = c.id ORDER BY id LIMIT $1) AS o ON true WHERE c.id < 4 ORDER BY 1, 2
--- bound 1
SELECT CASE WHEN $1 = 1 THEN 'one' ELSE 'many' END
--- bound 7|8
VALUES ($1::int, 'a'), ($2::int, 'b')
--- bound 12.5
SELECT id FROM products WHERE price = $1 UNION ALL SELECT id FROM products WHERE price = $1 * 2 ORDER BY 1
--- bound 2
SELECT DISTINCT ON (customer) * FROM orders WHERE customer = $1 ORDER BY customer, placed DESC
--- bound \x6162
SELECT length($1::bytea), encode($1, 'hex')
--- bound statement_timeout
SELECT current_setting($1), name FROM pg_settings WHERE name = $1
--- bound 0
SELECT pg_catalog.pg_get_userbyid($1::oid::oid) IS NOT NULL, $1::oid::regclass
