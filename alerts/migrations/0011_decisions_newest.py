"""Each decision has its camera; decisions of a camera and of a person are found newest first.

PostgreSQL counts anew at once: until it has, it knows nothing of the new columns and reads whole tables.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0010_found_among_millions'),
    ]

    operations = [
        migrations.AlterField(
            model_name='decision',
            name='camera',
            field=models.ForeignKey(blank=True, db_index=False, editable=False, help_text="The alert's, which never changes: a site's decisions are found among millions without their alerts.", on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cameras.camera'),
        ),
        migrations.RemoveIndex(model_name='decision', name='decision_at'),
        migrations.AddIndex(
            model_name='decision',
            index=models.Index(fields=['-at', '-id'], name='decision_newest'),
        ),
        migrations.AddIndex(
            model_name='decision',
            index=models.Index(fields=['camera', '-at', '-id'], name='decision_camera_newest'),
        ),
        migrations.AddIndex(
            model_name='decision',
            index=models.Index(fields=['by', '-at', '-id'], name='decision_by_newest'),
        ),
        migrations.AlterField(
            model_name='decision',
            name='by',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to=settings.AUTH_USER_MODEL),
        ),
        migrations.RunSQL('ANALYZE alerts_alert, alerts_decision, alerts_incident', migrations.RunSQL.noop),
    ]
