//! What happened in the shop, before it is written down as rows?
//!
//! Tables agree with each other because they are written from one story: who ordered what and when.

use super::random::Random;
use super::words::{CATEGORIES, MATERIALS, QUALITIES};

/// Seconds of a day.
pub const DAY: i64 = 86_400;
/// The story ends on 2026-06-30 00:00 UTC, whenever it is told.
pub const NOW: i64 = 20_634 * DAY;
/// It lasts two years.
pub const SPAN: i64 = 730 * DAY;
/// How many customers there are.
pub const CUSTOMERS: usize = 12_000;
/// How many products.
pub const PRODUCTS: usize = 2_400;
/// How many suppliers.
pub const SUPPLIERS: usize = 60;
/// How many employees.
pub const EMPLOYEES: usize = 120;
/// How many coupons.
pub const COUPONS: usize = 200;
/// How many orders.
pub const ORDERS: usize = 24_000;
/// Every so-many-th customer has a second address.
pub const SECOND_ADDRESS_EVERY: usize = 4;

/// Orders an hour of the day gets, relative to each other: a quiet night, a busy evening.
const HOURS: [u64; 24] =
    [3, 2, 1, 1, 1, 2, 4, 7, 10, 12, 13, 13, 14, 12, 11, 11, 12, 14, 17, 20, 21, 17, 11, 6];

/// The story.
#[derive(Debug)]
pub struct World {
    /// What is sold.
    pub products: Vec<Product>,
    /// Who ordered, oldest first.
    pub orders: Vec<Order>,
    /// What was ordered; those of an order lie together.
    pub items: Vec<Item>,
    /// When each customer registered: before the first order.
    pub registered: Vec<i64>,
}

/// A product.
#[derive(Debug)]
pub struct Product {
    /// The article number.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// The position of its category among all categories.
    pub category: usize,
    /// Its price in cents.
    pub price: i64,
    /// Whether it is still sold.
    pub active: bool,
}

/// An order.
#[derive(Debug)]
pub struct Order {
    /// The customer's position.
    pub customer: usize,
    /// The position of the address it goes to.
    pub address: usize,
    /// When it was placed.
    pub placed: i64,
    /// How far it got.
    pub status: Status,
    /// The coupon's position.
    pub coupon: Option<usize>,
    /// Where its items begin and end.
    pub items: std::ops::Range<usize>,
    /// What the items cost, in cents.
    pub subtotal: i64,
    /// What the coupon takes off.
    pub discount: i64,
    /// What sending costs.
    pub shipping: i64,
}

impl Order {
    /// The number customers know it by.
    pub fn number(&self, position: usize) -> String {
        let (year, _, _) = super::sheet::civil(self.placed.div_euclid(DAY));
        format!("S-{year}-{:06}", position + 1)
    }

    /// What has to be paid.
    pub fn total(&self) -> i64 {
        self.subtotal - self.discount + self.shipping
    }
}

/// An item of an order.
#[derive(Debug)]
pub struct Item {
    /// The product's position.
    pub product: usize,
    /// How many.
    pub quantity: i64,
    /// What one cost at that time, in cents.
    pub price: i64,
}

/// How far an order got; the words are those of the enum `order_status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Placed, not paid.
    Pending,
    /// Paid, not sent.
    Paid,
    /// On its way.
    Shipped,
    /// There.
    Delivered,
    /// Sent back.
    Returned,
    /// Given up.
    Cancelled,
}

impl Status {
    /// The enum's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::Paid => "paid",
            Status::Shipped => "shipped",
            Status::Delivered => "delivered",
            Status::Returned => "returned",
            Status::Cancelled => "cancelled",
        }
    }

    /// Whether a parcel left the house.
    pub fn was_sent(self) -> bool {
        matches!(self, Status::Shipped | Status::Delivered | Status::Returned)
    }
}

impl World {
    /// Tells the story of `seed`.
    pub fn new(seed: u64) -> World {
        let products = products(&mut Random::new(seed, "story of products"));
        let mut random = Random::new(seed, "story of orders");
        let mut times: Vec<i64> = (0..ORDERS).map(|position| order_time(&mut random, position)).collect();
        times.sort_unstable();
        let mut items = Vec::with_capacity(ORDERS * 5 / 2);
        let orders: Vec<Order> =
            times.into_iter().map(|placed| order(&mut random, placed, &products, &mut items)).collect();
        let registered = registrations(&mut Random::new(seed, "story of customers"), &orders);
        World { products, orders, items, registered }
    }
}

