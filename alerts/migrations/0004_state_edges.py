"""The database lets an alert's state change only along the edges of alerts/life.py, and back only with an undo's row.

Old rows: decisions on escalated alerts get the state they were taken in, and confirmed alerts count as closed by their
decision, as nothing could be logged then.
"""

from django.db import migrations

FILL = """
UPDATE alerts_decision SET state_before = 'escalated'
WHERE verdict IN ('confirm', 'dismiss') AND EXISTS (
    SELECT 1 FROM alerts_decision earlier
    WHERE earlier.alert_id = alerts_decision.alert_id AND earlier.verdict = 'escalate' AND earlier.at < alerts_decision.at
);
UPDATE alerts_alert SET closed_at = COALESCE(
    (SELECT max(at) FROM alerts_decision WHERE alert_id = alerts_alert.id AND verdict = 'confirm'), now()
) WHERE state = 'confirmed';
"""

TRIGGER = """
CREATE FUNCTION alerts_state_edge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.state, NEW.state) IN (
        ('new', 'confirmed'), ('new', 'dismissed'), ('new', 'escalated'),
        ('escalated', 'confirmed'), ('escalated', 'dismissed')
    ) THEN
        RETURN NEW;
    END IF;
    IF EXISTS (
        SELECT 1 FROM alerts_decision undo JOIN alerts_decision revoked ON revoked.id = undo.revokes_id
        WHERE undo.alert_id = NEW.id AND undo.verdict = 'undo' AND undo.state_before = OLD.state
          AND revoked.alert_id = NEW.id AND revoked.state_before = NEW.state AND revoked.at > now() - interval '1 minute'
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'alert %: the state cannot change from % to %', NEW.id, OLD.state, NEW.state
        USING ERRCODE = 'check_violation', CONSTRAINT = 'alert_state_edge';
END $$;
CREATE TRIGGER alert_state_edge BEFORE UPDATE OF state ON alerts_alert
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION alerts_state_edge();
"""

UNDO_TRIGGER = """
DROP TRIGGER alert_state_edge ON alerts_alert;
DROP FUNCTION alerts_state_edge();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0003_claims_and_timers'),
    ]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(TRIGGER, UNDO_TRIGGER),
    ]
