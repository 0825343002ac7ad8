//! What do customers look at, say and complain about?

use super::random::Random;
use super::sheet::Sheet;
use super::words::{DEVICES, REFERRERS, REVIEWS, SUBJECTS};
use super::world::{CUSTOMERS, DAY, EMPLOYEES, NOW, Status, World};

const REVIEW_COUNT: usize = 8_000;
const TICKET_COUNT: usize = 3_000;
const VIEW_COUNT: usize = 16_000;

/// Rows of `reviews`, of things that arrived.
pub fn reviews(world: &World, random: &mut Random, sheet: &mut Sheet) {
    let mut written = 0;
    while written < REVIEW_COUNT {
        let order = &world.orders[random.index(world.orders.len())];
        if order.status != Status::Delivered {
            continue;
        }
        let item = &world.items[order.items.start + random.index(order.items.len())];
        let stars = random.pick(&[1, 1, 2, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5]);
        let said = REVIEWS[stars - 1][random.index(4)];
        sheet.id(written).id(item.product).id(order.customer).integer(stars as i64);
        if random.chance(80) {
            sheet.text(said);
        } else {
            sheet.null();
        }
        sheet.moment((order.placed + random.between(3, 40) * DAY).min(NOW - 1)).end();
        written += 1;
    }
}

/// Rows of `support_tickets`. They name the order by its number, as customers write it, and now and
/// then wrongly: no foreign key could hold.
pub fn support_tickets(world: &World, random: &mut Random, sheet: &mut Sheet) {
    for position in 0..TICKET_COUNT {
        let number = random.index(world.orders.len());
        let order = &world.orders[number];
        let opened = (order.placed + random.between(3_600, 25 * DAY)).min(NOW - 1);
        sheet.id(position).id(order.customer);
        match random.below(100) {
            0..=87 => sheet.text(&order.number(number)),
            88..=90 => sheet.text(&order.number(number + ORDER_NUMBER_TYPO)),
            _ => sheet.null(),
        };
        sheet.text(random.pick(&SUBJECTS)).text(random.pick(&["low", "normal", "normal", "normal", "high"]));
        let closed = (NOW - opened > 3 * DAY || random.chance(40))
            .then(|| (opened + random.between(600, 3 * DAY)).min(NOW - 1));
        sheet.text(if closed.is_some() { "closed" } else { "open" });
        if random.chance(85) {
            sheet.id(random.index(EMPLOYEES));
        } else {
            sheet.null();
        }
        sheet.moment(opened).moment_or_null(closed).end();
    }
}

/// Added to an order's number, it gives one that no order has.
const ORDER_NUMBER_TYPO: usize = 500_000;

/// Rows of `page_views`, of the last 60 days.
pub fn page_views(world: &World, random: &mut Random, sheet: &mut Sheet) {
    let mut seen = NOW - 60 * DAY;
    for position in 0..VIEW_COUNT {
        seen = (seen + random.between(1, 2 * 60 * DAY / VIEW_COUNT as i64)).min(NOW - 1);
        sheet.id(position).text(&format!("{:016x}", random.skewed(9_000) as u64 * 0x9e37_79b9));
        if random.chance(35) {
            sheet.id(random.skewed(CUSTOMERS));
        } else {
            sheet.null();
        }
        if random.chance(65) {
            let product = random.skewed(world.products.len());
            sheet.text(&format!("/p/{}", world.products[product].sku)).id(product);
        } else {
            sheet.text(random.pick(&["/", "/", "/", "/search", "/cart", "/account", "/sale"])).null();
        }
        if random.chance(45) {
            sheet.text(random.pick(&REFERRERS));
        } else {
            sheet.null();
        }
        sheet.text(random.pick(&DEVICES)).integer(random.between(20, 900)).moment(seen).end();
    }
}
