"""The configuration: schema, checks, composition, stored configs, digests."""
