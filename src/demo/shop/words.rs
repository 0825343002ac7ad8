//! Which words are the sample rows made of?
//!
//! Made-up people and things. E-mail addresses end in the reserved example domains (RFC 2606),
//! telephone numbers are of the fictional 555-01xx range.

/// Given names.
pub const GIVEN: [&str; 48] = [
    "Ada",
    "Amara",
    "Anders",
    "Anika",
    "Ayşe",
    "Björn",
    "Camille",
    "Carlos",
    "Chen",
    "Chiara",
    "Daniel",
    "Elif",
    "Emma",
    "Fatima",
    "Femi",
    "Finn",
    "Grace",
    "Hana",
    "Hugo",
    "Ines",
    "Ingrid",
    "Ivan",
    "Jan",
    "Jamal",
    "Julia",
    "Kaito",
    "Katarzyna",
    "Kofi",
    "Lars",
    "Leila",
    "Lena",
    "Liam",
    "Lucía",
    "Mateo",
    "Mei",
    "Mia",
    "Nadia",
    "Noah",
    "Olga",
    "Omar",
    "Priya",
    "Rosa",
    "Sam",
    "Sofia",
    "Tomás",
    "Yuki",
    "Zainab",
    "Zoë",
];

/// Family names.
pub const FAMILY: [&str; 56] = [
    "Abadi", "Almeida", "Andersen", "Bauer", "Bianchi", "Brown", "Castillo", "Chen", "Cohen", "Costa",
    "Dubois", "Eriksson", "Evans", "Fischer", "Garcia", "Haddad", "Hansen", "Ito", "Ivanova", "Jansen",
    "Johnson", "Kaya", "Khan", "Kim", "Kowalska", "Kumar", "Larsen", "Lefèvre", "Lopez", "Mbeki", "Meyer",
    "Moreau", "Müller", "Nguyen", "Novák", "O'Brien", "Okafor", "Olsen", "Patel", "Pereira", "Petrov",
    "Popescu", "Ricci", "Rossi", "Santos", "Sato", "Schmidt", "Silva", "Singh", "Smith", "Suzuki", "Tanaka",
    "Taylor", "Weber", "Yilmaz", "Zhang",
];

/// City, country code and dialling code, the frequent ones first.
pub const CITIES: [(&str, &str, &str); 24] = [
    ("Berlin", "DE", "49"),
    ("London", "GB", "44"),
    ("Paris", "FR", "33"),
    ("Madrid", "ES", "34"),
    ("Hamburg", "DE", "49"),
    ("Milano", "IT", "39"),
    ("Amsterdam", "NL", "31"),
    ("Warszawa", "PL", "48"),
    ("Wien", "AT", "43"),
    ("Lyon", "FR", "33"),
    ("Stockholm", "SE", "46"),
    ("Lisboa", "PT", "351"),
    ("München", "DE", "49"),
    ("Manchester", "GB", "44"),
    ("Zürich", "CH", "41"),
    ("Barcelona", "ES", "34"),
    ("København", "DK", "45"),
    ("Praha", "CZ", "420"),
    ("Bruxelles", "BE", "32"),
    ("Dublin", "IE", "353"),
    ("Oslo", "NO", "47"),
    ("Köln", "DE", "49"),
    ("Napoli", "IT", "39"),
    ("Helsinki", "FI", "358"),
];

/// Streets.
pub const STREETS: [&str; 24] = [
    "Acacia Road",
    "Bahnhofstrasse",
    "Calle Mayor",
    "Canal Street",
    "Church Lane",
    "Dorfstrasse",
    "Gartenweg",
    "Harbour View",
    "High Street",
    "Hill Road",
    "King Street",
    "Kirchgasse",
    "Lindenallee",
    "Market Square",
    "Mill Lane",
    "Oak Avenue",
    "Park Road",
    "Rue de la Gare",
    "Schulstrasse",
    "Station Road",
    "Via Roma",
    "Victoria Street",
    "Waldweg",
    "Willow Close",
];

