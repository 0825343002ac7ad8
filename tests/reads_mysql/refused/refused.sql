-- group: what cannot be judged
---
SELECT vat(10)
---
SELECT store.vat(price) FROM products ORDER BY id
---
CALL top_customers(3)
--- text
EXECUTE IMMEDIATE 'SELECT 1'
---
SELECT 1 /*!999999 + nonsense */
---
SELECT 1 /*!50701 this is left out by this server */
--- text
SET NAMES utf8mb4; SELECT 'ü'
---
SET foreign_key_checks = 0
---
SET unique_checks = 1
---
BEGIN NOT ATOMIC SELECT 1; END
