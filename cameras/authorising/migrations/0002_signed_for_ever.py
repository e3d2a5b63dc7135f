"""The database keeps what was signed as it was signed, and says since when authorisations are asked for."""

from django.db import migrations
from django.utils import timezone

TRIGGERS = """
CREATE FUNCTION authorising_authorisation_rules() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept authorising_authorisation;
BEGIN
    IF OLD.signed_at IS NULL THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL THEN
        kept := NEW;
        kept.withdrawn_at := NULL;
        kept.withdrawn_by_id := NULL;
        kept.withdraw_reason := '';
        IF kept IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'authorisation %: it is signed and can only be withdrawn, once', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'authorisation_signed_for_ever';
END $$;
CREATE TRIGGER authorisation_rules BEFORE UPDATE OR DELETE ON authorising_authorisation
    FOR EACH ROW EXECUTE FUNCTION authorising_authorisation_rules();

CREATE FUNCTION authorising_cameras_rules() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    row_ authorising_authorisation_cameras;
    whose authorising_authorisation;
BEGIN
    row_ := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    SELECT * INTO whose FROM authorising_authorisation WHERE id = row_.authorisation_id;
    IF whose.signed_at IS NOT NULL THEN
        RAISE EXCEPTION 'authorisation %: it is signed, its cameras cannot be changed', row_.authorisation_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'authorisation_cameras_for_ever';
    END IF;
    IF TG_OP <> 'DELETE' AND NOT EXISTS (
        SELECT 1 FROM cameras_camera WHERE id = row_.camera_id AND site_id = whose.site_id
    ) THEN
        RAISE EXCEPTION 'authorisation %: camera % stands at another site', row_.authorisation_id, row_.camera_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'authorisation_cameras_of_its_site';
    END IF;
    RETURN row_;
END $$;
CREATE TRIGGER authorisation_cameras_rules BEFORE INSERT OR UPDATE OR DELETE ON authorising_authorisation_cameras
    FOR EACH ROW EXECUTE FUNCTION authorising_cameras_rules();
"""

UNDO = """
DROP TRIGGER authorisation_cameras_rules ON authorising_authorisation_cameras;
DROP FUNCTION authorising_cameras_rules();
DROP TRIGGER authorisation_rules ON authorising_authorisation;
DROP FUNCTION authorising_authorisation_rules();
"""


def ask_from_now_on(apps, schema_editor):
    apps.get_model("authorising", "AskedSince").objects.create(at=timezone.now())


class Migration(migrations.Migration):

    dependencies = [
        ('authorising', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(TRIGGERS, UNDO),
        migrations.RunPython(ask_from_now_on, migrations.RunPython.noop),
    ]
