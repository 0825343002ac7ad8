//! What does each application of the shop ask for?

use crate::demo::shop::{APPLICATION, CUSTOMERS, ORDERS, PRODUCTS, READER, Random, coupon_code};
use futures_util::StreamExt;
use std::pin::pin;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use tokio_postgres::{Client, Error, Statement};

/// Something that uses the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Application {
    /// Looks up single rows with prepared statements.
    Storefront,
    /// The same with values written into the text.
    OldStorefront,
    /// Lists orders and asks for the lines of each one by one: N+1 statements.
    OrderPage,
    /// Writes in transactions.
    Checkout,
    /// Adds up everything, slowly.
    Reporting,
    /// Reads much, with COPY and with a cursor.
    Export,
    /// Asks for what does not exist and adds what is there already.
    MobileBeta,
}

/// Why an application stops working: the connection is gone.
struct Gone;

impl Application {
    /// All of them.
    pub(super) const ALL: [Application; 7] = [
        Application::Storefront,
        Application::OldStorefront,
        Application::OrderPage,
        Application::Checkout,
        Application::Reporting,
        Application::Export,
        Application::MobileBeta,
    ];

    /// Its `application_name`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Application::Storefront => "storefront",
            Application::OldStorefront => "storefront-old",
            Application::OrderPage => "order-page",
            Application::Checkout => "checkout",
            Application::Reporting => "reporting",
            Application::Export => "export",
            Application::MobileBeta => "mobile-beta",
        }
    }

    /// The role it logs in as.
    pub(super) fn user(self) -> &'static str {
        match self {
            Application::Reporting | Application::Export => READER,
            Application::Storefront
            | Application::OldStorefront
            | Application::OrderPage
            | Application::Checkout
            | Application::MobileBeta => APPLICATION,
        }
    }

    fn pace(self) -> Duration {
        Duration::from_millis(match self {
            Application::Storefront => 100,
            Application::OldStorefront => 200,
            Application::OrderPage => 2_500,
            Application::Checkout => 1_000,
            Application::Reporting => 6_000,
            Application::Export => 8_000,
            Application::MobileBeta => 3_000,
        })
    }

    /// Works until the connection is gone.
    pub(super) async fn work(self, client: &mut Client, random: &mut Random) {
        let mut pace = interval(self.pace());
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut prepared = None;
        loop {
            pace.tick().await;
            let turn = match self {
                Application::Storefront => storefront(client, random, &mut prepared).await,
                Application::OldStorefront => old_storefront(client, random).await,
                Application::OrderPage => order_page(client, random).await,
                Application::Checkout => checkout(client, random).await,
                Application::Reporting => reporting(client, random).await,
                Application::Export => export(client, random).await,
                Application::MobileBeta => mobile_beta(client, random).await,
            };
            if survive(client, turn).is_err() {
                return;
            }
        }
    }
}

