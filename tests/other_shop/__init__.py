"""A shop that is not ours: its own pages, of ours nothing but the plugin and its one stylesheet."""
