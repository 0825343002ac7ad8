-- group: several statements in one text
--- text
SELECT 1; SELECT 2; SELECT 3
--- text
SET @a = 1; SELECT @a; SELECT @a + 1;
--- text
START TRANSACTION; SELECT COUNT(*) FROM customers; COMMIT
--- text
SELECT COUNT(*) FROM customers; SHOW TABLES
--- text
SELECT ';'; SELECT "; --"; SELECT `id` FROM customers WHERE id = 1 -- ; end
--- text
USE store; SELECT DATABASE()
