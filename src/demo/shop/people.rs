//! Who works for the shop and who buys there?

use super::random::Random;
use super::sheet::Sheet;
use super::words::{CITIES, FAMILY, GIVEN, JOBS, STREETS, WAREHOUSES};
use super::world::{CUSTOMERS, DAY, EMPLOYEES, NOW, SECOND_ADDRESS_EVERY, SPAN, World};

/// Rows of `employees`: one leads, ten lead teams, the others work in them.
pub fn employees(_: &World, random: &mut Random, sheet: &mut Sheet) {
    for position in 0..EMPLOYEES {
        let (given, family) = (random.pick(&GIVEN), random.pick(&FAMILY));
        let (title, salary) = match position {
            0 => ("Managing director", 145_000),
            1..=10 => ("Team lead", 64_000),
            _ => random.pick(&JOBS),
        };
        sheet.id(position).text(given).text(family);
        sheet.text(&format!("{}.{}@shop.example", address_part(given), position + 1)).text(title);
        match position {
            0 => sheet.null(),
            1..=10 => sheet.id(0),
            _ => sheet.id(1 + position % 10),
        };
        match title {
            "Picker" | "Packer" => sheet.id(random.index(WAREHOUSES.len())),
            _ => sheet.null(),
        };
        sheet
            .amount(salary * random.between(88, 124))
            .date((NOW - random.between(0, 3_000) * DAY) / DAY)
            .end();
    }
}

/// Rows of `customers`.
pub fn customers(world: &World, random: &mut Random, sheet: &mut Sheet) {
    for (position, registered) in world.registered.iter().enumerate() {
        let (given, family) = (random.pick(&GIVEN), random.pick(&FAMILY));
        let (_, country, dial) = city(random);
        let domain = random.pick(&["example.com", "example.com", "example.org", "example.net"]);
        let local = format!("{}.{}{}", address_part(given), address_part(family), position + 1);
        sheet.id(position).text(&format!("{local}@{domain}")).text(given).text(family);
        if random.chance(70) {
            sheet.text(&format!("+{dial} 555 01{:02}", random.below(100)));
        } else {
            sheet.null();
        }
        if random.chance(55) {
            sheet.date(random.between(-9_000, 13_500));
        } else {
            sheet.null();
        }
        sheet.text(country).boolean(random.chance(38)).moment(*registered);
        let seen = registered + random.below((NOW - registered).max(1) as u64) as i64;
        sheet.moment_or_null(random.chance(90).then_some(seen)).end();
    }
}

/// Rows of `addresses`: one for everybody, then the second ones.
pub fn addresses(_: &World, random: &mut Random, sheet: &mut Sheet) {
    let seconds = (0..CUSTOMERS).step_by(SECOND_ADDRESS_EVERY).map(|customer| (customer, "work"));
    let owners = (0..CUSTOMERS).map(|customer| (customer, "home")).chain(seconds);
    for (position, (customer, kind)) in owners.enumerate() {
        let (city, country, _) = city(random);
        let street = format!("{} {}", random.pick(&STREETS), random.between(1, 180));
        sheet.id(position).id(customer).text(kind).text(&street);
        sheet.text(&format!("{:05}", random.between(1_000, 98_999))).text(city).text(country);
        sheet.moment(NOW - random.between(0, SPAN)).end();
    }
}

fn city(random: &mut Random) -> (&'static str, &'static str, &'static str) {
    CITIES[random.index(CITIES.len()).min(random.index(CITIES.len()))]
}

/// A name as it stands in an e-mail address: lower case, plain letters only.
fn address_part(name: &str) -> String {
    let plain = name.chars().map(|letter| match letter {
        'á' => 'a',
        'ë' | 'è' => 'e',
        'í' => 'i',
        'ö' => 'o',
        'ş' => 's',
        'ü' => 'u',
        other => other,
    });
    plain.filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect()
}
