"""With millions of alerts the lists are found by index again.

PostgreSQL takes "confirmed" and "not closed" for independent and guessed two million alerts without a log where there
were some hundreds: it read the whole table for each queue. Now that is a column, of which it knows how rare it is.
A decision gets its alert's camera, so that a site's decisions are found without reading their alerts.

The new column makes PostgreSQL write the table of alerts anew: some minutes for ten million.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FILL = """
UPDATE alerts_decision SET camera_id = alerts_alert.camera_id
FROM alerts_alert WHERE alerts_alert.id = alerts_decision.alert_id AND alerts_decision.camera_id IS NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0009_seeded'),
        ('cameras', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='alert',
            name='awaits_log',
            field=models.GeneratedField(db_persist=True, expression=models.ExpressionWrapper(models.Q(('closed_at', None), ('state', 'confirmed')), output_field=models.BooleanField()), help_text='Confirmed, and nobody has said yet what was done.', output_field=models.BooleanField()),
        ),
        migrations.RemoveIndex(model_name='alert', name='alert_to_log'),
        migrations.AddIndex(
            model_name='alert',
            index=models.Index(condition=models.Q(('awaits_log', True)), fields=['camera'], name='alert_to_log'),
        ),
        migrations.AddIndex(
            model_name='alert',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['raised_at'], name='alert_unended'),
        ),
        migrations.RemoveConstraint(model_name='alert', name='alert_one_claim_per_person'),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.UniqueConstraint(condition=models.Q(('claimed_by__isnull', False)), fields=('claimed_by',), name='alert_one_claim_per_person'),
        ),
        migrations.AlterField(
            model_name='alert',
            name='camera',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='alerts', to='cameras.camera'),
        ),
        migrations.AlterField(
            model_name='alert',
            name='claimed_by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='claimed_alerts', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(fields=['site', 'opened_at'], name='incident_site_opened'),
        ),
        migrations.AlterField(
            model_name='incident',
            name='site',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='incidents', to='cameras.site'),
        ),
        migrations.AddField(
            model_name='decision',
            name='camera',
            field=models.ForeignKey(blank=True, db_index=False, editable=False, help_text="The alert's, which never changes: a site's decisions are found among millions without their alerts.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cameras.camera'),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
