"""One call appends an entry: it takes the chain's lock, reads the newest entry, numbers, hashes and inserts.

Four questions to the database became one, so that the chain is held for the insert and the commit and nothing else.
It runs as its owner: whoever calls it may append and needs no other right on the trail (`grant_app`).
"""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION audit_append(
    given_at timestamptz, given_action text, given_verb text, given_actor_id bigint, given_request_id uuid,
    given_subject text, given_site_id bigint, text_to_at text, text_to_number text, text_to_end text
) RETURNS audit_auditentry LANGUAGE plpgsql AS $$
DECLARE
    newest record;
    entry audit_auditentry;
BEGIN
    PERFORM pg_advisory_xact_lock(1346454337);
    -- A statement of its own after the lock, as it must see what the writer before committed.
    SELECT number, at, hash INTO newest FROM audit_auditentry ORDER BY number DESC LIMIT 1;
    entry.number := coalesce(newest.number, 0) + 1;
    entry.previous_hash := coalesce(newest.hash, repeat('0', 64));
    entry.at := given_at;
    -- Who came first to the lock may have read the clock last; times follow numbers, unless a clock was set back.
    IF newest.at > given_at AND newest.at - given_at < interval '5 seconds' THEN
        entry.at := newest.at;
    END IF;
    entry.body := text_to_at || to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')
        || text_to_number || entry.number || text_to_end;
    entry.hash := encode(sha256(convert_to(entry.previous_hash || chr(10) || entry.body, 'UTF8')), 'hex');
    INSERT INTO audit_auditentry
        (number, at, action, verb, actor_id, request_id, subject, site_id, body, previous_hash, hash)
    VALUES (entry.number, entry.at, given_action, given_verb, given_actor_id, given_request_id, given_subject,
        given_site_id, entry.body, entry.previous_hash, entry.hash)
    RETURNING * INTO entry;
    RETURN entry;
END $$;
REVOKE ALL ON FUNCTION audit_append FROM PUBLIC;
-- Names mean what they mean here, whatever the caller set; his temporary tables come last.
DO $$ BEGIN
    EXECUTE format('ALTER FUNCTION audit_append SECURITY DEFINER SET search_path = %I, pg_temp', current_schema());
END $$;
"""
BACKWARDS = "DROP FUNCTION audit_append;"


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_at_brin")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
