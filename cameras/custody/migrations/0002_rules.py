"""What a modality may not have is refused by the database, and what was destroyed is never written anew."""

from django.db import migrations

RULES = """
-- Every row that would hold footage asks for its camera's modality. Segments and sealed hours also lock the camera's
-- row, so that its modality cannot change between question and commit. Alerts do not: they take the trail's lock in the
-- same transaction, which others take before the camera's row. The change of modality sweeps once more after it.
CREATE FUNCTION custody_allowed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    given text;
BEGIN
    IF TG_TABLE_NAME = 'alerts_alert' THEN
        SELECT modality INTO given FROM cameras_camera WHERE id = NEW.camera_id;
    ELSE
        SELECT modality INTO given FROM cameras_camera WHERE id = NEW.camera_id FOR SHARE;
    END IF;
    IF TG_TABLE_NAME = 'custody_sealedhour' AND given <> 'central' THEN
        RAISE EXCEPTION 'camera % is %: only central cameras may have sealed unmasked video', NEW.camera_id, given
            USING ERRCODE = 'check_violation', CONSTRAINT = 'sealed_hour_only_central';
    ELSIF given = 'edge' THEN
        RAISE EXCEPTION 'camera % is edge: it may have no stored footage (%)', NEW.camera_id, TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = 'footage_not_of_edge';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER custody_sealed_hour_allowed BEFORE INSERT OR UPDATE OF camera_id ON custody_sealedhour
    FOR EACH ROW EXECUTE FUNCTION custody_allowed();
CREATE TRIGGER custody_segment_allowed BEFORE INSERT OR UPDATE OF camera_id ON cameras_segment
    FOR EACH ROW EXECUTE FUNCTION custody_allowed();
CREATE TRIGGER custody_clip_allowed BEFORE INSERT OR UPDATE OF clip_path, poster_path, camera_id ON alerts_alert
    FOR EACH ROW WHEN (NEW.clip_path <> '' OR NEW.poster_path <> '') EXECUTE FUNCTION custody_allowed();

CREATE FUNCTION custody_modality_left_clean() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.modality <> 'central' AND EXISTS (SELECT 1 FROM custody_sealedhour WHERE camera_id = NEW.id) THEN
        RAISE EXCEPTION 'camera % has sealed unmasked video, which a % camera may not have', NEW.id, NEW.modality
            USING ERRCODE = 'check_violation', CONSTRAINT = 'modality_without_sealed_hours';
    END IF;
    IF NEW.modality = 'edge' AND (EXISTS (SELECT 1 FROM cameras_segment WHERE camera_id = NEW.id)
        OR EXISTS (SELECT 1 FROM alerts_alert WHERE camera_id = NEW.id AND (clip_path <> '' OR poster_path <> '')))
    THEN
        RAISE EXCEPTION 'camera % has recordings or clips, which an edge camera may not have', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'modality_without_footage';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER custody_modality_left_clean BEFORE UPDATE OF modality ON cameras_camera
    FOR EACH ROW WHEN (NEW.modality <> OLD.modality) EXECUTE FUNCTION custody_modality_left_clean();

CREATE FUNCTION custody_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a deletion record is never changed and never deleted' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER custody_deletion_record_stays BEFORE UPDATE OR DELETE ON custody_deletionrecord
    FOR EACH ROW EXECUTE FUNCTION custody_refuse();
"""

NO_RULES = """
DROP TRIGGER custody_deletion_record_stays ON custody_deletionrecord;
DROP FUNCTION custody_refuse();
DROP TRIGGER custody_modality_left_clean ON cameras_camera;
DROP FUNCTION custody_modality_left_clean();
DROP TRIGGER custody_clip_allowed ON alerts_alert;
DROP TRIGGER custody_segment_allowed ON cameras_segment;
DROP TRIGGER custody_sealed_hour_allowed ON custody_sealedhour;
DROP FUNCTION custody_allowed();
"""


class Migration(migrations.Migration):
    """Triggers on the tables that hold footage."""

    dependencies = [
        ("custody", "0001_initial"),
        ("alerts", "0001_initial"),
    ]

    operations = [migrations.RunSQL(RULES, NO_RULES)]
