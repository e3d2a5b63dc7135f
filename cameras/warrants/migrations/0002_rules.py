"""The database keeps what was asked as it was asked, lets steps follow each other, and knows who may take them."""

from django.db import migrations

GRANTS = """
CREATE FUNCTION warrants_note_grant(person bigint, place bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO warrants_grant (user_id, site_id, given_at) VALUES (person, place, clock_timestamp())
    ON CONFLICT (user_id, site_id) DO UPDATE SET given_at = EXCLUDED.given_at
$$;

CREATE FUNCTION warrants_note_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' OR NEW.role <> OLD.role OR (NEW.is_active AND NOT OLD.is_active) THEN
        PERFORM warrants_note_grant(NEW.id, NULL);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER warrants_user_granted AFTER INSERT OR UPDATE ON accounts_user
    FOR EACH ROW EXECUTE FUNCTION warrants_note_user();

CREATE FUNCTION warrants_note_scope() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM warrants_note_grant(NEW.user_id, NEW.site_id);
    RETURN NULL;
END $$;
CREATE TRIGGER warrants_scope_granted AFTER INSERT OR UPDATE ON accounts_sitescope
    FOR EACH ROW EXECUTE FUNCTION warrants_note_scope();

-- who is there already has what they have since they came
INSERT INTO warrants_grant (user_id, site_id, given_at) SELECT id, NULL, date_joined FROM accounts_user;
INSERT INTO warrants_grant (user_id, site_id, given_at)
    SELECT user_id, site_id, coalesce(starts_at, date_joined)
    FROM accounts_sitescope JOIN accounts_user ON accounts_user.id = user_id;
"""

