//! Plausible invoices, the same ones every time: what made `data/sample.csv`.

use crate::import::HEADER;
use std::io::{self, Write};

const FIRST: [&str; 24] = [
    "Ann", "Bob", "Carla", "Dmitri", "Élodie", "Fatima", "George", "Hana", "Ivan", "Jørgen", "Kofi", "Łucja",
    "Mei", "Nora", "Omar", "Paula", "Quentin", "Rosa", "Søren", "Tomás", "Ulla", "Vera", "Wei", "Zoë",
];
const LAST: [&str; 20] = [
    "Adams", "Becker", "Costa", "Dubois", "Eriksen", "Fischer", "García", "Haddad", "Ito", "Jansen",
    "Kowalska", "Lee", "Müller", "Novák", "O'Brien", "Petrov", "Rossi", "Smith", "Tanaka", "Weber",
];
const GOODS: [(&str, &str, i64); 24] = [
    ("T-ASSAM", "Assam tea, 250 g", 690),
    ("T-DARJ", "Darjeeling first flush, 100 g", 1290),
    ("T-EARL", "Earl Grey, 100 g", 590),
    ("T-GREEN", "Green tea \"Sencha\", 100 g", 840),
    ("T-MINT", "Peppermint, 20 bags", 290),
    ("T-ROOI", "Rooibos, 250 g", 540),
    ("C-ARAB", "Arabica beans, 1 kg", 1890),
    ("C-DECAF", "Decaf beans, 500 g", 1150),
    ("C-ESPR", "Espresso roast, 1 kg", 2090),
    ("C-GRND", "Ground coffee, 500 g", 890),
    ("P-CAST", "Cast-iron teapot, 0.8 l", 5900),
    ("P-GLASS", "Glass teapot, 1 l", 3490),
    ("P-GRAN", "Teapot \"Grandma\", 1.2 l", 2750),
    ("P-PRESS", "French press, 8 cups", 3290),
    ("P-MOKA", "Moka pot, 6 cups", 2690),
    ("X-CUP", "Cup and saucer", 1190),
    ("X-FILT", "Paper filters, 100", 350),
    ("X-GRIND", "Hand grinder", 4490),
    ("X-HONEY", "Heather honey, 500 g", 780),
    ("X-KETT", "Kettle with thermometer", 6490),
    ("X-MUG", "Mug, 0.4 l", 950),
    ("X-SCALE", "Coffee scale, 0.1 g", 2990),
    ("X-SUGAR", "Rock sugar, 1 kg", 420),
    ("X-TIN", "Tea tin, 250 g", 640),
];

/// Writes the header and so many lines, made of a seed.
///
/// # Errors
/// The writer's.
pub fn write(rows: u64, seed: u64, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{HEADER}")?;
    let mut random = Random(seed);
    let customers = (rows / 12).max(1);
    let (mut written, mut invoice) = (0, 0);
    while written < rows {
        invoice += 1;
        let customer = random.below(customers).min(random.below(customers));
        for _ in 0..(1 + random.below(6)).min(rows - written) {
            written += 1;
            line(invoice, customer, &mut random, out)?;
        }
    }
    Ok(())
}

fn line(invoice: u64, customer: u64, random: &mut Random, out: &mut impl Write) -> io::Result<()> {
    let (sku, title, cents) = GOODS[random.below(GOODS.len() as u64) as usize];
    let (first, last) =
        (FIRST[customer as usize % FIRST.len()], LAST[(customer as usize / FIRST.len()) % LAST.len()]);
    let quantity = 1 + random.below(4).min(random.below(12));
    let title =
        if title.contains([',', '"']) { format!("\"{}\"", title.replace('"', "\"\"")) } else { title.into() };
    let (whole, fraction) = (cents / 100, cents % 100);
    let id = customer + 1;
    writeln!(
        out,
        "INV-{invoice:06},{sku},{title},{quantity},{whole}.{fraction:02},customer{id}@example.org,{first} {last}"
    )
}

/// SplitMix64: small, and the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}
