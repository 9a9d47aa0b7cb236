"""What can be wrong with an inventory as a whole."""


class InventoryError(ValueError):
    """The inventory cannot be used at all. The message says why and what to do."""
