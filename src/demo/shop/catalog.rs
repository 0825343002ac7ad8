//! What does the shop sell, from whom, and where does it lie?

use super::random::Random;
use super::sheet::Sheet;
use super::words::{CATEGORIES, COMPANIES, FAMILY, WAREHOUSES};
use super::world::{DAY, NOW, SPAN, SUPPLIERS, World};

/// Rows of `suppliers`.
pub fn suppliers(_: &World, random: &mut Random, sheet: &mut Sheet) {
    for position in 0..SUPPLIERS {
        let family = FAMILY[position % FAMILY.len()];
        let company = format!("{family} {}", random.pick(&COMPANIES));
        let country = random.pick(&["DE", "DE", "IT", "PT", "PL", "CN", "CN", "VN", "IN", "TR"]);
        sheet.id(position).text(&company).text(country);
        sheet.text(&format!("sales{:02}@supplier.example", position + 1));
        sheet.integer(random.between(2, 60)).boolean(random.chance(92)).end();
    }
}

/// Rows of `categories`: departments first, then what is in them.
pub fn categories(_: &World, _: &mut Random, sheet: &mut Sheet) {
    for (position, (department, _)) in CATEGORIES.iter().enumerate() {
        sheet.id(position).null().text(department).text(&department.to_lowercase()).end();
    }
    let leaves = CATEGORIES
        .iter()
        .enumerate()
        .flat_map(|(parent, (name, leaves))| leaves.iter().map(move |leaf| (parent, *name, *leaf)));
    for (position, (parent, department, leaf)) in leaves.enumerate() {
        let slug = format!("{}/{}", department.to_lowercase(), leaf.to_lowercase());
        sheet.id(CATEGORIES.len() + position).id(parent).text(leaf).text(&slug).end();
    }
}

/// Rows of `products`.
pub fn products(world: &World, random: &mut Random, sheet: &mut Sheet) {
    for (position, product) in world.products.iter().enumerate() {
        let cost = product.price * random.between(38, 71) / 100;
        sheet.id(position).text(&product.sku).text(&product.name).id(product.category);
        sheet.id(random.skewed(SUPPLIERS)).amount(product.price).amount(cost);
        sheet.integer(random.between(40, 9_000)).boolean(product.active);
        sheet.moment(NOW - SPAN - random.between(0, 300 * DAY)).end();
    }
}

/// Rows of `warehouses`.
pub fn warehouses(_: &World, random: &mut Random, sheet: &mut Sheet) {
    for (position, (code, city, country)) in WAREHOUSES.iter().enumerate() {
        sheet.id(position).text(code).text(city).text(country).integer(random.between(4, 30) * 1_000).end();
    }
}

/// Rows of `inventory`: a product lies in four of the six warehouses on average.
pub fn inventory(world: &World, random: &mut Random, sheet: &mut Sheet) {
    for product in 0..world.products.len() {
        for warehouse in 0..WAREHOUSES.len() {
            if random.chance(67) {
                let unit = random.unit();
                let quantity = (unit * unit * 400.0) as i64;
                sheet.id(warehouse).id(product).integer(quantity).integer(random.between(5, 40));
                sheet.moment_or_null(random.chance(80).then(|| NOW - random.between(3_600, 90 * DAY))).end();
            }
        }
    }
}
