"""Addresses of what every organisation has: messages, people, credit, archives, talks. One page for all areas."""

from __future__ import annotations

from django.urls import path

from portal.parties import archives, credit, letters, messages, people, responses, webhooks

urlpatterns = [
    path("messages/", messages.messages, name="messages"),
    path("messages/read-all/", messages.read_all, name="messages-read-all"),
    path("messages/read-some/", messages.read_some, name="messages-read-some"),
    path("messages/preferences/", messages.preferences, name="preferences"),
    *messages.PREFERENCES.urls("messages/preferences/"),
    path("messages/<uuid:pk>/", messages.message, name="message"),
    path("messages/<uuid:pk>/read/", messages.read, name="message-seen"),
    *messages.DECK.urls("messages/"),
    path("webhooks/", webhooks.webhooks, name="webhooks"),
    *webhooks.NEW.urls("webhooks/"),
    path("webhooks/<uuid:pk>/", webhooks.webhook, name="webhook"),
    path("webhooks/<uuid:pk>/secret/", webhooks.secret, name="webhook-secret"),
    *webhooks.DECK.urls("webhooks/"),
    path("deliveries/<uuid:pk>/resend/", webhooks.resend, name="delivery-again"),
    path("account/", people.account, name="account"),
    *people.ACCOUNT.urls("account/"),
    path("people/", people.people, name="people"),
    *people.ADD.urls("people/"),
    path("people/<uuid:pk>/", people.person, name="person"),
    *people.DECK.urls("people/"),
    *letters.DECK.urls("people/letters/"),
    path("credit/", credit.credit, name="credit"),
    *credit.COMMIT.urls("credit/"),
    path("credit/records/<uuid:pk>/", credit.record, name="credit-record"),
    *credit.RECORD.urls("credit/records/"),
    path("complaints/", credit.all_complaints, name="own-complaints"),
    *credit.FILE.urls("complaints/"),
    path("complaints/<uuid:pk>/", credit.complaint, name="own-complaint"),
    *credit.COMPLAINT.urls("complaints/"),
    path("archives/", archives.archives, name="archives"),
    path("archives/<uuid:pk>/", archives.archive, name="archive"),
    path("archives/<uuid:pk>/download/", archives.download, name="archive-download"),
    path("responses/", responses.responses, name="responses"),
    path("responses/<uuid:pk>/", responses.response, name="response"),
    path("responses/<uuid:pk>/say/", responses.say, name="response-say"),
    path("responses/<uuid:pk>/read/", responses.read, name="response-seen"),
    *responses.DECK.urls("responses/"),
]
