-- After the rows: keys and indexes are built faster in one go.
ALTER TABLE suppliers       ADD PRIMARY KEY (id);
ALTER TABLE categories      ADD PRIMARY KEY (id), ADD UNIQUE (slug);
ALTER TABLE products        ADD PRIMARY KEY (id), ADD UNIQUE (sku);
ALTER TABLE warehouses      ADD PRIMARY KEY (id), ADD UNIQUE (code);
ALTER TABLE inventory       ADD PRIMARY KEY (warehouse_id, product_id);
ALTER TABLE employees       ADD PRIMARY KEY (id), ADD UNIQUE (email);
ALTER TABLE customers       ADD PRIMARY KEY (id), ADD UNIQUE (email);
ALTER TABLE addresses       ADD PRIMARY KEY (id);
ALTER TABLE coupons         ADD PRIMARY KEY (id), ADD UNIQUE (code);
ALTER TABLE orders          ADD PRIMARY KEY (id), ADD UNIQUE (number);
ALTER TABLE order_items     ADD PRIMARY KEY (order_id, line);
ALTER TABLE payments        ADD PRIMARY KEY (id);
ALTER TABLE shipments       ADD PRIMARY KEY (id);
ALTER TABLE carts           ADD PRIMARY KEY (id);
ALTER TABLE cart_items      ADD PRIMARY KEY (cart_id, product_id);
ALTER TABLE reviews         ADD PRIMARY KEY (id);
ALTER TABLE support_tickets ADD PRIMARY KEY (id);
ALTER TABLE page_views      ADD PRIMARY KEY (id);

ALTER TABLE categories      ADD FOREIGN KEY (parent_id) REFERENCES categories;
ALTER TABLE products        ADD FOREIGN KEY (category_id) REFERENCES categories,
                            ADD FOREIGN KEY (supplier_id) REFERENCES suppliers;
ALTER TABLE inventory       ADD FOREIGN KEY (warehouse_id) REFERENCES warehouses,
                            ADD FOREIGN KEY (product_id) REFERENCES products;
ALTER TABLE employees       ADD FOREIGN KEY (manager_id) REFERENCES employees,
                            ADD FOREIGN KEY (warehouse_id) REFERENCES warehouses;
ALTER TABLE addresses       ADD FOREIGN KEY (customer_id) REFERENCES customers;
ALTER TABLE orders          ADD FOREIGN KEY (customer_id) REFERENCES customers,
                            ADD FOREIGN KEY (address_id) REFERENCES addresses,
                            ADD FOREIGN KEY (coupon_id) REFERENCES coupons;
ALTER TABLE order_items     ADD FOREIGN KEY (order_id) REFERENCES orders,
                            ADD FOREIGN KEY (product_id) REFERENCES products;
ALTER TABLE payments        ADD FOREIGN KEY (order_id) REFERENCES orders;
ALTER TABLE shipments       ADD FOREIGN KEY (order_id) REFERENCES orders,
                            ADD FOREIGN KEY (warehouse_id) REFERENCES warehouses;
ALTER TABLE carts           ADD FOREIGN KEY (customer_id) REFERENCES customers;
ALTER TABLE cart_items      ADD FOREIGN KEY (cart_id) REFERENCES carts ON DELETE CASCADE,
                            ADD FOREIGN KEY (product_id) REFERENCES products;
ALTER TABLE reviews         ADD FOREIGN KEY (product_id) REFERENCES products,
                            ADD FOREIGN KEY (customer_id) REFERENCES customers;
-- support_tickets.order_number names orders.number and stays undeclared: some relations only show in the queries.
ALTER TABLE support_tickets ADD FOREIGN KEY (customer_id) REFERENCES customers,
                            ADD FOREIGN KEY (assigned_to) REFERENCES employees;
ALTER TABLE page_views      ADD FOREIGN KEY (customer_id) REFERENCES customers,
                            ADD FOREIGN KEY (product_id) REFERENCES products;

CREATE INDEX products_category ON products (category_id);
CREATE INDEX addresses_customer ON addresses (customer_id);
CREATE INDEX orders_customer ON orders (customer_id);
CREATE INDEX orders_placed ON orders (placed_at);
CREATE INDEX payments_order ON payments (order_id);
CREATE INDEX shipments_order ON shipments (order_id);
-- Missing on purpose, so that something is slow: order_items (product_id), reviews (product_id), page_views (seen_at),
-- page_views (customer_id), support_tickets (order_number).

