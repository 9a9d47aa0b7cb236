from django.db import migrations

from recommendations.pgvector_backend.upkeep import copy_missing


class Migration(migrations.Migration):
    """Copy what was embedded before the trigger was there. In batches: writers wait for one batch at most."""

    atomic = False

    dependencies = [('vogue_pgvector', '0001_initial')]

    operations = [
        migrations.RunPython(lambda apps, editor: copy_missing(using=editor.connection.alias), migrations.RunPython.noop)
    ]
