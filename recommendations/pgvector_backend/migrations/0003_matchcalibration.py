from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('vogue_pgvector', '0002_copy_vectors'),
    ]

    operations = [
        migrations.CreateModel(
            name='MatchCalibration',
            fields=[
                ('embedder', models.CharField(max_length=120, primary_key=True, serialize=False, verbose_name='embedder')),
                ('record', models.JSONField(default=dict, verbose_name='record')),
                ('updated', models.DateTimeField(auto_now=True, verbose_name='updated')),
            ],
            options={
                'verbose_name': 'calibration of match levels',
                'verbose_name_plural': 'calibrations of match levels',
            },
        ),
    ]
