import django.db.models.deletion
from django.contrib.postgres.operations import CreateExtension
from django.db import migrations, models

import recommendations.pgvector_backend.fields
from recommendations import conf

# float32 (IEEE 754, little-endian) to halfvec: PostgreSQL has no such cast of its own.
DECODE = """
CREATE FUNCTION vogue_halfvec(bytes bytea) RETURNS halfvec LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT array_agg(
    CASE WHEN b3 > 127 THEN -1 ELSE 1 END
    * CASE WHEN exponent = 0 THEN mantissa * 2.0::float8 ^ -149
           ELSE (8388608 + mantissa) * 2.0::float8 ^ (exponent - 150) END
    ORDER BY i)::halfvec
  FROM
    -- Put together anew: a value stored out of line would be fetched again for every byte.
    (SELECT bytes || ''::bytea AS whole OFFSET 0) AS once,
    generate_series(0, octet_length(whole) / 4 - 1) AS i,
    LATERAL (SELECT get_byte(whole, 4 * i + 3) AS b3, get_byte(whole, 4 * i + 2) AS b2 OFFSET 0) AS high,
    LATERAL (SELECT (b3 & 127) * 2 + (b2 >> 7) AS exponent,
                    (b2 & 127) * 65536 + get_byte(whole, 4 * i + 1) * 256 + get_byte(whole, 4 * i) AS mantissa
             OFFSET 0) AS parts
$$
"""

KEEP = """
CREATE FUNCTION vogue_keep_vector() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Here and not in the trigger's WHEN, which would stand in the way of later changes of these columns.
  IF TG_OP = 'UPDATE' AND NEW.revision = OLD.revision AND NEW.status = OLD.status AND NEW.embedder = OLD.embedder
     AND NEW.product_id = OLD.product_id AND NEW.vector IS NOT DISTINCT FROM OLD.vector THEN
    RETURN NULL;
  END IF;
  IF NEW.status = 'ready' THEN
    INSERT INTO vogue_pgvector_photovector (embedding_id, product_id, embedder, revision, vector)
    VALUES (NEW.id, NEW.product_id, NEW.embedder, NEW.revision, vogue_halfvec(NEW.vector))
    ON CONFLICT (embedding_id) DO UPDATE
    SET product_id = EXCLUDED.product_id, embedder = EXCLUDED.embedder, revision = EXCLUDED.revision,
        vector = EXCLUDED.vector;
  ELSE
    DELETE FROM vogue_pgvector_photovector WHERE embedding_id = NEW.id;
  END IF;
  RETURN NULL;
END
$$
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('recommendations', '0001_initial'),
        migrations.swappable_dependency(conf.product_model()),
    ]

    operations = [
        CreateExtension('vector'),
        migrations.CreateModel(
            name='PhotoVector',
            fields=[
                ('embedding', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='+', serialize=False, to='recommendations.imageembedding', verbose_name='photo embedding')),
                ('embedder', models.CharField(max_length=120, verbose_name='embedder')),
                ('revision', models.PositiveBigIntegerField(verbose_name='revision')),
                ('vector', recommendations.pgvector_backend.fields.HalfVectorField(verbose_name='vector')),
                ('product', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=conf.product_model(), verbose_name='product')),
            ],
            options={
                'verbose_name': 'photo vector',
                'verbose_name_plural': 'photo vectors',
            },
        ),
        migrations.RunSQL(
            'ALTER TABLE vogue_pgvector_photovector ADD CONSTRAINT vogue_pgvector_embedding'
            ' FOREIGN KEY (embedding_id) REFERENCES recommendations_imageembedding ON DELETE CASCADE',
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(DECODE, 'DROP FUNCTION vogue_halfvec(bytea)'),
        migrations.RunSQL(KEEP, 'DROP FUNCTION vogue_keep_vector()'),
        migrations.RunSQL(
            'CREATE TRIGGER vogue_keep_vector AFTER INSERT OR UPDATE ON recommendations_imageembedding'
            ' FOR EACH ROW EXECUTE FUNCTION vogue_keep_vector()',
            'DROP TRIGGER vogue_keep_vector ON recommendations_imageembedding',
        ),
    ]