CREATE VIEW open_orders AS
    SELECT o.id, o.number, c.email, o.status, o.total, o.placed_at
    FROM orders o JOIN customers c ON c.id = o.customer_id
    WHERE o.status IN ('pending', 'paid', 'shipped');

CREATE MATERIALIZED VIEW monthly_revenue AS
    SELECT date_trunc('month', o.placed_at) AS month, k.slug AS category, sum(i.quantity * i.unit_price) AS revenue
    FROM orders o
    JOIN order_items i ON i.order_id = o.id
    JOIN products p ON p.id = i.product_id
    JOIN categories k ON k.id = p.category_id
    WHERE o.status <> 'cancelled'
    GROUP BY 1, 2;

CREATE FUNCTION customer_value(customer bigint) RETURNS numeric
    LANGUAGE sql STABLE
    AS $$ SELECT coalesce(sum(total), 0) FROM orders WHERE customer_id = customer AND status <> 'cancelled' $$;

COMMENT ON TABLE suppliers IS 'Who the shop buys from';
COMMENT ON TABLE categories IS 'A tree of two levels: departments and what is in them';
COMMENT ON TABLE products IS 'What the shop sells or has sold';
COMMENT ON TABLE warehouses IS 'Where goods lie';
COMMENT ON TABLE inventory IS 'How many of a product lie in a warehouse';
COMMENT ON TABLE employees IS 'Who works for the shop';
COMMENT ON TABLE customers IS 'Who registered, whether they ordered or not';
COMMENT ON TABLE addresses IS 'Where customers want their parcels';
COMMENT ON TABLE coupons IS 'Codes that take something off';
COMMENT ON TABLE orders IS 'What was ordered; a row is never deleted';
COMMENT ON TABLE order_items IS 'The lines of an order';
COMMENT ON TABLE payments IS 'Every attempt to pay, and money given back';
COMMENT ON TABLE shipments IS 'Parcels that left a warehouse';
COMMENT ON TABLE carts IS 'What visitors collected and have not ordered';
COMMENT ON TABLE cart_items IS 'The lines of a cart';
COMMENT ON TABLE reviews IS 'What customers think of what they bought';
COMMENT ON TABLE support_tickets IS 'What customers asked support';
COMMENT ON TABLE page_views IS 'Visits of pages, of the last 60 days';
COMMENT ON VIEW open_orders IS 'Orders that are not done yet';
COMMENT ON MATERIALIZED VIEW monthly_revenue IS 'Revenue by month and category; refreshed at night';
COMMENT ON FUNCTION customer_value(bigint) IS 'What a customer has spent so far';
COMMENT ON TYPE order_status IS 'How far an order got';

COMMENT ON COLUMN products.sku IS 'Article number, printed on the shelf';
COMMENT ON COLUMN products.cost IS 'What the shop pays; confidential';
COMMENT ON COLUMN inventory.reorder_level IS 'Below this, the supplier is asked for more';
COMMENT ON COLUMN employees.salary IS 'Euros a year; confidential';
COMMENT ON COLUMN employees.manager_id IS 'Whom they report to; null for the director';
COMMENT ON COLUMN customers.email IS 'Personal data: the login, unique';
COMMENT ON COLUMN customers.phone IS 'Personal data';
COMMENT ON COLUMN customers.birth_date IS 'Personal data, given by some';
COMMENT ON COLUMN addresses.street IS 'Personal data';
COMMENT ON COLUMN orders.number IS 'What customers know the order by, such as S-2026-012345';
COMMENT ON COLUMN orders.total IS 'subtotal - discount + shipping, in euros';
COMMENT ON COLUMN payments.amount IS 'In euros; negative when given back';
COMMENT ON COLUMN payments.card_last4 IS 'The last four digits; the rest is never stored';
COMMENT ON COLUMN payments.bank_account IS 'Personal data';
COMMENT ON COLUMN support_tickets.order_number IS 'As the customer wrote it; may be wrong';
COMMENT ON COLUMN page_views.visit IS 'One browser session';

GRANT USAGE ON SCHEMA public TO shop_app, shop_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO shop_app, shop_reader;
GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO shop_app;
REVOKE INSERT, UPDATE, DELETE ON employees FROM shop_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO shop_app;