/// Departments of the shop, each with its categories.
pub const CATEGORIES: [(&str, [&str; 6]); 8] = [
    ("Kitchen", ["Pans", "Knives", "Kettles", "Bowls", "Boards", "Storage"]),
    ("Garden", ["Pots", "Tools", "Seeds", "Lanterns", "Benches", "Hoses"]),
    ("Office", ["Notebooks", "Pens", "Lamps", "Chairs", "Desks", "Organisers"]),
    ("Sports", ["Bottles", "Mats", "Balls", "Bags", "Gloves", "Weights"]),
    ("Outdoor", ["Tents", "Backpacks", "Stoves", "Torches", "Flasks", "Hammocks"]),
    ("Music", ["Cables", "Stands", "Strings", "Drumsticks", "Tuners", "Headphones"]),
    ("Toys", ["Puzzles", "Blocks", "Kites", "Trains", "Dolls", "Games"]),
    ("Home", ["Candles", "Cushions", "Blankets", "Mirrors", "Clocks", "Vases"]),
];

/// What a product is like.
pub const QUALITIES: [&str; 20] = [
    "Compact", "Classic", "Light", "Sturdy", "Folding", "Slim", "Large", "Quiet", "Soft", "Bright",
    "Handmade", "Everyday", "Travel", "Premium", "Basic", "Rugged", "Nordic", "Vintage", "Modular", "Smart",
];

/// What a product is made of.
pub const MATERIALS: [&str; 16] = [
    "Oak",
    "Steel",
    "Cotton",
    "Bamboo",
    "Linen",
    "Copper",
    "Glass",
    "Wool",
    "Cork",
    "Ceramic",
    "Leather",
    "Birch",
    "Titanium",
    "Hemp",
    "Aluminium",
    "Walnut",
];

/// What a supplier is called besides a family name.
pub const COMPANIES: [&str; 8] =
    ["Trading", "& Sons", "Works", "Manufaktur", "Supply", "Industries", "Atelier", "Group"];

/// Warehouses: code and city.
pub const WAREHOUSES: [(&str, &str, &str); 6] = [
    ("BER1", "Berlin", "DE"),
    ("HAM1", "Hamburg", "DE"),
    ("LYS1", "Lyon", "FR"),
    ("MAN1", "Manchester", "GB"),
    ("WAW1", "Warszawa", "PL"),
    ("BCN1", "Barcelona", "ES"),
];

/// Job titles with a yearly salary in whole euros.
pub const JOBS: [(&str, i64); 8] = [
    ("Picker", 31_000),
    ("Packer", 30_500),
    ("Support agent", 36_000),
    ("Buyer", 48_000),
    ("Developer", 68_000),
    ("Accountant", 52_000),
    ("Team lead", 64_000),
    ("Marketing manager", 58_000),
];

/// Who carries parcels.
pub const CARRIERS: [&str; 5] = ["Blue Van", "Parcelbird", "Northline", "Swift Post", "Cargo Bike Co"];

/// What a ticket is about.
pub const SUBJECTS: [&str; 12] = [
    "Where is my parcel?",
    "Wrong colour delivered",
    "Please change my address",
    "Refund has not arrived",
    "Invoice needed for my company",
    "Item arrived broken",
    "Coupon does not work",
    "Cancel my order",
    "Cannot log in",
    "Missing part",
    "Delivered to a neighbour",
    "Question about the warranty",
];

/// What reviewers write, from one star to five.
pub const REVIEWS: [[&str; 4]; 5] = [
    ["Broke after a week.", "Not what the picture shows.", "Sent it back.", "Very disappointed."],
    ["Smells odd.", "Smaller than expected.", "Poor finish.", "Took three weeks to arrive."],
    ["It is fine.", "Does its job.", "Okay for the price.", "Average."],
    ["Good quality.", "Would buy again.", "Arrived quickly, works well.", "Solid, a little heavy."],
    ["Love it!", "Exactly what I wanted.", "Best one I have had.", "Bought a second one for my sister."],
];

/// Where visitors come from.
pub const REFERRERS: [&str; 6] = [
    "https://search.example/",
    "https://news.example/",
    "https://social.example/",
    "newsletter",
    "https://compare.example/",
    "https://blog.example/",
];

/// What visitors look with.
pub const DEVICES: [&str; 4] = ["phone", "desktop", "tablet", "app"];
