"""The ledger's functions, read from `sql/`, and room in the pages of balances for updates in place."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"
FILES = ("accounts", "holds", "carry", "recompute")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "\n".join((SQL / f"{name}.sql").read_text("utf-8") for name in FILES),
            (SQL / "drop.sql").read_text("utf-8"),
        ),
        migrations.RunSQL(
            "ALTER TABLE ledger_balance SET (fillfactor = 70)", "ALTER TABLE ledger_balance RESET (fillfactor)"
        ),
    ]
