"""Values that fill the slots of query templates: our own short lists."""

SLOTS: dict[str, tuple[str, ...]] = {
    "area": (
        "kitchen", "living room", "bedroom", "garage", "office", "hallway", "bathroom", "attic",
        "basement", "dining room", "nursery", "laundry room", "guest room", "patio",
    ),
    "floor": ("ground floor", "first floor", "upstairs", "downstairs"),
    "name": (
        "desk lamp", "heater", "ceiling fan", "coffee maker", "tv", "front door", "left blinds",
        "speaker", "dehumidifier", "porch light", "oven", "aquarium pump", "robot", "garden hose",
    ),
    "zone": ("work", "school", "home", "the gym", "the airport"),
    "message": ("dinner is ready", "we leave in ten minutes", "the taxi is here", "time for bed"),
    "search_query": (
        "blue monday", "the four seasons", "smooth jazz", "nineties rock", "whale sounds",
        "bohemian rhapsody", "classical piano", "lo-fi beats", "that song about rain",
        "the new podcast on space", "christmas carols", "acoustic covers", "baroque violin",
        "a nature documentary", "the latest thriller", "reggae classics", "opera arias",
        "brazilian jazz", "kids songs", "an audiobook about pirates",
    ),
    "timer_name": ("pizza", "laundry", "egg", "bread", "nap", "tea", "workout", "pasta", "cake"),
    "timer_command": (
        "turn off the lights", "open the garage door", "lock the front door", "pause the music",
    ),
    "shopping_list_item": (
        "milk", "brown bread", "olive oil", "apples", "batteries", "toothpaste", "dog food",
        "rice", "tomatoes", "coffee beans", "dish soap", "paper towels", "oat milk", "lemons",
    ),
    "todo_list_item": (
        "call the dentist", "pay the rent", "water the plants", "book flights", "renew passport",
        "fix the bike", "send the invoice", "clean the gutters", "wrap the present",
    ),
    "list_name": ("groceries", "weekend", "household", "holiday", "hardware store", "work"),
    "product": (
        "running shoes", "wireless headphones", "rain jacket", "coffee grinder", "office chair",
        "phone case", "yoga mat", "hiking boots", "bluetooth speaker", "desk lamp", "backpack",
        "electric kettle", "gaming mouse", "winter gloves", "air fryer", "suitcase", "tent",
        "summer dress", "kids bike", "standing desk", "water bottle", "dog leash", "sunglasses",
        "cordless drill", "bed sheets", "mechanical keyboard", "wool socks", "baby stroller",
    ),
    "brand": ("nordvik", "altora", "bexley", "kanto", "sunpeak", "ostara", "velmo", "tarn"),
    "adjective": (
        "waterproof", "cheap", "lightweight", "second hand", "large", "small", "foldable",
        "black", "red", "blue", "organic", "refurbished", "heavy duty", "vegan", "quiet",
    ),
    "price": ("20", "35", "50", "80", "100", "150", "200", "300"),
    "size": ("36", "38", "40", "42", "44", "small", "medium", "large", "xl"),
    "person": ("men", "women", "kids", "toddlers", "beginners", "travel", "a small flat"),
    "order": ("order", "parcel", "package", "delivery", "shipment"),
    "order_number": ("48213", "90177", "55120", "73004", "11986", "60342"),
    "day": (
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "tomorrow",
        "tonight", "this weekend", "next week", "this afternoon",
    ),
    "city": (
        "oslo", "madrid", "denver", "lagos", "kyoto", "lima", "toronto", "cairo", "galway",
        "hamburg", "perth", "nairobi",
    ),
    "genre": ("jazz", "rock", "techno", "classical", "country", "folk", "hip hop", "ambient"),
    "topic": (
        "photosynthesis", "the french revolution", "black holes", "compound interest", "volcanoes",
        "the stock market", "quantum computing", "the roman empire", "vitamins", "chess openings",
    ),
    "dish": ("lasagne", "pad thai", "pancakes", "goulash", "sushi rice", "apple pie", "hummus"),
    "animal": ("cats", "owls", "dolphins", "bees", "elephants", "octopuses"),
    "language": ("spanish", "japanese", "swahili", "polish", "latin", "portuguese"),
}  # fmt: skip
