-- group: comments and ways of writing
---
SELECT /* a comment; with 'quotes' */ 1
---
SELECT 1 -- the rest; is a comment
---
SELECT 1 # so is this
---
-- first
SELECT 1
---
# first
SELECT 1
---
SELECT /*!40001 SQL_NO_CACHE */ 1
---
SELECT /*M!100100 2 */ + /*! 3 */
---
select
	id ,
	name
from customers
where id=1
---
SELECT(1),(2)
---
((SELECT 1))
---
SELECT 5--1
---
SELECT 1 AS`a`
---
SELECT id FROM customers WHERE id=1;
