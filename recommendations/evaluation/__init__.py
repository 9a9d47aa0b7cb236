"""How good the eye is: a fixed split by product family, retrieval metrics, simulated shopper photos, the report."""
