-- group: PREPARE and EXECUTE in SQL
--- text
PREPARE one FROM 'SELECT name FROM customers WHERE id = ?'
---
SET @id = 3
--- text
EXECUTE one USING @id
--- text
EXECUTE one USING 4
--- text
DEALLOCATE PREPARE one
--- text
PREPARE two FROM "SELECT COUNT(*) FROM orders"
--- text
EXECUTE two
--- text
DROP PREPARE two
