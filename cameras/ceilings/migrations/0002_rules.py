"""The database refuses whatever would leave a camera's policy above a ceiling, by whichever way it comes about."""

from django.db import migrations

TRIGGERS = """
CREATE FUNCTION ceilings_check(of_camera bigint, of_policy bigint, of_ceiling bigint, of_authorisation bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    found jsonb;
BEGIN
    SELECT jsonb_agg(to_jsonb(above)) INTO found FROM (
        SELECT camera.name AS camera, policy.name AS policy, ceiling.modality, ceiling.jurisdiction,
            kept.kind, kept.given, kept.most
        FROM cameras_camera camera
        JOIN cameras_retentionpolicy policy ON policy.id = camera.retention_id
        JOIN ceilings_ceiling ceiling ON ceiling.modality IN ('', camera.modality)
        CROSS JOIN LATERAL (VALUES
            ('raw_hours', CASE camera.modality WHEN 'central' THEN policy.raw_hours ELSE 0 END, ceiling.raw_hours),
            ('masked_hours', CASE camera.modality WHEN 'edge' THEN 0 ELSE policy.masked_hours END, ceiling.masked_hours),
            ('clip_days', CASE camera.modality WHEN 'edge' THEN 0 ELSE policy.clip_days END, ceiling.clip_days),
            ('alert_days', policy.alert_days, ceiling.alert_days)
        ) AS kept(kind, given, most)
        WHERE kept.given > kept.most
            AND (of_camera IS NULL OR camera.id = of_camera)
            AND (of_policy IS NULL OR policy.id = of_policy)
            AND (of_ceiling IS NULL OR ceiling.id = of_ceiling)
            AND (of_authorisation IS NULL OR EXISTS (
                SELECT 1 FROM authorising_authorisation_cameras named
                WHERE named.camera_id = camera.id AND named.authorisation_id = of_authorisation))
            AND (btrim(ceiling.jurisdiction) = '' OR EXISTS (
                SELECT 1 FROM authorising_authorisation_cameras named
                JOIN authorising_authorisation standing ON standing.id = named.authorisation_id
                WHERE named.camera_id = camera.id AND standing.signed_at IS NOT NULL AND standing.withdrawn_at IS NULL
                    AND standing.ends_on >= (now() AT TIME ZONE 'UTC')::date
                    AND lower(btrim(standing.jurisdiction)) = lower(btrim(ceiling.jurisdiction))))
        ORDER BY camera.name, kept.kind
        LIMIT 20
    ) above;
    IF found IS NOT NULL THEN
        RAISE EXCEPTION 'a retention policy is above a ceiling' USING
            ERRCODE = 'check_violation', CONSTRAINT = 'retention_under_ceiling', DETAIL = found::text;
    END IF;
END $$;

CREATE FUNCTION ceilings_of_camera() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ceilings_check(NEW.id, NULL, NULL, NULL);
    RETURN NULL;
END $$;
CREATE TRIGGER camera_under_ceilings AFTER INSERT OR UPDATE OF retention_id, modality ON cameras_camera
    FOR EACH ROW EXECUTE FUNCTION ceilings_of_camera();

CREATE FUNCTION ceilings_of_policy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ceilings_check(NULL, NEW.id, NULL, NULL);
    RETURN NULL;
END $$;
CREATE TRIGGER policy_under_ceilings AFTER UPDATE OF raw_hours, masked_hours, clip_days, alert_days
    ON cameras_retentionpolicy FOR EACH ROW EXECUTE FUNCTION ceilings_of_policy();

CREATE FUNCTION ceilings_of_ceiling() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ceilings_check(NULL, NULL, NEW.id, NULL);
    RETURN NULL;
END $$;
CREATE TRIGGER ceiling_over_policies AFTER INSERT OR UPDATE ON ceilings_ceiling
    FOR EACH ROW EXECUTE FUNCTION ceilings_of_ceiling();

CREATE FUNCTION ceilings_of_authorisation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ceilings_check(NULL, NULL, NULL, NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER authorisation_under_ceilings AFTER UPDATE OF signed_at ON authorising_authorisation
    FOR EACH ROW WHEN (NEW.signed_at IS NOT NULL) EXECUTE FUNCTION ceilings_of_authorisation();
"""

UNDO = """
DROP TRIGGER authorisation_under_ceilings ON authorising_authorisation;
DROP FUNCTION ceilings_of_authorisation();
DROP TRIGGER ceiling_over_policies ON ceilings_ceiling;
DROP FUNCTION ceilings_of_ceiling();
DROP TRIGGER policy_under_ceilings ON cameras_retentionpolicy;
DROP FUNCTION ceilings_of_policy();
DROP TRIGGER camera_under_ceilings ON cameras_camera;
DROP FUNCTION ceilings_of_camera();
DROP FUNCTION ceilings_check(bigint, bigint, bigint, bigint);
"""


class Migration(migrations.Migration):
    """Triggers on the four tables that can bring it about."""

    dependencies = [
        ("ceilings", "0001_initial"),
        ("cameras", "0008_field_names"),
        ("authorising", "0002_signed_for_ever"),
    ]
    operations = [migrations.RunSQL(TRIGGERS, UNDO)]
