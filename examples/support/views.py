"""Views of the support desk."""

from django.db import connection
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from .models import Ticket


def search_tickets(request):
    """Find tickets by title."""
    title = request.GET.get("title", "")
    tickets = Ticket.objects.raw("SELECT * FROM support_ticket WHERE title LIKE '%%%s%%'" % title)
    return JsonResponse({"tickets": [ticket.id for ticket in tickets]})


def search_tickets_safe(request):
    """Find tickets by title."""
    title = request.GET.get("title", "")
    tickets = Ticket.objects.filter(title__contains=title)
    return JsonResponse({"tickets": [ticket.id for ticket in tickets]})


def close_tickets(request):
    """Close all tickets of a customer."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE support_ticket SET is_closed = true WHERE title = '{}'".format(request.POST["title"]))
        return JsonResponse({"closed": cursor.rowcount})


def close_tickets_safe(request):
    """Close all tickets of a customer."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE support_ticket SET is_closed = true WHERE title = %s", [request.POST["title"]])
        return JsonResponse({"closed": cursor.rowcount})


def create_ticket(request):
    """Create a ticket from the form."""
    ticket = Ticket.objects.create(**request.POST.dict())
    return JsonResponse({"id": ticket.id})


def create_ticket_safe(request):
    """Create a ticket from the form."""
    ticket = Ticket.objects.create(title=request.POST["title"], body=request.POST["body"])
    return JsonResponse({"id": ticket.id})


def show_ticket(request, number):
    """Show a ticket with a note of the reader."""
    ticket = Ticket.objects.get(id=number)
    return render(request, "support/ticket.html", {"ticket": ticket, "note": request.GET.get("note", "")})


def show_ticket_safe(request, number):
    """Show a ticket with a note of the reader."""
    ticket = Ticket.objects.get(id=number)
    return render(request, "support/ticket_safe.html", {"ticket": ticket, "note": request.GET.get("note", "")})


def banner(request):
    """Show the name of the visitor in a banner."""
    return HttpResponse(mark_safe(f"<b>{request.GET.get('name', '')}</b>"))


def banner_safe(request):
    """Show the name of the visitor in a banner."""
    return HttpResponse(format_html("<b>{}</b>", request.GET.get("name", "")))


def leave(request):
    """Go on to the next page."""
    return HttpResponseRedirect(request.GET.get("next", "/"))


def leave_safe(request):
    """Go on to the next page."""
    target = request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    return redirect(target)


@csrf_exempt
def vote(request):
    """Raise the priority of a ticket."""
    ticket = Ticket.objects.get(id=int(request.POST["id"]))
    ticket.priority += 1
    ticket.save()
    return JsonResponse({"ok": True})


@csrf_protect
def vote_safe(request):
    """Raise the priority of a ticket."""
    ticket = Ticket.objects.get(id=int(request.POST["id"]))
    ticket.priority += 1
    ticket.save()
    return JsonResponse({"ok": True})
