"""The shoes, bags and accessories on sale."""

from __future__ import annotations

from catalog.sample.families import BRIGHT, LEATHER, PARTY, Family

SNEAKERS, BOOTS, HEELS = "Shoes > Sneakers", "Shoes > Boots", "Shoes > Heels"
SANDALS, FLATS = "Shoes > Sandals", "Shoes > Loafers and flats"
HANDBAGS, TOTES, BACKPACKS = "Accessories > Bags > Handbags", "Accessories > Bags > Totes", "Accessories > Bags > Backpacks"
HATS, CAPS = "Accessories > Headwear > Hats", "Accessories > Headwear > Caps and beanies"
SCARVES, BELTS = "Accessories > Scarves", "Accessories > Belts"
WATCHES, GLASSES = "Accessories > Watches", "Accessories > Sunglasses"

SHOES = (
    Family("sneakers", "Court", "leather sneakers", "Unisex", SNEAKERS, (75, 99), "Smooth leather on a cup sole, with panels in a second colour.", ("White", "Black", "Cream", "Navy", "Green", "Red"), ("plain",), {"trim": "contrast"}),
    Family("sneakers", "Pier", "canvas high-tops", "Unisex", SNEAKERS, (55, 75), "Ankle-high canvas with a rubber toe and cotton laces.", ("Navy", "Red", "Black", "Yellow", "Cream", "Green"), ("plain", "plain", "tartan"), {"style": "high", "stuff": "canvas"}),
    Family("sneakers", "Dash", "running shoes", "Men", SNEAKERS, (89, 129), "A light upper and a sole that gives something back.", BRIGHT, ("plain",), {"style": "runner", "stuff": "canvas", "trim": "contrast"}, "All year", "Sports"),
    Family("sneakers", "Drift", "slip-on sneakers", "Unisex", SNEAKERS, (45, 65), "No laces, elastic at the sides and a gum sole.", ("Black", "White", "Navy", "Olive", "Red", "Grey"), ("gingham", "plain", "camouflage", "floral"), {"style": "slip-on", "stuff": "canvas", "sole": "gum"}, "Summer"),
    Family("boots", "Bryn", "Chelsea boots", "Men", BOOTS, (119, 169), "Elastic sides, a pull tab and a stitched welt.", LEATHER, ("plain",), {}, "Autumn", "Formal"),
    Family("boots", "Tind", "laced boots", "Unisex", BOOTS, (129, 179), "Suede above a cleated sole that takes any path.", ("Camel", "Brown", "Black", "Olive", "Navy", "Burgundy"), ("plain",), {"style": "laced", "stuff": "suede"}, "Winter"),
    Family("boots", "Ylva", "tall boots", "Women", BOOTS, (149, 219), "To the knee in soft leather, with a strap at the top.", ("Brown", "Black", "Burgundy", "Camel", "Green"), ("plain",), {"style": "tall"}, "Winter"),
    Family("heels", "Nora", "stiletto pumps", "Women", HEELS, (79, 119), "A pointed toe and a slender high heel in patent leather.", PARTY, ("plain",), {"height": "high"}, "All year", "Party"),
    Family("heels", "Vilde", "block-heel pumps", "Women", HEELS, (75, 109), "A steady block heel and a strap around the ankle.", ("Black", "Camel", "Green", "Burgundy", "Pink", "Teal"), ("plain",), {"heel": "block", "detail": "strap", "stuff": "suede"}, "Autumn", "Party"),
    Family("heels", "Ottilia", "kitten heels", "Women", HEELS, (65, 95), "Low and light, finished with a small bow.", ("Beige", "Pink", "Black", "Red", "Light Blue", "White"), ("plain",), {"height": "low", "detail": "bow"}, "Spring", "Formal"),
    Family("sandals", "Capri", "strappy sandals", "Women", SANDALS, (45, 65), "Soft leather straps on a cork footbed.", ("Camel", "Black", "White", "Red", "Brown", "Yellow"), ("plain",), {}, "Summer"),
    Family("sandals", "Palma", "rope wedges", "Women", SANDALS, (59, 85), "A wedge wound in rope and wide straps.", ("Red", "Navy", "Cream", "Green", "Orange", "Pink"), ("plain",), {"style": "wedge", "sole": "rope"}, "Summer"),
    Family("sandals", "Lido", "slides", "Men", SANDALS, (25, 39), "For the pool and the way home.", ("Blue", "Black", "White", "Teal", "Orange", "Navy"), ("plain", "stripes", "camouflage"), {"style": "slide", "stuff": "canvas"}, "Summer", "Sports"),
    Family("flats", "Aksel", "loafers", "Men", FLATS, (99, 149), "Polished leather with a metal bar on the saddle.", ("Burgundy", "Black", "Brown", "Navy", "Camel"), ("plain",), {}, "All year", "Formal"),
    Family("flats", "Tilda", "ballet flats", "Women", FLATS, (55, 79), "Soft as slippers, with a bow at the toe.", ("Pink", "Black", "Red", "Cream", "Navy", "Mint"), ("plain",), {"style": "ballet"}, "Spring"),
)
BAGS = (
    Family("handbag", "Margot", "satchel", "Women", HANDBAGS, (119, 179), "A structured bag with a top handle and a turn lock.", LEATHER, ("plain", "plain", "colour block"), {}, "All year", "Formal"),
    Family("handbag", "Coco", "quilted shoulder bag", "Women", HANDBAGS, (99, 149), "Quilted leather on a chain, just large enough.", ("Black", "Red", "Cream", "Navy", "Pink", "Green"), ("plain",), {"style": "shoulder", "strap": "chain", "quilt": "1"}, "All year", "Party"),
    Family("handbag", "Pia", "bucket bag", "Women", HANDBAGS, (89, 129), "Gathered with a cord, open and easy.", ("Camel", "Teal", "Black", "Burgundy", "Yellow", "White"), ("plain", "colour block"), {"style": "bucket", "trim": "contrast"}, "Summer"),
    Family("handbag", "Lova", "envelope clutch", "Women", HANDBAGS, (49, 79), "A slim clutch with a loop for the wrist.", PARTY, ("plain", "houndstooth"), {"style": "clutch"}, "All year", "Party"),
    Family("tote", "Harbour", "canvas tote", "Unisex", TOTES, (29, 45), "Strong canvas with handles long enough for the shoulder.", ("Cream", "Navy", "White", "Red", "Olive", "Light Blue"), ("stripes", "plain", "colour block", "floral"), {"trim": "contrast"}, "Summer"),
    Family("tote", "Studio", "leather tote", "Women", TOTES, (129, 189), "Room for a laptop and the rest of the day.", LEATHER, ("plain",), {"stuff": "leather"}, "All year", "Formal"),
    Family("backpack", "Atlas", "day pack", "Unisex", BACKPACKS, (59, 85), "A padded back, a front pocket and a leather badge.", BRIGHT, ("plain", "colour block", "camouflage"), {}, "All year", "Sports"),
    Family("backpack", "Nord", "rolled-top backpack", "Unisex", BACKPACKS, (79, 119), "Waxed canvas, closed with two leather straps.", ("Olive", "Navy", "Grey", "Burgundy", "Camel", "Black"), ("plain",), {"style": "roll"}, "All year"),
)
ACCESSORIES = (
    Family("cap", "Ace", "baseball cap", "Unisex", CAPS, (19, 29), "Six panels, a curved peak and an adjustable back.", BRIGHT, ("plain", "plain", "camouflage"), {"print": "1", "trim": "contrast"}, "Summer", "Sports"),
    Family("beanie", "Pom", "bobble beanie", "Unisex", CAPS, (22, 32), "A chunky rib with a big bobble on top.", ("Teal", "Red", "Cream", "Navy", "Yellow", "Pink"), ("plain", "stripes"), {"bobble": "1", "trim": "contrast"}, "Winter"),
    Family("beanie", "Skar", "ribbed beanie", "Men", CAPS, (19, 28), "Folded once and labelled in leather.", ("Charcoal", "Olive", "Orange", "Black", "Camel", "Navy"), ("plain", "colour block"), {"label": "1"}, "Winter"),
    Family("hat", "Bogart", "felt hat", "Men", HATS, (69, 99), "Wool felt with a pinched crown and a grosgrain band.", ("Camel", "Black", "Grey", "Brown", "Navy", "Olive"), ("plain",), {}, "Autumn", "Formal"),
    Family("hat", "Riviera", "straw hat", "Women", HATS, (45, 65), "Woven straw with a wide brim for long lunches.", ("Beige", "Cream", "Camel", "White", "Black"), ("plain",), {"style": "straw", "trim": "contrast"}, "Summer"),
    Family("hat", "Pond", "bucket hat", "Unisex", HATS, (25, 35), "Stitched canvas that packs flat.", ("Black", "Yellow", "Mint", "Olive", "White", "Lavender"), ("plain", "gingham", "floral", "camouflage"), {"style": "bucket"}, "Summer"),
    Family("scarf", "Glen", "wool scarf", "Unisex", SCARVES, (39, 59), "Woven from lambswool and fringed by hand.", ("Red", "Navy", "Camel", "Grey", "Green", "Burgundy"), ("tartan", "plain", "houndstooth", "herringbone"), {}, "Winter"),
    Family("scarf", "Siena", "silk scarf", "Women", SCARVES, (45, 69), "Printed silk twill with a rolled edge.", ("Teal", "Orange", "Pink", "Navy", "Cream", "Purple"), ("floral", "dots", "stripes"), {"stuff": "silk"}, "Spring", "Formal"),
    Family("belt", "Hank", "leather belt", "Men", BELTS, (35, 49), "Full-grain leather with a brushed buckle.", ("Brown", "Black", "Camel", "Burgundy", "Navy", "White"), ("plain",), {}, "All year", "Formal"),
    Family("belt", "Rosa", "slim belt", "Women", BELTS, (25, 39), "A slim belt with a round gilded buckle.", ("Red", "Black", "Camel", "White", "Green", "Pink"), ("plain",), {"width": "slim", "buckle": "round", "metal": "gold"}, "Summer"),
    Family("watch", "Meridian", "dress watch", "Men", WATCHES, (129, 199), "A quiet dial, slim hands and a leather strap.", ("Brown", "Black", "Camel", "Navy", "Burgundy"), ("plain",), {"metal": "gold"}, "All year", "Formal"),
    Family("watch", "Regatta", "chronograph", "Men", WATCHES, (189, 279), "Three small dials and a steel case, fit for weather.", ("Black", "Blue", "Green", "Brown", "Navy", "Red"), ("plain",), {"style": "chrono", "dial": "dark", "strap": "fabric"}, "All year", "Sports"),
    Family("watch", "Tempo", "square watch", "Women", WATCHES, (99, 149), "A softly squared case on a coloured strap.", ("Pink", "Red", "White", "Teal", "Lavender", "Black"), ("plain",), {"case": "square", "metal": "gold"}),
    Family("sunglasses", "Sierra", "square sunglasses", "Unisex", GLASSES, (59, 89), "Thick acetate frames with graduated lenses.", ("Black", "Brown", "Navy", "Red", "Green", "Beige"), ("plain",), {}, "Summer"),
    Family("sunglasses", "Zelda", "cat-eye sunglasses", "Women", GLASSES, (59, 89), "Lifted corners and warm brown lenses.", ("Red", "Black", "White", "Burgundy", "Pink", "Teal"), ("plain",), {"style": "cat-eye", "lens": "brown"}, "Summer"),
    Family("sunglasses", "Loft", "pilot sunglasses", "Men", GLASSES, (69, 99), "A fine metal frame with tinted lenses.", ("Green", "Blue", "Grey", "Brown", "Pink"), ("plain",), {"style": "pilot", "metal": "gold"}, "Summer"),
)
EXTRAS = (*SHOES, *BAGS, *ACCESSORIES)
