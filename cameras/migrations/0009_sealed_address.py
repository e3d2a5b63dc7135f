"""Camera addresses, which hold passwords, stand sealed in the database."""

import paca_site.sealing
from django.db import migrations, models
from django.db.models.functions import Cast


def seal(apps, schema_editor):
    cameras = apps.get_model("cameras", "Camera").objects.using(schema_editor.connection.alias)
    plain = list(cameras.annotate(kept=Cast("address", models.TextField())).values_list("pk", "kept"))
    for pk, kept in plain:
        cameras.filter(pk=pk).update(address=kept)


def open_again(apps, schema_editor):
    cameras = apps.get_model("cameras", "Camera").objects.using(schema_editor.connection.alias)
    for pk, address in list(cameras.values_list("pk", "address")):
        cameras.filter(pk=pk).update(address=models.Value(address, output_field=models.TextField()))


class Migration(migrations.Migration):
    dependencies = [("cameras", "0008_field_names")]

    operations = [
        migrations.AlterField(
            model_name="camera",
            name="address",
            field=paca_site.sealing.SealedCharField(
                help_text="rtsp://, rtsps://, http:// or https:// address of the stream.",
                max_length=500,
                verbose_name="address",
            ),
        ),
        migrations.RunPython(seal, open_again),
    ]
