"""What searches are worth: what was shown, seen and clicked, without a word about who. An app of its own."""
