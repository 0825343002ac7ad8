-- group: functions, aggregates and operators of the user
---
SELECT net_price(100)
---
SELECT id, net_price(price, 0.19) FROM products ORDER BY id LIMIT 3
---
SELECT public.net_price(gross => 80)
---
SELECT product_of(quantity) FROM lines WHERE order_id = 5
---
SELECT id FROM products WHERE net_price(price) > 100 ORDER BY id
---
SELECT * FROM net_price(10) AS n
---
SELECT product_of(id) OVER (ORDER BY id) FROM categories
