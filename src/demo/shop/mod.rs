//! What is in the sample database `shop`?
//!
//! A shop in Europe over two years, about 210,000 rows in 18 tables, the same on every machine:
//! the rows come out of a generator of our own with a fixed seed, and every moment is relative to
//! 2026-06-30. A few customers order a lot, a few products sell well, evenings are busy.
//!
//! ```text
//!  suppliers   categories <-+ parent           employees <-+ manager      coupons
//!      ^           ^    ----+                    ^   ^  ---+                 ^
//!      |           |                             |   |                       |
//!      +- products-+         warehouses <--------+   |     customers <---- orders ----> addresses
//!           ^  ^ ^ ^          ^     ^                |      ^ ^ ^ ^          ^ ^ ^          |
//!           |  | | +--inventory     |                |      | | | |          | | |          |
//!           |  | |              shipments -----------|------|-|-|-|----------+ | +payments  +-> customers
//!           |  | +--------------------- order_items -|------|-|-|-|------------+
//!           |  +-- cart_items --> carts -------------|------+ | | |          .
//!           +----- reviews --------------------------|--------+ | |          .  not declared:
//!           +----- page_views -----------------------|----------+ |          .  support_tickets.order_number
//!                                support_tickets ----+------------+ . . . . ..  is orders.number
//! ```
//!
//! Besides: two enums, the view `open_orders`, the materialized view `monthly_revenue`, the
//! function `customer_value`, comments on every table and on what is personal or confidential.
//! Some indexes are missing on purpose (see keys.sql). `shop_owner` owns it, `shop_app` reads and
//! writes, `shop_reader` reads; all three log in with the password `shop`. `shop_probe` is the gateway's own, with
//! a password of its own.

mod catalog;
mod fill;
mod people;
mod probe;
mod random;
mod sales;
mod sheet;
mod voices;
mod words;
mod world;

pub use fill::{FillError, Filled, Progress, fill};
pub use probe::{PROBE, prepare_probe};
pub use random::Random;
pub use sales::coupon_code;
pub use sheet::Sheet;
pub use world::{CUSTOMERS, ORDERS, PRODUCTS, World};

/// The database's name.
pub const DATABASE: &str = "shop";
/// Owns the database.
pub const OWNER: &str = "shop_owner";
/// Reads and writes.
pub const APPLICATION: &str = "shop_app";
/// Reads.
pub const READER: &str = "shop_reader";
/// The password of all three: the data are made up, the port is on the loopback.
pub const PASSWORD: &str = "shop";

/// Changes whenever the rows or the schema do: a database made by another version is made again.
pub const VERSION: u32 = 1;
const SEED: u64 = 0x5d0e_5a3b_1e5b_0a75;

/// One table's rows.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns, in the order its rows are written.
    pub columns: &'static str,
    /// Writes its rows.
    rows: fn(&World, &mut Random, &mut Sheet),
}

impl Table {
    /// Its rows, as COPY reads them.
    pub fn generate(&self, world: &World) -> Sheet {
        let mut sheet = Sheet::default();
        (self.rows)(world, &mut Random::new(SEED, self.name), &mut sheet);
        sheet
    }

    /// Whether its key is a number the database counts on.
    fn counts(&self) -> bool {
        self.columns.starts_with("id,")
    }
}

/// What the rows are written from.
pub fn world() -> World {
    World::new(SEED)
}

/// Every table, in the order it is filled.
pub const TABLES: [Table; 18] = [
    Table {
        name: "suppliers",
        columns: "id, name, country, contact_email, lead_time_days, active",
        rows: catalog::suppliers,
    },
    Table { name: "categories", columns: "id, parent_id, name, slug", rows: catalog::categories },
    Table {
        name: "products",
        columns: "id, sku, name, category_id, supplier_id, price, cost, weight_grams, active, created_at",
        rows: catalog::products,
    },
    Table { name: "warehouses", columns: "id, code, city, country, capacity", rows: catalog::warehouses },
    Table {
        name: "inventory",
        columns: "warehouse_id, product_id, quantity, reorder_level, counted_at",
        rows: catalog::inventory,
    },
    Table {
        name: "employees",
        columns: "id, given_name, family_name, email, title, manager_id, warehouse_id, salary, hired_on",
        rows: people::employees,
    },
    Table {
        name: "customers",
        columns: "id, email, given_name, family_name, phone, birth_date, country, newsletter, registered_at, \
                  last_seen_at",
        rows: people::customers,
    },
    Table {
        name: "addresses",
        columns: "id, customer_id, kind, street, postcode, city, country, created_at",
        rows: people::addresses,
    },
    Table {
        name: "coupons",
        columns: "id, code, percent, valid_from, valid_until, single_use",
        rows: sales::coupons,
    },
    Table {
        name: "orders",
        columns: "id, number, customer_id, address_id, status, coupon_id, subtotal, discount, shipping, total, \
                  note, placed_at",
        rows: sales::orders,
    },
    Table {
        name: "order_items",
        columns: "order_id, line, product_id, quantity, unit_price",
        rows: sales::order_items,
    },
    Table {
        name: "payments",
        columns: "id, order_id, method, state, amount, card_last4, bank_account, made_at",
        rows: sales::payments,
    },
    Table {
        name: "shipments",
        columns: "id, order_id, warehouse_id, carrier, tracking_code, weight_grams, sent_at, delivered_at",
        rows: sales::shipments,
    },
    Table { name: "carts", columns: "id, customer_id, visit, opened_at, changed_at", rows: sales::carts },
    Table { name: "cart_items", columns: "cart_id, product_id, quantity", rows: sales::cart_items },
    Table {
        name: "reviews",
        columns: "id, product_id, customer_id, stars, body, written_at",
        rows: voices::reviews,
    },
    Table {
        name: "support_tickets",
        columns: "id, customer_id, order_number, subject, priority, state, assigned_to, opened_at, closed_at",
        rows: voices::support_tickets,
    },
    Table {
        name: "page_views",
        columns: "id, visit, customer_id, path, product_id, referrer, device, duration_ms, seen_at",
        rows: voices::page_views,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Locks the generator: whoever changes a row on purpose raises [`VERSION`] and these.
    #[test]
    fn the_rows_are_the_same_every_time_and_everywhere() {
        let world = world();
        let mut rows = 0;
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for table in TABLES {
            let sheet = table.generate(&world);
            rows += sheet.rows();
            for byte in table.name.bytes().chain(sheet.into_bytes()) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
        assert_eq!((VERSION, rows, hash), (1, 208_141, 5_709_433_067_106_646_274));
    }

    #[test]
    fn every_row_has_every_column() {
        let world = world();
        for table in TABLES {
            let columns = table.columns.split(", ").count();
            let bytes = table.generate(&world).into_bytes();
            for row in bytes.split(|byte| *byte == b'\n').filter(|row| !row.is_empty()) {
                assert_eq!(row.split(|byte| *byte == b'\t').count(), columns, "{}", table.name);
            }
        }
    }
}
