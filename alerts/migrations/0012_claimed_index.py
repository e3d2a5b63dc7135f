"""Claims that have run out are found by an index of the few that are held, as the clock asks every two seconds."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0011_decisions_newest'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='alert',
            index=models.Index(condition=models.Q(('claimed_until__isnull', False)), fields=['claimed_until'], name='alert_claimed'),
        ),
    ]
