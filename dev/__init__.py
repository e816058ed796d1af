"""What bin/run and bin/test share: getting Odoo, its libraries, a PostgreSQL cluster and databases."""