fn products(random: &mut Random) -> Vec<Product> {
    let leaves: usize = CATEGORIES.iter().map(|(_, leaves)| leaves.len()).sum();
    (0..PRODUCTS)
        .map(|position| {
            // Some categories are larger than others.
            let leaf = random.index(leaves).min(random.index(leaves));
            let (department, names) = CATEGORIES[leaf / 6];
            let thing = names[leaf % 6];
            let name = format!("{} {} {thing}", random.pick(&QUALITIES), random.pick(&MATERIALS));
            let prefix: String = department.chars().take(3).flat_map(char::to_uppercase).collect();
            // Many cheap things, few dear ones; prices end in 9.
            let unit = random.unit();
            let price = 190 + (unit * unit * unit * 40_000.0) as i64;
            Product {
                sku: format!("{prefix}-{:05}", position + 1),
                name,
                // Departments come first among the categories.
                category: CATEGORIES.len() + leaf,
                price: price / 10 * 10 + 9,
                active: random.chance(94),
            }
        })
        .collect()
}

fn order_time(random: &mut Random, position: usize) -> i64 {
    // The square root makes the shop grow: twice as late, twice as many.
    let part = (position as f64 + random.unit()) / ORDERS as f64;
    let day = ((NOW - SPAN) + (SPAN as f64 * part.sqrt()) as i64).div_euclid(DAY);
    let mut draw = random.below(HOURS.iter().sum());
    let mut hour = 0;
    while hour < 23 && draw >= HOURS[hour] {
        draw -= HOURS[hour];
        hour += 1;
    }
    (day * DAY + hour as i64 * 3_600 + random.between(0, 3_599)).min(NOW - 60)
}

fn order(random: &mut Random, placed: i64, products: &[Product], items: &mut Vec<Item>) -> Order {
    let customer = random.skewed(CUSTOMERS);
    let has_second = customer.is_multiple_of(SECOND_ADDRESS_EVERY);
    let address =
        if has_second && random.chance(40) { CUSTOMERS + customer / SECOND_ADDRESS_EVERY } else { customer };
    let first = items.len();
    for _ in 0..random.pick(&[1, 1, 1, 2, 2, 2, 3, 3, 4, 5]) {
        let product = random.skewed(products.len());
        if items[first..].iter().any(|item| item.product == product) {
            continue;
        }
        // Prices were lower two years ago.
        let age_percent = (NOW - placed) * 8 / SPAN;
        let price = products[product].price * (100 - age_percent) / 100;
        items.push(Item { product, quantity: random.pick(&[1, 1, 1, 1, 1, 2, 2, 3, 6]), price });
    }
    let subtotal: i64 = items[first..].iter().map(|item| item.price * item.quantity).sum();
    let coupon = random.chance(15).then(|| random.skewed(COUPONS));
    let discount = if coupon.is_some() { subtotal * random.pick(&[5, 10, 10, 15, 20]) / 100 } else { 0 };
    let shipping = if subtotal >= 5_000 { 0 } else { 490 };
    let status = status(random, (NOW - placed) / DAY);
    Order {
        customer,
        address,
        placed,
        status,
        coupon,
        items: first..items.len(),
        subtotal,
        discount,
        shipping,
    }
}

fn status(random: &mut Random, age_days: i64) -> Status {
    let draw = random.below(100);
    match age_days {
        0..=1 => [Status::Pending, Status::Paid, Status::Paid][random.index(3)],
        2..=5 if draw < 60 => Status::Shipped,
        2..=5 if draw < 80 => Status::Paid,
        _ if draw < 6 => Status::Cancelled,
        _ if draw < 10 && age_days > 10 => Status::Returned,
        _ => Status::Delivered,
    }
}

fn registrations(random: &mut Random, orders: &[Order]) -> Vec<i64> {
    let mut registered: Vec<i64> =
        (0..CUSTOMERS).map(|_| NOW - 3_600 - random.below(SPAN as u64) as i64).collect();
    for order in orders {
        let moment = &mut registered[order.customer];
        if *moment >= order.placed {
            *moment = order.placed - random.between(120, 20 * DAY);
        }
    }
    registered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_story_agrees_with_itself() {
        let world = World::new(1);
        let mut next_item = 0;
        for order in &world.orders {
            assert_eq!(order.items.start, next_item);
            assert!(!order.items.is_empty());
            next_item = order.items.end;
            assert!(world.registered[order.customer] < order.placed);
            assert!(order.placed < NOW && order.placed >= NOW - SPAN);
            let sum: i64 =
                world.items[order.items.clone()].iter().map(|item| item.price * item.quantity).sum();
            assert_eq!(sum, order.subtotal);
            assert!(order.total() > 0);
        }
        assert_eq!(next_item, world.items.len());
        assert!(world.orders.is_sorted_by_key(|order| order.placed));
    }
}
