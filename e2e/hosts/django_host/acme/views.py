"""The account page, and the two ways from it into the portal."""

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from acme.billing import portal


@login_required
def account(request: HttpRequest) -> HttpResponse:
    """The user's own page."""
    return render(request, "account.html")


@require_POST
@login_required
def manage_billing(request: HttpRequest) -> HttpResponseRedirect:
    """What the button posts to."""
    return redirect(billing_url(request.user))


@never_cache
def billing_token(request: HttpRequest) -> JsonResponse:
    """What `<billing-portal>` asks for."""
    if not request.user.is_authenticated:
        return JsonResponse({"error": "Nobody is signed in."}, status=401)
    return JsonResponse({"url": billing_url(request.user)})


def billing_url(user: User) -> str:
    """A link into the portal."""
    return portal.create_session(customer=user.customer.stripe_id, return_url="/account").url
