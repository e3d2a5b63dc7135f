"""The database lets a release leave only where its custodian said so, through its viewer, while it is open."""

from django.db import migrations

RULES = """
CREATE FUNCTION footage_exports_grant_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM warrants_refuse('export_grant_for_ever', 'what was allowed stays as it was');
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM warrants_footagerelease AS release WHERE release.id = NEW.release_id AND release.state = 'open'
        AND release.approved_by_id = NEW.granted_by_id
        AND release.approved_at > clock_timestamp() - interval '5 minutes') THEN
        PERFORM warrants_refuse('export_granted_with_the_approval', 'who approves a release allows it, when they do');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER export_grant_rules BEFORE INSERT OR UPDATE OR DELETE ON footage_exports_exportgrant
    FOR EACH ROW EXECUTE FUNCTION footage_exports_grant_rules();

CREATE FUNCTION footage_exports_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM warrants_refuse('footage_export_for_ever', 'what was exported stays on record');
    END IF;
    IF TG_OP = 'INSERT' AND NEW.finished_at IS NOT NULL THEN
        PERFORM warrants_refuse('footage_export_begins', 'an export is written down before it is made');
    END IF;
    IF TG_OP = 'UPDATE' AND (OLD.finished_at IS NOT NULL OR NEW.finished_at IS NULL OR
        (NEW.release_id, NEW.part_id, NEW.starts_at, NEW.ends_at, NEW.reason, NEW.exported_by_id, NEW.begun_at)
        IS DISTINCT FROM
        (OLD.release_id, OLD.part_id, OLD.starts_at, OLD.ends_at, OLD.reason, OLD.exported_by_id, OLD.begun_at)) THEN
        PERFORM warrants_refuse('footage_export_for_ever', 'an export is finished once, and stays as it was');
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM warrants_footagerelease AS release
        JOIN footage_exports_exportgrant AS allowed ON allowed.release_id = release.id
        WHERE release.id = NEW.release_id AND release.state = 'open' AND clock_timestamp() < release.expires_at
        AND release.viewer_id = NEW.exported_by_id
        AND warrants_person_stands(NEW.exported_by_id, ARRAY['operator', 'supervisor', 'auditor'], release.site_id,
                                   release.requested_at)) THEN
        PERFORM warrants_refuse('footage_export_within_the_release', 'nobody but its viewer, where it was allowed, before it expires');
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM warrants_releasepart AS part WHERE part.release_id = NEW.release_id
        AND (NEW.part_id IS NULL OR part.id = NEW.part_id)
        HAVING min(part.starts_at) <= NEW.starts_at AND max(part.ends_at) >= NEW.ends_at) THEN
        PERFORM warrants_refuse('footage_export_of_these_minutes', 'these minutes are not those of the release');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER footage_export_rules BEFORE INSERT OR UPDATE OR DELETE ON footage_exports_footageexport
    FOR EACH ROW EXECUTE FUNCTION footage_exports_rules();
"""

NO_RULES = """
DROP TRIGGER footage_export_rules ON footage_exports_footageexport;
DROP FUNCTION footage_exports_rules();
DROP TRIGGER export_grant_rules ON footage_exports_exportgrant;
DROP FUNCTION footage_exports_grant_rules();
"""


class Migration(migrations.Migration):
    """Triggers on what was allowed and what left."""

    dependencies = [
        ("footage_exports", "0001_initial"),
        ("warrants", "0004_viewer_rules"),
    ]

    operations = [migrations.RunSQL(RULES, NO_RULES)]
