"""The database keeps answers as they were given and assessments as they were signed, by two different people."""

from django.db import migrations

TRIGGERS = """
CREATE FUNCTION assessing_assessment_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.signed_at IS NOT NULL THEN
        RAISE EXCEPTION 'assessment %: it is signed and cannot be changed or deleted', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'assessment_signed_for_ever';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF NEW.signed_by_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM assessing_answer WHERE assessment_id = NEW.id AND answered_by_id = NEW.signed_by_id
    ) THEN
        RAISE EXCEPTION 'assessment %: who answered cannot sign', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'assessment_signed_by_nobody_who_answered';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER assessment_rules BEFORE UPDATE OR DELETE ON assessing_assessment
    FOR EACH ROW EXECUTE FUNCTION assessing_assessment_rules();

CREATE FUNCTION assessing_answer_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'answer %: answers are kept as they were given', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'answer_for_ever';
    END IF;
    IF EXISTS (SELECT 1 FROM assessing_assessment WHERE id = NEW.assessment_id AND submitted_at IS NOT NULL) THEN
        RAISE EXCEPTION 'assessment %: it is submitted and takes no answers', NEW.assessment_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'answer_to_a_draft_only';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER answer_rules BEFORE INSERT OR UPDATE OR DELETE ON assessing_answer
    FOR EACH ROW EXECUTE FUNCTION assessing_answer_rules();
"""

UNDO = """
DROP TRIGGER answer_rules ON assessing_answer;
DROP FUNCTION assessing_answer_rules();
DROP TRIGGER assessment_rules ON assessing_assessment;
DROP FUNCTION assessing_assessment_rules();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('assessing', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(TRIGGERS, UNDO),
    ]
