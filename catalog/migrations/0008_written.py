from django.db import migrations

from catalog.version import note_writes

# A setting of the transaction holds that it is noted: a savepoint's rollback takes the setting back
# together with the row. On conflict: a restored dump may hold ids that are still to come here.
# The schema is named because a restore runs with an empty search path.
WRITTEN = """
CREATE TABLE written (
    topic text NOT NULL,
    id xid8 NOT NULL,
    n bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (topic, id)
);
CREATE FUNCTION note_written() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    noted text := 'ratecard.noted_' || TG_ARGV[0];
BEGIN
    IF current_setting(noted, true) = pg_current_xact_id_if_assigned()::text THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'TRUNCATE' THEN
        IF NOT EXISTS (SELECT FROM touched) THEN
            RETURN NULL;
        END IF;
    END IF;
    EXECUTE format(
        'INSERT INTO %I.written AS known (topic, id) VALUES ($1, pg_current_xact_id())
         ON CONFLICT (topic, id) DO UPDATE SET n = known.n + 1', TG_TABLE_SCHEMA
    ) USING TG_ARGV[0];
    PERFORM set_config(noted, pg_current_xact_id()::text, true);
    RETURN NULL;
END
$$;
"""
REMOVED = "DROP FUNCTION note_written(); DROP TABLE written;"
TABLES = (
    *("catalog_alias", "catalog_capability", "catalog_creator", "catalog_endpoint"),
    *("catalog_endpointclaims", "catalog_model", "catalog_override", "catalog_provider"),
    *("catalog_providerclaims", "catalog_relink", "catalog_source"),
)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0007_url_context")]
    operations = [migrations.RunSQL(WRITTEN, REMOVED), *map(note_writes, TABLES)]
