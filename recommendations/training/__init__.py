"""Transfer learning for the backbone: data, augmentation, losses, loop. Nothing here is needed to serve."""
