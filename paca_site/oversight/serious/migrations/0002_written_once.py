"""What was written stays: entries and duties never change, a report changes once, when it is closed."""

from django.db import migrations

RULES = """
CREATE FUNCTION serious_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a record of a serious incident is never changed and never deleted: % is refused', TG_OP
        USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER serious_entry_stays BEFORE UPDATE OR DELETE ON serious_entry
    FOR EACH ROW EXECUTE FUNCTION serious_refuse();
CREATE TRIGGER serious_duty_stays BEFORE UPDATE OR DELETE ON serious_duty
    FOR EACH ROW EXECUTE FUNCTION serious_refuse();
CREATE TRIGGER serious_report_stays BEFORE DELETE ON serious_report
    FOR EACH ROW EXECUTE FUNCTION serious_refuse();
CREATE TRIGGER serious_entry_no_truncate BEFORE TRUNCATE ON serious_entry
    FOR EACH STATEMENT EXECUTE FUNCTION serious_refuse();
CREATE TRIGGER serious_duty_no_truncate BEFORE TRUNCATE ON serious_duty
    FOR EACH STATEMENT EXECUTE FUNCTION serious_refuse();
CREATE TRIGGER serious_report_no_truncate BEFORE TRUNCATE ON serious_report
    FOR EACH STATEMENT EXECUTE FUNCTION serious_refuse();

CREATE FUNCTION serious_report_closes_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.closed_at IS NOT NULL
        OR NEW.closed_at IS NULL
        OR to_jsonb(NEW) - '{closed_at,closed_by_id,outcome,lessons}'::text[]
            <> to_jsonb(OLD) - '{closed_at,closed_by_id,outcome,lessons}'::text[]
    THEN
        RAISE EXCEPTION 'report % is only ever closed, once; nothing else of it changes', OLD.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER serious_report_closes_once BEFORE UPDATE ON serious_report
    FOR EACH ROW EXECUTE FUNCTION serious_report_closes_once();

CREATE FUNCTION serious_report_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM serious_report WHERE id = NEW.report_id AND closed_at IS NOT NULL) THEN
        RAISE EXCEPTION 'report % is closed; nothing is added to it', NEW.report_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER serious_entry_of_open BEFORE INSERT ON serious_entry
    FOR EACH ROW EXECUTE FUNCTION serious_report_is_open();
CREATE TRIGGER serious_duty_of_open BEFORE INSERT ON serious_duty
    FOR EACH ROW EXECUTE FUNCTION serious_report_is_open();
"""

NO_RULES = """
DROP TRIGGER serious_duty_of_open ON serious_duty;
DROP TRIGGER serious_entry_of_open ON serious_entry;
DROP FUNCTION serious_report_is_open();
DROP TRIGGER serious_report_closes_once ON serious_report;
DROP FUNCTION serious_report_closes_once();
DROP TRIGGER serious_report_no_truncate ON serious_report;
DROP TRIGGER serious_duty_no_truncate ON serious_duty;
DROP TRIGGER serious_entry_no_truncate ON serious_entry;
DROP TRIGGER serious_report_stays ON serious_report;
DROP TRIGGER serious_duty_stays ON serious_duty;
DROP TRIGGER serious_entry_stays ON serious_entry;
DROP FUNCTION serious_refuse();
"""


class Migration(migrations.Migration):
    """Triggers on the three tables."""

    dependencies = [("serious", "0001_initial")]

    operations = [migrations.RunSQL(RULES, NO_RULES)]
