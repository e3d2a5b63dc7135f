"""The database refuses a release that nobody approved for the site, or that its approver activates."""

from django.db import migrations

TRIGGER = """
CREATE FUNCTION releasing_activation_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'activation %: it is kept as it was', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'activation_for_ever';
    END IF;
    IF NEW.release_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM releasing_approval approval JOIN releasing_modelrelease release ON release.id = approval.release_id
        WHERE approval.release_id = NEW.release_id AND approval.site_id = NEW.site_id
          AND approval.approved_by_id <> NEW.activated_by_id AND release.kind = NEW.kind
    ) THEN
        RAISE EXCEPTION 'release % was not approved for site % by another person', NEW.release_id, NEW.site_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'activation_approved_by_another';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER activation_rules BEFORE INSERT OR UPDATE OR DELETE ON releasing_activation
    FOR EACH ROW EXECUTE FUNCTION releasing_activation_rules();
"""

UNDO = """
DROP TRIGGER activation_rules ON releasing_activation;
DROP FUNCTION releasing_activation_rules();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('releasing', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(TRIGGER, UNDO),
    ]
