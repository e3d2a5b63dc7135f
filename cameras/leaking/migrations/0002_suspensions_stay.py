"""The database keeps what a camera was suspended for, and an end that was given."""

from django.db import migrations

TRIGGERS = """
CREATE FUNCTION leaking_suspension_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL
        OR (NEW.camera_id, NEW.began_at, NEW.since, NEW.frames, NEW.people, NEW.leaks, NEW.leak_frames,
            NEW.low_per_1000, NEW.budget_per_1000)
        IS DISTINCT FROM (OLD.camera_id, OLD.began_at, OLD.since, OLD.frames, OLD.people, OLD.leaks, OLD.leak_frames,
            OLD.low_per_1000, OLD.budget_per_1000)
    THEN
        RAISE EXCEPTION 'suspension %: what it was judged by stays, and an end is for ever', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'suspension_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER leaking_suspension_rules BEFORE UPDATE OR DELETE ON leaking_suspension
    FOR EACH ROW EXECUTE FUNCTION leaking_suspension_rules();
"""

UNDO = """
DROP TRIGGER leaking_suspension_rules ON leaking_suspension;
DROP FUNCTION leaking_suspension_rules();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('leaking', '0001_leak_hours_and_suspensions'),
    ]

    operations = [
        migrations.RunSQL(TRIGGERS, UNDO),
    ]
