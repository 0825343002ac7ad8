//! What was ordered, paid, sent, and left lying in a cart?

use super::random::Random;
use super::sheet::Sheet;
use super::words::{CARRIERS, WAREHOUSES};
use super::world::{COUPONS, CUSTOMERS, DAY, NOW, SPAN, Status, World};

/// Carts that were never bought.
const CARTS: usize = 3_000;

/// The code of a coupon by its position. The first is the one everybody knows.
pub fn coupon_code(position: usize) -> String {
    if position == 0 { "WELCOME10".to_owned() } else { format!("SAVE-{:04}", position * 37 % 10_000) }
}

/// Rows of `coupons`.
pub fn coupons(_: &World, random: &mut Random, sheet: &mut Sheet) {
    for position in 0..COUPONS {
        let start = NOW - random.between(0, SPAN);
        sheet.id(position).text(&coupon_code(position)).integer(random.pick(&[5, 10, 10, 15, 20]));
        sheet.date(start / DAY).date(start / DAY + random.between(7, 120)).boolean(random.chance(30)).end();
    }
}

/// Rows of `orders`.
pub fn orders(world: &World, random: &mut Random, sheet: &mut Sheet) {
    for (position, order) in world.orders.iter().enumerate() {
        sheet.id(position).text(&order.number(position)).id(order.customer).id(order.address);
        sheet.text(order.status.as_str()).integer_or_null(order.coupon.map(|coupon| coupon as i64 + 1));
        sheet.amount(order.subtotal).amount(order.discount).amount(order.shipping).amount(order.total());
        if random.chance(4) {
            sheet.text(random.pick(&["Please ring twice.", "Leave it at the back door.", "It is a gift."]));
        } else {
            sheet.null();
        }
        sheet.moment(order.placed).end();
    }
}

/// Rows of `order_items`.
pub fn order_items(world: &World, _: &mut Random, sheet: &mut Sheet) {
    for (position, order) in world.orders.iter().enumerate() {
        for (line, item) in world.items[order.items.clone()].iter().enumerate() {
            sheet.id(position).id(line).id(item.product).integer(item.quantity).amount(item.price).end();
        }
    }
}

/// Rows of `payments`: a failed attempt now and then, and money back for what came back.
pub fn payments(world: &World, random: &mut Random, sheet: &mut Sheet) {
    let mut next = 0;
    let mut payment = |random: &mut Random,
                       sheet: &mut Sheet,
                       order: usize,
                       state: &str,
                       amount: i64,
                       at: i64| {
        let method =
            random.pick(&["card", "card", "card", "card", "wallet", "wallet", "bank_transfer", "invoice"]);
        sheet.id(next).id(order).text(method).text(state).amount(amount);
        match method {
            "card" => sheet.text(&format!("{:04}", random.below(10_000))).null(),
            "bank_transfer" => {
                let account = format!("XX00 0000 {:04} {:04}", random.below(10_000), random.below(10_000));
                sheet.null().text(&account)
            }
            _ => sheet.null().null(),
        };
        sheet.moment(at).end();
        next += 1;
    };
    for (position, order) in world.orders.iter().enumerate() {
        if random.chance(3) {
            payment(random, sheet, position, "failed", order.total(), order.placed + 40);
        }
        match order.status {
            Status::Pending => {}
            Status::Cancelled => {
                payment(random, sheet, position, "cancelled", order.total(), order.placed + 90)
            }
            Status::Paid | Status::Shipped | Status::Delivered => {
                payment(random, sheet, position, "captured", order.total(), order.placed + 90);
            }
            Status::Returned => {
                payment(random, sheet, position, "captured", order.total(), order.placed + 90);
                payment(random, sheet, position, "refunded", -order.total(), order.placed + 9 * DAY);
            }
        }
    }
}

/// Rows of `shipments`.
pub fn shipments(world: &World, random: &mut Random, sheet: &mut Sheet) {
    let sent = world.orders.iter().enumerate().filter(|(_, order)| order.status.was_sent());
    for (position, (number, order)) in sent.enumerate() {
        let left = order.placed + random.between(4 * 3_600, 30 * 3_600);
        let arrived = (order.status != Status::Shipped).then(|| left + random.between(1, 5) * DAY);
        sheet.id(position).id(number).id(random.skewed(WAREHOUSES.len())).text(random.pick(&CARRIERS));
        sheet.text(&format!("{:012}", random.below(1_000_000_000_000)));
        sheet.integer(random.between(80, 14_000)).moment(left).moment_or_null(arrived).end();
    }
}

/// Rows of `carts`.
pub fn carts(_: &World, random: &mut Random, sheet: &mut Sheet) {
    for position in 0..CARTS {
        let opened = NOW - random.between(600, 45 * DAY);
        sheet.id(position);
        if random.chance(60) {
            sheet.id(random.skewed(CUSTOMERS));
        } else {
            sheet.null();
        }
        sheet.text(&format!("{:016x}", random.draw())).moment(opened);
        sheet.moment(opened + random.between(0, 590)).end();
    }
}

/// Rows of `cart_items`.
pub fn cart_items(world: &World, random: &mut Random, sheet: &mut Sheet) {
    for cart in 0..CARTS {
        let mut chosen: Vec<usize> = Vec::new();
        for _ in 0..random.between(1, 5) {
            let product = random.skewed(world.products.len());
            if !chosen.contains(&product) {
                chosen.push(product);
                sheet.id(cart).id(product).integer(random.pick(&[1, 1, 1, 2, 4])).end();
            }
        }
    }
}
