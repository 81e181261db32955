"""The nouns by which discovery guesses what an operation is about: money, messages, rights. Tables only."""

from __future__ import annotations

from discovery.words import vocabulary

DRAWN = vocabulary("preview estimate calculation comparison")
#: what may be generated without being kept

STOPPABLE = vocabulary(
    "run job build deployment pipeline task upload import export query migration workflow process execution step "
    "backup restore scan simulation"
)
#: work under way: to cancel it removes no record

MONEY_NOUNS = vocabulary(
    "payment refund invoice payout transfer charge invoiceitem invoice_item line_item credit_note creditnote "
    "disbursement payment_intent setup_intent subscription subscription_item subscription_schedule bank_transfer "
    "batch_payment bank_transaction prepayment overpayment payroll pay_run payrun payslip salary bill expense "
    "withdrawal deposit journal manual_journal credit balance_transaction topup mandate checkout order_payment "
    "payment_method dispute wallet receipt expense_claim donation payment_link creditmemo credit_memo debitmemo "
    "debit_memo order_line_item billing_plan billing_document balance reversal chargeback purchase remittance "
    "payment_order paylink settlement outbound_transfer inbound_transfer wire_transfer fund_transfer "
    "balance_transfer recurring_transfer credit_transfer money_transfer"
)

MONEY_HEADS = vocabulary("payment refund payout invoice donation topup")
#: what ends in one of these is one: `outbound_payment`

MONEY_WORDS = vocabulary(
    "amount amounts money price total subtotal currency quantity qty fee fees tax discount balance due paid credit "
    "debit account bank card source destination method line lines item items status state payment payments units "
    "rate cost refund invoice invoices splits period billing days terms capture auto coupon plan trial date type "
    "allocation allocations value percent"
)
#: words of an argument by which a change of a payment may move money; without any of them it does not

PAYING = vocabulary(
    "destination payment_method payment_method_id card card_token bank_account iban creditor debtor payee "
    "beneficiary payment_source nonce origination_account_id funding_account_id to_account from_account "
    "recipient_account"
)
#: an argument of such a name beside an amount: money goes from here to there

NEUTRAL = vocabulary(
    "comment note attachment tag label metadata upload attach link unlink favorite star document file custom_field "
    "email send export download print history watermark lock unlock recording feedback image field transcription "
    "property"
)
#: what is done to a payment or a message under these names moves no money and reaches nobody by itself

MESSAGE_NOUNS = vocabulary(
    "email mail message sms notification reminder fax call outbound_message phone_call chat_message direct_message "
    "newsletter ephemeral text_message voice_message registrant inbox"
)

MESSAGE_HEADS = vocabulary("message email sms reminder registrant otp")

SENT = MESSAGE_NOUNS | vocabulary(
    "messages emails notifications reminders mails invitation invitations confirmation receipt newsletter reply "
    "announcement code"
)
#: what "sends a …" must be about to reach somebody: "send a GET request" does not

RECIPIENTS = vocabulary("to recipient recipients cc bcc to_number to_email phone_numbers")

TOLD = vocabulary("subject text body message html content template_id")
#: a recipient beside one of these is a message

PERMISSION_NOUNS = vocabulary(
    "permission role grant scope membership member collaborator password token access_token api_key key secret "
    "credential policy acl entitlement role_assignment group_member access privilege admin ssh_key deploy_key "
    "service_account access_request oauth_client client_secret access_policy access_grant authorization "
    "session_token invitation moderator ownership owner collaboration login auth hmac webhook hook webhook_endpoint "
    "administrator maintainer invite permissions_config protection allowlist whitelist blocklist blacklist "
    "access_control signin oauth permission_scheme sshkey apikey accesskey clusterrole cluster_role oauth_2 "
    "permissionscheme role_binding cluster_role_binding rolebinding clusterrolebinding oauth2 client_key "
    "hmac_signature usergroup_user group_user team_user collaborators"
)

PERMISSION_HEADS = vocabulary(
    "permission permissions token secret credential credentials collaborator grant membership acl webhook password "
    "whitelist allowlist blacklist blocklist passwd"
)
#: what ends in one of these is one: `registration_token`

KEY_KINDS = vocabulary(
    "api ssh deploy access secret ephemeral origin client signing gpg public private encryption service account "
    "storage auth personal server license"
)
#: before `key` they make it one that opens something: `ephemeral_key`, not `custom_field_key`

ACCESS_WORDS = vocabulary(
    "permission permissions acl acls whitelist allowlist blacklist blocklist entitlement collaboration"
)
#: a segment of the path with one of these, and all below it, is about access

GROUPS = vocabulary(
    "group team organization organisation org workspace role channel conversation usergroup project repository "
    "account enterprise space tenant community signing_group database"
)

INSIDERS = vocabulary(
    "user member group collaborator admin owner maintainer agent guest team moderator editor viewer actor"
)
#: who is let into one of `GROUPS`

CREDENTIALS = vocabulary("token key secret credential password apikey jwt passcode")
#: what is issued, as the object of a sentence: "creates a short-lived API key"

ACCOUNTS = vocabulary(
    "account user employee identity principal login client group person customer app application integration admin "
    "session guest member team_member"
)
#: verbs that only mean a matter of rights when it is about one of these

RIGHTS = vocabulary(
    "roles permissions scopes is_admin admin is_superuser groups group_ids is_owner privileges permission "
    "access_level role_id role_ids authorization_level is_staff owned_by new_owner can_create_group accessible_by "
    "is_restricted"
)
#: arguments by which a write hands out rights
