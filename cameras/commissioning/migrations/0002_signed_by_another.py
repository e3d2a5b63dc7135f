"""The database keeps what was signed, and refuses a signature by somebody who labelled."""

from django.db import migrations

TRIGGERS = """
CREATE FUNCTION commissioning_run_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.signed_at IS NOT NULL THEN
        RAISE EXCEPTION 'commissioning %: it is signed and cannot be changed or deleted', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'commissioning_signed_for_ever';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF NEW.signed_by_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM commissioning_still WHERE run_id = NEW.id AND labelled_by_id = NEW.signed_by_id
    ) THEN
        RAISE EXCEPTION 'commissioning %: who labelled cannot sign', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'commissioning_signed_by_another';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER commissioning_rules BEFORE UPDATE OR DELETE ON commissioning_run
    FOR EACH ROW EXECUTE FUNCTION commissioning_run_rules();

CREATE FUNCTION commissioning_still_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM commissioning_run WHERE id = OLD.run_id AND signed_at IS NOT NULL) AND (
        TG_OP = 'DELETE'
        OR (NEW.visible, NEW.uncovered, NEW.cannot_tell, NEW.labelled_by_id, NEW.labelled_at)
            IS DISTINCT FROM (OLD.visible, OLD.uncovered, OLD.cannot_tell, OLD.labelled_by_id, OLD.labelled_at)
    ) THEN
        RAISE EXCEPTION 'still %: its commissioning is signed, the label stays', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'still_label_for_ever';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER still_rules BEFORE UPDATE OR DELETE ON commissioning_still
    FOR EACH ROW EXECUTE FUNCTION commissioning_still_rules();
"""

UNDO = """
DROP TRIGGER still_rules ON commissioning_still;
DROP FUNCTION commissioning_still_rules();
DROP TRIGGER commissioning_rules ON commissioning_run;
DROP FUNCTION commissioning_run_rules();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('commissioning', '0001_commissioning'),
    ]

    operations = [
        migrations.RunSQL(TRIGGERS, UNDO),
    ]