RULES = """
CREATE FUNCTION warrants_person_stands(person bigint, roles text[], place bigint, since timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM accounts_user WHERE id = person AND is_active AND role = ANY (roles))
       AND EXISTS (SELECT 1 FROM warrants_grant WHERE user_id = person AND site_id IS NULL AND given_at <= since)
       AND EXISTS (SELECT 1 FROM warrants_grant WHERE user_id = person AND site_id = place AND given_at <= since)
       AND EXISTS (SELECT 1 FROM accounts_sitescope WHERE user_id = person AND site_id = place
                   AND (starts_at IS NULL OR starts_at <= since)
                   AND (ends_at IS NULL OR ends_at > clock_timestamp()))
$$;

CREATE FUNCTION warrants_refuse(rule text, what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', what USING ERRCODE = 'check_violation', CONSTRAINT = rule;
END $$;

CREATE FUNCTION warrants_check_parts(release warrants_footagerelease) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    found record;
BEGIN
    SELECT count(*) AS cameras, min(starts_at) AS starts_at, max(ends_at) AS ends_at,
           sum(extract(epoch FROM ends_at - starts_at)) / 60 AS minutes
        INTO found FROM warrants_releasepart WHERE release_id = release.id;
    IF found.cameras = 0 OR found.minutes <> release.minutes THEN
        PERFORM warrants_refuse('release_parts_as_requested', 'its minutes are not those that were requested');
    END IF;
    IF found.starts_at < release.ordered_from OR found.ends_at > release.ordered_until
        OR found.cameras > release.ordered_cameras THEN
        PERFORM warrants_refuse('release_within_the_order', 'it asks for more than the order allows');
    END IF;
    IF EXISTS (SELECT 1 FROM warrants_releasepart AS part JOIN cameras_camera AS camera ON camera.id = part.camera_id
               WHERE part.release_id = release.id
               AND (camera.modality <> 'central' OR camera.site_id <> release.site_id)) THEN
        PERFORM warrants_refuse('release_of_central_cameras', 'one of its cameras is not central, or elsewhere');
    END IF;
END $$;

CREATE FUNCTION warrants_release_rules() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    step text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM warrants_refuse('release_for_ever', 'a release is kept');
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'requested' THEN
            PERFORM warrants_refuse('release_begins_as_a_request', 'a release begins as a request');
        END IF;
        -- dated ahead, it would let people in who were given their role after it
        NEW.requested_at := least(NEW.requested_at, clock_timestamp());
        IF NOT warrants_person_stands(NEW.requested_by_id, ARRAY['supervisor', 'administrator'], NEW.site_id,
                                      clock_timestamp()) THEN
            PERFORM warrants_refuse('release_requested_by_role', 'who requests is no supervisor or administrator here');
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state NOT IN ('requested', 'confirmed') THEN
        PERFORM warrants_refuse('release_over', 'it is over and stays as it is');
    END IF;
    IF (NEW.site_id, NEW.authority, NEW.reference, NEW.legal_basis, NEW.justification, NEW.minutes, NEW.order_file,
        NEW.order_name, NEW.order_type, NEW.order_bytes, NEW.order_sha256, NEW.requested_by_id, NEW.requested_at,
        NEW.decide_by)
        IS DISTINCT FROM
       (OLD.site_id, OLD.authority, OLD.reference, OLD.legal_basis, OLD.justification, OLD.minutes, OLD.order_file,
        OLD.order_name, OLD.order_type, OLD.order_bytes, OLD.order_sha256, OLD.requested_by_id, OLD.requested_at,
        OLD.decide_by) THEN
        PERFORM warrants_refuse('release_request_for_ever', 'what was requested stays as it was');
    END IF;
    IF OLD.state = 'confirmed' AND
       (NEW.confirmed_by_id, NEW.confirmed_at, NEW.ordered_from, NEW.ordered_until, NEW.ordered_cameras)
        IS DISTINCT FROM
       (OLD.confirmed_by_id, OLD.confirmed_at, OLD.ordered_from, OLD.ordered_until, OLD.ordered_cameras) THEN
        PERFORM warrants_refuse('release_confirmation_for_ever', 'what was confirmed stays as it was');
    END IF;
    step := OLD.state || ' ' || NEW.state;
    IF step IN ('requested withdrawn', 'confirmed withdrawn') THEN
        IF NEW.closed_by_id IS DISTINCT FROM OLD.requested_by_id THEN
            PERFORM warrants_refuse('release_withdrawn_by_requester', 'only who requested withdraws');
        END IF;
    ELSIF step IN ('requested lapsed', 'confirmed lapsed') THEN
        IF clock_timestamp() < OLD.decide_by OR NEW.closed_by_id IS NOT NULL THEN
            PERFORM warrants_refuse('release_lapses_when_late', 'it lapses by itself when its time is over');
        END IF;
    ELSIF step IN ('requested confirmed', 'requested refused', 'confirmed refused', 'confirmed handed-over') THEN
        IF clock_timestamp() >= OLD.decide_by THEN
            PERFORM warrants_refuse('release_decided_in_time', 'its time to be decided is over');
        END IF;
        PERFORM warrants_check_step(OLD, NEW, step);
    ELSE
        PERFORM warrants_refuse('release_steps', 'no step leads from ' || OLD.state || ' to ' || NEW.state);
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION warrants_check_step(was warrants_footagerelease, is_now warrants_footagerelease, step text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    person bigint := CASE step
        WHEN 'requested confirmed' THEN is_now.confirmed_by_id
        WHEN 'confirmed handed-over' THEN is_now.approved_by_id
        ELSE is_now.closed_by_id END;
    needed text := CASE WHEN was.state = 'requested' THEN 'supervisor' ELSE 'custodian' END;
BEGIN
    IF person IS NULL OR NOT warrants_person_stands(person, ARRAY[needed], was.site_id, was.requested_at) THEN
        PERFORM warrants_refuse('release_step_by_role', 'who takes this step was no ' || needed || ' here when it was requested');
    END IF;
    IF person IN (was.requested_by_id, was.confirmed_by_id) THEN
        PERFORM warrants_refuse('release_by_three_people', 'each step is taken by another person');
    END IF;
    IF step LIKE '% refused' THEN
        RETURN;
    END IF;
    PERFORM warrants_check_parts(is_now);
    IF step = 'confirmed handed-over' AND EXISTS (
        SELECT 1 FROM warrants_releasepart AS part WHERE part.release_id = was.id
        AND NOT EXISTS (SELECT 1 FROM warrants_handedfile WHERE part_id = part.id)) THEN
        PERFORM warrants_refuse('release_hands_each_part_over', 'no file is named for one of its cameras');
    END IF;
END $$;
CREATE TRIGGER release_rules BEFORE INSERT OR UPDATE OR DELETE ON warrants_footagerelease
    FOR EACH ROW EXECUTE FUNCTION warrants_release_rules();

CREATE FUNCTION warrants_part_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM warrants_refuse('release_part_for_ever', 'the minutes of a release stay as they were requested');
    END IF;
    IF NOT EXISTS (SELECT 1 FROM warrants_footagerelease AS release JOIN cameras_camera AS camera
                   ON camera.site_id = release.site_id
                   WHERE release.id = NEW.release_id AND release.state = 'requested'
                   AND camera.id = NEW.camera_id AND camera.modality = 'central') THEN
        PERFORM warrants_refuse('release_of_central_cameras', 'only central cameras of the site, and only when requested');
    END IF;
    IF NOT EXISTS (SELECT 1 FROM cameras_legalhold WHERE id = NEW.hold_id AND camera_id = NEW.camera_id
                   AND starts_at <= NEW.starts_at AND ends_at >= NEW.ends_at) THEN
        PERFORM warrants_refuse('release_part_held', 'its hold must cover its minutes');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER release_part_rules BEFORE INSERT OR UPDATE OR DELETE ON warrants_releasepart
    FOR EACH ROW EXECUTE FUNCTION warrants_part_rules();

CREATE FUNCTION warrants_file_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM warrants_refuse('handed_file_for_ever', 'what was handed over stays on record');
    END IF;
    IF NOT EXISTS (SELECT 1 FROM warrants_releasepart AS part JOIN warrants_footagerelease AS release
                   ON release.id = part.release_id WHERE part.id = NEW.part_id AND release.state = 'confirmed') THEN
        PERFORM warrants_refuse('handed_file_of_a_confirmed_release', 'files are handed over in a confirmed release');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER handed_file_rules BEFORE INSERT OR UPDATE OR DELETE ON warrants_handedfile
    FOR EACH ROW EXECUTE FUNCTION warrants_file_rules();
"""

UNDO = """
DROP TRIGGER handed_file_rules ON warrants_handedfile;
DROP TRIGGER release_part_rules ON warrants_releasepart;
DROP TRIGGER release_rules ON warrants_footagerelease;
DROP FUNCTION warrants_file_rules();
DROP FUNCTION warrants_part_rules();
DROP FUNCTION warrants_release_rules();
DROP FUNCTION warrants_check_step(warrants_footagerelease, warrants_footagerelease, text);
DROP FUNCTION warrants_check_parts(warrants_footagerelease);
DROP FUNCTION warrants_refuse(text, text);
DROP FUNCTION warrants_person_stands(bigint, text[], bigint, timestamptz);
"""

UNDO_GRANTS = """
DROP TRIGGER warrants_scope_granted ON accounts_sitescope;
DROP TRIGGER warrants_user_granted ON accounts_user;
DROP FUNCTION warrants_note_scope();
DROP FUNCTION warrants_note_user();
DROP FUNCTION warrants_note_grant(bigint, bigint);
DELETE FROM warrants_grant;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('warrants', '0001_initial'),
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(GRANTS, UNDO_GRANTS),
        migrations.RunSQL(RULES, UNDO),
    ]
