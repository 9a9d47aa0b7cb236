"""The clothes on sale."""

from __future__ import annotations

from catalog.sample.families import BASIC, BRIGHT, DENIM, EARTH, PARTY, SOFT, SUIT, Family

TEES, SHIRTS, KNITS = "Clothing > Tops > T-shirts", "Clothing > Tops > Shirts", "Clothing > Knitwear > Sweaters"
POLOS, BLOUSES = "Clothing > Tops > Polo shirts", "Clothing > Tops > Blouses"
CARDIGANS, SWEATS = "Clothing > Knitwear > Cardigans", "Clothing > Sweatshirts and hoodies"
JACKETS, BLAZERS, COATS = "Clothing > Outerwear > Jackets", "Clothing > Outerwear > Blazers", "Clothing > Outerwear > Coats"
DRESSES, SKIRTS = "Clothing > Dresses", "Clothing > Skirts"
TROUSERS, JEANS, SHORTS = "Clothing > Trousers", "Clothing > Jeans", "Clothing > Shorts"

TOPS = (
    Family("t-shirt", "Otto", "crew-neck tee", "Men", TEES, (15, 25), "Heavy combed cotton with a ribbed collar that keeps its shape.", BASIC, ("plain", "plain", "stripes", "colour block"), {"pocket": "1"}, "Summer"),
    Family("t-shirt", "Linnea", "boat-neck tee", "Women", TEES, (19, 29), "A boat neck and long sleeves in soft cotton jersey.", ("White", "Navy", "Red", "Cream", "Black", "Teal", "Pink", "Green"), ("stripes", "plain"), {"neck": "boat", "sleeve": "long", "fit": "women"}, "Spring"),
    Family("t-shirt", "Milo", "graphic tee", "Unisex", TEES, (22, 30), "A boxy cut with a print drawn in our own studio.", BRIGHT, ("plain",), {"fit": "boxy", "print": "waves"}, "Summer"),
    Family("t-shirt", "Saga", "V-neck tee", "Women", TEES, (17, 26), "Light slub jersey, cut a little shorter with a soft V-neck.", SOFT, ("plain", "dots", "floral"), {"neck": "v", "sleeve": "cap", "fit": "women"}, "Summer"),
    Family("t-shirt", "Bosse", "sun-print tee", "Men", TEES, (22, 30), "Washed cotton with contrast collar and a small sun on the chest.", ("Yellow", "White", "Olive", "Navy", "Orange", "Grey", "Teal"), ("plain",), {"print": "sun", "trim": "contrast"}, "Summer", "Sports"),
    Family("polo", "Nils", "piqué polo", "Men", POLOS, (35, 49), "Breathable piqué with a knitted collar and two-tone cuffs.", BASIC, ("plain", "colour block", "plain", "stripes"), {"trim": "contrast"}, "Summer"),
    Family("polo", "Edda", "long-sleeve polo", "Women", POLOS, (39, 55), "A neat collar, three buttons and long sleeves.", SOFT, ("plain", "stripes"), {"sleeve": "long", "fit": "women"}, "Autumn"),
    Family("shirt", "Henrik", "Oxford shirt", "Men", SHIRTS, (49, 69), "A crisp Oxford weave with a chest pocket and a curved hem.", ("Light Blue", "White", "Pink", "Navy", "Mint", "Grey"), ("plain", "pinstripes", "gingham"), {"pocket": "1"}, "All year", "Formal"),
    Family("shirt", "Torsten", "flannel shirt", "Men", SHIRTS, (45, 65), "Brushed on both sides, with two flap pockets for the weekend.", ("Red", "Green", "Navy", "Camel", "Charcoal", "Burgundy"), ("tartan", "gingham", "tartan", "windowpane"), {"pocket": "flap", "stuff": "flannel"}, "Winter"),
    Family("shirt", "Juni", "short-sleeve resort shirt", "Unisex", SHIRTS, (39, 55), "An airy shirt with short sleeves that looks best a little creased.", ("Teal", "Cream", "Navy", "Orange", "Mint", "Black", "Pink"), ("floral", "dots", "stripes", "plain"), {"sleeve": "short", "stuff": "linen"}, "Summer"),
    Family("shirt", "Alma", "fitted shirt", "Women", SHIRTS, (42, 59), "A slim shirt with a touch of stretch, made for long days.", ("White", "Light Blue", "Lavender", "Black", "Pink"), ("plain", "pinstripes", "dots"), {"fit": "women"}, "All year", "Formal"),
    Family("blouse", "Freja", "bow blouse", "Women", BLOUSES, (49, 69), "Flowing crêpe with full sleeves and a bow to tie as you like.", SOFT, ("plain", "dots", "floral"), {"neck": "v", "detail": "bow"}, "Spring", "Formal"),
    Family("blouse", "Maren", "frill-collar blouse", "Women", BLOUSES, (45, 65), "A pleated frill frames the neck; short puff sleeves keep it light.", ("Cream", "White", "Pink", "Navy", "Green", "Lavender"), ("plain", "floral", "stripes"), {"neck": "crew", "detail": "frill", "sleeve": "puff"}, "Summer"),
    Family("blouse", "Tuva", "wide-sleeve blouse", "Women", BLOUSES, (45, 62), "Wide sleeves, a V-neck and small buttons down the front.", EARTH, ("plain", "floral", "dots"), {"neck": "v", "sleeve": "wide"}, "Autumn"),
    Family("sweater", "Aran", "cable-knit sweater", "Unisex", KNITS, (79, 109), "Thick plaits of pure wool, knitted slowly and made to last.", ("Cream", "Navy", "Grey", "Green", "Burgundy", "Camel"), ("plain",), {"knit": "cable"}, "Winter"),
    Family("sweater", "Rune", "V-neck sweater", "Men", KNITS, (65, 89), "Lambswool in a classic cut, with a deep V for a collar below.", ("Green", "Navy", "Grey", "Burgundy", "Camel", "Teal"), ("argyle", "plain", "argyle"), {"neck": "v"}, "Winter", "Formal"),
    Family("sweater", "Signe", "roll-neck sweater", "Women", KNITS, (59, 85), "Fine merino with a roll-neck that is soft right up to the chin.", ("Burgundy", "Cream", "Black", "Camel", "Teal", "Pink"), ("plain", "stripes"), {"neck": "rolled", "fit": "women"}, "Winter"),
    Family("sweater", "Ebba", "crew-neck sweater", "Women", KNITS, (49, 75), "An easy everyday knit with ribbed edges.", ("Mint", "Yellow", "Navy", "Lavender", "Red", "White", "Orange"), ("colour block", "stripes", "plain"), {"fit": "women"}, "Autumn"),
    Family("cardigan", "Vera", "button cardigan", "Women", CARDIGANS, (59, 85), "A soft cardigan with two pockets and horn buttons.", ("Camel", "Cream", "Green", "Grey", "Pink", "Navy"), ("plain", "plain", "stripes"), {"pocket": "1", "button": "horn", "fit": "women"}, "Autumn"),
    Family("cardigan", "Sixten", "contrast cardigan", "Men", CARDIGANS, (65, 95), "Mid-weight wool with a band in a second colour.", ("Navy", "Charcoal", "Burgundy", "Olive", "Brown"), ("plain", "argyle"), {"trim": "contrast"}, "Winter"),
    Family("sweatshirt", "Loppa", "sweatshirt", "Unisex", SWEATS, (39, 55), "Loopback cotton with the little V at the collar.", ("Grey", "Mint", "Navy", "Burgundy", "Cream", "Yellow"), ("plain", "colour block"), {}, "Autumn"),
    Family("hoodie", "Kai", "pullover hoodie", "Unisex", SWEATS, (49, 69), "A roomy hood, a pouch for cold hands and brushed fleece inside.", ("Grey", "Black", "Green", "Purple", "Orange", "Navy"), ("plain", "plain", "colour block"), {}, "Winter", "Sports"),
    Family("hoodie", "Ronja", "zip hoodie", "Women", SWEATS, (49, 72), "Zips to the chin; two-tone sleeves.", ("Navy", "Pink", "Charcoal", "Teal", "Cream", "Lavender"), ("plain",), {"front": "zip", "fit": "women"}, "Spring", "Sports"),
)
OUTER = (
    Family("jacket", "Viggo", "bomber jacket", "Men", JACKETS, (89, 129), "Light satin with ribbed edges and slanted pockets.", ("Olive", "Black", "Navy", "Burgundy", "Orange"), ("plain", "camouflage", "colour block"), {}, "Spring"),
    Family("jacket", "Rask", "denim jacket", "Unisex", JACKETS, (79, 109), "Rigid denim that softens with you, sewn in copper thread.", DENIM, ("plain",), {"style": "denim"}, "Spring"),
    Family("jacket", "Fjell", "puffer jacket", "Women", JACKETS, (119, 169), "Recycled down in even quilts, warm and almost weightless.", ("Orange", "Black", "Mint", "Navy", "Red", "Cream", "Purple"), ("plain", "colour block"), {"style": "puffer", "fit": "women"}, "Winter"),
    Family("jacket", "Rex", "biker jacket", "Women", JACKETS, (189, 249), "Supple leather with a slanted zip and snaps at the lapels.", ("Black", "Brown", "Burgundy", "Camel", "Navy"), ("plain",), {"style": "biker", "fit": "women"}, "Autumn"),
    Family("blazer", "Anton", "two-button blazer", "Men", BLAZERS, (139, 199), "Half-lined and softly built, for the office and after.", SUIT, ("plain", "windowpane", "herringbone"), {}, "All year", "Formal"),
    Family("blazer", "Ingrid", "double-breasted blazer", "Women", BLAZERS, (119, 179), "Four buttons, sharp lapels and a shaped waist.", ("Camel", "Black", "Pink", "Grey", "Teal", "White"), ("plain", "houndstooth", "pinstripes"), {"breast": "double", "fit": "women"}, "All year", "Formal"),
    Family("coat", "Greta", "wool coat", "Women", COATS, (179, 259), "A straight coat in a dense wool blend, lined throughout.", ("Camel", "Grey", "Red", "Navy", "Green", "Pink"), ("plain", "houndstooth", "plain"), {"fit": "women"}, "Winter", "Formal"),
    Family("coat", "Selma", "belted trench coat", "Women", COATS, (149, 219), "Water-repellent twill with a belt and straps at the cuffs.", ("Beige", "Navy", "Olive", "Black", "Burgundy"), ("plain",), {"style": "trench", "fit": "women"}, "Spring"),
    Family("coat", "Magnus", "double-breasted coat", "Men", COATS, (189, 269), "Six buttons and a heavy herringbone weave against the wind.", ("Charcoal", "Navy", "Camel", "Brown", "Black"), ("herringbone", "plain", "tartan"), {"style": "double"}, "Winter", "Formal"),
)
DRESS = (
    Family("dress", "Elin", "belted day dress", "Women", DRESSES, (59, 85), "A fitted top, a slim belt and a skirt that moves.", ("Navy", "Red", "Green", "White", "Yellow", "Black"), ("dots", "floral", "plain", "gingham"), {"sleeve": "short", "belt": "1"}, "Summer"),
    Family("dress", "Wilma", "wrap dress", "Women", DRESSES, (69, 99), "Wraps and ties at the waist, with a hem below the knee.", ("Red", "Teal", "Navy", "Black", "Purple", "Pink"), ("floral", "plain", "dots"), {"style": "wrap", "sleeve": "long", "length": "midi"}, "Autumn"),
    Family("dress", "Stella", "slip dress", "Women", DRESSES, (75, 110), "Cut on the bias in gleaming satin, with a cowl neck.", PARTY, ("plain",), {"style": "slip", "length": "midi"}, "Summer", "Party"),
    Family("dress", "Moa", "shift dress", "Women", DRESSES, (49, 75), "A short, straight dress without sleeves.", ("Teal", "Orange", "White", "Burgundy", "Yellow", "Navy"), ("colour block", "plain", "houndstooth"), {"style": "shift", "length": "mini"}, "Spring", "Formal"),
    Family("dress", "Liv", "puff-sleeve maxi dress", "Women", DRESSES, (79, 119), "Airy cotton to the ankle, a square neck and puff sleeves.", ("White", "Pink", "Light Blue", "Yellow", "Green", "Lavender"), ("plain", "floral", "gingham"), {"sleeve": "puff", "neck": "square", "length": "maxi"}, "Summer"),
    Family("skirt", "Disa", "pleated midi skirt", "Women", SKIRTS, (45, 69), "Fine pleats that swing with each step.", ("Green", "Navy", "Pink", "Camel", "Black", "Lavender"), ("plain",), {"style": "pleated"}, "All year", "Formal"),
    Family("skirt", "Lotta", "A-line mini skirt", "Women", SKIRTS, (35, 49), "A short A-line in a sturdy weave, buttoned in front.", ("Red", "Camel", "Navy", "Yellow", "Olive"), ("tartan", "plain", "houndstooth"), {"length": "mini", "front": "buttons"}, "Autumn"),
    Family("skirt", "Petra", "pencil skirt", "Women", SKIRTS, (39, 59), "A close-fitting skirt with a little stretch.", ("Black", "Navy", "Grey", "Burgundy", "Beige"), ("plain", "pinstripes", "herringbone"), {"style": "pencil"}, "All year", "Formal"),
    Family("skirt", "Solveig", "tiered maxi skirt", "Women", SKIRTS, (49, 75), "Three gathered tiers of light viscose.", ("Yellow", "White", "Teal", "Orange", "Navy", "Red"), ("floral", "plain", "dots"), {"style": "tiered", "length": "maxi"}, "Summer"),
)
LEGS = (
    Family("trousers", "Arvid", "slim chinos", "Men", TROUSERS, (49, 69), "Garment-dyed cotton twill in a slim cut.", EARTH, ("plain",), {"leg": "slim"}, "All year"),
    Family("trousers", "Klara", "wide-leg trousers", "Women", TROUSERS, (59, 85), "A high waist, pressed pleats and wide legs.", ("Cream", "Black", "Camel", "Navy", "Green"), ("plain", "pinstripes"), {"style": "tailored", "leg": "wide", "pleats": "1"}, "All year", "Formal"),
    Family("trousers", "Gustav", "tailored trousers", "Men", TROUSERS, (69, 99), "Wool-blend trousers with a sharp crease.", SUIT, ("plain", "windowpane", "herringbone"), {"style": "tailored", "leg": "tapered"}, "All year", "Formal"),
    Family("trousers", "Remi", "joggers", "Unisex", TROUSERS, (39, 55), "Brushed jersey with ribbed cuffs and a stripe down the side.", ("Grey", "Black", "Navy", "Burgundy", "Green"), ("plain",), {"style": "joggers", "leg": "tapered", "trim": "contrast"}, "Winter", "Sports"),
    Family("trousers", "Hedda", "flared corduroys", "Women", TROUSERS, (55, 79), "Fine corduroy that flares below the knee.", EARTH, ("plain",), {"leg": "flared", "stuff": "cord"}, "Autumn"),
    Family("jeans", "Mats", "straight jeans", "Men", JEANS, (59, 89), "Straight legs in sturdy denim with a worn-in wash.", DENIM, ("plain",), {"leg": "straight"}),
    Family("jeans", "Nova", "skinny jeans", "Women", JEANS, (55, 79), "Close to the leg, with plenty of stretch.", DENIM, ("plain",), {"leg": "skinny"}),
    Family("jeans", "Indra", "wide ripped jeans", "Women", JEANS, (65, 89), "Loose legs and a few honest rips.", ("Light Blue", "Blue", "Grey", "White", "Black"), ("plain",), {"leg": "wide", "wash": "ripped"}, "Summer"),
    Family("shorts", "Folke", "chino shorts", "Men", SHORTS, (35, 49), "Cotton twill that ends above the knee.", ("Beige", "Navy", "Olive", "Red", "Light Blue", "White"), ("plain", "gingham", "camouflage"), {}, "Summer"),
    Family("shorts", "Maja", "denim shorts", "Women", SHORTS, (35, 49), "Short denim with a turned-up hem.", DENIM, ("plain",), {"style": "denim", "length": "short", "hem": "turn-up"}, "Summer"),
    Family("shorts", "Sol", "swim shorts", "Men", SHORTS, (29, 42), "Quick-drying, with a drawcord and a mesh lining.", ("Blue", "Yellow", "Teal", "Orange", "Navy", "Pink"), ("floral", "plain", "stripes", "colour block"), {"style": "swim"}, "Summer", "Sports"),
)
CLOTHING = (*TOPS, *OUTER, *DRESS, *LEGS)
