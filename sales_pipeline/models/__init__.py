# Spines first: they declare what the domains extend. Then the domains, in the order a lead travels.
# Imports are added by the owner of each file.
