import django.db.models.deletion
from django.db import migrations, models

from recommendations import conf


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        # The product model is the shop's own: VOGUE["PRODUCT_MODEL"].
        migrations.swappable_dependency(conf.product_model()),
    ]

    operations = [
        migrations.CreateModel(
            name='Lease',
            fields=[
                ('name', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('holder', models.CharField(max_length=120)),
                ('expires', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='RevisionCounter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='IndexRelease',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True, verbose_name='name')),
                ('status', models.CharField(choices=[('published', 'published'), ('rejected', 'rejected')], max_length=9, verbose_name='status')),
                ('live', models.BooleanField(default=False, verbose_name='live')),
                ('embedder', models.CharField(max_length=120, verbose_name='embedder')),
                ('backend', models.CharField(max_length=20, verbose_name='index')),
                ('revision', models.PositiveBigIntegerField(help_text='Everything up to here is in it.', verbose_name='revision')),
                ('count', models.PositiveIntegerField(verbose_name='photos')),
                ('dimensions', models.PositiveIntegerField(verbose_name='dimensions')),
                ('recall', models.FloatField(help_text='Against exact search on a sample.', null=True, verbose_name='recall@5')),
                ('parameters', models.JSONField(default=dict, verbose_name='parameters')),
                ('bytes', models.PositiveBigIntegerField(verbose_name='size in bytes')),
                ('build_seconds', models.FloatField(verbose_name='seconds to build')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('created', models.DateTimeField(auto_now_add=True, verbose_name='created')),
            ],
            options={
                'verbose_name': 'index release',
                'verbose_name_plural': 'index releases',
                'ordering': ['-created', '-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('live', True)), fields=('live',), name='release_one_live')],
            },
        ),
        migrations.CreateModel(
            name='ImageEmbedding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('photo_key', models.CharField(help_text="The photo's name within the gallery.", max_length=64, verbose_name='photo key')),
                ('photo_name', models.CharField(help_text='The stored file last asked for.', max_length=255, verbose_name='photo file')),
                ('checksum', models.CharField(blank=True, help_text='sha256 of the embedded file.', max_length=64, verbose_name='checksum')),
                ('position', models.PositiveIntegerField(default=0, help_text="0 is the product's best photo.", verbose_name='position')),
                ('embedder', models.CharField(max_length=120, verbose_name='embedder')),
                ('status', models.CharField(choices=[('pending', 'pending'), ('ready', 'ready'), ('failed', 'failed')], default='pending', max_length=8, verbose_name='status')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('vector', models.BinaryField(help_text='float32, little-endian, unit length.', null=True, verbose_name='vector')),
                ('revision', models.PositiveBigIntegerField(default=0, verbose_name='revision')),
                ('queued', models.DateTimeField(blank=True, help_text='When a task was last sent for it.', null=True, verbose_name='queued')),
                ('claim', models.CharField(blank=True, help_text='Who is computing it; empty when nobody is.', max_length=64)),
                ('claimed', models.DateTimeField(blank=True, null=True)),
                ('created', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated', models.DateTimeField(auto_now=True, verbose_name='updated')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='image_embeddings', to=conf.product_model(), verbose_name='product')),
            ],
            options={
                'verbose_name': 'photo embedding',
                'verbose_name_plural': 'photo embeddings',
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['embedder', 'revision'], name='embedding_revision'), models.Index(fields=['embedder', 'status', 'updated'], name='embedding_status')],
                'constraints': [models.UniqueConstraint(fields=('embedder', 'product', 'photo_key'), name='embedding_once_per_photo'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'ready'), _negated=True), ('vector__isnull', False), _connector='OR'), name='embedding_ready_has_vector')],
            },
        ),
    ]
