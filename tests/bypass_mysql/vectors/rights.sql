-- vector: CREATE USER
-- watch: users
-- as: utility
-- before: DROP USER IF EXISTS thief@'127.0.0.1'
CREATE USER thief@'127.0.0.1'

-- vector: CREATE USER IF NOT EXISTS
-- watch: users
-- as: utility
-- before: DROP USER IF EXISTS thief@'127.0.0.1'
CREATE USER IF NOT EXISTS thief@'127.0.0.1' IDENTIFIED BY 'x'

-- vector: CREATE OR REPLACE USER
-- watch: users
-- as: utility
-- before: DROP USER IF EXISTS thief@'127.0.0.1'
CREATE OR REPLACE USER thief@'127.0.0.1' IDENTIFIED VIA unix_socket

-- vector: ALTER USER
-- watch: users
-- as: utility
-- before: DROP USER IF EXISTS thief@'127.0.0.1';CREATE USER thief@'127.0.0.1'
ALTER USER thief@'127.0.0.1' IDENTIFIED BY 'y'

-- vector: ALTER USER ACCOUNT LOCK
-- watch: users
-- as: utility
-- before: DROP USER IF EXISTS thief@'127.0.0.1';CREATE USER thief@'127.0.0.1'
ALTER USER thief@'127.0.0.1' ACCOUNT LOCK

-- vector: ALTER USER REQUIRE
-- watch: users
-- as: utility
-- before: DROP USER IF EXISTS thief@'127.0.0.1';CREATE USER thief@'127.0.0.1'
ALTER USER thief@'127.0.0.1' REQUIRE SSL WITH MAX_QUERIES_PER_HOUR 1

-- vector: RENAME USER
-- watch: users
-- as: utility
-- before: DROP USER IF EXISTS thief@'127.0.0.1', burglar@'127.0.0.1';CREATE USER thief@'127.0.0.1'
-- after: ?DROP USER IF EXISTS burglar@'127.0.0.1'
RENAME USER thief@'127.0.0.1' TO burglar@'127.0.0.1'

-- vector: DROP USER
-- watch: users
-- as: utility
-- before: CREATE USER IF NOT EXISTS thief@'127.0.0.1'
DROP USER thief@'127.0.0.1'

-- vector: GRANT
-- watch: users
-- as: utility
-- before: REVOKE INSERT ON *.* FROM clerk@'127.0.0.1'
GRANT INSERT ON *.* TO clerk@'127.0.0.1'

-- vector: GRANT of a database
-- watch: users
-- as: utility
-- before: GRANT ALL ON vault.* TO clerk@'127.0.0.1';REVOKE ALL, GRANT OPTION FROM clerk@'127.0.0.1'
GRANT ALL PRIVILEGES ON vault.* TO clerk@'127.0.0.1' WITH GRANT OPTION

-- vector: GRANT of a column
-- watch: users
-- as: utility
-- before: ?REVOKE UPDATE (note) ON vault.canary FROM clerk@'127.0.0.1'
GRANT UPDATE (note) ON vault.canary TO clerk@'127.0.0.1'

-- vector: GRANT of a procedure
-- watch: users
-- as: utility
-- before: ?REVOKE EXECUTE ON PROCEDURE vault.deposit FROM clerk@'127.0.0.1'
GRANT EXECUTE ON PROCEDURE vault.deposit TO clerk@'127.0.0.1'

-- vector: GRANT PROXY
-- watch: users
-- as: utility
-- effect: error because only who has the right of a proxy may give it
GRANT PROXY ON clerk@'127.0.0.1' TO victim@'127.0.0.1'

-- vector: GRANT that makes a user
-- watch: users
-- as: utility
-- before: DROP USER IF EXISTS thief@'127.0.0.1'
GRANT SELECT ON *.* TO thief@'127.0.0.1' IDENTIFIED BY 'x'

-- vector: GRANT of a role
-- watch: users
-- as: utility
-- before: ?REVOKE warden FROM clerk@'127.0.0.1'
GRANT warden TO clerk@'127.0.0.1'

-- vector: REVOKE
-- watch: users
-- as: utility
-- before: GRANT SELECT ON *.* TO clerk@'127.0.0.1'
REVOKE SELECT ON *.* FROM clerk@'127.0.0.1'

-- vector: REVOKE ALL
-- watch: users
-- as: utility
-- before: GRANT SELECT ON *.* TO clerk@'127.0.0.1'
REVOKE ALL PRIVILEGES, GRANT OPTION FROM clerk@'127.0.0.1'

-- vector: REVOKE of a role
-- watch: users
-- as: utility
-- before: GRANT warden TO clerk@'127.0.0.1'
REVOKE warden FROM clerk@'127.0.0.1'

-- vector: CREATE ROLE
-- watch: users
-- as: utility
-- before: DROP ROLE IF EXISTS gang
CREATE ROLE gang

-- vector: CREATE ROLE WITH ADMIN
-- watch: users
-- as: utility
-- before: DROP ROLE IF EXISTS gang
CREATE ROLE gang WITH ADMIN CURRENT_USER

-- vector: DROP ROLE
-- watch: users
-- as: utility
-- before: CREATE ROLE IF NOT EXISTS gang
DROP ROLE gang

-- vector: a change of the table of users
-- watch: users
-- as: utility
UPDATE mysql.global_priv SET Priv = JSON_SET(Priv, '$.x', RAND()) WHERE User = 'clerk'

-- vector: an INSERT into the table of users
-- watch: users
-- as: utility
-- before: DELETE FROM mysql.global_priv WHERE User = 'thief'
-- after: ?DELETE FROM mysql.global_priv WHERE User = 'thief'
INSERT INTO mysql.global_priv VALUES ('h', 'thief', '{}')

-- vector: a DELETE from the table of users
-- watch: users
-- as: utility
-- before: REPLACE INTO mysql.global_priv VALUES ('h', 'thief', '{}')
-- after: ?DELETE FROM mysql.global_priv WHERE User = 'thief'
DELETE FROM mysql.global_priv WHERE User = 'thief'

-- vector: a change of the table of functions
-- watch: schema
-- as: utility
-- before: DELETE FROM mysql.func
-- after: ?DELETE FROM mysql.func
INSERT INTO mysql.func VALUES ('f', 0, 'x.so', 'function')

-- vector: a change of the table of procedures
-- watch: schema
-- as: utility
UPDATE mysql.proc SET comment = RAND() WHERE name = 'deposit'
