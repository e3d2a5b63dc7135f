"""The database keeps certificates and attempts as they were made, and says since when certificates are asked for."""

from django.db import migrations
from django.utils import timezone

TRIGGERS = """
CREATE FUNCTION training_certificate_rules() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept training_certificate;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL THEN
        kept := NEW;
        kept.withdrawn_at := NULL;
        kept.withdrawn_by_id := NULL;
        kept.withdraw_reason := '';
        IF kept IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'certificate %: it can only be withdrawn, once', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'certificate_kept';
END $$;
CREATE TRIGGER certificate_rules BEFORE UPDATE OR DELETE ON training_certificate
    FOR EACH ROW EXECUTE FUNCTION training_certificate_rules();

CREATE FUNCTION training_attempt_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'attempt %: it stays as it was made', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'attempt_kept';
END $$;
CREATE TRIGGER attempt_rules BEFORE UPDATE OR DELETE ON training_attempt
    FOR EACH ROW EXECUTE FUNCTION training_attempt_rules();
"""

UNDO = """
DROP TRIGGER attempt_rules ON training_attempt;
DROP FUNCTION training_attempt_rules();
DROP TRIGGER certificate_rules ON training_certificate;
DROP FUNCTION training_certificate_rules();
"""


def ask_from_now_on(apps, schema_editor):
    apps.get_model("training", "AskedSince").objects.create(at=timezone.now())


class Migration(migrations.Migration):

    dependencies = [
        ('training', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(TRIGGERS, UNDO),
        migrations.RunPython(ask_from_now_on, migrations.RunPython.noop),
    ]
