from django.db import migrations, models


def record_embedders(apps, schema_editor):
    """Note whose vectors there are; the live release's embedder answers, or else the one with most vectors."""
    using = schema_editor.connection.alias
    embeddings = apps.get_model('recommendations', 'ImageEmbedding').objects.using(using).filter(status='ready')
    live = apps.get_model('recommendations', 'IndexRelease').objects.using(using).filter(live=True).first()
    counts = embeddings.order_by().values_list('embedder').annotate(n=models.Count('pk')).order_by('-n')
    names = [name for name, _ in counts]
    serving = live.embedder if live and live.embedder in names else next(iter(names), None)
    records = apps.get_model('recommendations', 'EmbedderRecord').objects.using(using)
    for name in names:
        records.create(name=name, serving=name == serving)


class Migration(migrations.Migration):

    dependencies = [
        ('recommendations', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='indexrelease',
            name='retired',
            field=models.DateTimeField(blank=True, help_text='When another one took over.', null=True, verbose_name='retired'),
        ),
        migrations.AddField(
            model_name='indexrelease',
            name='stored',
            field=models.BooleanField(default=False, help_text='Other hosts can fetch it.', verbose_name='stored'),
        ),
        migrations.CreateModel(
            name='EmbedderRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True, verbose_name='name')),
                ('spec', models.JSONField(blank=True, default=dict, help_text='Empty where it is not known.', verbose_name='specification')),
                ('serving', models.BooleanField(default=False, verbose_name='serving')),
                ('since', models.DateTimeField(blank=True, null=True, verbose_name='serving since')),
                ('created', models.DateTimeField(auto_now_add=True, verbose_name='created')),
            ],
            options={
                'verbose_name': 'embedder',
                'verbose_name_plural': 'embedders',
                'ordering': ['created', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('serving', True)), fields=('serving',), name='embedder_one_serving')],
            },
        ),
        migrations.RunPython(record_embedders, migrations.RunPython.noop, elidable=True),
    ]
