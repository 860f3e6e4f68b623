"""Tickets of the support desk."""

from django.db import models


class Ticket(models.Model):
    title = models.CharField(max_length=200)
    body = models.TextField()
    is_closed = models.BooleanField(default=False)
    priority = models.IntegerField(default=0)
