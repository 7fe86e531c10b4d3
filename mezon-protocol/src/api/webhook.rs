//! Webhooks: URLs by which others can post. Posting itself is in `rest::webhook`.

use crate::proto::api as wire;

methods! {
    /// The webhooks of a channel.
    ListWebhookByChannelId = 48, reads, wire::WebhookListRequest => wire::WebhookListResponse;
    /// Creates a webhook for a channel. The URL of the answer is a secret.
    GenerateWebhook = 120, writes, wire::WebhookCreateRequest => wire::WebhookGenerateResponse;
    /// Changes a webhook; `channel_id_update` moves it. All fields are plain: send what shall stay, too.
    UpdateWebhookById = 122, writes, wire::WebhookUpdateRequestById => ();
    /// Deletes a webhook.
    DeleteWebhookById = 123, writes, wire::WebhookDeleteRequestById => ();
    /// The webhooks of a clan, which send direct messages to its members.
    ListClanWebhook = 54, reads, wire::ListClanWebhookRequest => wire::ListClanWebhookResponse;
    /// Creates a webhook for a clan. The URL of the answer is a secret.
    GenerateClanWebhook = 155, writes, wire::GenerateClanWebhookRequest => wire::GenerateClanWebhookResponse;
    /// Changes a webhook of a clan; `reset_token` gives it another URL.
    UpdateClanWebhookById = 156, writes, wire::UpdateClanWebhookRequest => ();
    /// Deletes a webhook of a clan.
    DeleteClanWebhookById = 157, writes, wire::ClanWebhookRequest => ();
    /// What the host of channel webhooks tells the platform. Not for clients; seen in one other client only.
    HandleWebhook = 121, writes, wire::ClanWebhookHandlerRequest => ();
    /// What the host of clan webhooks tells the platform. Not for clients; seen in one other client only.
    HandleClanWebhook = 158, writes, wire::ClanWebhookHandlerRequest => ();
}
