"""Reading a published product list with photos into the shop.

``source``: the folder or zip, read in place. ``table``: its styles.csv, row by row. ``survey``: a first look at it all.
``derive``: what the list does not say. ``photo_files`` and ``upsert``: into the shop, batch by batch. ``report``: what
was left out.
"""
