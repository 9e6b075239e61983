"""One file a publisher: META says who publishes what under which licence, crawl() turns its files into claims.

SOURCES is the explicit list; its order is also the order in which a property's value is believed (first wins).
"""
