"""The site's addresses. /billing is not among them: the server sends that to the portal."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from acme import views

urlpatterns = [
    path("", LoginView.as_view(redirect_authenticated_user=True)),
    path("sign-out", LogoutView.as_view()),
    path("account", views.account),
    path("manage-billing", views.manage_billing),
    path("api/billing-token", views.billing_token),
]
