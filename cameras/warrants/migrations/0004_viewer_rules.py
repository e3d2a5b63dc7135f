"""The database opens a release to its viewer only with keys of what was asked for, and lets nobody see it later."""

from django.db import migrations

RULES = """
ALTER FUNCTION warrants_release_rules() RENAME TO warrants_release_rules_before_viewing;
ALTER FUNCTION warrants_check_step(warrants_footagerelease, warrants_footagerelease, text)
    RENAME TO warrants_check_step_before_viewing;

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
    IF OLD.state NOT IN ('requested', 'confirmed', 'open') THEN
        PERFORM warrants_refuse('release_over', 'it is over and stays as it is');
    END IF;
    IF (NEW.site_id, NEW.authority, NEW.reference, NEW.legal_basis, NEW.justification, NEW.minutes, NEW.order_file,
        NEW.order_name, NEW.order_type, NEW.order_bytes, NEW.order_sha256, NEW.requested_by_id, NEW.requested_at,
        NEW.decide_by, NEW.viewer_id)
        IS DISTINCT FROM
       (OLD.site_id, OLD.authority, OLD.reference, OLD.legal_basis, OLD.justification, OLD.minutes, OLD.order_file,
        OLD.order_name, OLD.order_type, OLD.order_bytes, OLD.order_sha256, OLD.requested_by_id, OLD.requested_at,
        OLD.decide_by, OLD.viewer_id) THEN
        PERFORM warrants_refuse('release_request_for_ever', 'what was requested stays as it was');
    END IF;
    IF OLD.state IN ('confirmed', 'open') AND
       (NEW.confirmed_by_id, NEW.confirmed_at, NEW.ordered_from, NEW.ordered_until, NEW.ordered_cameras)
        IS DISTINCT FROM
       (OLD.confirmed_by_id, OLD.confirmed_at, OLD.ordered_from, OLD.ordered_until, OLD.ordered_cameras) THEN
        PERFORM warrants_refuse('release_confirmation_for_ever', 'what was confirmed stays as it was');
    END IF;
    IF OLD.state = 'open' AND (NEW.approved_by_id, NEW.approved_at, NEW.expires_at)
        IS DISTINCT FROM (OLD.approved_by_id, OLD.approved_at, OLD.expires_at) THEN
        PERFORM warrants_refuse('release_approval_for_ever', 'what was approved, and until when, stays as it was');
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
    ELSIF step = 'open ended' THEN
        IF NEW.closed_by_id IS NULL AND clock_timestamp() < OLD.expires_at THEN
            PERFORM warrants_refuse('release_ends_when_late', 'it ends by itself when its time is over');
        END IF;
        IF EXISTS (SELECT 1 FROM warrants_releasedkey AS key JOIN warrants_releasepart AS part ON part.id = key.part_id
                   WHERE part.release_id = OLD.id) THEN
            PERFORM warrants_refuse('release_ends_without_keys', 'its keys must be destroyed first');
        END IF;
    ELSIF step IN ('requested confirmed', 'requested refused', 'confirmed refused', 'confirmed handed-over',
                   'confirmed open') THEN
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
        WHEN 'confirmed open' THEN is_now.approved_by_id
        ELSE is_now.closed_by_id END;
    needed text := CASE WHEN was.state = 'requested' THEN 'supervisor' ELSE 'custodian' END;
BEGIN
    IF person IS NULL OR NOT warrants_person_stands(person, ARRAY[needed], was.site_id, was.requested_at) THEN
        PERFORM warrants_refuse('release_step_by_role',
                                'who takes this step was no ' || needed || ' here when it was requested');
    END IF;
    IF person IN (was.requested_by_id, was.confirmed_by_id, was.viewer_id) THEN
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
    IF step = 'confirmed open' THEN
        IF is_now.approved_at < clock_timestamp() - interval '5 minutes'
            OR is_now.expires_at > clock_timestamp() + interval '72 hours 1 minute' THEN
            PERFORM warrants_refuse('release_opens_now', 'it opens when it is approved, for 72 hours at most');
        END IF;
        IF NOT warrants_person_stands(was.viewer_id, ARRAY['operator', 'supervisor', 'auditor'], was.site_id,
                                      was.requested_at) THEN
            PERFORM warrants_refuse('release_viewer_stands', 'its viewer did not work here when it was requested');
        END IF;
        IF EXISTS (SELECT 1 FROM warrants_releasepart AS part WHERE part.release_id = was.id
                   AND NOT EXISTS (SELECT 1 FROM warrants_releasedkey WHERE part_id = part.id)) THEN
            PERFORM warrants_refuse('release_opens_each_part', 'no key is there for one of its cameras');
        END IF;
    END IF;
END $$;

DROP TRIGGER release_rules ON warrants_footagerelease;
CREATE TRIGGER release_rules BEFORE INSERT OR UPDATE OR DELETE ON warrants_footagerelease
    FOR EACH ROW EXECUTE FUNCTION warrants_release_rules();
DROP FUNCTION warrants_release_rules_before_viewing();
DROP FUNCTION warrants_check_step_before_viewing(warrants_footagerelease, warrants_footagerelease, text);

CREATE FUNCTION warrants_key_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;  -- a key may always be destroyed
    END IF;
    IF TG_OP = 'UPDATE' THEN
        PERFORM warrants_refuse('released_key_for_ever', 'a key is destroyed, never changed');
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM warrants_releasepart AS part
        JOIN warrants_footagerelease AS release ON release.id = part.release_id
        JOIN custody_sealedhour AS hour ON hour.camera_id = part.camera_id
        WHERE part.id = NEW.part_id AND release.state = 'confirmed' AND hour.path = NEW.path
        AND hour.started_at < part.ends_at AND coalesce(hour.ended_at, clock_timestamp()) >= part.starts_at) THEN
        PERFORM warrants_refuse('released_key_of_these_minutes', 'its file has none of the minutes of this release');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER released_key_rules BEFORE INSERT OR UPDATE OR DELETE ON warrants_releasedkey
    FOR EACH ROW EXECUTE FUNCTION warrants_key_rules();

CREATE FUNCTION warrants_viewing_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM warrants_refuse('viewing_for_ever', 'what was watched stays on record');
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM warrants_releasepart AS part
        JOIN warrants_footagerelease AS release ON release.id = part.release_id
        WHERE part.id = NEW.part_id AND release.state = 'open' AND clock_timestamp() < release.expires_at
        AND release.viewer_id = NEW.viewed_by_id
        AND NEW.from_at >= part.starts_at AND NEW.until_at <= part.ends_at
        AND warrants_person_stands(NEW.viewed_by_id, ARRAY['operator', 'supervisor', 'auditor'], release.site_id,
                                   release.requested_at)) THEN
        PERFORM warrants_refuse('viewing_within_the_release', 'nobody but its viewer, these minutes, before it expires');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER viewing_rules BEFORE INSERT OR UPDATE OR DELETE ON warrants_viewing
    FOR EACH ROW EXECUTE FUNCTION warrants_viewing_rules();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('warrants', '0003_viewer'),
        ('custody', '0001_initial'),
    ]

    operations = [
        # there is no way back: the rules of before would not know what is open by now
        migrations.RunSQL(RULES),
    ]
