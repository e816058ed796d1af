"""Odoo's command as a script, since Odoo starts its bus by running once more the script that it was started by."""
import odoo.cli

if __name__ == "__main__":
    odoo.cli.main()