/// A statement may fail, be refused or be cancelled: that is traffic too. A lost connection is not.
fn survive(client: &Client, turn: Result<(), Error>) -> Result<(), Gone> {
    match turn {
        Err(_) if client.is_closed() => Err(Gone),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn customer(random: &mut Random) -> i64 {
    random.skewed(CUSTOMERS) as i64 + 1
}

fn product(random: &mut Random) -> i64 {
    random.skewed(PRODUCTS) as i64 + 1
}

async fn storefront(
    client: &Client,
    random: &mut Random,
    prepared: &mut Option<[Statement; 2]>,
) -> Result<(), Error> {
    if prepared.is_none() {
        *prepared = Some([
            client.prepare("SELECT id, sku, name, price FROM products WHERE id = $1").await?,
            client
                .prepare("SELECT id, given_name, family_name, country FROM customers WHERE id = $1")
                .await?,
        ]);
    }
    if let Some([by_product, by_customer]) = prepared {
        if random.chance(75) {
            client.query_opt(by_product, &[&product(random)]).await?;
        } else {
            client.query_opt(by_customer, &[&customer(random)]).await?;
        }
    }
    Ok(())
}

async fn old_storefront(client: &Client, random: &mut Random) -> Result<(), Error> {
    let text = match random.below(3) {
        0 => format!("SELECT * FROM products WHERE id = {}", product(random)),
        1 => format!("SELECT sum(quantity) FROM inventory WHERE product_id = {}", product(random)),
        _ => format!("select count(*) from orders where customer_id={}", customer(random)),
    };
    client.simple_query(&text).await?;
    Ok(())
}

async fn order_page(client: &Client, random: &mut Random) -> Result<(), Error> {
    let latest =
        "SELECT id, number, total::text FROM orders WHERE customer_id = $1 ORDER BY placed_at DESC LIMIT 15";
    let items = "SELECT line, product_id, quantity FROM order_items WHERE order_id = $1 ORDER BY line";
    // The best customers have the longest pages.
    let customer = (random.below(40) * 7919) as i64 % CUSTOMERS as i64 + 1;
    let orders = client.query(latest, &[&customer]).await?;
    let items = client.prepare(items).await?;
    for order in orders {
        let id: i64 = order.try_get(0)?;
        client.query(&items, &[&id]).await?;
    }
    Ok(())
}

/// Leaves the tables as large as it found them: the demo may run for days.
async fn checkout(client: &mut Client, random: &mut Random) -> Result<(), Error> {
    let (product, customer) = (product(random), customer(random));
    let visit = format!("demo-{:08x}", random.below(1 << 32));
    let transaction = client.transaction().await?;
    let cart = transaction
        .query_one(
            "INSERT INTO carts (customer_id, visit) VALUES ($1, $2) RETURNING id",
            &[&customer, &visit],
        )
        .await?;
    let cart: i64 = cart.try_get(0)?;
    let add = "INSERT INTO cart_items (cart_id, product_id, quantity) VALUES ($1, $2, 1)";
    transaction.execute(add, &[&cart, &product]).await?;
    let count = "UPDATE inventory SET counted_at = now() WHERE product_id = $1 AND quantity > 0";
    transaction.execute(count, &[&product]).await?;
    if random.chance(20) {
        return transaction.rollback().await;
    }
    transaction.execute("DELETE FROM carts WHERE id = $1", &[&cart]).await?;
    transaction.commit().await
}

async fn reporting(client: &Client, random: &mut Random) -> Result<(), Error> {
    // Every view is held against every article's page: nobody thought of an index.
    let slow = "SELECT p.sku, count(*) AS views, count(DISTINCT v.visit) AS visits \
                FROM page_views v JOIN products p ON v.path LIKE '/p/' || p.sku || '%' \
                WHERE p.category_id BETWEEN $1 AND $1 + 1 GROUP BY p.sku ORDER BY views DESC LIMIT 20";
    client.query(slow, &[&random.between(9, 55)]).await?;
    client.simple_query("SELECT * FROM monthly_revenue ORDER BY month DESC, revenue DESC LIMIT 12").await?;
    Ok(())
}

async fn export(client: &mut Client, random: &mut Random) -> Result<(), Error> {
    if random.chance(50) {
        let command = "COPY (SELECT id, number, status, total, placed_at FROM orders ORDER BY id DESC LIMIT 2000) \
                       TO STDOUT (FORMAT csv)";
        let mut rows = pin!(client.copy_out(command).await?);
        while let Some(piece) = rows.next().await {
            piece?;
        }
        return Ok(());
    }
    let transaction = client.transaction().await?;
    let from = random.index(ORDERS);
    let declare = format!(
        "DECLARE tickets CURSOR FOR SELECT t.id, t.subject, o.number FROM support_tickets t \
         JOIN orders o ON o.number = t.order_number WHERE o.id > {from} ORDER BY t.id"
    );
    transaction.batch_execute(&declare).await?;
    for _ in 0..3 {
        transaction.simple_query("FETCH FORWARD 100 FROM tickets").await?;
    }
    transaction.batch_execute("CLOSE tickets").await?;
    transaction.commit().await
}

async fn mobile_beta(client: &Client, random: &mut Random) -> Result<(), Error> {
    if random.chance(60) {
        let missing = format!("SELECT id, avatar_url FROM customers WHERE id = {}", customer(random));
        client.simple_query(&missing).await?;
    } else {
        let code = coupon_code(random.index(5));
        let again = "INSERT INTO coupons (code, percent, valid_from, valid_until) VALUES ($1, 10, '2026-07-01', '2026-08-01')";
        client.execute(again, &[&code]).await?;
    }
    Ok(())
}
